"""Close one party's period in one currency: from what was posted to the statement. Reads no clock and no database.

The order is fixed: what was posted; top-ups to guarantees; recoupment of an advance; the reserve; earlier reserves that
are due; tax on what becomes payable. The same inputs give the same statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.breakdown import Breakdown
from provenance.statements.deductions import TopUp, recoup, release, reserve, top_up, withhold
from provenance.statements.line import EARNED, LineKind, StatementLine
from provenance.statements.movement import Movement, movement_lines, royalties_micros
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.postings import close_transaction
from provenance.statements.statement import Carried, Statement, statement_id

__all__ = ["NOTHING", "ToClose", "TopUp", "statement_of"]

NOTHING = Carried()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToClose:
    """All that a statement follows from.

    ``advance_micros`` is what of advances was not recouped yet. Without ``terms`` there is neither threshold nor
    reserve, without ``tax`` nothing is withheld.
    """

    period: AccountingPeriod
    party: str
    currency: str
    opening: Carried = NOTHING
    movements: tuple[Movement, ...] = ()
    top_ups: tuple[TopUp, ...] = ()
    advance_micros: int = 0
    terms: PayoutTerms | None = None
    tax: TaxProfile | None = None
    breakdowns: tuple[Breakdown, ...] = ()

    @property
    def is_nil(self) -> bool:
        """Whether there is nothing to state."""
        return self.opening.is_nil and not self.movements and not self.top_ups


def statement_of(inputs: ToClose) -> Statement:
    """The statement that follows from ``inputs``."""
    lines = [*movement_lines(inputs.movements), *(top_up(t) for t in inputs.top_ups)]
    opening = inputs.opening
    earned = _sum(lines, *EARNED)
    available = opening.micros + _sum(lines)
    # A debt from before comes first: only what the period's earnings leave over is recouped from, and reserved.
    free = max(0, min(earned, available))
    made = recoup(free, inputs.advance_micros)
    held, tranche = reserve(free + _sum(made), inputs.terms, inputs.period)
    released, kept = release(opening.reserves, inputs.period)
    made = [*made, *held, *released]
    balance = available + _sum(made)
    untaxed = opening.untaxed_micros + earned + _sum(lines, LineKind.EXCHANGED) + _sum(made)
    threshold = inputs.terms.threshold_micros if inputs.terms else 0
    due = balance > 0 and balance >= threshold
    taxable = max(0, min(untaxed, balance)) if due else 0
    lines = [*lines, *made, *withhold(taxable, inputs.tax)]
    closing = Carried(
        micros=opening.micros + _sum(lines),
        untaxed_micros=untaxed - taxable,
        reserves=(*kept, *tranche),
        statement=statement_id(inputs.period, inputs.party, inputs.currency),
    )
    return _stated(inputs, lines, closing, threshold=threshold, due=due)


def _stated(
    inputs: ToClose, lines: Sequence[StatementLine], closing: Carried, *, threshold: int, due: bool
) -> Statement:
    posted = close_transaction(inputs.period, inputs.party, inputs.currency, lines)
    return Statement(
        party=inputs.party,
        currency=inputs.currency,
        period=inputs.period,
        opening=inputs.opening,
        lines=tuple(lines),
        closing=closing,
        payable_micros=closing.micros if due else 0,
        threshold_micros=threshold,
        advance_micros=inputs.advance_micros + _sum(lines, LineKind.RECOUPED),
        payout_terms=inputs.terms.id if inputs.terms else None,
        tax_profile=inputs.tax.id if inputs.tax else None,
        transaction=posted.id if posted else None,
        royalties_micros=royalties_micros(inputs.movements),
        breakdowns=inputs.breakdowns,
    )


def _sum(lines: Sequence[StatementLine], *kinds: LineKind) -> int:
    return sum(line.micros for line in lines if not kinds or line.kind in kinds)

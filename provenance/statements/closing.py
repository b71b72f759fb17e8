"""Close one party's period in one currency: from what was posted to the statement. Reads no clock and no database.

The order is fixed: what was posted; what guarantees, pools and advances add; recoupment of advances; the reserve;
earlier reserves that are due; tax on what becomes payable. The same inputs give the same statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from provenance.kernel.money import MicroUnits
from provenance.royalties.recoupment import OpenAdvance, in_order
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.addition import Addition, addition_lines
from provenance.statements.breakdown import Breakdown
from provenance.statements.deductions import recoup, release, reserve, withhold
from provenance.statements.line import EARNED, LineKind, StatementLine
from provenance.statements.movement import Movement, movement_lines, royalties_micros
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.postings import close_transaction
from provenance.statements.statement import Carried, Statement, statement_id

NOTHING = Carried()
# Earnings that are of no single work, such as corrections: only an advance across works is recouped from them.
NO_WORK = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToClose:
    """All that a statement follows from.

    ``earned`` is what the uses that count earned, in micro-units by work. ``advance_micros`` is what the books have as
    not recouped yet. Without ``terms`` there is neither threshold nor reserve, without ``tax`` nothing is withheld.
    """

    period: AccountingPeriod
    party: str
    currency: str
    opening: Carried = NOTHING
    movements: tuple[Movement, ...] = ()
    additions: tuple[Addition, ...] = ()
    earned: Mapping[str, int] = field(default_factory=dict)
    advance_micros: int = 0
    terms: PayoutTerms | None = None
    tax: TaxProfile | None = None
    breakdowns: tuple[Breakdown, ...] = ()

    @property
    def is_nil(self) -> bool:
        """Whether there is nothing to state."""
        return self.opening.is_nil and not self.movements and not self.additions


def statement_of(inputs: ToClose) -> Statement:
    """The statement that follows from ``inputs``."""
    opening, lines = inputs.opening, [*movement_lines(inputs.movements), *addition_lines(inputs.additions)]
    earned, ahead = _sum(lines, *EARNED), _sum(lines, LineKind.ADVANCED)
    available = opening.micros + _sum(lines) - ahead
    # A debt from before comes first: only what the period's earnings leave over is recouped from, and reserved.
    free = max(0, min(earned, available))
    recouped, advances = recoup(_by_work(inputs, earned), free, _open_advances(inputs))
    held, tranche = reserve(free + _sum(recouped), inputs.terms, inputs.period)
    released, kept = release(opening.reserves, inputs.period)
    made = [*recouped, *held, *released]
    balance = available + ahead + _sum(made)
    untaxed = opening.untaxed_micros + earned + ahead + _sum(lines, LineKind.EXCHANGED) + _sum(made)
    threshold = inputs.terms.threshold_micros if inputs.terms else 0
    due = balance > 0 and balance >= threshold
    taxable = max(0, min(untaxed, balance)) if due else 0
    lines = [*lines, *made, *withhold(taxable, inputs.tax)]
    closing = Carried(
        micros=opening.micros + _sum(lines),
        untaxed_micros=untaxed - taxable,
        reserves=(*kept, *tranche),
        advances=advances,
        statement=statement_id(inputs.period, inputs.party, inputs.currency),
    )
    return _stated(inputs, lines, closing, threshold=threshold, due=due)


def _by_work(inputs: ToClose, earned: int) -> dict[str, int]:
    """What each work earned, by its uses and by what was added; the rest of what was earned is no work's."""
    found = dict(inputs.earned)
    for addition in inputs.additions:
        for work, micros in addition.by_work:
            found[work] = found.get(work, 0) + micros
    found[NO_WORK] = earned - sum(found.values())
    return found


def _open_advances(inputs: ToClose) -> list[OpenAdvance]:
    """What is left of advances from before, and new ones. They come to what the books have.

    An advance that was posted by itself is one across all works. Where some was paid back, the newest are less.
    """
    carried = inputs.opening.advances
    more = inputs.advance_micros - sum(a.outstanding for a in carried)
    found = [*carried, *(a.advance for a in inputs.additions if a.advance)]
    if more > 0:
        paid_on, name = inputs.period.since.date(), f"books:{inputs.period.name}"
        found.append(OpenAdvance(id=name, paid_on=paid_on, outstanding=MicroUnits(more)))
    back = max(0, -more)
    left = []
    for advance in reversed(in_order(found)):
        given = min(back, advance.outstanding)
        back -= given
        left.append(replace(advance, outstanding=MicroUnits(advance.outstanding - given)))
    return left


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
        advance_micros=sum(a.outstanding for a in closing.advances),
        payout_terms=inputs.terms.id if inputs.terms else None,
        tax_profile=inputs.tax.id if inputs.tax else None,
        transaction=posted.id if posted else None,
        royalties_micros=royalties_micros(inputs.movements),
        breakdowns=inputs.breakdowns,
    )


def _sum(lines: Sequence[StatementLine], *kinds: LineKind) -> int:
    return sum(line.micros for line in lines if not kinds or line.kind in kinds)

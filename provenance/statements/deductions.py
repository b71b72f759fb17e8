"""What the close itself adds or takes: top-ups, recoupment, the reserve and its release, tax. One rule a function.

Each returns its lines, or none where nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provenance.kernel.money import format_micros
from provenance.royalties.terms import part_of
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.line import Drill, DrillKind, Explanation, LineKind, StatementLine
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.statement import ReserveTranche

_NEAREST = "to the nearest micro-unit; a half goes to the part that is taken"
_EXACT = "none: whole micro-units"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """What a minimum guarantee adds, above zero, by the licence ``name``; ``inputs`` say what it follows from."""

    name: str
    micros: int
    inputs: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        assert self.micros > 0, "a top-up adds something"


def top_up(topped: TopUp) -> StatementLine:
    """The line of a top-up."""
    rule = "The period's royalties came to less than the guarantee: the difference is added."
    return _line(LineKind.TOPPED_UP, topped.micros, rule, {"licence": topped.name, **dict(topped.inputs)})


def recoup(free_micros: int, advance_micros: int) -> list[StatementLine]:
    """Of what was earned and isn't owed back, at most the advance that is left."""
    taken = min(free_micros, advance_micros)
    if taken <= 0:
        return []
    rule = "The advance is recouped from the period's earnings, up to what is left of it."
    inputs = {
        "earned_and_free": format_micros(free_micros),
        "advance_before": format_micros(advance_micros),
        "advance_after": format_micros(advance_micros - taken),
    }
    return [_line(LineKind.RECOUPED, -taken, rule, inputs)]


def reserve(
    free_micros: int, terms: PayoutTerms | None, period: AccountingPeriod
) -> tuple[list[StatementLine], tuple[ReserveTranche, ...]]:
    """The part of what was earned, after recoupment, that is held back; and the tranche that it makes."""
    held = part_of(free_micros, terms.reserve_basis_points) if terms and free_micros > 0 else 0
    if not terms or not held:
        return [], ()
    release_at = period.after(terms.reserve_periods).until
    rule = "A part of the period's earnings after recoupment is held in reserve."
    inputs = {
        "earned_after_recoupment": format_micros(free_micros),
        "basis_points": str(terms.reserve_basis_points),
        "released_in": period.after(terms.reserve_periods).name,
    }
    tranche = ReserveTranche(held_in=period.name, micros=held, release_at=release_at)
    return [_line(LineKind.RESERVED, -held, rule, inputs, rounding=_NEAREST)], (tranche,)


def release(
    reserves: Iterable[ReserveTranche], period: AccountingPeriod
) -> tuple[list[StatementLine], tuple[ReserveTranche, ...]]:
    """The reserves that are due at the end of the period, a line each; and those that are kept."""
    lines, kept = [], []
    for tranche in reserves:
        if tranche.release_at > period.until:
            kept.append(tranche)
            continue
        rule = "What was held in reserve is released by schedule."
        inputs = {"held_in": tranche.held_in, "release_at": tranche.release_at.strftime("%Y-%m-%d")}
        lines.append(_line(LineKind.RELEASED, tranche.micros, rule, inputs))
    return lines, tuple(kept)


def withhold(taxable_micros: int, tax: TaxProfile | None) -> list[StatementLine]:
    """The tax on what becomes payable and was not taxed before."""
    withheld = part_of(taxable_micros, tax.basis_points) if tax and taxable_micros > 0 else 0
    if not tax or not withheld:
        return []
    rule = "Tax is withheld from what becomes payable and was not taxed before."
    inputs = {
        "taxable": format_micros(taxable_micros),
        "basis_points": str(tax.basis_points),
        "payer": tax.payer,
        "residence": tax.residence,
        "basis": tax.basis,
    }
    return [_line(LineKind.WITHHELD, -withheld, rule, inputs, rounding=_NEAREST)]


def _line(
    kind: LineKind, micros: int, rule: str, inputs: Mapping[str, str], *, rounding: str = _EXACT
) -> StatementLine:
    explanation = Explanation(rule=rule, inputs=dict(inputs), rounding=rounding)
    return StatementLine(kind=kind, micros=micros, count=1, explanation=explanation, drill=Drill(kind=DrillKind.CLOSE))

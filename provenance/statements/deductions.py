"""What the close takes of what is owed, and gives back: recoupment, the reserve and its release, tax.

One rule a function. Each returns its lines, or none where nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from provenance.kernel.money import format_micros
from provenance.kernel.parts import WHOLE_BASIS_POINTS, split_exactly
from provenance.royalties import recoupment
from provenance.royalties.recoupment import OpenAdvance
from provenance.royalties.terms import part_of
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.line import Drill, DrillKind, Explanation, LineKind, StatementLine
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.statement import ReserveTranche

_NEAREST = "to the nearest micro-unit; a half goes to the part that is taken"
_EXACT = "none: whole micro-units"


def recoup(
    earned: Mapping[str, int], free_micros: int, advances: Sequence[OpenAdvance]
) -> tuple[list[StatementLine], tuple[OpenAdvance, ...]]:
    """A line for each advance that is recouped from what works earned, and the advances that are left.

    ``earned`` is in micro-units by work. Of all of it at most ``free_micros`` can be recouped from, each work's part in
    proportion: the rest makes up for a debt, or for what was taken back.
    """
    made = recoupment.recoup(_within(earned, free_micros), advances)
    taken: dict[str, int] = {}
    for found in made.recouped:
        taken[found.advance] = taken.get(found.advance, 0) + found.micros
    ordered = recoupment.in_order(advances)
    lines = [_recouped(advance, taken[advance.id], free_micros) for advance in ordered if advance.id in taken]
    left = (replace(advance, outstanding=made.left[advance.id]) for advance in ordered)
    return lines, tuple(advance for advance in left if advance.outstanding)


def _within(earned: Mapping[str, int], micros_max: int) -> dict[str, int]:
    above = {work: earned[work] for work in sorted(earned) if earned[work] > 0}
    if sum(above.values()) <= micros_max:
        return above
    return dict(zip(above, split_exactly(micros_max, list(above.values())), strict=True))


def _recouped(advance: OpenAdvance, micros: int, free_micros: int) -> StatementLine:
    whose = "the period's earnings" if advance.work is None else "what its work earned in the period"
    inputs = {
        "advance": advance.id,
        "paid_on": advance.paid_on.isoformat(),
        "earned_and_free": format_micros(free_micros),
        "advance_before": format_micros(advance.outstanding),
        "advance_after": format_micros(advance.outstanding - micros),
    }
    if advance.work is not None:
        inputs["work"] = advance.work
    if advance.basis_points != WHOLE_BASIS_POINTS:
        inputs["basis_points"] = str(advance.basis_points)
    rule = f"The advance is recouped from {whose}, up to what is left of it."
    return _line(LineKind.RECOUPED, -micros, rule, inputs)


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

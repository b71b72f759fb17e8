"""Recoup advances from what a party earned in a period: of one work, or across all works of the party.

Values in, values out: reads no storage and no clock, posts nothing. A statement calls `recoup` once with what each work
earned (guarantees and parts of pools included), and every advance that isn't recouped yet; and carries what is left.

An advance is never owed back: what isn't recouped is carried, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from provenance.kernel.money import MicroUnits
from provenance.kernel.parts import WHOLE_BASIS_POINTS, split_exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAdvance:
    """An advance that was paid to a party, less what was recouped of it by now.

    ``id`` names it for ever (such as the licence's id that states it). ``work`` is the one whose earnings recoup it;
    None: those of all of the party's works do. ``basis_points`` of the earnings go to it, the rest is paid.
    """

    id: str
    paid_on: date
    outstanding: MicroUnits
    work: str | None = None
    basis_points: int = WHOLE_BASIS_POINTS

    def __post_init__(self) -> None:
        assert self.outstanding >= 0, "no more is recouped than was paid"
        assert 0 < self.basis_points <= WHOLE_BASIS_POINTS, "a part of the earnings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recouped:
    """What one advance took from the earnings of one work."""

    advance: str
    work: str
    micros: MicroUnits


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoupment:
    """How a period's earnings were used.

    ``recouped`` in the order in which it was taken; ``payable`` by work is what was left of its earnings; ``left`` by
    advance is what is still to be recouped. Earnings = recouped + payable, for every work.
    """

    recouped: tuple[Recouped, ...]
    payable: Mapping[str, MicroUnits]
    left: Mapping[str, MicroUnits]


def recoup(earned: Mapping[str, int], advances: Sequence[OpenAdvance]) -> Recoupment:
    """Use the earnings (micro-units by work, of one party in one currency) to recoup its open advances.

    Advances of a single work come first, then those across works; among these the one that was paid first, then by id.
    An advance across works takes from each in proportion to what it has left, by largest remainder, ties by work id.
    A work whose earnings are below zero, after corrections, recoups nothing and isn't set off against others.
    """
    payable = {work: MicroUnits(earned[work]) for work in sorted(earned)}
    lines: list[Recouped] = []
    left: dict[str, MicroUnits] = {}
    for advance in in_order(advances):
        assert advance.id not in left, f"the advance {advance.id} stands in the list twice"
        taken = _taken(advance, payable)
        lines += [Recouped(advance=advance.id, work=work, micros=micros) for work, micros in taken.items() if micros]
        for work, micros in taken.items():
            payable[work] = MicroUnits(payable[work] - micros)
        left[advance.id] = MicroUnits(advance.outstanding - sum(taken.values()))
    return Recoupment(recouped=tuple(lines), payable=payable, left=left)


def in_order(advances: Sequence[OpenAdvance]) -> list[OpenAdvance]:
    """The order in which advances are recouped: see `recoup`."""
    return sorted(advances, key=lambda a: (a.work is None, a.paid_on, a.id))


def _taken(advance: OpenAdvance, payable: Mapping[str, MicroUnits]) -> dict[str, MicroUnits]:
    """Micro-units by work that the advance takes of what is payable."""
    works = [w for w, m in payable.items() if m > 0 and advance.work in (None, w)]
    # Rounded down: a part for the party is never cut to nothing by rounding.
    open_to_it = {work: payable[work] * advance.basis_points // WHOLE_BASIS_POINTS for work in works}
    taken = min(advance.outstanding, sum(open_to_it.values()))
    if not taken:
        return {}
    parts = split_exactly(taken, list(open_to_it.values()))
    return {work: MicroUnits(part) for work, part in zip(open_to_it, parts, strict=True)}

"""What a close adds to what a party is owed, beyond what its uses earned: guarantees, advances, parts of pools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provenance.royalties.recoupment import OpenAdvance
from provenance.statements.line import Drill, DrillKind, Explanation, LineKind, StatementLine

_EXACT = "none: whole micro-units"
_SPLIT = "split exactly, by largest remainder"
# By the kind of line: the rule, and how its amount was rounded.
_RULES: Mapping[LineKind, tuple[str, str]] = {
    LineKind.TOPPED_UP: (
        "The period's royalties came to less than the guarantee: the difference is added.",
        _EXACT,
    ),
    LineKind.ADVANCED: (
        "The licence's advance is paid ahead, and recouped from what is earned.",
        _SPLIT,
    ),
    LineKind.SUBSCRIBED: (
        "Subscription money is shared out by the usage of outputs that had no price of their own.",
        _SPLIT,
    ),
    LineKind.SPREAD: (
        "Money that no work has a claim on is spread over the works that were used.",
        _SPLIT,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Something that is added to a party's balance; ``inputs`` say what it follows from.

    ``by_work`` is what of it each work earned, in micro-units: all of it, but for an advance, which no work earned.
    ``advance`` is what is to be recouped of it from now on.
    """

    kind: LineKind
    micros: int
    by_work: tuple[tuple[str, int], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    advance: OpenAdvance | None = None

    def __post_init__(self) -> None:
        assert self.kind in _RULES, f"a close adds no {self.kind}"
        assert self.micros > 0, "an addition adds something"
        assert (self.advance is not None) == (self.kind is LineKind.ADVANCED), (
            "an advance is recouped, and nothing else"
        )
        assert self.advance is None or self.advance.outstanding == self.micros, "all of it is recouped"
        earned = 0 if self.advance else self.micros
        assert sum(micros for _, micros in self.by_work) == earned, "what works earned adds up"


def addition_line(addition: Addition) -> StatementLine:
    """The line of an addition."""
    rule, rounding = _RULES[addition.kind]
    return StatementLine(
        kind=addition.kind,
        micros=addition.micros,
        count=1,
        explanation=Explanation(rule=rule, inputs=dict(addition.inputs), rounding=rounding),
        drill=Drill(kind=DrillKind.CLOSE),
    )


def addition_lines(additions: Iterable[Addition]) -> list[StatementLine]:
    """A line each, in the order of a statement: by kind, then as they come."""
    order = list(LineKind)
    return [addition_line(a) for a in sorted(additions, key=lambda a: order.index(a.kind))]

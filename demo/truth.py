"""How the attributions compare with what the outputs' authors recorded, character by character.

Every output counts the same, however long it is. White space counts for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.console import Console

from demo.library import SampleOutput
from provenance.attribution.given import given_spans
from provenance.attribution.shares import Attribution
from provenance.cli.render import table
from provenance.kernel.span import Span


class Verdict(StrEnum):
    """What became of a character, given what its author recorded."""

    FOUND = "found"
    MISDIRECTED = "misdirected"
    MISSED = "missed"
    LEFT = "rightly unattributed"
    INVENTED = "wrongly attributed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The part of one output's characters that met each verdict; together one."""

    kind: str
    parts: Mapping[Verdict, float]


def compare(output: SampleOutput, attributions: Sequence[Attribution], work_ids: Mapping[str, str]) -> Compared:
    """Hold one decision against what was recorded; ``work_ids`` maps source ids to works."""
    counts: Counter[Verdict] = Counter()
    for number, part in enumerate(output.generation.parts):
        true = _labels(len(part.text), ((work_ids[s], spans) for s, spans in output.truth[number].items()))
        given = _labels(
            len(part.text),
            ((a.work, given_spans(part.text, [m for place, m in a.matches if place == number])) for a in attributions),
        )
        counts.update(_verdict(t, g) for t, g, c in zip(true, given, part.text, strict=True) if not c.isspace())
    return Compared(kind=output.kind, parts={v: counts[v] / counts.total() for v in Verdict})


def show(out: Console, compared: Sequence[Compared]) -> None:
    """Print a table by kind of output: what was taken from a source, then what was the outputs' own."""
    rows = [_row(kind, [c for c in compared if c.kind == kind]) for kind in sorted({c.kind for c in compared})]
    rows.append(_row("all", compared))
    columns = ("outputs", ">number", *(f">{v.value}" for v in Verdict))
    out.print(table("Attributions against what the authors recorded", columns, rows))
    out.print("Found, misdirected (given to another work) and missed (left unattributed) add up to what was taken from")
    out.print("works; the last two columns to what was the outputs' own. In per cent of the outputs' characters.")


def _labels(length: int, spans_by_work: Iterable[tuple[str, Sequence[Span]]]) -> list[str | None]:
    labels: list[str | None] = [None] * length
    for work, spans in spans_by_work:
        for span in spans:
            labels[span.start : span.end] = [work] * len(span)
    return labels


def _verdict(true: str | None, given: str | None) -> Verdict:
    if true is None:
        return Verdict.LEFT if given is None else Verdict.INVENTED
    if given is None:
        return Verdict.MISSED
    return Verdict.FOUND if given == true else Verdict.MISDIRECTED


def _row(name: str, compared: Sequence[Compared]) -> tuple[object, ...]:
    means = (sum(c.parts[v] for c in compared) / len(compared) for v in Verdict)
    return name, len(compared), *(f"{100 * mean:.1f} %" for mean in means)

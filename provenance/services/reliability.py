"""A calibration report: attribute labelled outputs and say how right that is, overall and by group.

Writes nothing and touches no database. Groups are kinds, lengths, domains, and sizes of the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from provenance.attribution.reliability import Bin, Figures, Judged, Truth, figures, judge, reliability_bins
from provenance.kernel.canonical import sha256_hex
from provenance.kernel.errors import InvalidInput
from provenance.services.attribute import Attributor
from provenance.services.labelled import LabelledOutput, LabelledSource, Progress, parse_output
from provenance.services.records import DecidedBy

SHARE_SLACK = 1e-6  # by which shares may miss 1, for the rounding of decimals
LENGTH_BANDS = (500, 1_000, 2_000, 4_000)  # characters at which a new band starts
GROUP_BINS = 8  # of a group's diagram; its ECE has as many as the whole's
GROUPS_MAX = 30  # of one kind; the smallest are put together
SIZE_PARTS = (4, 2)  # the index is also tried with a quarter and with half of the sources
SIZED_SOURCES_MIN = 40  # below this many sources, sizes say nothing
NOT_STATED, SEVERAL, OTHERS = "not stated", "several", "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOutput:
    """A labelled output with its truth."""

    output: LabelledOutput
    truth: Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One output as it was judged, with the groups that it belongs to."""

    kind: str
    domain: str
    chars: int
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A group of outputs: how right they are, and the bins of its reliability diagram."""

    name: str
    figures: Figures
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """One way to group the outputs. The groups of sizes hold the same outputs each, all others different ones."""

    by: str
    groups: tuple[Measured, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """How right one calibration is on one set of labelled outputs."""

    sources: int
    whole: Measured
    groupings: tuple[Grouping, ...]
    decided_by: DecidedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class SizePlan:
    """Which outputs (by their numbers) to attribute again, to which smaller indexes; each holds all their sources."""

    outputs: tuple[int, ...]
    indexes: tuple[tuple[LabelledSource, ...], ...]


def parse_known(line: Mapping[str, Any]) -> KnownOutput:
    """Raises `InvalidInput` where the line is no labelled output, or its shares don't add up to 1."""
    output, labels = parse_output(line), line.get("labels", [])
    if len(output.labels) < len(labels):
        raise InvalidInput(f"{output.output_id!r} names a source twice.", mend="Put its spans into one label.")
    shares = {str(label["source_id"]): _share(label.get("share"), "share") for label in labels}
    unattributed = _share(line.get("unattributed_share"), "unattributed_share")
    if abs(sum(shares.values()) + unattributed - 1) > SHARE_SLACK:
        raise InvalidInput(f"The shares of {output.output_id!r} don't add up to 1.", field="unattributed_share")
    if any(span.end > len(output.text) for spans in output.labels.values() for span in spans):
        raise InvalidInput(f"A span of {output.output_id!r} ends behind its text.", field="out_spans")
    spans = output.labels if all("out_spans" in label for label in labels) else None
    return KnownOutput(output=output, truth=Truth(shares=shares, unattributed=unattributed, spans=spans))


def judge_all(
    outputs: Iterable[KnownOutput], groups: Mapping[str, str], attributor: Attributor, progress: Progress
) -> list[Row]:
    """Attribute each output and set it beside its truth; ``groups`` maps each source to its domain."""
    rows = []
    for known in outputs:
        judged = judge(attributor.attribute(known.output.text), known.truth)
        output = known.output
        kind = output.kind or NOT_STATED
        rows.append(Row(kind=kind, domain=_domain(output, groups), chars=len(output.text), judged=judged))
        progress(1)
    return rows


def plan_sizes(sources: Sequence[LabelledSource], outputs: Sequence[KnownOutput]) -> SizePlan:
    """Outputs whose sources fit into a quarter of the index, in an order that nobody chose, and the smaller indexes.

    All sizes answer the same questions, so that nothing differs but how many strangers are indexed.
    """
    quarter = len(sources) // SIZE_PARTS[0]
    ids = {s.source_id for s in sources}
    chosen: list[int] = []
    needed: set[str] = set()
    if len(sources) >= SIZED_SOURCES_MIN:
        for number in sorted(range(len(outputs)), key=lambda n: _chance(outputs[n].output.output_id)):
            wider = needed | (outputs[number].truth.shares.keys() & ids)
            if len(wider) > quarter:
                break
            chosen.append(number)
            needed = wider
    if not chosen:
        return SizePlan(outputs=(), indexes=())
    order = sorted((s.source_id for s in sources), key=lambda name: (name not in needed, _chance(name)))
    kept = [set(order[: len(sources) // part]) for part in SIZE_PARTS]
    indexes = tuple(tuple(s for s in sources if s.source_id in names) for names in kept)
    return SizePlan(outputs=tuple(sorted(chosen)), indexes=indexes)


def calibration_report(
    rows: Sequence[Row], sized: Mapping[int, Sequence[Row]], *, sources: int, decided_by: DecidedBy
) -> CalibrationReport:
    """Put the report together; ``sized`` holds rows of the same outputs by the number of sources indexed."""
    groupings = [
        _grouping("kind", rows, lambda row: row.kind),
        Grouping(by="length", groups=tuple(_lengths(rows))),
        _grouping("domain", rows, lambda row: row.domain),
        Grouping(by="size", groups=tuple(_measured(f"{n:,} sources", of) for n, of in sorted(sized.items()))),
    ]
    whole = Measured(name="all", figures=figures([r.judged for r in rows]), bins=_bins(rows))
    return CalibrationReport(
        sources=sources, whole=whole, groupings=tuple(g for g in groupings if g.groups), decided_by=decided_by
    )


def report_view(report: CalibrationReport) -> dict[str, Any]:
    """The report for a program."""
    return {
        "sources": report.sources,
        "all": _view(report.whole),
        "by": {g.by: {m.name: _view(m) for m in g.groups} for g in report.groupings},
        "decided_by": asdict(report.decided_by),
    }


def _view(measured: Measured) -> dict[str, Any]:
    return {**asdict(measured.figures), "bins": [asdict(b) for b in measured.bins]}


def _share(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InvalidInput(f"{name!r} is a number from 0 to 1.", field=name)
    return float(value)


def _domain(output: LabelledOutput, groups: Mapping[str, str]) -> str:
    """The output's own domain, or else that of its sources. A source without one is its own group."""
    if output.group:
        return output.group
    domains = {groups[w] for w in output.labels if w in groups and groups[w] != w}
    return NOT_STATED if not domains else domains.pop() if len(domains) == 1 else SEVERAL


def _chance(name: str) -> str:
    """An order that depends on nothing but names, and that no file's order can shape."""
    return sha256_hex(name.encode("utf-8", "surrogatepass"))


def _grouping(by: str, rows: Sequence[Row], key: Callable[[Row], str]) -> Grouping:
    """Groups by name; the largest ones, and all others together."""
    members: dict[str, list[Row]] = {}
    for row in rows:
        members.setdefault(key(row), []).append(row)
    largest = sorted(members, key=lambda name: (-len(members[name]), name))
    kept, rest = sorted(largest[:GROUPS_MAX]), [row for name in largest[GROUPS_MAX:] for row in members[name]]
    groups = [_measured(name, members[name]) for name in kept]
    return Grouping(by=by, groups=tuple(groups + ([_measured(OTHERS, rest)] if rest else [])))


def _lengths(rows: Sequence[Row]) -> Iterable[Measured]:
    for low, high in zip((0, *LENGTH_BANDS), (*LENGTH_BANDS, None), strict=True):
        inside = [r for r in rows if r.chars >= low and (high is None or r.chars < high)]
        if inside:
            yield _measured(_band(low, high), inside)


def _band(low: int, high: int | None) -> str:
    if high is None:
        return f"{low:,} characters or more"
    return f"{low:,} to {high - 1:,} characters" if low else f"up to {high - 1:,} characters"


def _measured(name: str, rows: Sequence[Row]) -> Measured:
    return Measured(name=name, figures=figures([r.judged for r in rows]), bins=_bins(rows, GROUP_BINS))


def _bins(rows: Sequence[Row], *count: int) -> tuple[Bin, ...]:
    return reliability_bins([c for r in rows for c in r.judged.considered], *count)

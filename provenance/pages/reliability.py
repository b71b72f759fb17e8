"""The calibration report as a page: reliability diagrams as inline SVG, and the figures of every group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from provenance.attribution.calibration import Calibration
from provenance.attribution.reliability import Bin, Figures
from provenance.kernel.visible import excerpt
from provenance.pages.document import document
from provenance.services.reliability import CalibrationReport, Grouping, Measured

NAME_CHARS_MAX = 80
NONE = "–"
_HEADINGS: Mapping[str, tuple[str, str]] = {
    "kind": ("By kind", "What was done to the sources to make the output."),
    "length": ("By length of the output", ""),
    "domain": ("By domain", "The output's own, or else that of its sources."),
    "size": (
        "By size of the index",
        "The same outputs each time, all of whose sources are indexed; what grows is the number of strangers.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A bin in a diagram of 100 by 100, its origin at the top left: the dot, and the ends of its interval."""

    x: float
    y: float
    low: float
    high: float
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BinLine:
    """A bin in words, for the table beside the diagram."""

    count: int
    confidence: str
    right: str
    interval: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A group with its figures and its diagram."""

    name: str
    outputs: int
    cells: tuple[str, ...]
    considered: int
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One way to group, with its groups."""

    title: str
    note: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One overall figure with what it means."""

    name: str
    value: str
    meaning: str


def reliability_page(report: CalibrationReport, *, calibration: Calibration, judged_on: Mapping[str, str]) -> str:
    """The page; ``judged_on`` names the labelled files by their digests."""
    return document(
        "reliability.html",
        styles=("page.css", "reliability.css"),
        outputs=report.whole.figures.outputs,
        sources=report.sources,
        headlines=_headlines(report.whole.figures),
        dots=_dots(report.whole.bins),
        bins=[_bin_line(b) for b in report.whole.bins],
        considered=report.whole.figures.considered,
        columns=[name for name, _ in _COLUMNS],
        sections=[_section(g) for g in report.groupings],
        seen=dict(calibration.trained_on) == dict(judged_on),
        identities=_identities(report, calibration, judged_on),
    )


def _headlines(f: Figures) -> tuple[Headline, ...]:
    undue = "of outputs that derive from nothing pay somebody; there is none here"
    if f.false_payouts:
        paying = round(f.false_payouts.part * f.from_nothing)
        undue = f"of outputs that derive from nothing pay somebody: {paying:,} of {f.from_nothing:,}"
    return (
        Headline(name="ECE", value=_thousandths(f.ece), meaning="how far confidence is from the times it is right"),
        Headline(name="Brier", value=_thousandths(f.brier), meaning="mean squared error of confidence"),
        Headline(
            name="share_tv", value=_percent(f.share_tv), meaning="of the money goes astray: wrong, missing or undue"
        ),
        Headline(
            name="misdirected",
            value=_percent(f.misdirected),
            meaning="of the money goes to works not derived from",
        ),
        Headline(
            name="false payouts",
            value=_payouts(f),
            meaning=undue,
        ),
        Headline(name="span F1", value=_thousandths(f.span_f1), meaning="of characters, each with its source"),
    )


def _section(grouping: Grouping) -> Section:
    title, note = _HEADINGS[grouping.by]
    return Section(title=title, note=note, lines=tuple(_line(m) for m in grouping.groups))


def _line(measured: Measured) -> Line:
    return Line(
        name=excerpt(measured.name, NAME_CHARS_MAX),
        outputs=measured.figures.outputs,
        cells=tuple(told(measured.figures) for _, told in _COLUMNS),
        considered=measured.figures.considered,
        dots=_dots(measured.bins),
    )


def _dots(bins: Sequence[Bin]) -> tuple[Dot, ...]:
    return tuple(
        Dot(
            x=round(100 * b.confidence, 2),
            y=round(100 - 100 * b.right.part, 2),
            low=round(100 - 100 * b.right.low, 2),
            high=round(100 - 100 * b.right.high, 2),
            told=f"confidence {b.confidence:.2f}: {b.right.part:.2f} right "
            f"({b.right.low:.2f} to {b.right.high:.2f}) of {b.count:,}",
        )
        for b in bins
    )


def _bin_line(b: Bin) -> BinLine:
    return BinLine(
        count=b.count,
        confidence=f"{b.confidence:.3f}",
        right=f"{b.right.part:.3f}",
        interval=f"{b.right.low:.3f} to {b.right.high:.3f}",
        holds=b.right.low <= b.confidence <= b.right.high,
    )


def _identities(
    report: CalibrationReport, calibration: Calibration, judged_on: Mapping[str, str]
) -> list[tuple[str, str]]:
    by = report.decided_by
    trained = [(f"trained on, {_spaced(name)}", value) for name, value in sorted(calibration.trained_on.items())]
    judged = [(f"judged on, {_spaced(name)}", value) for name, value in sorted(judged_on.items())]
    limits = f"{calibration.segment_min:.3f} a segment, {calibration.source_min:.3f} a source"
    return [
        ("calibration", by.calibration),
        ("encoder", by.encoder),
        ("snapshot", by.snapshot),
        ("paid from", limits),
        *judged,
        *trained,
    ]


def _spaced(name: str) -> str:
    return excerpt(name.replace("_", " "), NAME_CHARS_MAX)


def _payouts(f: Figures) -> str:
    return _percent(f.false_payouts.part) if f.false_payouts else NONE


def _payouts_of(f: Figures) -> str:
    return f"{_percent(f.false_payouts.part)} of {f.from_nothing:,}" if f.false_payouts else NONE


def _thousandths(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def _percent(part: float | None) -> str:
    return NONE if part is None else f"{100 * part:.1f} %"


_COLUMNS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("share_tv", lambda f: _percent(f.share_tv)),
    ("misdirected", lambda f: _percent(f.misdirected)),
    ("false payouts", _payouts_of),
    ("span F1", lambda f: _thousandths(f.span_f1 if f.outputs > f.from_nothing else None)),
    ("ECE", lambda f: _thousandths(f.ece)),
    ("Brier", lambda f: _thousandths(f.brier)),
)

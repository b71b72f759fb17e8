"""Commands on calibrations: what one is, and a report on how far its confidence and its shares can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.learning import Outputs, Sources
from provenance.cli.options import Json

if TYPE_CHECKING:
    from provenance.attribution.calibration import Calibration
    from provenance.bootstrap import System
    from provenance.services.labelled import LabelledSource
    from provenance.services.reliability import CalibrationReport, KnownOutput, Row, SizePlan

calibration = typer.Typer(help="Show a calibration, and report how far it can be trusted.")

Chosen = Annotated[
    Path | None, typer.Option("--calibration", metavar="FILE", help="A calibration; the configured one.")
]


@calibration.command("show")
def show_calibration(file: Chosen = None, *, as_json: Json = False) -> None:
    """Show a calibration's identity, its encoder, its thresholds, and what it was trained on.

    Example: provenance calibration show --calibration mine.json
    """
    from provenance.cli.render import console, fields, print_json
    from provenance.cli.session import opened

    with opened(schema=False) as system:
        shown = _chosen(system, file)
    thresholds = {"segment_min": shown.segment_min, "source_min": shown.source_min}
    trained_on = dict(sorted(shown.trained_on.items()))
    if as_json:
        view = {"identity": shown.identity, "encoder": shown.encoder, **thresholds, "trained_on": trained_on}
        print_json(view)
    else:
        named = [(name, f"{value:.3f}") for name, value in thresholds.items()]
        console().print(fields([("identity", shown.identity), ("encoder", shown.encoder), *named, *trained_on.items()]))


@calibration.command("report")
def report_calibration(
    sources: Sources,
    outputs: Outputs,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT.html", help="Where the report goes.")],
    file: Chosen = None,
    *,
    as_json: Json = False,
) -> None:
    """Attribute labelled outputs and write one page on whether confidence is what it says, and where the money goes.

    Overall and by kind, length and domain of the outputs, and by size of the index. The files are those of `evaluate`;
    each output needs the shares of its labels, and "unattributed_share".

    Example: provenance calibration report --sources dev/sources.jsonl.gz --outputs dev/outputs.jsonl.gz -o report.html
    """
    from provenance.cli.failures import note
    from provenance.cli.labelled_file import read_labelled, sha256_of
    from provenance.cli.new_file import write_whole
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.cli.visible import visible
    from provenance.pages.reliability import reliability_page
    from provenance.services.labelled import parse_source
    from provenance.services.reliability import parse_known, report_view

    known, labelled = read_labelled(sources, parse_source), read_labelled(outputs, parse_known)
    digests = {"sources_sha256": sha256_of(sources), "outputs_sha256": sha256_of(outputs)}
    with opened(schema=False) as system:
        chosen = _chosen(system, file)
        report = _measure(system, known, labelled, chosen)
    seen = dict(chosen.trained_on) == digests
    write_whole(output, reliability_page(report, calibration=chosen, judged_on=digests))
    note(f"The report is {visible(str(output))}.")
    if as_json:
        print_json({**report_view(report), "judged_on": digests, "trained_on_the_same": seen})
    else:
        _show(report)


def _chosen(system: System, file: Path | None) -> Calibration:
    from provenance.adapters.calibration_file import load_calibration

    return load_calibration(file) if file else system.calibration


def _measure(
    system: System, sources: Sequence[LabelledSource], outputs: Sequence[KnownOutput], chosen: Calibration
) -> CalibrationReport:
    from provenance.cli.learning import indexed
    from provenance.cli.progress import count_bar
    from provenance.services.attribute import Attributor
    from provenance.services.reliability import calibration_report, judge_all, plan_sizes

    groups = {s.source_id: s.group for s in sources}
    with indexed(system, sources) as index, count_bar("Attributing", len(outputs)) as bar:
        attributor = Attributor(system.encoder, index, system.rarity, chosen)
        rows = judge_all(outputs, groups, attributor, bar.advance)
        decided_by = attributor.identity
    plan = plan_sizes(sources, outputs)
    sized = _sized(system, outputs, chosen, plan, groups)
    if sized:
        sized[len(sources)] = [rows[number] for number in plan.outputs]
    return calibration_report(rows, sized, sources=len(sources), decided_by=decided_by)


def _sized(
    system: System, outputs: Sequence[KnownOutput], chosen: Calibration, plan: SizePlan, groups: Mapping[str, str]
) -> dict[int, list[Row]]:
    from provenance.cli.learning import indexed
    from provenance.cli.progress import count_bar
    from provenance.services.attribute import Attributor
    from provenance.services.reliability import judge_all

    sized = {}
    for smaller in plan.indexes:
        with indexed(system, smaller) as index, count_bar("Attributing again", len(plan.outputs)) as bar:
            attributor = Attributor(system.encoder, index, system.rarity, chosen)
            sized[len(smaller)] = judge_all([outputs[n] for n in plan.outputs], groups, attributor, bar.advance)
    return sized


def _show(report: CalibrationReport) -> None:
    from provenance.cli.render import console, table
    from provenance.services.reliability import Measured

    def row(measured: Measured) -> tuple[object, ...]:
        f = measured.figures
        payouts = f.false_payouts.part if f.false_payouts else None
        spans = f.span_f1 if f.outputs > f.from_nothing else None
        numbers = (f.share_tv, f.misdirected, payouts, spans, f.ece, f.brier)
        return measured.name, f"{f.outputs:,}", *("" if n is None else f"{n:.3f}" for n in numbers)

    columns = ("", ">outputs", ">share_tv", ">misdirected", ">false payouts", ">span F1", ">ECE", ">Brier")
    out = console()
    out.print(table("", columns, [row(report.whole)]))
    for grouping in report.groupings:
        out.print(table(f"By {grouping.by}", columns, [row(m) for m in grouping.groups]))

"""A recorded generation on the terminal: its parts with their spans, its sources, and what each earned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from provenance.attribution.given import given_spans
from provenance.attribution.shares import Attribution
from provenance.cli.highlight import Mark, footnote, highlighted
from provenance.cli.render import cell, confidence, console, percent, print_text, table
from provenance.cli.visible import visible
from provenance.royalties.accrual import Outcome, WorkUse
from provenance.services.found import by_share
from provenance.services.ports import Database
from provenance.services.records import GenerationRecord, Recorded
from provenance.services.views import FLAGS
from provenance.sources.work import Work


def show(database: Database, recorded: Recorded[GenerationRecord], out: Console | None = None) -> None:
    """Print one generation."""
    out = out or console()
    record = recorded.fact
    attributions = by_share(record.shares.attributions)
    with database.begin() as work:
        works = work.works.many({a.work for a in attributions})
        resolved = {r.fact.work for r in work.reviews.of(record.generation.id)}
    out.print(_heading(record))
    for number, part in enumerate(record.generation.parts):
        made_by = part.worker
        model = f"{made_by.model} {made_by.model_version}"
        out.print(cell(f"{made_by.id} ({made_by.kind.value}, {model}, {made_by.region})", "dim"))
        print_text(out, highlighted(part.text, _marks(part.text, number, attributions)).append("\n"))
    columns = ("", ">share", ">confidence", "title", "outcome", "earned by")
    out.print(table("", columns, _rows(record, attributions, works)))
    for use in record.accrual.uses:
        if use.outcome in FLAGS and use.work not in resolved:
            out.print(cell(f"{works[use.work].title}: {FLAGS[use.outcome]}", "red"))


def _heading(record: GenerationRecord) -> Text:
    generation = record.generation
    heading = (visible(generation.external_id), "bold underline")
    return Text.assemble(heading, f"  {visible(generation.service)}  {generation.price}  {generation.id}")


def _marks(text: str, number: int, attributions: Sequence[Attribution]) -> list[Mark]:
    return [
        Mark(span, place)
        for place, attribution in enumerate(attributions, start=1)
        for span in given_spans(text, [m for part, m in attribution.matches if part == number])
    ]


def _rows(
    record: GenerationRecord, attributions: Sequence[Attribution], works: Mapping[str, Work]
) -> list[tuple[object, ...]]:
    uses = {use.work: use for use in record.accrual.uses}
    rows: list[tuple[object, ...]] = [
        (
            footnote(place),
            percent(a.share_ppb),
            confidence(a.confidence_ppm),
            works[a.work].title,
            uses[a.work].outcome.value,
            _earned(uses[a.work]),
        )
        for place, a in enumerate(attributions, start=1)
    ]
    pooled = f"{record.accrual.unattributed} to the pool"
    rows.append(("", percent(record.shares.unattributed_ppb), "", "unattributed", "", pooled))
    return rows


def _earned(use: WorkUse) -> str:
    if use.held:
        return f"{use.held} held"
    if use.outcome is Outcome.PUBLIC_DOMAIN:
        return "nothing: public domain"
    return "; ".join(f"{a.party} {a.money}" for a in use.accruals) or "nothing: a credit line"

"""What became of the inputs of a run: counts, and the first refusals with what to do about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from provenance.cli.failures import problem
from provenance.cli.overlaps import comparison_lines, comparison_view
from provenance.cli.render import console, print_json, table
from provenance.cli.visible import visible
from provenance.services.ingest import Ingested, IngestOutcome
from provenance.services.publish import Publication
from provenance.sources.work import Work

REFUSALS_SHOWN_MAX = 20
REFUSALS_KEPT_MAX = 1_000


@dataclass(slots=True)
class Tally:
    """Counts of documents by outcome; of segments and characters, those that were registered now."""

    outcomes: Counter[IngestOutcome] = field(default_factory=Counter)
    segments: int = 0
    chars: int = 0
    refusals: list[Ingested] = field(default_factory=list)

    def count(self, result: Ingested) -> None:
        """Take one document in."""
        self.outcomes[result.outcome] += 1
        if result.outcome in (IngestOutcome.NEW, IngestOutcome.REVISED):
            self.segments += result.segments
            self.chars += result.chars
        if result.outcome is IngestOutcome.REJECTED and len(self.refusals) < REFUSALS_KEPT_MAX:
            self.refusals.append(result)

    @property
    def refused(self) -> int:
        """How many documents were refused."""
        return self.outcomes[IngestOutcome.REJECTED]

    @property
    def accepted(self) -> int:
        """How many are registered now, whether this run did it or an earlier one."""
        return self.outcomes.total() - self.refused


def show(
    counts: Tally, published: Publication | None, *, as_json: bool, works: Mapping[str, Work] | None = None
) -> None:
    """Print the counts, each refusal, and what was published. ``works`` are those that share passages, by id."""
    if as_json:
        print_json(_view(counts, published))
        return
    out = console()
    columns = (*(f">{o.value}" for o in IngestOutcome), ">segments", ">characters")
    row = (*(f"{counts.outcomes[o]:,}" for o in IngestOutcome), f"{counts.segments:,}", f"{counts.chars:,}")
    out.print(table("", columns, [row]))
    for refusal in counts.refusals[:REFUSALS_SHOWN_MAX]:
        out.print(_refusal_line(refusal), soft_wrap=True)
    if counts.refused > REFUSALS_SHOWN_MAX:
        out.print(f"... and {counts.refused - REFUSALS_SHOWN_MAX:,} more")
    if published:
        print_published(published, works or {})


def print_published(published: Publication, works: Mapping[str, Work]) -> None:
    """What is searched from now on, and what was found to overlap."""
    out = console()
    out.print(published_line(published))
    for line in comparison_lines(published.comparison, works):
        out.print(line, soft_wrap=True)


def published_line(published: Publication) -> str:
    """What is searched from now on."""
    snapshot = published.snapshot
    state = "built" if published.built else "is current"
    return f"Index {snapshot.digest[:12]} {state}: {snapshot.works:,} works, {snapshot.segments:,} segments."


def published_view(published: Publication) -> dict[str, Any]:
    """The same for a program."""
    snapshot = published.snapshot
    return {
        "digest": snapshot.digest,
        "encoder": snapshot.encoder,
        "works": snapshot.works,
        "segments": snapshot.segments,
        "built": published.built,
    }


def _refusal_line(refusal: Ingested) -> Text:
    error = refusal.error
    assert error is not None, "a refusal says why"
    words = (": ", visible(error.message), " ", visible(error.mend))
    return Text.assemble(("refused ", "red"), (visible(refusal.origin), "bold"), *words)


def _view(counts: Tally, published: Publication | None) -> dict[str, Any]:
    return {
        **{outcome.value: counts.outcomes[outcome] for outcome in IngestOutcome},
        "segments": counts.segments,
        "characters": counts.chars,
        "rejections": [{"origin": r.origin, **problem(r.error)} for r in counts.refusals if r.error],
        "index": published_view(published) if published else None,
        "overlaps": comparison_view(published.comparison) if published else None,
    }

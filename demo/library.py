"""The sample library: works, and outputs with what their authors recorded of their sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.kernel.errors import NotFound
from provenance.kernel.money import parse_price
from provenance.kernel.span import Span
from provenance.workers.generation import Generation, Part
from provenance.workers.worker import Worker, WorkerKind

ROOT = Path(__file__).resolve().parent.parent
WORKS = ROOT / "data" / "library" / "works.jsonl"
OUTPUTS = ROOT / "data" / "library" / "outputs.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOutput:
    """An output. ``truth`` holds, for each part, the spans that its author took from a source, by source id."""

    output_id: str
    kind: str
    generation: Generation
    truth: tuple[Mapping[str, tuple[Span, ...]], ...]


def load_outputs(service: str) -> Sequence[SampleOutput]:
    """All outputs, as generations of ``service``. Raises `NotFound` outside a checkout."""
    if not OUTPUTS.is_file() or not WORKS.is_file():
        raise NotFound(f"The sample library is not at {OUTPUTS.parent}.", mend="Run the demo from a full checkout.")
    lines = OUTPUTS.read_text(encoding="utf-8").splitlines()
    return [_output(json.loads(line), service) for line in lines if line.strip()]


def _output(line: Mapping[str, Any], service: str) -> SampleOutput:
    price = line["price"]
    generation = Generation(
        service=service,
        external_id=line["output_id"],
        price=parse_price(price["amount"], price["currency"]),
        parts=tuple(Part(worker=_worker(part["worker"]), text=part["text"]) for part in line["parts"]),
    )
    truth = tuple(_truth(part["text"], part.get("spans", ())) for part in line["parts"])
    return SampleOutput(output_id=line["output_id"], kind=line["kind"], generation=generation, truth=truth)


def _worker(fields: Mapping[str, str]) -> Worker:
    return Worker(
        id=fields["id"],
        kind=WorkerKind(fields["kind"]),
        model=fields["model"],
        model_version=fields["model_version"],
        region=fields["region"],
    )


def _truth(text: str, spans: Sequence[Mapping[str, str]]) -> Mapping[str, tuple[Span, ...]]:
    """Spans are recorded by their words; the same words twice are found one after the other."""
    found: dict[str, list[Span]] = {}
    taken: dict[str, int] = {}
    for span in spans:
        words = span["excerpt"]
        start = text.find(words, taken.get(words, 0))
        assert start >= 0, f"the excerpt {words[:40]!r} stands in its part"
        taken[words] = start + len(words)
        found.setdefault(span["source_id"], []).append(Span(start, start + len(words)))
    return {source: tuple(places) for source, places in found.items()}

"""How right the attributions are, on labelled outputs: python -m benchmarks.attribution [--json].

Three systems on the same outputs, judged by the benchmark's own scorer: the nearest neighbour with one threshold
(what an afternoon's work gives), ours on domains that it never saw, and the shipped model, which has seen this data.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.shared import arguments, missing, read_lines, show
from provenance.attribution.decision import PartDecision, SourceFinding, decide, settle
from provenance.attribution.training import EVEN_CHANCE, leave_groups_out
from provenance.bootstrap import System
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import Vectors
from provenance.kernel.span import Span, merge
from provenance.services.attribute import PartEvidence, find_evidence
from provenance.services.evaluate import prediction_line
from provenance.services.labelled import LabelledOutput, LabelledSource, index_sources, parse_output, parse_source
from provenance.services.train import labelled_evidence_of

FIGURES = ("share_tv", "misdirected", "false_payout_rate", "false_payout_money", "top1", "found", "span_f1", "ece")
NEIGHBOUR_THRESHOLDS = (0.50, 0.55, 0.60, 0.65, 0.70)


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    args = arguments(__doc__, argv)
    bench = args.data / "bench" / "attribution"
    if missing(bench):
        return
    sources = [parse_source(x) for x in read_lines(bench / "dev" / "sources.jsonl.gz")]
    outputs = [parse_output(x) for x in read_lines(bench / "dev" / "outputs.jsonl.gz")][: args.limit or None]
    report = {name: _score(bench, outputs, lines) for name, lines in _systems(sources, outputs).items()}
    if args.json:
        print(json.dumps(report["leave domains out"] | {"systems": report}))
    else:
        show(f"{len(outputs)} outputs", FIGURES, {n: [float(r[f]) for f in FIGURES] for n, r in report.items()})


def _systems(sources: list[LabelledSource], outputs: list[LabelledOutput]) -> dict[str, list[dict[str, Any]]]:
    system = System()
    with tempfile.TemporaryDirectory() as scratch:
        snapshots = system.snapshots_in(Path(scratch))
        index = index_sources(sources, system.encoder, snapshots, lambda _: None)
        found = [find_evidence(o.text, system.encoder, index, system.rarity) for o in outputs]
    ids = [o.output_id for o in outputs]
    shipped = [decide(e.part, e.candidates, e.pairs, system.calibration) for e in found]
    left_out = _leave_domains_out(sources, outputs, found)
    return {
        "nearest neighbour, best threshold": _neighbours(system, sources, outputs),
        "leave domains out": [prediction_line(i, d) for i, d in zip(ids, left_out, strict=True)],
        "shipped model (has seen this data)": [prediction_line(i, d) for i, d in zip(ids, shipped, strict=True)],
    }


def _leave_domains_out(
    sources: list[LabelledSource], outputs: list[LabelledOutput], found: list[PartEvidence]
) -> list[PartDecision]:
    """Each pair judged by a model that saw neither an output nor a source of its source's domain."""
    groups = {s.source_id: s.group for s in sources}
    labelled = [labelled_evidence_of(o, e, groups) for o, e in zip(outputs, found, strict=True)]
    probabilities, confidences = leave_groups_out(labelled)
    return [
        settle(e.part, e.candidates, e.pairs, p, c, segment_min=EVEN_CHANCE, source_min=EVEN_CHANCE)
        for e, p, c in zip(found, probabilities, confidences, strict=True)
    ]


def _neighbours(system: System, sources: list[LabelledSource], outputs: list[LabelledOutput]) -> list[dict[str, Any]]:
    """The baseline: the nearest source sentence, each encoded alone; one threshold, the best on this very data."""
    vectors = np.concatenate([_alone(system, s.text, segment(s.text)) for s in sources])
    owner = [s.source_id for s in sources for _ in segment(s.text)]
    nearest = []
    for output in outputs:
        spans = segment(output.text)
        similar = _alone(system, output.text, spans) @ vectors.T
        best = similar.argmax(axis=1)
        nearest.append((spans, [owner[b] for b in best], similar[np.arange(len(best)), best]))
    tried = [[_by_threshold(o, *n, t) for o, n in zip(outputs, nearest, strict=True)] for t in NEIGHBOUR_THRESHOLDS]
    return min(tried, key=lambda lines: _share_tv(outputs, lines))


def _alone(system: System, text: str, spans: list[Span]) -> Vectors:
    return np.concatenate([system.encoder.encode(text, [s]) for s in spans])


def _by_threshold(
    output: LabelledOutput, spans: list[Span], works: list[str], similar: Vectors, threshold: float
) -> dict[str, Any]:
    given = [(s, w, float(c)) for s, w, c in zip(spans, works, similar, strict=True) if c >= threshold]
    findings = []
    for work in sorted({w for _, w, _ in given}):
        mine = [(s, c) for s, w, c in given if w == work]
        confidence = max(c for _, c in mine)
        chars = sum(len(s) for s, _ in mine)
        finding = SourceFinding(
            work=work, confidence=confidence, spans=merge((s for s, _ in mine), gap=1), chars=chars, matches=()
        )
        findings.append(finding)
    highest: dict[str, float] = {}
    for work, cosine in zip(works, similar, strict=True):
        highest[work] = max(highest.get(work, 0.0), float(cosine))
    considered = tuple(sorted((w, min(1.0, c)) for w, c in highest.items()))
    decision = PartDecision(chars=sum(map(len, spans)), findings=tuple(findings), considered=considered)
    return prediction_line(output.output_id, decision)


def _share_tv(outputs: Iterable[LabelledOutput], lines: Iterable[dict[str, Any]]) -> float:
    total, count = 0.0, 0
    for output, line in zip(outputs, lines, strict=True):
        paid = {a["source_id"]: a["share"] for a in line["attributions"]}
        true = {w: sum(map(len, s)) / len(output.text) for w, s in output.labels.items()}
        total += sum(abs(paid.get(w, 0) - true.get(w, 0)) for w in paid.keys() | true.keys())
        count += 1
    return total / max(1, count)


def _score(bench: Path, outputs: list[LabelledOutput], lines: list[dict[str, Any]]) -> dict[str, Any]:
    kept = {o.output_id for o in outputs}
    with tempfile.TemporaryDirectory() as scratch:
        labels, predicted = Path(scratch) / "outputs.jsonl", Path(scratch) / "predictions.jsonl"
        rows = (x for x in read_lines(bench / "dev" / "outputs.jsonl.gz") if x["output_id"] in kept)
        labels.write_text("".join(json.dumps(x) + "\n" for x in rows), encoding="utf-8")
        predicted.write_text("".join(json.dumps(x) + "\n" for x in lines), encoding="utf-8")
        command = [sys.executable, str(bench / "score.py"), "--json", "--bootstrap", "0"]
        command += ["--outputs", str(labels), "--predictions", str(predicted)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(answer.stdout)["all"]
    return figures


if __name__ == "__main__":
    main()

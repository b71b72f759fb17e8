"""How right the attributions are, on labelled outputs: python -m benchmarks.attribution [--json].

Three systems on the same outputs, judged by the benchmark's own scorer: the nearest neighbour with one threshold
(what an afternoon's work gives), ours on domains that it never saw, and the shipped model, which has seen this data.
Ours is also judged among strangers from books, and on summaries of stories that it never saw.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from benchmarks.shared import arguments, missing, read_lines, show
from provenance.adapters.tree_fitter import fit_trees
from provenance.attribution.calibration import Judgement
from provenance.attribution.decision import PartDecision, SourceFinding, settle
from provenance.attribution.policy import choose_rules
from provenance.attribution.training import EVEN_CHANCE, LabelledEvidence, held_out, leave_groups_out
from provenance.bootstrap import System
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import Vectors
from provenance.kernel.span import Span, merge
from provenance.services.attribute import PartEvidence
from provenance.services.evaluate import prediction_line
from provenance.services.labelled import LabelledOutput, LabelledSource, parse_output, parse_source, passages_of
from provenance.services.train import Setting, SettingKind, TrainingSet, labelled_evidence_of, settings_of, work_ahead

FIGURES = ("share_tv", "misdirected", "false_payout_rate", "false_payout_money", "top1", "found", "span_f1", "ece")
NEIGHBOUR_THRESHOLDS = (0.50, 0.55, 0.60, 0.65, 0.70)
SUMMARIES_WEIGHT = 0.25
STRANGER_PASSAGES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One output in one setting, what was found, and what models that never saw its domain say of it."""

    setting: Setting
    evidence: PartEvidence
    labelled: LabelledEvidence
    judged: Judgement


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    args = arguments(__doc__, argv)
    bench, corpus = args.data / "bench" / "attribution", args.data / "corpus" / "gutenberg" / "books.jsonl.gz"
    if missing(bench) or missing(corpus):
        return
    sets = [_set(bench / "dev", 1.0, args.limit), _set(bench / "summaries", SUMMARIES_WEIGHT, args.limit)]
    system = System()
    books = [parse_source(x) for x in read_lines(corpus)][: args.limit or None]
    seen = _left_out(system, sets, passages_of(books, each=STRANGER_PASSAGES))
    dev, summaries = (_by_kind(seen, one) for one in sets)
    alone, strangers = dev[SettingKind.ALONE], dev[SettingKind.STRANGERS]
    report = {
        "nearest neighbour, best threshold": _score(bench / "dev", _neighbours(system, sets[0])),
        "ours, domains left out": _score(bench / "dev", [_line(s) for s in alone]),
        "ours, left out, among strangers": _score(bench / "dev", [_line(s) for s in strangers]),
        "ours as shipped (has seen this data)": _score(bench / "dev", [_shipped(system, s) for s in alone]),
        "summaries, stories left out": _score(bench / "summaries", [_line(s) for s in summaries[SettingKind.ALONE]]),
    }
    left_out = report["ours, domains left out"]
    drop = report["ours, left out, among strangers"]["share_tv"] - left_out["share_tv"]
    risk = {
        str(r.risk_basis_points): r.bound_ppm / 1e6
        for r in choose_rules([held_out(s.labelled, s.judged) for s in alone], seed=0)
    }
    if args.json:
        print(json.dumps(left_out | {"distractor_drop": drop, "risk_bound": risk, "systems": report}))
    else:
        show(
            f"{len(alone)} outputs", FIGURES, {n: [float(r.get(f, "nan")) for f in FIGURES] for n, r in report.items()}
        )
        print(f"share_tv among {len(books) * STRANGER_PASSAGES:,} passages of strangers: {drop:+.4f}")
        print("stated risk (basis points) and its upper bound on held-out domains:", risk or "none can be promised")


def _set(folder: Path, weight: float, limit: int) -> TrainingSet:
    return TrainingSet(
        sources=[parse_source(x) for x in read_lines(folder / "sources.jsonl.gz")],
        outputs=[parse_output(x) for x in read_lines(folder / "outputs.jsonl.gz")][: limit or None],
        weight=weight,
    )


def _left_out(system: System, sets: Sequence[TrainingSet], strangers: Sequence[LabelledSource]) -> list[Seen]:
    """Each output judged by models that saw neither an output nor a source of its sources' domains."""
    with Progress(transient=True) as bar:
        task = bar.add_task("Gathering evidence", total=work_ahead(sets, strangers))
        found = [
            (setting, evidence, labelled_evidence_of(setting, evidence))
            for setting, evidence in settings_of(
                sets, strangers, system.encoder, system.rarity, seed=0, progress=lambda n: bar.advance(task, n)
            )
        ]
        bar.add_task("Fitting without each fold", total=None)
        judged = leave_groups_out([labelled for _, _, labelled in found], fit_trees)
    return [
        Seen(setting=setting, evidence=evidence, labelled=labelled, judged=judgement)
        for (setting, evidence, labelled), judgement in zip(found, judged, strict=True)
    ]


def _by_kind(seen: Sequence[Seen], one: TrainingSet) -> dict[SettingKind, list[Seen]]:
    ids = {o.output_id for o in one.outputs}
    return {k: [s for s in seen if s.setting.kind is k and s.setting.output.output_id in ids] for k in SettingKind}


def _decided(seen: Seen) -> PartDecision:
    return settle(
        seen.evidence.part,
        seen.evidence.pairs,
        seen.judged.probabilities.tolist(),
        seen.judged.confidences,
        segment_min=EVEN_CHANCE,
        source_min=EVEN_CHANCE,
    )


def _line(seen: Seen) -> dict[str, Any]:
    return prediction_line(seen.setting.output.output_id, _decided(seen))


def _shipped(system: System, seen: Seen) -> dict[str, Any]:
    judged = system.calibration.judge(seen.labelled.table)
    return _line(replace(seen, judged=judged))


def _neighbours(system: System, one: TrainingSet) -> list[dict[str, Any]]:
    """The baseline: the nearest source sentence, each encoded alone; one threshold, the best on this very data."""
    sources, outputs = one.sources, one.outputs
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


def _score(folder: Path, lines: list[dict[str, Any]]) -> dict[str, Any]:
    kept = {line["output_id"] for line in lines}
    with tempfile.TemporaryDirectory() as scratch:
        labels, predicted = Path(scratch) / "outputs.jsonl", Path(scratch) / "predictions.jsonl"
        rows = (x for x in read_lines(folder / "outputs.jsonl.gz") if x["output_id"] in kept)
        labels.write_text("".join(json.dumps(x) + "\n" for x in rows), encoding="utf-8")
        predicted.write_text("".join(json.dumps(x) + "\n" for x in lines), encoding="utf-8")
        command = [sys.executable, str(folder.parent / "score.py"), "--json", "--bootstrap", "0"]
        command += ["--outputs", str(labels), "--predictions", str(predicted)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(answer.stdout)["all"]
    return figures


if __name__ == "__main__":
    main()

"""How right the answers are of the very program that is timed: labelled outputs over HTTP, judged by the public scorer.

Another server of the same program serves a library of the benchmark's sources alone, ingested by the program; some of
the labelled outputs, spread evenly over its file, are sent to it as any output is; and the shares that it answers are
what is judged, after all that the program sets aside. It tells whether what is fast still answers rightly.

What it doesn't tell: how right the system is on texts that it has never seen. The shipped calibration was fitted to
this data, so these figures flatter it: ``benchmarks.attribution`` leaves whole domains out. Nor do the sources lie
among the books of the timed library here; how much strangers cost is told there too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.latency_client import Answer, Service
from benchmarks.latency_library import ingest
from benchmarks.shared import read_lines
from provenance.kernel.parts import WHOLE_PPB

CLIENTS = 8


def prepare_sources(home: Path, bench: Path) -> None:
    """A library of the benchmark's sources at ``home``, made where it isn't there yet."""
    ingest(home, read_lines(bench / "dev" / "sources.jsonl.gz"))


def some_outputs(bench: Path, count: int) -> list[dict[str, Any]]:
    """So many of the labelled outputs, evenly over the file: each kind as often as it is in the whole."""
    lines = list(read_lines(bench / "dev" / "outputs.jsonl.gz"))
    count = min(count, len(lines))
    return [lines[number * len(lines) // count] for number in range(count)]


def accuracy(service: Service, bench: Path, outputs: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The scorer's figures on what the service answers for the outputs."""
    answers = service.send([output["text"] for output in outputs], CLIENTS)
    lines = [_prediction(output["output_id"], answer) for output, answer in zip(outputs, answers, strict=True)]
    with tempfile.TemporaryDirectory() as scratch:
        labels, predicted = Path(scratch) / "outputs.jsonl", Path(scratch) / "predictions.jsonl"
        labels.write_text("".join(json.dumps(line) + "\n" for line in outputs), encoding="utf-8")
        predicted.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        command = [sys.executable, str(bench / "score.py"), "--json", "--bootstrap", "0"]
        command += ["--outputs", str(labels), "--predictions", str(predicted)]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures = json.loads(answer.stdout)["all"]
    # Spans aren't answered as the scorer counts them, nor are candidates that nobody is paid for.
    return {name: figures[name] for name in ("share_tv", "misdirected", "false_payout_rate") if name in figures}


def _prediction(output_id: str, answer: Answer) -> dict[str, Any]:
    found = json.loads(answer.body)
    return {
        "output_id": output_id,
        "unattributed_share": found["unattributed"]["share_ppb"] / WHOLE_PPB,
        "attributions": [
            {
                "source_id": a["work"]["source_id"],
                "share": a["share_ppb"] / WHOLE_PPB,
                "confidence": a["confidence"],
                "out_spans": [],
            }
            for a in found["attributions"]
        ],
    }

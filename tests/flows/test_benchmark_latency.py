"""The benchmark of latency: a client that keeps the order of its texts, and what it makes of the answers."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from benchmarks.latency_accuracy import accuracy, some_outputs
from benchmarks.latency_client import Service

# What is paid to whom: each output derives from the source that its text names, all of it.
SCORER = """
import json, sys
read = lambda name: [json.loads(line) for line in open(sys.argv[sys.argv.index(name) + 1], encoding="utf-8")]
said = {p["output_id"]: p for p in read("--predictions")}
wrong = [
    1 - sum(a["share"] for a in said[o["output_id"]]["attributions"] if a["source_id"] == o["text"])
    for o in read("--outputs")
]
print(json.dumps({"all": {"share_tv": sum(wrong) / len(wrong), "span_f1": 0.0}}))
"""


class _Api(BaseHTTPRequestHandler):
    """Attributes three quarters of an output to the source that its text names."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        form = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        work = {"source_id": form["parts"][0]["text"]}
        attribution = {"work": work, "share_ppb": 750_000_000, "confidence": 0.9}
        body = json.dumps({"attributions": [attribution], "unattributed": {"share_ppb": 250_000_000}}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Api) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield Service(url=f"http://127.0.0.1:{server.server_port}", token="prov_a_b")
        server.shutdown()


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """Thirty labelled outputs of three kinds in blocks, and a scorer."""
    lines = [{"output_id": str(n), "kind": "abc"[n // 10], "text": f"source-{n}"} for n in range(30)]
    (tmp_path / "dev").mkdir()
    with gzip.open(tmp_path / "dev" / "outputs.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "score.py").write_text(SCORER, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("clients", [1, 3, 8])
def test_answers_come_in_the_order_of_the_texts(service: Service, clients: int) -> None:
    texts = [f"text-{n}" for n in range(7)]
    answers = [json.loads(answer.body) for answer in service.send(texts, clients)]
    assert [a["attributions"][0]["work"]["source_id"] for a in answers] == texts


def test_some_outputs_are_of_every_kind_as_the_whole_is(bench: Path) -> None:
    assert Counter(o["kind"] for o in some_outputs(bench, 6)) == {"a": 2, "b": 2, "c": 2}
    assert len(some_outputs(bench, 1_000)) == 30


def test_the_scorer_judges_the_shares_that_were_answered(service: Service, bench: Path) -> None:
    outputs: list[dict[str, Any]] = some_outputs(bench, 10)
    assert accuracy(service, bench, outputs) == {"share_tv": pytest.approx(0.25)}

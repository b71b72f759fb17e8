"""What most would write: sentence-transformers over a list of sentences, in batches of 32. No index, no records.

Run by `benchmarks.ingest` in an environment of its own (``--peer-python``), since torch would move this project's pins;
reads its task from standard input as JSON and prints its seconds. It imports nothing of this project.
"""

from __future__ import annotations

import json
import sys
import time

from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found,unused-ignore]  # see above


def main() -> None:
    """Encode all sentences once; loading the model is not counted."""
    task = json.load(sys.stdin)
    model = SentenceTransformer(task["model"], device="cpu")
    model.encode(task["sentences"][:64])
    started = time.perf_counter()
    model.encode(task["sentences"], batch_size=32)
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()

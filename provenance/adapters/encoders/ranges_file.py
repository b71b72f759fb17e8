"""The ranges of states that eight bits are laid over, as they are shipped; and how they were observed.

They were observed on passages of old books in full precision: python -m provenance.adapters.encoders.ranges_file BOOKS,
where BOOKS is a JSON Lines file (plain or gzip) of objects with a "text". Other ranges are another encoder.
"""

from __future__ import annotations

import gzip
import json
import sys
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path

from safetensors.numpy import load_file

from provenance.adapters.encoders.bert_graph import BertShape
from provenance.adapters.encoders.eight_bits import ActivationRanges, observe
from provenance.adapters.encoders.token_rows import TokenRows
from provenance.adapters.encoders.weights import packaged_model
from provenance.fingerprints.segment import segment

FILE = "activation_ranges.json"
TEXTS_MAX = 75
TEXT_CHARS = slice(30_000, 33_000)


@cache
def shipped_ranges() -> ActivationRanges:
    """The ranges that the package holds."""
    text = package_files("provenance.adapters.encoders").joinpath(FILE).read_text(encoding="utf-8")
    return ActivationRanges.from_mapping(json.loads(text))


def main(books: Path) -> None:
    """Observe the packaged model on a passage of each of some books, evenly taken, and write the file."""
    files = packaged_model()
    opened = gzip.open if books.suffix == ".gz" else open
    with opened(books, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"][TEXT_CHARS] for line in lines]
    rows = TokenRows(files.tokenizer)
    passages = [passage for passage in texts[:: max(1, len(texts) // TEXTS_MAX)] if passage]
    ranges = observe(load_file(files.weights), BertShape(), (p.row for t in passages for p in rows.of(t, segment(t))))
    target = Path(__file__).with_name(FILE)
    target.write_text(json.dumps(ranges.as_mapping(), indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

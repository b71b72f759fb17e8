"""A work that is copied a hundred times is paid as before, and so is everybody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from provenance.attribution.shares import roll_up
from provenance.bootstrap import System
from provenance.services.attribute import Attributor
from provenance.services.memory_index import IndexedText, MemoryIndex, indexed_text
from provenance.services.ports import Encoder

from .conftest import Line

COPIES = 100
HONEST = 20
COPIED, BESIDE = "essay-salt-ledger", "essay-hive-in-february"
REWRITTEN = ("out-essay-01", "out-essay-02")


@pytest.fixture(scope="module")
def system() -> System:
    return System()


def shares(texts: Sequence[IndexedText], system: System, encoder: Encoder, text: str) -> dict[str, int]:
    index = MemoryIndex(texts, encoder.identity.name)
    decision = Attributor(encoder, index, system.rarity, system.calibration).attribute(text)
    return {a.work: a.share_ppb for a in roll_up([decision]).attributions}


def test_a_hundred_near_copies_take_nothing_from_the_original_nor_from_others(
    system: System, encoder: Encoder, works: Mapping[str, Line], outputs: Mapping[str, Line]
) -> None:
    honest = [indexed_text(w, works[w]["text"], encoder, system.rarity) for w in sorted(works)[:HONEST]]
    words = works[COPIED]["text"].split(" ")
    copies = [
        indexed_text(f"copy-{n}", " ".join([*words[:n], "harbour", *words[n + 1 :]]), encoder, system.rarity)
        for n in range(COPIES)
    ]
    for output, work in zip(REWRITTEN, (COPIED, BESIDE), strict=True):
        text = "\n\n".join(part["text"] for part in outputs[output]["parts"])
        alone = shares(honest, system, encoder, text)
        assert alone[work] > 0
        assert shares([*honest, *copies], system, encoder, text) == alone

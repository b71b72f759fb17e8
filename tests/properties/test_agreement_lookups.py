"""Words that are looked up by their low bits, and weighed all at once, are those that comparing all with all finds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.agreement import agree
from provenance.attribution.lexical import CONTENT, SIXTEENTHS, TELLING, WordTable
from provenance.attribution.passages import REGION_SEGMENTS

# Hashes that share their low bits, and some that don't.
HASHES = st.sampled_from([n + (high << 16) for n in (0, 1, 7, 0xFFFF) for high in (0, 1, 0xFFFF)])
Record = tuple[int, int, bool]
ROWS = st.dictionaries(HASHES, st.tuples(st.sampled_from([0, 1, 63, 64, 255]), st.booleans()), max_size=5)
TABLES = st.lists(ROWS.map(lambda row: [(h, *rest) for h, rest in sorted(row.items())]), min_size=1, max_size=6)
MASS_MIN = TELLING * SIXTEENTHS


def table(rows: list[list[Record]]) -> WordTable:
    return WordTable(
        ordinals=np.arange(len(rows)),
        texts=np.zeros(len(rows), np.int64),
        bounds=np.cumsum([0, *map(len, rows)]),
        words=np.array([record for row in rows for record in row], CONTENT),
    )


@given(TABLES, TABLES, st.data())
def test_words_are_found_where_they_stand_and_weigh_what_they_weigh(
    part: list[list[Record]], source: list[list[Record]], data: st.DataObject
) -> None:
    nearest = np.array([[data.draw(st.integers(0, len(source) - 1))] for _ in part])
    pairs = np.arange(len(part)), np.zeros(len(part), np.int64)
    found, words = agree(table(part), table(source), nearest, *pairs)
    every = [record for row in part for record in row]
    mass = {h: max(m for other, m, _ in every if other == h) for h, _, _ in every}
    names = {h for h, _, name in every if name}
    telling = {h: m for h, m in mass.items() if m >= MASS_MIN}
    assert words.hashes.tolist() == sorted(mass)
    for n, (row, place) in enumerate(zip(part, nearest[:, 0].tolist(), strict=True)):
        mine = {h for h, _, _ in row}
        passage = {h for r in source[max(0, place - 1) : place + 2] for h, _, _ in r}
        region = [record for r in source[max(0, place - REGION_SEGMENTS) : place + REGION_SEGMENTS + 1] for record in r]
        there = {h for h, _, _ in region}
        assert words.hashes[words.present[n]].tolist() == sorted(mass.keys() & passage)
        assert found.found[n] == part_of(mass, mine & passage, mine, 0.0)
        assert found.telling_found[n] == part_of(telling, mine & passage, mine, 0.5)
        assert found.region_found[n] == part_of(mass, mine & there, mine, 0.0)
        assert found.region_telling_found[n] == part_of(telling, mine & there, mine, 0.5)
        assert (found.names_found[n], found.names_missing[n]) == (len(mine & names & there), len(mine & names - there))
        own = {h: m for h, m, _ in source[place]}
        repeated = sum(mass[h] for h in own.keys() & mine)
        assert found.covered[n] == (min(1.0, repeated / sum(own.values())) if sum(own.values()) else 0.0)
        theirs = sum(m for _, m, _ in region if m >= MASS_MIN)
        smaller = min(sum(telling.values()), theirs)
        both = sum(telling.get(h, 0) for h in there)
        assert found.telling_shared[n] == (min(1.0, both / smaller) if smaller else 0.0)


def part_of(mass: dict[int, int], some: set[int], all_: set[int], otherwise: float) -> float:
    whole = sum(mass.get(h, 0) for h in all_)
    return sum(mass.get(h, 0) for h in some) / whole if whole else otherwise


@given(TABLES, st.lists(st.integers(0, 2), min_size=6, max_size=6), st.data())
def test_rows_around_are_those_of_the_same_text_within_reach(
    rows: list[list[Record]], gaps: list[int], data: st.DataObject
) -> None:
    words = table(rows)
    ordinals = np.cumsum([gap + 1 for gap in gaps[: len(rows)]])
    texts = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(rows), max_size=len(rows))))
    whole = WordTable(ordinals=ordinals, texts=texts, bounds=words.bounds, words=words.words)
    asked = np.array(sorted(data.draw(st.sets(st.sampled_from(ordinals.tolist())))), np.int64)
    reach = data.draw(st.integers(0, 4))
    text_of = dict(zip(ordinals.tolist(), texts.tolist(), strict=True))
    kept = [
        n
        for n, o in enumerate(ordinals.tolist())
        if any(abs(o - a) <= reach and text_of[o] == text_of[a] for a in asked.tolist())
    ]
    near = whole.around(asked, reach)
    assert near.ordinals.tolist() == ordinals[kept].tolist()
    assert near.texts.tolist() == texts[kept].tolist()
    assert [near.words[a:b].tolist() for a, b in pairwise(near.bounds)] == [rows[n] for n in kept]

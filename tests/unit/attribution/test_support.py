"""The second look at a pair, and what is said of a source over the whole part: worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from provenance.attribution import support as module
from provenance.attribution.evidence import FEATURES
from provenance.attribution.support import (
    ABSENT,
    SOURCE_FIGURES,
    SUPPORT_FIGURES,
    Winners,
    source_figures,
    support_figures,
)
from provenance.attribution.table import EvidenceTable, evidence_table

from .evidence_values import pair

Scored = tuple[int, str, int, float]  # segment, work, passage, probability

# Segments of 10, 20 and 70 characters. In the first a and c hold one passage; the second is b's.
LENGTHS = [10, 20, 70]
SCORED: list[Scored] = [
    (0, "a", 1, 0.9),
    (0, "b", 2, 0.2),
    (0, "c", 1, 0.8),
    (1, "a", 1, 0.4),
    (1, "b", 2, 0.6),
    (2, "a", 1, 0.3),
]


def table_of(scored: Sequence[Scored], lengths: Sequence[int] = LENGTHS) -> EvidenceTable:
    figures = [{name: n + i / 100 for i, name in enumerate(FEATURES)} for n in range(len(scored))]
    pairs = [pair(s, w, passage=p, figures=f) for (s, w, p, _), f in zip(scored, figures, strict=True)]
    return evidence_table(pairs, lengths)


def chances(scored: Sequence[Scored]) -> np.ndarray:
    return np.array([p for *_, p in scored])


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def looked(scored: Sequence[Scored] = SCORED, lengths: Sequence[int] = LENGTHS) -> dict[str, list[float]]:
    figures = support_figures(table_of(scored, lengths), chances(scored))
    return dict(zip(SUPPORT_FIGURES, figures.T.tolist(), strict=True))


LOGITS = [logit(p) for p in (0.9, 0.2, 0.8, 0.4, 0.6, 0.3)]
EXPLAINED = (10 * 0.9 + 20 * 0.6 + 70 * 0.3) / 100
A, B, C = 0, 1, 2
ROW_WORKS = (A, B, C, A, B, A)
# Characters that each is expected to have where its passage is the likeliest: a copy has what the passage has.
WON = ((10 * 0.9 + 70 * 0.3) / 100, 20 * 0.6 / 100, 10 * 0.9 / 100)
EXPECTED = {
    "first_look": LOGITS,
    "neighbour_high": [logit(0.4), logit(0.6), ABSENT, logit(0.9), logit(0.2), logit(0.4)],
    "neighbour_low": [ABSENT, ABSENT, ABSENT, logit(0.3), ABSENT, ABSENT],
    "beyond": [logit(0.3), ABSENT, ABSENT, ABSENT, ABSENT, logit(0.9)],
    "rival": [logit(0.2), logit(0.9), logit(0.2), logit(0.6), logit(0.4), ABSENT],
    "expected_part": [(0.38, 0.14, 0.08)[w] for w in ROW_WORKS],
    "won_part": [WON[w] for w in ROW_WORKS],
    "best": [(0.9, 0.6, 0.8)[w] for w in ROW_WORKS],
    "won": [(1, 1, 1)[w] for w in ROW_WORKS],
    "explained": [EXPLAINED] * 6,
    "explained_elsewhere": [EXPLAINED - WON[w] for w in ROW_WORKS],
    # A loses the second segment to b (12); b loses the others to a (9 + 21), c the last two to b (12) or a (21).
    "largest_rival": [(0.12, 0.30, 0.21)[w] for w in ROW_WORKS],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_figures_of_the_second_look_are_those_worked_out_by_hand(name: str) -> None:
    assert looked()[name] == pytest.approx(EXPECTED[name], abs=1e-12)


def test_figures_of_the_first_look_are_looked_at_again_unchanged() -> None:
    again = SUPPORT_FIGURES[len(EXPECTED) :]
    assert set(again) < set(FEATURES)
    found = looked()
    for name in again:
        assert found[name] == [n + FEATURES.index(name) / 100 for n in range(len(SCORED))]


def test_no_pairs_have_no_figures() -> None:
    nothing = table_of([], [10, 20])
    assert support_figures(nothing, np.empty(0)).shape == (0, len(SUPPORT_FIGURES))
    assert source_figures(nothing, np.empty(0)).shape == (0, len(SOURCE_FIGURES))


def test_rows_of_works_without_pairs_are_none() -> None:
    table = table_of(SCORED)
    assert source_figures(table.where(np.zeros(6, np.bool_)), np.empty(0)).shape == (3, len(SOURCE_FIGURES))


def test_equal_chances_win_together() -> None:
    scored = [(0, "a", 1, 0.5), (0, "b", 2, 0.5)]
    assert looked(scored, [10])["won"] == [1, 1]
    assert looked(scored, [10])["rival"] == [0.0, 0.0]


def test_a_segment_below_even_chances_is_not_counted_as_won() -> None:
    assert looked([(0, "a", 1, 0.4999)], [10])["won"] == [0]
    assert looked([(0, "a", 1, 0.5)], [10])["won"] == [1]


def test_a_hundred_copies_change_nothing_that_is_said_of_the_others() -> None:
    before = looked()
    copied: list[Scored] = []
    for row in SCORED:
        copied.append(row)
        if row[:2] == (0, "c"):
            copied += [(0, f"c{n}", 1, 0.8) for n in range(100)]
    pairs = [pair(s, w[0], passage=p, figures={}) for s, w, p, _ in copied]
    table = evidence_table(pairs, LENGTHS)
    names = sorted({w for _, w, _, _ in copied})
    table = EvidenceTable(
        works=tuple(names),
        lengths=table.lengths,
        segment=table.segment,
        work=np.array([names.index(w) for _, w, _, _ in copied]),
        passage=table.passage,
        figures=table.figures,
    )
    found = dict(zip(SUPPORT_FIGURES, support_figures(table, chances(copied)).T.tolist(), strict=True))
    kept = [i for i, (_, w, _, _) in enumerate(copied) if len(w) == 1]
    for name in EXPECTED:
        assert [found[name][i] for i in kept] == pytest.approx(before[name], abs=1e-12), name


def test_only_the_strongest_rivals_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RIVALS_MAX", 1)
    # The strongest of all is a with 30 of 100; it can't be its own rival.
    assert looked()["largest_rival"] == pytest.approx([(0.0, 0.30, 0.21)[w] for w in ROW_WORKS])


def test_winners_are_all_rows_of_the_likeliest_passage() -> None:
    winners = Winners.of(table_of(SCORED), chances(SCORED))
    assert winners.row.tolist() == [True, False, True, False, True, True]
    assert winners.best.tolist() == [0.9, 0.6, 0.3]
    assert winners.highest.tolist() == [0.9, 0.2, 0.9, 0.4, 0.6, 0.3]


def sources_of(scored: Sequence[Scored], lengths: Sequence[int] = LENGTHS) -> dict[str, list[float]]:
    table = table_of(scored, lengths)
    return dict(zip(table.works, source_figures(table, chances(scored)).tolist(), strict=True))


def test_a_source_is_summed_up_by_the_segments_that_it_wins() -> None:
    assert SOURCE_FIGURES == ("best", "mean", "share", "segments", "document_preference")
    preference = FEATURES.index("document_preference") / 100
    found = sources_of(SCORED)
    mean = (0.9 * 10 + 0.3 * 70) / 80
    assert found["a"] == pytest.approx([logit(0.9), logit(mean), math.log(81 / 101), math.log(3), 5 + preference])
    assert found["b"] == pytest.approx([logit(0.6), logit(0.6), math.log(21 / 101), math.log(2), 4 + preference])
    assert found["c"] == pytest.approx([logit(0.8), logit(0.8), math.log(11 / 101), math.log(2), 2 + preference])


def test_a_source_that_wins_nothing_is_summed_up_by_its_likeliest_pair() -> None:
    found = sources_of([(0, "a", 1, 0.9), (0, "b", 2, 0.2)], [10])
    assert found["b"][:4] == pytest.approx([logit(0.2), logit(0.2), math.log(1 / 11), 0.0])


@pytest.mark.parametrize(("probability", "bounded"), [(0.0, 1e-6), (1.0, 1 - 1e-6)])
def test_logits_are_bounded_at_one_in_a_million(probability: float, bounded: float) -> None:
    assert looked([(0, "a", 1, probability)], [10])["first_look"] == pytest.approx([logit(bounded)])
    assert sources_of([(0, "a", 1, probability)], [10])["a"][0] == pytest.approx(logit(bounded))

"""The second look: a pair again, with what was thought of its neighbours, its rivals and its source as a whole.

The first look judges each pair by its own evidence. Here a source that one sentence alone spoke for loses, and one that
many weak matches speak for, all over a part, wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.similarity import Floats, Integers
from provenance.attribution.table import EvidenceTable

# First-look figures that are looked at again.
_AGAIN = (
    "dense",
    "margin",
    "preference",
    "preference_alone",
    "aligned_found",
    "aligned_covered",
    "shared",
    "telling_shared",
    "names_shared",
    "names_missing",
    "runs_part",
    "length",
    "segments",
    "document_dense_mean",
    "document_dense_max",
    "region_found",
    "found",
    "in_order",
    "forward",
    "document_preference",
)
SUPPORT_FIGURES = (
    "first_look",  # logit of the first look's probability
    "neighbour_high",  # the same for the source at the segments before and after
    "neighbour_low",
    "beyond",  # the higher of those two segments away
    "rival",  # the highest of another passage at this segment
    "expected_part",  # part of the characters that the source is expected to have
    "won_part",  # the same where it is the likeliest
    "best",  # its highest probability anywhere
    "won",  # segments that it is the likeliest for, at even chances or more
    "explained",  # part of the characters that some source is expected to have
    "explained_elsewhere",  # less what this one has
    "largest_rival",  # the most that another source has, where this one doesn't hold the passage too
    *_AGAIN,
)
SOURCE_FIGURES = ("best", "mean", "share", "segments", "document_preference")

ABSENT = -8.0
LOGIT_MARGIN = 1e-6
RIVALS_MAX = 64


def support_figures(table: EvidenceTable, probabilities: Floats) -> Floats:
    """The figures of `SUPPORT_FIGURES` for each row, given the first look's probabilities: (pairs, figures)."""
    if not len(table):
        return np.empty((0, len(SUPPORT_FIGURES)))
    logit = _logit(probabilities)
    winners = Winners.of(table, probabilities)
    total = max(1.0, float(table.lengths.sum()))
    weighted = probabilities * table.lengths[table.segment]
    by_work = _by_work(table, weighted) / total
    won = winners.characters(table) / total
    explained = float((winners.best * table.lengths).sum()) / total
    before, after, far = (_beside(table, logit, steps) for steps in ((-1,), (1,), (-2, 2)))
    columns = [
        logit,
        np.maximum(before, after),
        np.minimum(before, after),
        far,
        winners.rival(table, logit),
        by_work[table.work],
        won[table.work],
        _highest(table, probabilities)[table.work],
        _by_work(table, (winners.row & (probabilities >= 0.5)).astype(np.float64))[table.work],
        np.full(len(table), explained),
        explained - won[table.work],
        winners.largest_rival(table)[table.work] / total,
        *(table.column(name) for name in _AGAIN),
    ]
    return np.stack(columns, axis=1)


def source_figures(table: EvidenceTable, probabilities: Floats) -> Floats:
    """The figures of `SOURCE_FIGURES` for each work of the table, given the second look's probabilities."""
    if not len(table):
        return np.empty((len(table.works), len(SOURCE_FIGURES)))
    winners = Winners.of(table, probabilities)
    lengths = table.lengths[table.segment]
    covered = _by_work(table, lengths * winners.row)
    mean = _by_work(table, probabilities * lengths * winners.row) / np.maximum(covered, 1.0)
    highest = _highest(table, probabilities)
    preference = np.zeros(len(table.works))
    preference[table.work] = table.column("document_preference")
    return np.stack(
        [
            _logit(highest),
            _logit(np.where(covered > 0, mean, highest)),
            np.log((covered + 1) / (table.lengths.sum() + 1)),
            np.log1p(_by_work(table, winners.row.astype(np.float64))),
            preference,
        ],
        axis=1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Winners:
    """Of each segment, the likeliest passage: ``best`` is its probability, ``row`` marks the pairs that hold it."""

    best: Floats
    row: NDArray[np.bool_]
    group: Integers
    highest: Floats  # of each row's passage

    @classmethod
    def of(cls, table: EvidenceTable, probabilities: Floats) -> Winners:
        """The winners by ``probabilities``, one a row."""
        group = table.groups()
        by_group = np.zeros(int(group.max()) + 1)
        np.maximum.at(by_group, group, probabilities)
        best = np.zeros(len(table.lengths))
        np.maximum.at(best, table.segment, probabilities)
        highest = by_group[group]
        return cls(best=best, row=highest >= best[table.segment], group=group, highest=highest)

    def characters(self, table: EvidenceTable) -> Floats:
        """For each work, the characters that it is expected to have, of the segments that it wins."""
        return _by_work(table, self.highest * table.lengths[table.segment] * self.row)

    def rival(self, table: EvidenceTable, logit: Floats) -> Floats:
        """For each row, the highest logit of another passage at its segment."""
        rival = np.full(len(table), ABSENT)
        starts = np.flatnonzero(np.r_[True, table.segment[1:] != table.segment[:-1]])
        for start, end in zip(starts, np.r_[starts[1:], len(table)], strict=True):
            values, groups = logit[start:end], self.group[start:end]
            top = groups[values.argmax()]
            others = values[groups != top]
            rival[start:end] = np.where(groups == top, others.max() if len(others) else ABSENT, values.max())
        return rival

    def largest_rival(self, table: EvidenceTable) -> Floats:
        """For each work, the most characters that another one wins where this one doesn't hold the passage too."""
        wins = np.zeros((len(table.lengths), len(table.works)))
        wins[table.segment[self.row], table.work[self.row]] = 1.0
        value = self.best * table.lengths
        rivals = np.argsort(-(value @ wins), kind="stable")[:RIVALS_MAX]
        apart = (wins[:, rivals] * value[:, None]).T @ (1.0 - wins)
        return np.asarray(apart.max(axis=0))


def _by_work(table: EvidenceTable, values: Floats) -> Floats:
    return np.asarray(np.bincount(table.work, values, len(table.works)), np.float64)


def _highest(table: EvidenceTable, probabilities: Floats) -> Floats:
    highest = np.zeros(len(table.works))
    np.maximum.at(highest, table.work, probabilities)
    return highest


def _beside(table: EvidenceTable, logit: Floats, steps: tuple[int, ...]) -> Floats:
    """The highest logit of the row's work at the segments that lie ``steps`` away, `ABSENT` where there is none."""
    width = len(table.works)
    keys = table.segment * width + table.work
    order = np.argsort(keys)
    highest = np.full(len(table), ABSENT)
    for step in steps:
        wanted = keys + step * width
        place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
        found = keys[order][place] == wanted
        highest = np.maximum(highest, np.where(found, logit[order][place], ABSENT))
    return highest


def _logit(probabilities: Floats) -> Floats:
    bounded = np.clip(probabilities, LOGIT_MARGIN, 1 - LOGIT_MARGIN)
    return np.asarray(np.log(bounded / (1 - bounded)))

"""Train a calibration on labelled outputs, seen against indexes of several kinds.

One output is attributed against its sources alone, among strangers, among longer works, and in an index of a few
works: what is learned must hold in a library of one book and in one of a million.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from provenance.attribution.calibration import Calibration
from provenance.attribution.lexical import Rarity
from provenance.attribution.table import evidence_table
from provenance.attribution.training import LabelledEvidence, fit_calibration, truth_by_segment
from provenance.attribution.trees import FitTrees
from provenance.kernel.span import Span
from provenance.services.attribute import PartEvidence, find_evidence
from provenance.services.labelled import LabelledOutput, LabelledSource, Progress
from provenance.services.memory_index import IndexedText, MemoryIndex, indexed_text, joined
from provenance.services.ports import Encoder, SourceIndex

# How many sources of one group make a longer work, and how many works a small index holds.
JOINED = (4, 8, 16, 30)
FEW_WORKS = (1, 2, 3, 4, 6)
KEPT_PART = 0.75  # of an output's true sources in a small index
STRANGERS_WEIGHT = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """Labelled outputs with their sources; ``weight`` says how much each of them counts beside those of other sets."""

    sources: Sequence[LabelledSource]
    outputs: Sequence[LabelledOutput]
    weight: float = 1.0


class SettingKind(StrEnum):
    """What an output is seen against."""

    ALONE = "its sources alone"
    STRANGERS = "among strangers"
    LONGER = "among longer works"
    FEW = "few works"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """An output as it is seen against one index, with the labels that are true there."""

    kind: SettingKind
    output: LabelledOutput
    index: SourceIndex
    groups: Mapping[str, str]
    weight: float


def train(
    sets: Sequence[TrainingSet],
    strangers: Sequence[LabelledSource],
    encoder: Encoder,
    rarity: Rarity,
    fit: FitTrees,
    *,
    trained_on: Mapping[str, str],
    seed: int,
    progress: Progress,
) -> Calibration:
    """A calibration for ``encoder``; ``progress`` counts texts encoded and outputs attributed (see `work_ahead`).

    ``strangers`` are texts that no output derives from. ``trained_on`` names the training data by their digests, for
    the record.

    Raises:
        ValueError: the outputs hold too few groups or no true source.
    """
    evidence = labelled_evidence(sets, strangers, encoder, rarity, seed=seed, progress=progress)
    return fit_calibration(evidence, encoder=encoder.identity.name, trained_on=trained_on, fit=fit)


def work_ahead(sets: Sequence[TrainingSet], strangers: Sequence[LabelledSource]) -> int:
    """How often `train` will call ``progress``."""
    settings = 4 if strangers else 3
    return len(strangers) + sum(len(s.sources) + settings * len(s.outputs) for s in sets)


def labelled_evidence(
    sets: Sequence[TrainingSet],
    strangers: Sequence[LabelledSource],
    encoder: Encoder,
    rarity: Rarity,
    *,
    seed: int,
    progress: Progress,
) -> list[LabelledEvidence]:
    """The evidence on every output in every setting."""
    return [
        labelled_evidence_of(setting, evidence)
        for setting, evidence in settings_of(sets, strangers, encoder, rarity, seed=seed, progress=progress)
    ]


def settings_of(
    sets: Sequence[TrainingSet],
    strangers: Sequence[LabelledSource],
    encoder: Encoder,
    rarity: Rarity,
    *,
    seed: int,
    progress: Progress,
) -> Iterator[tuple[Setting, PartEvidence]]:
    """Every output in every setting with the evidence on it, one set and one setting after the other."""
    remembered = Remembering(encoder)
    rng = np.random.default_rng(seed)
    others = _indexed(strangers, encoder, rarity, progress)
    for one in sets:
        texts = _indexed(one.sources, encoder, rarity, progress)
        for setting in _settings(one, texts, strangers, others, encoder.identity.name, rng):
            yield setting, find_evidence(setting.output.text, remembered, setting.index, rarity)
            progress(1)


def labelled_evidence_of(setting: Setting, found: PartEvidence) -> LabelledEvidence:
    """The evidence on one output with its truth in this setting."""
    output, groups = setting.output, setting.groups
    works = frozenset(output.labels)
    own = {output.group} if output.group else set()
    table = evidence_table(found.pairs, [len(s) for s in found.part.spans])
    return LabelledEvidence(
        table=table,
        truth=truth_by_segment(found.part.spans, output.labels),
        works=works,
        groups=frozenset(own | {groups[w] for w in works if w in groups}),
        source_groups={w: groups[w] for w in table.works},
        weight=setting.weight,
        for_risk=setting.kind is SettingKind.ALONE,
    )


class Remembering:
    """An encoder that gives a text's vectors again without encoding it again: outputs are seen in several settings."""

    def __init__(self, encoder: Encoder) -> None:
        self.identity = encoder.identity
        self._encoder = encoder
        self._known: dict[str, np.ndarray[tuple[int, int], np.dtype[np.float16]]] = {}

    def encode(self, text: str, spans: Sequence[Span]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """What the encoder gives; its vectors are half precision, so nothing is lost."""
        if text not in self._known:
            self._known[text] = self._encoder.encode(text, spans).astype(np.float16)
        return self._known[text].astype(np.float32)


def _indexed(
    sources: Sequence[LabelledSource], encoder: Encoder, rarity: Rarity, progress: Progress
) -> list[IndexedText]:
    texts = []
    for source in sources:
        texts.append(indexed_text(source.source_id, source.text, encoder, rarity))
        progress(1)
    return texts


def _settings(
    one: TrainingSet,
    texts: Sequence[IndexedText],
    strangers: Sequence[LabelledSource],
    others: Sequence[IndexedText],
    encoder: str,
    rng: np.random.Generator,
) -> Iterator[Setting]:
    groups = {s.source_id: s.group for s in (*one.sources, *strangers)}
    alone = MemoryIndex(texts, encoder)
    for output in one.outputs:
        yield Setting(kind=SettingKind.ALONE, output=output, index=alone, groups=groups, weight=one.weight)
    if others:
        among = MemoryIndex([*texts, *others], encoder)
        for output in one.outputs:
            yield Setting(
                kind=SettingKind.STRANGERS,
                output=output,
                index=among,
                groups=groups,
                weight=STRANGERS_WEIGHT * one.weight,
            )
    longer, member_of = _longer_works(one.sources, texts, rng)
    books, _ = _longer_works(strangers, others, rng)
    within = MemoryIndex([*longer, *books], encoder)
    joined_groups = groups | {member_of[s.source_id]: s.group for s in one.sources} | _groups_of(books, strangers)
    for output in one.outputs:
        labels: dict[str, tuple[Span, ...]] = defaultdict(tuple)
        for work, spans in output.labels.items():
            labels[member_of.get(work, work)] += spans
        yield Setting(
            kind=SettingKind.LONGER,
            output=replace(output, labels=dict(labels)),
            index=within,
            groups=joined_groups,
            weight=one.weight,
        )
    by_work = {t.work: t for t in texts}
    for output in one.outputs:
        few = _few_works(output, one.sources, rng)
        kept = {w: spans for w, spans in output.labels.items() if w in few}
        index = MemoryIndex([by_work[w] for w in few], encoder)
        yield Setting(
            kind=SettingKind.FEW,
            output=replace(output, labels=kept),
            index=index,
            groups=groups,
            weight=one.weight,
        )


def _longer_works(
    sources: Sequence[LabelledSource], texts: Sequence[IndexedText], rng: np.random.Generator
) -> tuple[list[IndexedText], dict[str, str]]:
    """Texts of one group joined into longer works; and the longer work of each source."""
    by_group: dict[str, list[IndexedText]] = defaultdict(list)
    for source, text in zip(sources, texts, strict=True):
        by_group[source.group].append(text)
    longer: list[IndexedText] = []
    member_of: dict[str, str] = {}
    for group in sorted(by_group):
        members = [by_group[group][i] for i in rng.permutation(len(by_group[group]))]
        while members:
            size = int(rng.choice(JOINED))
            some, members = members[:size], members[size:]
            longer.append(joined(f"{some[0].work}+{len(some)}", some))
            member_of |= {t.work: longer[-1].work for t in some}
    return longer, member_of


def _groups_of(books: Sequence[IndexedText], strangers: Sequence[LabelledSource]) -> dict[str, str]:
    group = {s.source_id: s.group for s in strangers}
    return {book.work: group[book.work.rpartition("+")[0]] for book in books}


def _few_works(output: LabelledOutput, sources: Sequence[LabelledSource], rng: np.random.Generator) -> list[str]:
    """Some true sources and some others, half of them of the output's own group, in any order."""
    known = [s.source_id for s in sources]
    near = [s.source_id for s in sources if s.group == output.group and s.source_id not in output.labels]
    few = [w for w in sorted(output.labels) if w in set(known) and rng.random() < KEPT_PART]
    for _ in range(int(rng.choice(FEW_WORKS))):
        pool = near if near and rng.random() < 0.5 else known
        other = pool[int(rng.integers(len(pool)))]
        if other not in few and other not in output.labels:
            few.append(other)
    few = few or [known[int(rng.integers(len(known)))]]
    return [few[i] for i in rng.permutation(len(few))]

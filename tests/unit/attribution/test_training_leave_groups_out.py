"""A group never teaches the model that judges it.

The proof: change what is said of one group, as much as can be, and nothing that is answered about it moves by a bit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from provenance.attribution.evidence import FEATURES, Pair
from provenance.attribution.lexical import Overlap
from provenance.attribution.training import (
    LabelledEvidence,
    cross_fitted,
    fit_calibration,
    fold_of_groups,
    leave_groups_out,
)

# Six groups in five folds: art and zoo share the first.
GROUPS = ("art", "bio", "law", "sea", "war", "zoo")
OF_WORK = {f"{group}-{n}": group for group in GROUPS for n in (1, 2)}


def evidence(group: str, number: int) -> LabelledEvidence:
    """An output with three segments and the evidence on both works of its group and two strangers'."""
    random = np.random.default_rng([GROUPS.index(group), number])
    strangers = random.choice([w for w, g in OF_WORK.items() if g != group], 2, replace=False)
    works = sorted({f"{group}-1", f"{group}-2", *map(str, strangers)})
    truth = [frozenset({f"{group}-{1 + number % 2}"} if random.random() < 0.6 else ()) for _ in range(3)]
    pairs = [
        Pair(
            segment=segment,
            work=work,
            candidate=0,
            dense=0.0,
            overlap=Overlap(found=0.0, telling_found=0.0, covered=0.0),
            run=None,
            figures=tuple(map(float, random.normal(size=len(FEATURES)) + 1.5 * (work in truth[segment]))),
        )
        for segment in range(3)
        for work in works
    ]
    return LabelledEvidence(
        lengths=(30, 40, 50),
        pairs=tuple(pairs),
        truth=tuple(truth),
        works=frozenset().union(*truth),
        groups=frozenset({group}),
        source_groups={w: OF_WORK[w] for w in works},
    )


OUTPUTS = [evidence(group, number) for group in GROUPS for number in range(5)]


def lied_about(output: LabelledEvidence, group: str) -> LabelledEvidence:
    """The output with every label that names a source of the group turned round, wherever the output comes from."""
    works = {w for w, g in output.source_groups.items() if g == group}
    return replace(output, truth=tuple(t ^ works for t in output.truth), works=frozenset(output.works ^ works))


def lied_within(output: LabelledEvidence, group: str) -> LabelledEvidence:
    """An output of the group with every label turned round and other figures on strangers; others as they are."""
    if group not in output.groups:
        return output
    works = set(output.source_groups)
    pairs = [replace(p, figures=tuple(-f for f in p.figures)) if OF_WORK[p.work] != group else p for p in output.pairs]
    return replace(
        output,
        truth=tuple(t ^ works for t in output.truth),
        works=frozenset(output.works ^ works),
        pairs=tuple(pairs),
    )


Answers = dict[tuple[int, int], float] | dict[tuple[int, str], float]


def answers_on(group: str, outputs: list[LabelledEvidence], *, others: bool = False) -> tuple[Answers, Answers]:
    """What leaving groups out says of the group's own sources in all outputs, or else of the sources of all others."""
    probabilities, confidences = leave_groups_out(outputs)
    by_pair = {
        (n, i): probabilities[n][i]
        for n, output in enumerate(outputs)
        for i, p in enumerate(output.pairs)
        if (OF_WORK[p.work] == group) != others
    }
    by_source = {
        (n, w): c for n, said in enumerate(confidences) for w, c in said.items() if (OF_WORK[w] == group) != others
    }
    return by_pair, by_source


@pytest.mark.parametrize("group", ["art", "law", "zoo"])
def test_lies_about_a_group_never_reach_what_is_said_of_it(group: str) -> None:
    lied = [lied_about(output, group) for output in OUTPUTS]
    assert answers_on(group, lied) == answers_on(group, OUTPUTS)


@pytest.mark.parametrize("group", ["art", "law", "zoo"])
def test_outputs_of_a_group_never_teach_the_model_that_judges_its_sources(group: str) -> None:
    elsewhere = [i for i, o in enumerate(OUTPUTS) if group not in o.groups]
    lied = [lied_within(output, group) for output in OUTPUTS]
    honest, dishonest = answers_on(group, OUTPUTS), answers_on(group, lied)
    for before, after in zip(honest, dishonest, strict=True):
        assert {k: v for k, v in after.items() if k[0] in elsewhere} == {
            k: v for k, v in before.items() if k[0] in elsewhere
        }
    assert dishonest[0] == honest[0]


@pytest.mark.parametrize("group", ["art", "law", "zoo"])
def test_the_same_lies_do_reach_what_is_said_of_other_groups(group: str) -> None:
    lied = [lied_about(output, group) for output in OUTPUTS]
    for honest, dishonest in zip(
        answers_on(group, OUTPUTS, others=True), answers_on(group, lied, others=True), strict=True
    ):
        assert honest.keys() == dishonest.keys()
        assert any(dishonest[k] != honest[k] for k in honest)  # type: ignore[index]  # both have one kind of key


@pytest.mark.parametrize("group", ["bio", "zoo"])
def test_lies_about_a_group_never_reach_its_cross_fitted_probabilities(group: str) -> None:
    folds = fold_of_groups(GROUPS)
    lied = [lied_about(output, group) for output in OUTPUTS]
    honest, dishonest = cross_fitted(OUTPUTS, folds), cross_fitted(lied, folds)
    same, other = [], []
    for output, before, after in zip(OUTPUTS, honest, dishonest, strict=True):
        for p, x, y in zip(output.pairs, before, after, strict=True):
            (same if OF_WORK[p.work] == group else other).append(x == y)
    assert all(same)
    assert not all(other)


def test_every_pair_and_every_source_has_an_answer_in_its_place() -> None:
    probabilities, confidences = leave_groups_out(OUTPUTS)
    for output, given, sure in zip(OUTPUTS, probabilities, confidences, strict=True):
        assert len(given) == len(output.pairs)
        assert set(sure) == set(output.source_groups)
        assert all(0 < p < 1 for p in (*given, *sure.values()))
    assert probabilities == cross_fitted(OUTPUTS, fold_of_groups(GROUPS))


def test_what_was_learned_elsewhere_holds() -> None:
    probabilities, confidences = leave_groups_out(OUTPUTS)
    pairs = [
        (p.work in o.truth[p.segment], given)
        for o, row in zip(OUTPUTS, probabilities, strict=True)
        for p, given in zip(o.pairs, row, strict=True)
    ]
    assert sum((given > 0.5) == true for true, given in pairs) > 0.95 * len(pairs)
    sources = [(w in o.works, c) for o, sure in zip(OUTPUTS, confidences, strict=True) for w, c in sure.items()]
    assert sum((c > 0.5) == true for true, c in sources) > 0.9 * len(sources)


def test_a_group_is_judged_by_the_calibration_of_the_others() -> None:
    # Sea is alone in its fold; without it and its sources the rest is fitted as if it had never been.
    rest = [
        replace(
            o,
            pairs=tuple(p for p in o.pairs if OF_WORK[p.work] != "sea"),
            source_groups={w: g for w, g in o.source_groups.items() if g != "sea"},
        )
        for o in OUTPUTS
        if "sea" not in o.groups
    ]
    model = fit_calibration(rest, encoder="any", trained_on={}).segment_model
    probabilities, _ = leave_groups_out(OUTPUTS)
    for output, given in zip(OUTPUTS, probabilities, strict=True):
        mine = [i for i, p in enumerate(output.pairs) if OF_WORK[p.work] == "sea"]
        assert [given[i] for i in mine] == model.probabilities([output.pairs[i].figures for i in mine])


def test_two_groups_are_too_few_to_leave_one_out() -> None:
    two = [evidence("art", n) for n in range(5)]
    groups = dict.fromkeys(OF_WORK, "art")
    two = [replace(o, source_groups={w: groups[w] for w in o.source_groups}) for o in two]
    others = [replace(o, groups=frozenset({"bio"}), source_groups=dict.fromkeys(o.source_groups, "bio")) for o in two]
    with pytest.raises(ValueError, match="at least two groups"):
        leave_groups_out([*two, *others])

"""A calibration report's groups: what is read, which outputs meet which index, and what each group holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.decision import PartDecision
from provenance.attribution.reliability import Truth, judge
from provenance.kernel.errors import InvalidInput
from provenance.services.labelled import LabelledSource
from provenance.services.records import DecidedBy
from provenance.services.reliability import (
    GROUPS_MAX,
    SIZED_SOURCES_MIN,
    KnownOutput,
    Row,
    calibration_report,
    judge_all,
    parse_known,
    plan_sizes,
    report_view,
)

BY = DecidedBy(encoder="e", snapshot="s", calibration="c")


def line(**changes: Any) -> dict[str, Any]:
    label = {"source_id": "a", "share": 0.5, "out_spans": [[0, 5]]}
    return {"output_id": "o", "text": "0123456789", "labels": [label], "unattributed_share": 0.5} | changes


def test_a_labelled_output_is_read_with_its_shares_and_spans() -> None:
    known = parse_known(line(kind="quote"))
    assert known.truth.shares == {"a": 0.5}
    assert known.truth.unattributed == 0.5
    assert known.truth.spans == known.output.labels
    assert known.output.kind == "quote"


def test_spans_are_unknown_where_one_label_names_none() -> None:
    labels = [{"source_id": "a", "share": 0.5, "out_spans": [[0, 5]]}, {"source_id": "b", "share": 0.5}]
    assert parse_known(line(labels=labels, unattributed_share=0)).truth.spans is None
    assert parse_known(line(labels=[], unattributed_share=1)).truth.spans == {}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unattributed_share": None}, "'unattributed_share' is a number"),
        ({"unattributed_share": True}, "'unattributed_share' is a number"),
        ({"unattributed_share": float("nan")}, "'unattributed_share' is a number"),
        ({"unattributed_share": 10**400}, "'unattributed_share' is a number"),
        ({"unattributed_share": 0.4}, "don't add up to 1"),
        ({"labels": [{"source_id": "a", "out_spans": [[0, 5]]}]}, "'share' is a number"),
        ({"labels": [{"source_id": "a", "share": -0.5}]}, "'share' is a number"),
        ({"labels": [{"source_id": "a", "share": 0.25}] * 2}, "names a source twice"),
        ({"labels": [{"source_id": "a", "share": 0.5, "out_spans": [[0, 11]]}]}, "ends behind its text"),
    ],
)
def test_an_output_that_cant_be_judged_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        parse_known(line(**changes))


class Nobody:
    """Attributes everything to nobody."""

    def attribute(self, text: str) -> PartDecision:
        return PartDecision(chars=len(text), findings=(), considered=(("a", 0.2),))


def domain_of(groups: dict[str, str], **changes: Any) -> str:
    progress: list[int] = []
    [row] = judge_all([parse_known(line(**changes))], groups, Nobody(), progress.append)  # type: ignore[arg-type]  # a fake
    assert progress == [1]
    return row.domain


def test_an_outputs_domain_is_its_own_or_else_that_of_its_sources() -> None:
    both = [{"source_id": "a", "share": 0.5}, {"source_id": "b", "share": 0.5}]
    assert domain_of({"a": "Law"}, domain="Sports") == "Sports"
    assert domain_of({"a": "Law"}) == "Law"
    assert domain_of({"a": "Law", "b": "Law"}, labels=both, unattributed_share=0) == "Law"
    assert domain_of({"a": "Law", "b": "Art"}, labels=both, unattributed_share=0) == "several"
    assert domain_of({"a": "a"}) == "not stated"
    assert domain_of({}) == "not stated"


def row(kind: str = "k", domain: str = "d", chars: int = 100) -> Row:
    decision = PartDecision(chars=chars, findings=(), considered=(("a", 0.25),))
    judged = judge(decision, Truth(shares={"a": 1.0}, unattributed=0.0, spans=None))
    return Row(kind=kind, domain=domain, chars=chars, judged=judged)


def groups(rows: Sequence[Row], by: str) -> dict[str, int]:
    report = calibration_report(rows, {}, sources=1, decided_by=BY)
    return {m.name: m.figures.outputs for g in report.groupings if g.by == by for m in g.groups}


def test_outputs_are_grouped_by_kind_and_domain_in_the_order_of_names() -> None:
    rows = [row("b", "x"), row("a", "x"), row("b", "y")]
    assert list(groups(rows, "kind").items()) == [("a", 1), ("b", 2)]
    assert groups(rows, "domain") == {"x": 2, "y": 1}


def test_lengths_fall_into_bands_that_leave_nothing_out() -> None:
    rows = [row(chars=n) for n in (1, 499, 500, 999, 1_000, 3_999, 4_000, 250_000)]
    assert groups(rows, "length") == {
        "up to 499 characters": 2,
        "500 to 999 characters": 2,
        "1,000 to 1,999 characters": 1,
        "2,000 to 3,999 characters": 1,
        "4,000 characters or more": 2,
    }


def test_too_many_groups_are_put_together() -> None:
    found = groups([row(kind=f"k{n:03d}") for n in range(GROUPS_MAX + 5)] + [row(kind="k034")], "kind")
    assert len(found) == GROUPS_MAX + 1
    assert (found["others"], found["k034"]) == (5, 2)


def test_sizes_come_smallest_first_and_not_at_all_without_a_plan() -> None:
    report = calibration_report([row()], {1_096: [row()], 274: [row()]}, sources=1_096, decided_by=BY)
    [sizes] = [g for g in report.groupings if g.by == "size"]
    assert [m.name for m in sizes.groups] == ["274 sources", "1,096 sources"]
    assert not groups([row()], "size")


def test_the_view_holds_every_group_with_its_bins() -> None:
    view = report_view(calibration_report([row("a"), row("b")], {}, sources=7, decided_by=BY))
    assert (view["sources"], view["all"]["outputs"], view["decided_by"]["calibration"]) == (7, 2, "c")
    assert view["by"]["kind"]["a"]["ece"] == pytest.approx(0.75)
    assert view["all"]["bins"][0]["right"] == {"part": 1.0, "low": pytest.approx(0.2065, abs=1e-4), "high": 1.0}


def source(number: int) -> LabelledSource:
    return LabelledSource(source_id=f"s{number}", text="text", group="g")


def known(number: int, *sources: int) -> KnownOutput:
    labels = [{"source_id": f"s{n}", "share": 1 / len(sources)} for n in sources]
    return parse_known(line(output_id=f"o{number}", labels=labels, unattributed_share=0 if sources else 1))


@given(st.integers(SIZED_SOURCES_MIN, 120), st.lists(st.lists(st.integers(0, 150), max_size=3, unique=True)))
def test_every_smaller_index_holds_all_sources_of_the_outputs_that_it_is_asked(
    count: int, labels: list[list[int]]
) -> None:
    sources = [source(n) for n in range(count)]
    outputs = [known(i, *of) for i, of in enumerate(labels)]
    plan = plan_sizes(sources, outputs)
    assert len(plan.indexes) == (2 if plan.outputs else 0)
    whole = {s.source_id for s in sources}
    needed = {w for n in plan.outputs for w in outputs[n].truth.shares} & whole
    for index, part in zip(plan.indexes, (4, 2), strict=False):
        assert len(index) == count // part
        assert needed <= {s.source_id for s in index}
        assert list(index) == [s for s in sources if s in index]
    if plan.indexes:
        assert {s.source_id for s in plan.indexes[0]} <= {s.source_id for s in plan.indexes[1]}


def test_a_small_index_has_no_sizes() -> None:
    few = [source(n) for n in range(SIZED_SOURCES_MIN - 1)]
    assert plan_sizes(few, [known(0, 1)]).outputs == ()


def test_the_plan_depends_on_no_order_of_the_files() -> None:
    sources, outputs = [source(n) for n in range(80)], [known(n, n) for n in range(60)]
    one, other = plan_sizes(sources, outputs), plan_sizes(sources[::-1], outputs[::-1])
    assert {outputs[n].output.output_id for n in one.outputs} == {
        outputs[::-1][n].output.output_id for n in other.outputs
    }
    assert {s.source_id for s in one.indexes[0]} == {s.source_id for s in other.indexes[0]}

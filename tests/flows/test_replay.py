"""A decision is computed again from what it names, whatever was registered, withdrawn or published since."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provenance.bootstrap import System
from provenance.kernel.errors import NotFound, SnapshotUnusable
from provenance.services.replay import Outcome, replay, replay_recorded

from .test_withdrawal import ONE, OTHER, TEXT, register, system, take_back, use  # noqa: F401  fixtures among them

Use = Callable[..., Any]


def again(system: System, submitted: Any) -> Any:  # noqa: F811
    return replay(system.database, submitted.recorded.fact.generation.id, system.attributor_over)


def test_what_is_registered_withdrawn_or_published_later_changes_nothing(
    system: System,  # noqa: F811
    use: Use,  # noqa: F811
    register: Use,  # noqa: F811
) -> None:
    first, prompted = use(TEXT), use(f"{OTHER}\n\nA line of my own.", prompt="Write of a kitchen.")
    assert again(system, first).outcome is Outcome.SAME
    register("cy", "three", TEXT.replace("kitchen", "parlour"))
    take_back(system)
    system.publish()
    system.snapshots.keep_only(set())
    for submitted in (first, prompted):
        found = again(system, submitted)
        assert (found.outcome, found.differences) == (Outcome.SAME, ())
        assert found.decided_by == submitted.recorded.fact.decided_by


def test_a_decision_that_passed_over_a_withdrawn_work_passes_over_it_again(system: System, use: Use) -> None:  # noqa: F811
    before = use(TEXT)
    take_back(system)
    after = use(TEXT)  # the index that knew it is still the current one
    assert after.recorded.fact.decided_by.snapshot == before.recorded.fact.decided_by.snapshot
    assert after.recorded.fact.shares != before.recorded.fact.shares
    assert [again(system, s).outcome for s in (before, after)] == [Outcome.SAME, Outcome.SAME]


def test_what_came_out_otherwise_is_told_work_by_work(system: System, use: Use) -> None:  # noqa: F811
    recorded = use(TEXT).recorded
    [given] = recorded.fact.shares.attributions
    less = replace(given, share_ppb=given.share_ppb - 7, confidence_ppm=1)
    shares = replace(
        recorded.fact.shares, attributions=(less,), unattributed_ppb=recorded.fact.shares.unattributed_ppb + 7
    )
    bent = replace(recorded, fact=replace(recorded.fact, shares=shares))
    found = replay_recorded(system.database, bent, system.attributor_over)
    assert found.outcome is Outcome.DIFFERS
    assert [(d.work, d.what) for d in found.differences] == [
        (ONE, "share_ppb"),
        (ONE, "confidence_ppm"),
        (None, "unattributed_ppb"),
    ]
    assert found.differences[0].replayed == given.share_ppb


def test_what_was_retired_is_named(system: System, use: Use) -> None:  # noqa: F811
    recorded = use(TEXT).recorded
    pinned = recorded.fact.decided_by
    for changed, words in (
        (replace(pinned, encoder="another-0123"), "encoded by another-0123"),
        (replace(pinned, calibration="f" * 64), "PROVENANCE_CALIBRATION"),
    ):
        other = replace(recorded, fact=replace(recorded.fact, decided_by=changed))
        found = replay_recorded(system.database, other, system.attributor_over)
        assert (found.outcome, found.differences) == (Outcome.RETIRED, ())
        assert words in found.retired

    def gone(_: str) -> Any:
        raise SnapshotUnusable("The snapshot is gone.", mend="Build it.")

    assert replay_recorded(system.database, recorded, gone).outcome is Outcome.RETIRED


def test_a_generation_that_is_not_there_is_told(system: System, use: Use, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(NotFound):
        replay(system.database, "gen_none", system.attributor_over)

"""A withdrawal names one work, says who and why, and nothing else."""

import pytest

from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import LABEL_CHARS_MAX
from provenance.sources.withdrawal import Withdrawal, withdrawal_id


def test_its_id_follows_from_the_work_alone() -> None:
    one = Withdrawal(work="work_1", withdrawn_by="ann", reason="Sold.")
    other = Withdrawal(work="work_1", withdrawn_by="bob")
    assert one.id == other.id == withdrawal_id("work_1") != withdrawal_id("work_2")
    assert one != other


@pytest.mark.parametrize("reason", ["", "x" * LABEL_CHARS_MAX, "Vendu — 水"])
def test_a_reason_is_a_line_or_nothing(reason: str) -> None:
    assert Withdrawal(work="work_1", withdrawn_by="ann", reason=reason).reason == reason


@pytest.mark.parametrize("reason", ["x" * (LABEL_CHARS_MAX + 1), "two\nlines", "\x1b[2J", "turned \u202e", "\ud800"])
def test_a_reason_that_is_too_long_or_steers_a_terminal_is_refused(reason: str) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        Withdrawal(work="work_1", withdrawn_by="ann", reason=reason)

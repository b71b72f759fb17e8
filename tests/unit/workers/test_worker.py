"""Workers: the models that make outputs or parts of them."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.kernel.errors import InvalidInput
from provenance.workers.worker import Worker, WorkerKind


def worker(**changes: Any) -> Worker:
    fields: dict[str, Any] = {
        "id": "poet-1",
        "kind": WorkerKind.SPECIALISED,
        "model": "poet",
        "model_version": "2.1",
        "region": "on-prem-lyon",
    }
    return Worker(**(fields | changes))


def test_a_worker_is_the_brain_or_specialised() -> None:
    assert [k.value for k in WorkerKind] == ["brain", "specialised"]
    assert worker(kind=WorkerKind.BRAIN).kind is WorkerKind.BRAIN


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("id", "worker's id"),
        ("model", "worker's model"),
        ("model_version", "worker's model version"),
        ("region", "worker's region"),
    ],
)
@pytest.mark.parametrize("value", ["", " a", "a\u200b", "x" * 201], ids=ascii)
def test_a_field_that_is_no_name_is_refused_by_its_own_name(field: str, what: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=f"The {what} ") as refused:
        worker(**{field: value})
    assert refused.value.data == {"field": what}


def test_workers_differ_in_any_field() -> None:
    others = [worker(**{f: "other"}) for f in ("id", "model", "model_version", "region")]
    assert len({worker(), worker(), worker(kind=WorkerKind.BRAIN), *others}) == 6

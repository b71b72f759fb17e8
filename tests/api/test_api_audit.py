"""Exports and health: one export at a time, nothing left behind, and a readiness that says what is missing."""

import gc
import tempfile
import threading
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from provenance.adapters.zip_archive import ZipReader
from provenance.api.app import create_app
from provenance.api.routes import audit
from provenance.bootstrap import System
from provenance.kernel.errors import ModelMissing, SchemaMismatch, StorageFull, StorageLocked
from provenance.services.check_export import check_export
from provenance.services.export import export_period
from provenance.settings import Settings


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_an_export_leaves_no_file_behind(callers: Any, temporary: Path, tmp_path: Path) -> None:
    answer = callers.auditor.get("/v1/exports", params={"until": "2999-01-01"})
    assert answer.status_code == 200
    assert list(temporary.iterdir()) == []
    archive = tmp_path / "export.zip"
    archive.write_bytes(answer.content)
    assert not [c.problems for c in check_export(ZipReader(archive)) if c.failed]


def test_a_download_that_is_cut_off_leaves_no_file_behind(callers: Any, temporary: Path) -> None:
    with callers.auditor.stream("GET", "/v1/exports") as answer:
        assert answer.status_code == 200
    assert list(temporary.iterdir()) == []


def test_one_export_is_made_at_a_time(fresh: Any, monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    made, begun, go_on = export_period, threading.Event(), threading.Event()

    def slowly(*arguments: Any, **options: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return made(*arguments, **options)

    monkeypatch.setattr(audit, "export_period", slowly)
    first: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: first.append(fresh.auditor.get("/v1/exports")))
    thread.start()
    assert begun.wait(20)
    second = fresh.operator.get("/v1/exports")
    go_on.set()
    thread.join(20)
    assert (second.status_code, second.json()["code"]) == (409, "already_running")
    assert int(second.headers["retry-after"]) > 0
    assert first[0].status_code == 200
    assert fresh.operator.get("/v1/exports").status_code == 200


# The zip that was begun complains when it is collected: its file is closed already.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_export_that_fails_gives_its_place_back(
    fresh: Any, monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    def failing(*_: Any, **__: Any) -> None:
        raise StorageFull("The disk of /srv/secret-place is full.", mend="Free some space.")

    with monkeypatch.context() as patched:
        patched.setattr(audit, "export_period", failing)
        for _ in range(2):
            answer = fresh.auditor.get("/v1/exports")
            assert (answer.status_code, answer.json()["code"]) == (503, "storage_full")
            assert "secret-place" not in answer.text
    gc.collect()
    assert fresh.auditor.get("/v1/exports").status_code == 200
    assert list(temporary.iterdir()) == []


def test_the_trial_balance_of_empty_books_balances(fresh: Any) -> None:
    assert fresh.auditor.get("/v1/trial-balance").json() == {"balanced": True, "differences": {}, "accounts": []}


def test_health_and_readiness_need_no_key(callers: Any) -> None:
    assert callers.nobody.get("/healthz").json() == {"status": "alive"}
    ready = callers.nobody.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert set(ready.json()["checks"]) == {"database", "model", "snapshot"}


def test_readiness_says_what_is_missing(fresh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    system = fresh.api.system
    answer = fresh.nobody.get("/readyz")
    assert answer.status_code == 503
    missing = {n: c["code"] for n, c in answer.json()["checks"].items() if not c["ok"]}
    assert missing == {"snapshot": "snapshot_unusable"}

    def other_schema() -> None:
        raise SchemaMismatch("older", mend="Run `provenance migrate`.")

    def no_model(_: Any) -> None:
        raise ModelMissing("gone", mend="Install it.")

    monkeypatch.setattr(system.database, "check_schema", other_schema)
    monkeypatch.delitem(system.__dict__, "encoder")
    monkeypatch.setattr(type(system), "encoder", property(no_model))
    checks = fresh.nobody.get("/readyz").json()["checks"]
    assert checks["database"] == {"ok": False, "code": "schema_mismatch", "mend": "Run `provenance migrate`."}
    assert checks["model"]["code"] == "model_missing"
    assert fresh.nobody.get("/healthz").status_code == 200


def test_a_database_without_the_schema_is_not_served(tmp_path: Path) -> None:
    app = create_app(System(Settings(home=tmp_path)))

    async def start() -> None:
        async with app.router.lifespan_context(app):
            raise AssertionError("it started")

    with pytest.raises(SchemaMismatch):
        anyio.run(start)


def test_a_busy_database_is_told_with_a_time_to_come_back(fresh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(**_: Any) -> None:
        raise StorageLocked("Another process holds the database.", mend="Try again.")

    monkeypatch.setattr(fresh.api.system.database, "begin", busy)
    answer = fresh.operator.get("/v1/works")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_locked")
    assert int(answer.headers["retry-after"]) > 0

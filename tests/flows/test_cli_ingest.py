"""Registering works from the command line: what is new, revised, left alone, refused."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.sql.works import SqlWorks
from provenance.bootstrap import System
from provenance.kernel.errors import StorageFull
from provenance.settings import Settings

Run = Callable[..., Any]
Write = Callable[..., Path]

TEXT = "The ferry left at noon with nine goats aboard. Nobody had bought them a ticket, and the purser let it pass."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "ferry.txt").write_text(TEXT, encoding="utf-8")
    (folder / "pump.md").write_text("# The Pump\n\nIt draws from eleven metres, and it draws badly.", encoding="utf-8")
    return folder


def test_the_second_run_changes_nothing(run: Run, folder: Path) -> None:
    first, second = run("ingest", folder, "--json"), run("ingest", folder, "--json")
    assert (first.code, first.json["new"], first.json["index"]["works"]) == (0, 2, 2)
    assert first.json["segments"] > 0
    assert (second.code, second.json["new"], second.json["unchanged"], second.json["revised"]) == (0, 0, 2, 0)
    assert second.json["index"] == {**first.json["index"], "built": False}


def test_a_changed_text_is_a_revision_of_the_same_work(run: Run, folder: Path) -> None:
    before = run("ingest", folder, "--json").json
    (folder / "ferry.txt").write_text(TEXT + " The goats slept.", encoding="utf-8")
    after = run("ingest", folder, "--json").json
    assert (after["new"], after["revised"], after["unchanged"]) == (0, 1, 1)
    assert after["index"]["works"] == 2
    assert after["index"]["digest"] != before["index"]["digest"]
    assert len(run("works", "--json").json["works"]) == 2


def test_what_is_refused_is_listed_with_what_to_do(run: Run, folder: Path) -> None:
    (folder / "empty.txt").write_text("  \n", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 no more")
    ran = run("ingest", folder)
    assert ran.code == 3
    assert f"refused {folder / 'broken.pdf'}" in ran.out
    assert f"refused {folder / 'empty.txt'}: " in ran.out
    assert len(run("works", "--json").json["works"]) == 2


def test_only_the_first_refusals_are_listed(run: Run, folder: Path) -> None:
    for number in range(25):
        (folder / f"empty-{number:02}.txt").touch()
    out = run("ingest", folder).out
    assert out.count("refused /") == 20
    assert "... and 5 more" in out


def test_nothing_accepted_is_a_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    assert run("ingest", tmp_path / "empty.txt").code == 1
    missing = run("ingest", tmp_path / "nowhere.txt", "--json")
    assert (missing.code, missing.json["rejections"][0]["error"]) == (1, "not_found")


def test_an_empty_folder_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    ran = run("ingest", tmp_path / "nothing")
    assert (ran.code, ran.err) == (0, "There is nothing there to register.\n")


def test_works_of_json_lines_bring_their_owners(run: Run, library: Path) -> None:
    parties = {p["id"]: p["name"] for p in run("parties", "list", "--json").json["parties"]}
    assert parties["oona-tresker"] == "Oona Tresker"
    titles = [w["title"] for w in run("works", "--party", "oona-tresker", "--json").json["works"]]
    assert "The Salt Ledger" in titles
    assert len(titles) == 3


def test_the_party_that_registers_keeps_its_name(run: Run, folder: Path) -> None:
    assert run("ingest", folder, "--as", "low-lantern", "--name", "Low Lantern Press").code == 0
    assert run("ingest", folder, "--as", "low-lantern").code == 0
    other = run("ingest", folder, "--as", "low-lantern", "--name", "High Lantern Press", "--json")
    assert other.code == 1
    assert '"error": "conflict"' in other.err


def test_works_without_an_index_are_indexed_later(run: Run, folder: Path) -> None:
    assert run("ingest", folder, "--no-index", "--json").json["index"] is None
    refused = run("attribute", "-", stdin=TEXT)
    assert refused.code == 1
    assert "No index was published yet" in refused.err
    assert run("index", "--json").json["built"]
    assert run("attribute", "-", "--json", stdin=TEXT).json["attributions"][0]["work"]["source_id"] == "ferry.txt"
    assert not run("index", "--json").json["built"]
    assert run("index", "--rebuild", "--json").json["built"]


def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_revision = SqlWorks.add_revision

    def full(self: SqlWorks, revision: Any, text: str, *rest: Any) -> None:
        if "goats" not in text:
            raise StorageFull("The disk is full; nothing was recorded.", mend="Free some space and try again.")
        add_revision(self, revision, text, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(SqlWorks, "add_revision", full)
        ran = run("ingest", folder, "--json")
    assert ran.code == 1
    assert '"error": "storage_full"' in ran.err
    assert (ran.json["new"], ran.json["index"]) == (1, None)
    again = run("ingest", folder, "--json").json
    assert (again["new"], again["unchanged"], again["index"]["works"]) == (1, 1, 2)


def test_only_one_process_registers_at_a_time(run: Run, folder: Path, home: Path) -> None:
    with System(Settings(home=home)).writing():
        ran = run("ingest", folder)
    assert ran.code == 1
    assert "error: Another process registers works" in ran.err


def test_a_database_of_another_program_is_left_alone(run: Run, library: Path, folder: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(library / "provenance.db")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
    connection.close()
    ran = run("ingest", folder, "--json")
    assert ran.code == 1
    assert '"error": "schema_mismatch"' in ran.err


def test_list_of_works_is_cut_at_the_limit(run: Run, library: Path) -> None:
    listed: Mapping[str, Any] = run("works", "--limit", "3", "--json").json
    assert (len(listed["works"]), listed["more"]) == (3, True)
    assert "raise --limit" in run("works", "--limit", "3").out
    assert not run("works", "--json").json["more"]

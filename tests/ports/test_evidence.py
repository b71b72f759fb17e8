"""One creator's evidence: it proves itself, shows nobody else's, and no altered part of it holds."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.ed25519 import KeyFile
from provenance.adapters.log_folder import LogFolder
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.verifier.main import main
from provenance.adapters.verifier_files import verifier_files
from provenance.adapters.zip_archive import writing_zip
from provenance.kernel.errors import NotFound
from provenance.services.evidence import write_evidence
from provenance.services.prove import Prover
from provenance.services.seal import Sequencer
from provenance.statements.accounting_period import parse_accounting_period
from provenance.transparency.note import ED25519

NOW = datetime(2027, 2, 1, tzinfo=UTC)


class Evidence:
    """The story's evidence for a party."""

    def __init__(self, database: SqlDatabase, folder: Path) -> None:
        self.key = KeyFile.create(folder / "key", "example.org/log", ED25519)
        tiles = LogFolder(folder / "log", folder / "lock")
        Sequencer(database=database, tiles=tiles, signer=self.key, clock=lambda: NOW).integrate()
        self.database, self.path, self.prover = database, folder / "ann.zip", Prover(database, tiles)

    def write(self, party: str = "ann", period: str = "2026-11") -> dict[str, Any]:
        with writing_zip(self.path) as archive:
            write_evidence(
                self.database,
                self.prover,
                archive,
                party,
                parse_accounting_period(period),
                self.prover.checkpoint(),
                key=self.key.key.text,
                scripts=verifier_files(),
            )
        with zipfile.ZipFile(self.path) as file:
            found: dict[str, Any] = json.loads(file.read("evidence.json"))
        return found

    def check(self, form: Any | None = None) -> tuple[int, str]:
        if form is not None:
            with zipfile.ZipFile(self.path, "w") as file:
                file.writestr("evidence.json", json.dumps(form))
        out = io.StringIO()
        return main([str(self.path), "--key", self.key.key.text], out), out.getvalue()


@pytest.fixture
def evidence(database: SqlDatabase, recorded: Any, tmp_path: Path) -> Evidence:
    return Evidence(database, tmp_path)


def test_it_proves_itself(evidence: Evidence) -> None:
    evidence.write()
    code, said = evidence.check()
    assert code == 0, said


def test_it_shows_nobody_elses(evidence: Evidence) -> None:
    """Of others there are ids and digests of statements alone."""
    form = evidence.write()
    assert len(form["closed"]) > 1
    shown = json.dumps(form["facts"])
    assert '"ann' in shown.replace("\\", "")
    for other in ("bob", "bot"):
        assert other not in shown
    kinds = [json.loads(fact["leaf"])["kind"] for fact in form["facts"]]
    assert sorted(set(kinds)) == ["party", "period_close", "statement"]


def test_a_line_that_was_altered_does_not_hold(evidence: Evidence) -> None:
    form = evidence.write()
    for fact in form["facts"]:
        fact["form"] = fact["form"].replace('"micros":"', '"micros":"1', 1)
    assert evidence.check(form)[0] == 1


def test_a_fact_with_a_leaf_of_its_own_making_is_not_in_the_log(evidence: Evidence) -> None:
    from provenance.kernel.canonical import sha256_hex

    form = evidence.write()
    fact = next(f for f in form["facts"] if json.loads(f["leaf"])["kind"] == "statement")
    old = json.loads(fact["leaf"])
    fact["form"] = fact["form"].replace('"opening":{"micros":"', '"opening":{"micros":"9', 1)
    fact["leaf"] = json.dumps({**old, "sha256": sha256_hex(fact["form"].encode())}, separators=(",", ":"))
    code, said = evidence.check(form)
    assert code == 1
    assert "doesn't hold" in said


def test_a_statement_that_the_close_did_not_count_is_told(evidence: Evidence) -> None:
    form = evidence.write()
    form["closed"] = form["closed"][:-1]
    code, said = evidence.check(form)
    assert code == 1
    assert "wasn't closed with these" in said


def test_anothers_statement_is_no_evidence_for_this_party(evidence: Evidence) -> None:
    form = evidence.write()
    form["party"] = "bob"
    assert evidence.check(form)[0] == 1


@pytest.mark.parametrize("broken", [{}, [], {"format": "provenance-evidence-9"}, {"format": "provenance-evidence-1"}])
def test_what_is_no_evidence_is_told(evidence: Evidence, broken: Any) -> None:
    evidence.write()
    assert evidence.check(broken)[0] == 2


def test_there_is_none_of_an_open_period_or_of_a_party_without_a_statement(evidence: Evidence) -> None:
    with pytest.raises(NotFound, match="isn't closed"):
        evidence.write(period="2026-12")
    with pytest.raises(NotFound, match="no statement"):
        evidence.write(party="nobody")

"""A real export from which somebody takes facts, or puts some in, with all made to fit, is found out."""

import copy
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from provenance.adapters.zip_archive import ZipReader, writing_zip
from provenance.bootstrap import System
from provenance.cli import app
from provenance.kernel.canonical import canonical_bytes
from provenance.kernel.ids import derived_id
from provenance.services.check_export import check_export
from provenance.services.expected_entries import expected_entries
from provenance.services.export import FROM_THE_BEGINNING, OF_THE_PERIOD
from provenance.services.export_tables import TABLES, table_csv
from provenance.services.ports import Encoder
from provenance.sources.work import work_id
from provenance.transparency.leaf import leaf_of
from provenance.transparency.merkle import Tree

WORKS = ("essay-salt-ledger", "essay-breakwater-numbers", "essay-hive-in-february", "news-bell-foundry")
SHARED = ("essay-train-onto-boat", "essay-table-41", "poem-points-failure")
OUTPUTS = ("out-essay-01", "out-essay-02", "out-essay-03", "out-essay-06", "out-news-blocked", "out-essay-11")

# Facts of the period that this export holds; reviews and statements are forged in files of their own.
MOVED = tuple(kind for kind in OF_THE_PERIOD if kind not in ("review", "statement"))
# Kinds of which this export holds none.
NOT_HELD = (
    *("fx_rate", "dispute", "dispute_step", "dispute_hold", "dispute_settlement"),
    *("payout_terms", "tax_profile", "period_close", "subscription"),
    *("payee_account", "payee_account_state"),
    *("payout", "payout_approval", "payout_attempt", "payout_event", "payout_refusal"),
)
COMPLETE = "no fact of the period was left out"
TIMELY = "every fact was recorded in the period, and once"
COVERED = "each use is under a licence and claims of its own work, in force and recorded before"
CAUSED = "each transaction has a cause in the export"
BALANCED = "entries of each transaction add up to zero per currency"
POSTED = "each transaction posts what its generation accrued"
ROWS = "spreadsheets hold the rows that follow from the facts"
LABELS = "names, titles and reasons have the digests of the facts that they belong to"
TRIAL = "the trial balance comes to zero and follows from the entries"

Form = dict[str, Any]
Line = Mapping[str, Any]


@dataclass
class Forgery:
    """The files of an export in a forger's hands."""

    files: dict[str, bytes]
    manifest: Form
    path: Path

    def forms(self, kind: str) -> list[Form]:
        return [json.loads(line) for line in self.files[f"{kind}.jsonl"].splitlines()]

    def put(self, kind: str, forms: list[Form]) -> None:
        """Put other facts in, with their spreadsheets and their number; the leaves stay."""
        self.files[f"{kind}.jsonl"] = b"".join(canonical_bytes(form) + b"\n" for form in forms)
        self.manifest["facts"][kind] = len(forms)
        for name, table in TABLES[kind].items():
            self.files[f"{name}.csv"] = b"".join(table_csv(table, forms))

    def change(self, kind: str, change: Callable[[Form], None]) -> None:
        """Change the facts of a kind, and their leaves with them."""
        forms = self.forms(kind)
        for form in forms:
            change(form)
        self.put(kind, forms)
        made = {form["id"]: leaf_of(kind, form["id"], form).data for form in forms}
        leaves = [(line, json.loads(line)) for line in self.files["leaves.jsonl"].splitlines()]
        new = [made.get(leaf["fact"], line) if leaf["kind"] == kind else line for line, leaf in leaves]
        self.files["leaves.jsonl"] = b"".join(line + b"\n" for line in new)

    def add(self, kind: str, form: Form) -> None:
        self.put(kind, [*self.forms(kind), form])
        self.files["leaves.jsonl"] += leaf_of(kind, form["id"], form).data + b"\n"

    def post_again(self) -> None:
        """Let each transaction post what its generation accrues now."""
        expected = {g["transaction"]: expected_entries(g) for g in self.forms("generation")}

        def post(form: Form) -> None:
            form["entries"] = [{"account": a, "micros": str(m)} for a, m in sorted(expected[form["id"]].items())]

        self.change("transaction", post)

    def failed(self) -> set[str]:
        """Names of the checks that fail, with the manifest made to fit."""
        tree = Tree()
        for line in self.files["leaves.jsonl"].splitlines():
            tree = tree.after(line)
        with writing_zip(self.path) as archive:
            for name, data in self.files.items():
                with archive.file(name) as out:
                    out.write(data)
            self.manifest["files"] = {name: dict(d) for name, d in archive.described().items()}
            self.manifest["log"] = {"leaves": tree.size, "root": tree.root.hex()}
            with archive.file("manifest.json") as out:
                out.write(canonical_bytes(self.manifest))
        return {check.name for check in check_export(ZipReader(self.path)) if check.failed}


@pytest.fixture(scope="module")
def made(
    encoder: Encoder, works: Mapping[str, Line], outputs: Mapping[str, Line], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., dict[str, bytes]]:
    """Export six generations, of a blocked work, one with two owners and none among them, and a withdrawal."""
    home = tmp_path_factory.mktemp("forged")

    def call(*args: str) -> None:
        result = CliRunner().invoke(app, list(args))
        assert result.exit_code == 0, result.output

    def export(*options: str) -> dict[str, bytes]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PROVENANCE_HOME", str(home))
            call("export", "-o", str(home / "export.zip"), *options)
        with zipfile.ZipFile(home / "export.zip") as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROVENANCE_HOME", str(home))
        patch.setattr(System, "encoder", encoder)
        quoting = {"source_id": "quoting", "title": "Quoting", "text": f"He read: {works[SHARED[2]]['text'][:300]}"}
        lines = [json.dumps(work) + "\n" for work in (*(works[name] for name in (*WORKS, *SHARED)), quoting)]
        (home / "works.jsonl").write_text("".join(lines), encoding="utf-8")
        call("ingest", str(home / "works.jsonl"))
        call("parties", "add", "lumen-studio", "--name", "=Lumen Studio")
        for name in OUTPUTS:
            output = outputs[name]
            parts = [{"worker": p["worker"], "text": p["text"]} for p in output["parts"]]
            body = json.dumps({"id": name, "price": output["price"], "parts": parts})
            (home / "output.json").write_text(body, encoding="utf-8")
            call("submit", str(home / "output.json"), "--service", "lumen-studio")
        call("withdraw", work_id("library", "quoting"), "--no-index")
    return export


@pytest.fixture(scope="module")
def whole(made: Callable[..., dict[str, bytes]]) -> dict[str, bytes]:
    return made()


@pytest.fixture
def forgery(whole: dict[str, bytes], tmp_path: Path) -> Forgery:
    files = dict(whole)
    return Forgery(files, json.loads(files.pop("manifest.json")), tmp_path / "forged.zip")


def _later(made: Callable[..., dict[str, bytes]], forgery: Forgery, first: int, last: int, path: Path) -> Forgery:
    """A true export of the generations from ``first`` to before ``last``."""
    times = [g["recorded_at"] for g in forgery.forms("generation")]
    files = made("--since", times[first], "--until", times[last])
    return Forgery(files, json.loads(files.pop("manifest.json")), path)


def test_a_true_export_passes(forgery: Forgery) -> None:
    uses = [use for g in forgery.forms("generation") for use in g["uses"]]
    assert {"blocked", "paid"} <= {use["outcome"] for use in uses}
    assert max(len(use["accruals"]) for use in uses) > 1
    forgery.put("generation", forgery.forms("generation"))
    forgery.change("transaction", lambda _: None)
    assert forgery.failed() == set()


def test_a_true_export_of_a_part_passes(
    made: Callable[..., dict[str, bytes]], forgery: Forgery, tmp_path: Path
) -> None:
    part = _later(made, forgery, 1, 4, tmp_path / "part.zip")
    assert (part.manifest["facts"]["generation"], part.manifest["later"]["generation"]) == (3, 2)
    assert part.failed() == set()


@pytest.mark.parametrize("kind", [*(k for k in FROM_THE_BEGINNING if k not in NOT_HELD), *MOVED])
@pytest.mark.parametrize("at", [0, -1])
def test_a_fact_that_was_taken_out_is_missed(forgery: Forgery, kind: str, at: int) -> None:
    forms = forgery.forms(kind)
    del forms[at]
    forgery.put(kind, forms)
    assert COMPLETE in forgery.failed()


@pytest.mark.parametrize("at", [0, 2, -1])
def test_a_generation_taken_out_with_its_transaction_is_missed(forgery: Forgery, at: int) -> None:
    generations = forgery.forms("generation")
    gone = generations.pop(at)
    forgery.put("generation", generations)
    forgery.put("transaction", [t for t in forgery.forms("transaction") if t["id"] != gone["transaction"]])
    assert COMPLETE in forgery.failed()


def test_all_generations_taken_out_are_missed(forgery: Forgery) -> None:
    forgery.put("generation", [])
    forgery.put("transaction", [])
    assert COMPLETE in forgery.failed()


@pytest.mark.parametrize("at", [1, -1])
def test_a_fact_taken_out_of_a_part_is_missed(
    made: Callable[..., dict[str, bytes]], forgery: Forgery, tmp_path: Path, at: int
) -> None:
    part = _later(made, forgery, 1, 4, tmp_path / "part.zip")
    for kind in MOVED:
        forms = part.forms(kind)
        del forms[at]
        part.put(kind, forms)
    assert COMPLETE in part.failed()


def test_a_fact_taken_out_as_later_than_the_export_is_missed(forgery: Forgery) -> None:
    forgery.manifest["until"] = forgery.manifest["exported_at"]
    for kind in MOVED:
        forgery.put(kind, forgery.forms(kind)[:-1])
        forgery.manifest["later"][kind] = 1
    assert COMPLETE in forgery.failed()


def test_a_number_that_the_manifest_misstates_is_found(forgery: Forgery) -> None:
    forgery.manifest["facts"]["party"] += 1
    assert forgery.failed() == {COMPLETE}


@pytest.mark.parametrize(("name", "time"), [("since", "2999-01-01T00:00:00Z"), ("until", "2000-01-01T00:00:00Z")])
def test_a_fact_of_another_period_is_found(forgery: Forgery, name: str, time: str) -> None:
    forgery.manifest[name] = time
    assert TIMELY in forgery.failed()


@pytest.mark.parametrize("kind", ["party", *MOVED])
def test_a_fact_that_stands_twice_is_found(forgery: Forgery, kind: str) -> None:
    forgery.put(kind, [*forgery.forms(kind), forgery.forms(kind)[0]])
    assert TIMELY in forgery.failed()


def test_a_leaf_that_stands_twice_is_found(forgery: Forgery) -> None:
    forgery.files["leaves.jsonl"] += forgery.files["leaves.jsonl"].splitlines(keepends=True)[0]
    assert "every line can be read" in forgery.failed()


def test_a_line_that_reads_in_two_ways_is_found(forgery: Forgery) -> None:
    lines = forgery.files["transaction.jsonl"].splitlines(keepends=True)
    lines[0] = lines[0].replace(b"{", b'{"cause":"gift",', 1)
    forgery.files["transaction.jsonl"] = b"".join(lines)
    assert "every line can be read" in forgery.failed()


@pytest.mark.parametrize("right", ["licence", "claims"])
def test_rights_of_another_work_are_found(forgery: Forgery, right: str) -> None:
    rights = forgery.forms(right)

    def swap(form: Form) -> None:
        for use in form["uses"]:
            use[right] = next(r["id"] for r in rights if r["work"] != use["work"])

    forgery.change("generation", swap)
    assert COVERED in forgery.failed()


@pytest.mark.parametrize(
    ("right", "change"),
    [
        ("licence", {"valid_until": "2020-01-01", "valid_from": "2019-01-01"}),
        ("licence", {"valid_from": "2999-01-01"}),
        ("licence", {"territory": "FR"}),
        ("licence", {"purpose": "advertising"}),
        ("claims", {"valid_from": "2999-01-01"}),
    ],
)
def test_rights_that_do_not_reach_so_far_are_found(forgery: Forgery, right: str, change: Form) -> None:
    forgery.change(right, lambda form: form.update(change))
    assert COVERED in forgery.failed()


def test_rights_recorded_after_their_use_are_found(forgery: Forgery) -> None:
    lines = forgery.files["leaves.jsonl"].splitlines(keepends=True)
    forgery.files["leaves.jsonl"] = b"".join(sorted(lines, key=lambda line: json.loads(line)["kind"] == "licence"))
    assert COVERED in forgery.failed()


def _extra(forgery: Forgery, **changes: Any) -> None:
    extra = copy.deepcopy(forgery.forms("transaction")[0])
    extra["business_key"] = "accrual:gen_0"
    extra |= {"id": derived_id("txn", {"business_key": changes.get("business_key", extra["business_key"])}), **changes}
    forgery.add("transaction", extra)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"id": "txn_extra"},
        {"cause": "gift"},
        {"cause": "reversal"},
        {"cause": "reversal", "corrects": "txn_nowhere", "business_key": "reversal:accrual:gen_0"},
    ],
)
def test_a_transaction_that_nothing_caused_is_found(forgery: Forgery, changes: Form) -> None:
    _extra(forgery, **changes)
    assert CAUSED in forgery.failed()


@pytest.mark.parametrize(("sign", "found"), [(-1, set()), (-2, {CAUSED})])
def test_a_reversal_undoes_what_it_corrects(forgery: Forgery, sign: int, found: set[str]) -> None:
    first = forgery.forms("transaction")[0]
    entries = [{**e, "micros": str(sign * int(e["micros"]))} for e in first["entries"]]
    key = f"reversal:{first['business_key']}"
    _extra(forgery, cause="reversal", corrects=first["id"], business_key=key, entries=entries)
    assert forgery.failed() == found | {TRIAL}


def test_a_transaction_under_another_key_is_found(forgery: Forgery) -> None:
    forgery.change("transaction", lambda form: form.update(business_key="accrual:gen_0"))
    assert CAUSED in forgery.failed()


def test_accruals_that_nobody_posted_are_found(forgery: Forgery) -> None:
    forgery.change("generation", lambda form: form.update(transaction=None))
    assert POSTED in forgery.failed()


def test_money_moved_beside_in_the_same_accounts_is_found(forgery: Forgery) -> None:
    def slip(form: Form) -> None:
        more = [{**e, "micros": str(2 * int(e["micros"]))} for e in form["entries"]]
        form["entries"] = more + form["entries"]

    forgery.change("transaction", slip)
    assert {BALANCED, POSTED} <= forgery.failed()


@pytest.mark.parametrize("name", [name for tables in TABLES.values() for name in tables])
def test_a_spreadsheet_with_other_rows_is_found(forgery: Forgery, name: str) -> None:
    data = forgery.files[f"{name}.csv"]
    forgery.files[f"{name}.csv"] = data[:-3] + b"x" + data[-2:]
    assert forgery.failed() == {ROWS}


@pytest.mark.parametrize("old", [b"The Salt Ledger", b"Oona Tresker", b"'=Lumen Studio", b"party,lumen-studio"])
def test_another_label_is_found(forgery: Forgery, old: bytes) -> None:
    assert old in forgery.files["labels.csv"]
    forgery.files["labels.csv"] = forgery.files["labels.csv"].replace(old, b"Other", 1)
    assert forgery.failed() == {LABELS}


def test_a_label_that_is_missing_or_one_too_many_is_found(forgery: Forgery) -> None:
    whole = forgery.files["labels.csv"].splitlines(keepends=True)
    for lines in (whole[:-1], [*whole, whole[-1]], whole[1:]):
        forgery.files["labels.csv"] = b"".join(lines)
        assert forgery.failed() == {LABELS}


def test_another_trial_balance_is_found(forgery: Forgery) -> None:
    lines = forgery.files["trial_balance.csv"].splitlines(keepends=True)
    made_up = [b"party_payable/a/USD,USD,0.000000,1.000000\r\n", b"held/USD,USD,1.000000,0.000000\r\n"]
    for forged in (lines[:-1], lines[:1] + made_up, lines[:1] + made_up[:1], lines[:1], lines + lines[1:]):
        forgery.files["trial_balance.csv"] = b"".join(forged)
        assert forgery.failed() == {TRIAL}


def test_a_generation_paid_under_rights_of_another_work_with_all_else_made_to_fit_is_found(forgery: Forgery) -> None:
    claims = {c["id"]: c for c in forgery.forms("claims")}
    other = next(c for c in claims.values() if list(c["basis_points"]) == ["bram-hollevoet"])

    def redirect(form: Form) -> None:
        for use in form["uses"]:
            if use["outcome"] == "paid" and len(use["accruals"]) == 1 and use["work"] != other["work"]:
                use["claims"], use["accruals"][0]["party"] = other["id"], "bram-hollevoet"

    forgery.change("generation", redirect)
    forgery.post_again()
    assert forgery.failed() == {COVERED, "accruals follow from shares, terms and claims", TRIAL}

"""A real export with a release and a decline in which somebody changes what became of the money is found out."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from provenance.bootstrap import System
from provenance.cli import app
from provenance.services.ports import Encoder

from .test_forged_facts import CAUSED, COMPLETE, LABELS, TIMELY, TRIAL, Forgery, Form

REVIEWS = "each review resolves a use that was held, once, and moves what was held"
ACCRUED = "accruals follow from shares, terms and claims"
RISK = {"risk_basis_points_max": 10}
SOURCES = ("essay-salt-ledger", "essay-breakwater-numbers", "essay-hive-in-february")
OUTPUTS = ("out-essay-01", "out-essay-02", "out-essay-03", "out-essay-06")
Line = Mapping[str, Any]


def call(*args: str) -> Any:
    result = CliRunner().invoke(app, list(args))
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def whole(
    encoder: Encoder, works: Mapping[str, Line], outputs: Mapping[str, Line], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """An export of generations whose uses were held: the first hold released, the second declined, others waiting."""
    home = tmp_path_factory.mktemp("reviewed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROVENANCE_HOME", str(home))
        patch.setattr(System, "encoder", encoder)
        lines = [
            dict(works[n]) | {"licence": {"kind": "share_of_revenue", "rate_basis_points": 2500} | RISK}
            for n in SOURCES
        ]
        (home / "works.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        call("ingest", str(home / "works.jsonl"))
        call("parties", "add", "lumen-studio", "--name", "Lumen Studio")
        for name in OUTPUTS:
            parts = [{"worker": p["worker"], "text": p["text"]} for p in outputs[name]["parts"]]
            body = json.dumps({"id": name, "price": outputs[name]["price"], "parts": parts})
            (home / "output.json").write_text(body, encoding="utf-8")
            call("submit", str(home / "output.json"), "--service", "lumen-studio")
        holds = json.loads(call("reviews", "--json"))["reviews"]
        assert len(holds) >= 3
        for hold, how in zip(holds, ("--release", "--decline"), strict=False):
            call("reviews", "resolve", hold["generation"], hold["work"], how, "--reason", f"=read {how}")
        call("export", "-o", str(home / "export.zip"))
    with zipfile.ZipFile(home / "export.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def forgery(whole: dict[str, bytes], tmp_path: Path) -> Forgery:
    files = dict(whole)
    manifest = json.loads(files.pop("manifest.json"))
    return Forgery(files, manifest, tmp_path / "forged.zip")


def test_what_was_not_forged_passes(forgery: Forgery) -> None:
    assert forgery.failed() == set()


def _released(form: Form) -> bool:
    return bool(form["resolution"] == "release")


def _pay_one_claimant(form: Form) -> None:
    if _released(form):
        form["released"][0]["party"] = "lumen-studio"


def _swap(form: Form) -> None:
    form["resolution"] = "decline" if _released(form) else "release"


def _hold_less(form: Form) -> None:
    form["held"]["micros"] = "1"


def _other_work(form: Form) -> None:
    form["work"] = "work_other"


def _no_transaction(form: Form) -> None:
    form["transaction"] = None


def _nonsense(form: Form) -> None:
    form["resolution"] = ["release"]


@pytest.mark.parametrize("change", [_pay_one_claimant, _swap, _hold_less, _other_work, _no_transaction, _nonsense])
def test_a_review_that_says_something_else_fails(forgery: Forgery, change: Callable[[Form], None]) -> None:
    forgery.change("review", change)
    assert REVIEWS in forgery.failed()


def _posting(forgery: Forgery, cause: str, account: str) -> None:
    """Let what was held go to one account alone."""

    def post(form: Form) -> None:
        if form["cause"] == cause:
            held = next(e["micros"] for e in form["entries"] if e["account"] == "held/USD")
            form["entries"] = [{"account": "held/USD", "micros": held}, {"account": account, "micros": f"-{held}"}]

    forgery.change("transaction", post)


def test_a_release_that_posts_to_somebody_else_fails(forgery: Forgery) -> None:
    _posting(forgery, "release", "party_payable/lumen-studio/USD")
    assert forgery.failed() == {REVIEWS, TRIAL}


def test_a_decline_that_keeps_it_all_as_revenue_fails(forgery: Forgery) -> None:
    _posting(forgery, "decline", "generation_revenue/USD")
    assert forgery.failed() == {REVIEWS, TRIAL}


def test_a_resolution_that_names_another_transaction_than_the_one_that_held_fails(forgery: Forgery) -> None:
    first = forgery.forms("transaction")[-3]["id"]

    def name(form: Form) -> None:
        if form["cause"] in ("release", "decline"):
            form["corrects"] = first

    forgery.change("transaction", name)
    assert REVIEWS in forgery.failed()


def test_a_transaction_without_its_review_fails(forgery: Forgery) -> None:
    gone = [form for form in forgery.forms("review") if _released(form)]
    forgery.put("review", gone)
    assert CAUSED in forgery.failed()


def test_a_review_that_was_taken_out_or_stands_twice_is_found(forgery: Forgery) -> None:
    forms = forgery.forms("review")
    for changed, check in ((forms[1:], COMPLETE), (forms[:-1], COMPLETE), ([*forms, forms[0]], TIMELY)):
        forgery.put("review", changed)
        assert check in forgery.failed()


def test_a_hold_that_is_resolved_twice_fails(forgery: Forgery) -> None:
    again = next(form for form in forgery.forms("review") if _released(form))
    forgery.add("review", again | {"id": "review_second"})
    assert {REVIEWS, CAUSED} <= forgery.failed()


def test_a_use_that_is_paid_below_the_threshold_of_its_calibration_fails(forgery: Forgery) -> None:
    """One use alone could name any threshold; but a calibration has one for each risk, and the others name it too."""
    first = next(form["id"] for form in reversed(forgery.forms("generation")) if form["uses"])

    def pay(form: Form) -> None:
        if form["id"] == first:
            form["uses"][0]["threshold_ppm"] = 1

    forgery.change("generation", pay)
    assert ACCRUED in forgery.failed()


def test_a_use_without_its_threshold_fails(forgery: Forgery) -> None:
    def forget(form: Form) -> None:
        for use in form["uses"]:
            del use["threshold_ppm"]

    forgery.change("generation", forget)
    assert ACCRUED in forgery.failed()


def test_another_reason_than_the_one_that_was_given_fails(forgery: Forgery) -> None:
    forgery.files["labels.csv"] = forgery.files["labels.csv"].replace(b"=read --release", b"=read --rubbish")
    assert forgery.failed() == {LABELS}

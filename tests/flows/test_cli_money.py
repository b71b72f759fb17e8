"""Reports, single uses and the books at the command line."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
GenerationFile = Callable[[str], Path]

OUTPUTS = ("out-essay-01", "out-essay-03", "out-essay-04")


@pytest.fixture
def paid(run: Run, library: Path, generation: GenerationFile) -> list[str]:
    """Ids of three generations that used works of oona-tresker, in the order of recording."""
    return [run("submit", generation(o), "--service", "lumen-studio", "--json").json["id"] for o in OUTPUTS]


def test_a_report_adds_up(run: Run, paid: list[str]) -> None:
    report = run("report", "oona-tresker", "--json").json
    total = Decimal(report["totals"][0]["amount"])
    for lines in (report["by_work"], report["by_month"], report["uses"]):
        assert sum(Decimal(line["amount"]) for line in lines) == total
    assert total > 0


def test_the_last_uses_come_newest_first(run: Run, paid: list[str]) -> None:
    report = run("report", "oona-tresker", "--uses", "2", "--json").json
    assert [use["generation"] for use in report["uses"]] == [paid[2], paid[1]]
    assert report["more_uses"]
    assert run("report", "oona-tresker", "--uses", "0", "--json").json["uses"] == []


def test_a_period_leaves_out_what_lies_beyond_it(run: Run, paid: list[str]) -> None:
    past = run("report", "oona-tresker", "--until", "2000-01-01", "--json").json
    assert (past["totals"], past["until"]) == ([], "2000-01-01T00:00:00.000000Z")
    since = run("report", "oona-tresker", "--since", "2000-01-01T12:30+02:00", "--json").json
    assert since["since"] == "2000-01-01T10:30:00.000000Z"
    assert since["totals"][0]["uses"] == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--since", "yesterday"], "'yesterday' is neither a day nor a moment"),
        (["--since", "2026-13-01"], "is neither a day nor a moment"),
        (["--since", "1969-12-31"], "before 1970"),
        (["--since", "2001-01-01", "--until", "2000-01-01"], "ends before it starts"),
    ],
)
def test_a_period_that_is_none_is_refused(run: Run, library: Path, options: list[str], words: str) -> None:
    ran = run("report", "oona-tresker", *options)
    assert ran.code == 1
    assert words in ran.err


def test_a_report_is_a_table_for_a_person(run: Run, paid: list[str]) -> None:
    out = run("report", "oona-tresker").out
    assert "Oona Tresker (oona-tresker), from the beginning to " in out
    assert "The Salt Ledger" in out
    assert all(generation in out for generation in paid)
    assert "Nothing was earned" in run("report", "lumen-studio").out


def test_a_use_shows_the_words_on_both_sides(run: Run, paid: list[str]) -> None:
    used = run("uses", "oona-tresker", paid[0], "--json").json
    assert (used["generation"], used["party"]) == (paid[0], "oona-tresker")
    [work] = used["uses"]
    assert any("pair of books" in m["part_excerpt"] for m in work["matches"])
    assert any("two books" in m["source_excerpt"] for m in work["matches"])
    out = run("uses", "oona-tresker", paid[0]).out
    assert "The Salt Ledger" in out
    assert "share_of_revenue" in out


def test_a_use_of_another_is_not_shown(run: Run, paid: list[str]) -> None:
    for party, generation in (("lumen-studio", paid[0]), ("oona-tresker", "gen_0")):
        assert run("uses", party, generation).code == 1


def test_an_unknown_party_is_told(run: Run, library: Path) -> None:
    ran = run("report", "nobody")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: There is no party 'nobody'.\nmend: List the parties to see their ids.\n"


def test_the_books_balance(run: Run, paid: list[str]) -> None:
    balance = run("trial-balance", "--json").json
    assert balance["balanced"]
    debits = sum(Decimal(a["debit"]) for a in balance["accounts"])
    assert debits == sum(Decimal(a["credit"]) for a in balance["accounts"]) > 0
    out = run("trial-balance").out
    assert "service_receivable/lumen-studio/USD" in out
    assert "equal credits" in out


def test_a_trial_balance_of_the_past_is_of_what_had_happened_and_was_known(run: Run, paid: list[str]) -> None:
    now = run("trial-balance", "--json").json
    assert run("trial-balance", "--known", "2100-01-01", "--json").json == now
    for option in ("--effective", "--known"):
        past = run("trial-balance", option, "2000-01-01", "--json").json
        assert (past["balanced"], past["accounts"]) == (True, [])
        assert run("trial-balance", option, "yesterday").code == 1

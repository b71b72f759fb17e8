"""The sales report of a closed period: every count and sum of it foots, also against the statements."""

from collections import defaultdict
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import NotFound
from provenance.kernel.money import parse_money
from provenance.services.dsr import dsr
from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.dsr import CELLS

MONTH = parse_accounting_period("2026-11")
Record = dict[str, str]


def _records(lines: list[str]) -> dict[str, list[Record]]:
    """Records by kind, their cells by the names that the line before gives them."""
    found: dict[str, list[Record]] = defaultdict(list)
    for line in lines:
        assert line.endswith("\n")
        if line.startswith("#"):
            continue
        cells = line[:-1].split("\t")
        kind = cells[0].split(".")[0]
        found[kind].append(dict(zip(CELLS[kind].split(), cells, strict=True)))
    return found


def _sum(records: list[Record], cell: str = "AllocatedAmount") -> int:
    return sum(parse_money(r[cell], "USD").micros for r in records)


def test_the_report_foots_from_licensors_to_summaries_and_lines(database: SqlDatabase, recorded: Any) -> None:
    lines = list(dsr(database, MONTH, sender="bot"))
    found = _records(lines)
    [head], [foot] = found["HEAD"], found["FOOT"]
    assert (head["UsageStartDate"], head["UsageEndDate"], head["SenderPartyId"]) == ("2026-11-01", "2026-11-30", "bot")
    assert int(foot["NumberOfLinesInFile"]) == int(foot["NumberOfLinesInReport"]) == len(lines)
    assert int(foot["NumberOfSummaryRecords"]) == len(found["SY02"]) == 2, "dollars and euros"
    assert int(foot["NumberOfBlocksInFile"]) == len(found["AS02"]) == len(found["SU03"]) == 3
    for usage in found["SU03"]:
        shares = [r for r in found["LI01"] if r["BlockId"] == usage["BlockId"]]
        assert _sum(shares) == _sum([usage])
        assert sum(float(r["RightsSharePercent"]) for r in shares) == pytest.approx(100)
    for summary in found["SY02"]:
        usages = [r for r in found["SU03"] if r["SummaryRecordId"] == summary["SummaryRecordId"]]
        assert _sum(usages) == _sum([summary])
        assert sum(int(r["Usages"]) for r in usages) == int(summary["Usages"])
    with database.begin() as work:
        stated = sum(r.fact.royalties_micros for r in work.statements.of_period(MONTH, limit=99).items)
    assert _sum(found["SY02"]) == _sum(found["LI01"]) == stated > 0


def test_a_licensor_gets_its_own_shares_alone(database: SqlDatabase, recorded: Any) -> None:
    found = _records(list(dsr(database, MONTH, sender="bot", recipient="ann")))
    assert {r["RightsControllerPartyId"] for r in found["LI01"]} == {"ann"}
    assert found["HEAD"][0]["RecipientPartyId"] == "ann"
    with database.begin() as work:
        stated = [r.fact for r in work.statements.of_period(MONTH, limit=99).items if r.fact.party == "ann"]
    assert _sum(found["LI01"]) == sum(s.royalties_micros for s in stated)


def test_the_same_period_gives_the_same_bytes(database: SqlDatabase, recorded: Any) -> None:
    assert list(dsr(database, MONTH, sender="bot")) == list(dsr(database, MONTH, sender="bot"))


def test_an_open_period_or_a_stranger_has_no_report(database: SqlDatabase, recorded: Any) -> None:
    for period, sender in (("2026-12", "bot"), ("2026-11", "nobody")):
        with pytest.raises(NotFound):
            list(dsr(database, parse_accounting_period(period), sender=sender))

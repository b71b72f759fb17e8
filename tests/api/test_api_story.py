"""The whole story over HTTP: from parties and keys to the words that earned the money, and an export that checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from provenance.adapters.zip_archive import ZipReader
from provenance.services.check_export import check_export

WORKS = (
    "essay-salt-ledger",
    "essay-tide-clock",
    "essay-swarm-savings-bank",
    "poem-three-hands-rope",
    "essay-breakwater-numbers",
)
OUTPUTS = ("out-essay-01", "out-essay-03", "out-essay-04", "out-essay-08", "out-essay-11")
PARTIES = ("oona-tresker", "ines-karlow", "low-lantern-press", "bram-hollevoet", "muse-service")

Form = Callable[..., dict[str, Any]]
Key = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What each of the story's people sends as headers."""

    operator: Key
    creator: Key
    service: Key
    auditor: Key


def test_from_registration_to_a_checked_export(
    fresh: Any, library: Any, as_work: Form, as_generation: Form, tmp_path: Path
) -> None:
    anyone: httpx.Client = fresh.nobody
    keys = _parties_and_keys(fresh.operator)
    works = {name: _registered(anyone, as_work(library[name]), keys) for name in WORKS}
    index = anyone.post("/v1/index", headers=keys.operator).json()
    assert index["works"] == len(WORKS)
    assert anyone.get("/readyz").json()["ready"] is True

    generations = {name: _submitted(anyone, as_generation(library[name]), keys.service) for name in OUTPUTS}
    # Shards are merged beside: the snapshot may be another one by then, of the same works.
    assert all(len(g["decided_by"]["snapshot"]) == len(index["digest"]) for g in generations.values())
    rewrite = generations["out-essay-01"]
    assert [a["work"]["id"] for a in rewrite["attributions"]] == [works["essay-salt-ledger"]]
    assert rewrite["attributions"][0]["outcome"] == "paid"
    assert generations["out-essay-11"]["attributions"] == []
    listed = anyone.get("/v1/generations", headers=keys.service).json()
    assert listed == {"items": list(generations.values()), "next_cursor": None}

    first = _report_adds_up(anyone, keys.creator, generations)
    _use_shows_the_words(anyone, keys.creator, first, library)
    _books_balance(anyone, keys.auditor, [Decimal(library[name]["price"]["amount"]) for name in OUTPUTS])
    _export_checks(anyone, keys.auditor, tmp_path / "export.zip")


def _parties_and_keys(operator: httpx.Client) -> Keys:
    for party in PARTIES:
        answer = operator.post("/v1/parties", json={"id": party, "name": party.title()})
        assert answer.status_code in (200, 201)

    def key(party: str, scope: str) -> Key:
        answer = operator.post("/v1/keys", json={"party": party, "scopes": [scope]})
        assert answer.status_code == 201
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    return Keys(
        operator=dict(operator.headers),
        creator=key("oona-tresker", "creator"),
        service=key("muse-service", "service"),
        auditor=key("the-auditor", "auditor"),
    )


def _registered(anyone: httpx.Client, form: dict[str, Any], keys: Keys) -> str:
    """The creator registers its own works; the operator those of others."""
    owner = form["claims"][0]["party"]
    headers = keys.creator if owner == "oona-tresker" else keys.operator
    answer = anyone.post("/v1/works", json=form | {"registrant": owner}, headers=headers)
    assert (answer.status_code, answer.json()["outcome"]) == (201, "new"), answer.text
    work = str(answer.json()["work"]["id"])
    assert answer.headers["Location"] == f"/v1/works/{work}"
    return work


def _submitted(anyone: httpx.Client, form: dict[str, Any], service: Key) -> dict[str, Any]:
    answer = anyone.post("/v1/generations", json=form, headers=service)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    shares = sum(a["share_ppb"] for a in found["attributions"]) + found["unattributed"]["share_ppb"]
    assert shares == 1_000_000_000
    assert anyone.get(answer.headers["Location"], headers=service).json() == found
    return found


def _report_adds_up(anyone: httpx.Client, creator: Key, generations: Mapping[str, Any]) -> dict[str, Any]:
    report = anyone.get("/v1/parties/oona-tresker/report", headers=creator).json()
    total = Decimal(report["totals"][0]["amount"])
    earned = sum(
        Decimal(accrual["amount"])
        for generation in generations.values()
        for attribution in generation["attributions"]
        for accrual in attribution["accruals"]
        if accrual["party"] == "oona-tresker"
    )
    assert total == earned > 0
    for lines in ("by_work", "by_month", "uses"):
        assert sum(Decimal(line["amount"]) for line in report[lines]) == total
    first: dict[str, Any] = report["uses"][0]
    return first


def _use_shows_the_words(anyone: httpx.Client, creator: Key, first: dict[str, Any], library: Any) -> None:
    detail = anyone.get(f"/v1/parties/oona-tresker/uses/{first['generation']}", headers=creator).json()
    (use,) = detail["uses"]
    assert use["earned"][0]["amount"] == first["amount"]
    text, source = library["out-essay-01"]["parts"][0]["text"], library["essay-salt-ledger"]["text"]
    assert use["matches"]
    for match in use["matches"]:
        assert match["part_excerpt"] == text[slice(*match["part_span"])]
        assert match["source_excerpt"] == source[slice(*match["source_span"])]
        assert match["worker"]["id"] == "brain-1"


def _books_balance(anyone: httpx.Client, auditor: Key, prices: list[Decimal]) -> None:
    balance = anyone.get("/v1/trial-balance", headers=auditor).json()
    assert balance["balanced"] is True
    owed = next(a for a in balance["accounts"] if a["account"] == "service_receivable/muse-service/USD")
    assert Decimal(owed["debit"]) == sum(prices)


def _export_checks(anyone: httpx.Client, auditor: Key, archive: Path) -> None:
    with anyone.stream("GET", "/v1/exports", headers=auditor) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
        assert answer.headers["content-disposition"].startswith('attachment; filename="provenance-19700101-')
        archive.write_bytes(answer.read())
    assert int(answer.headers["content-length"]) == archive.stat().st_size
    checks = check_export(ZipReader(archive))
    assert [check.problems for check in checks] == [[]] * len(checks)
    assert {c.name: c.checked for c in checks}["accruals follow from shares, terms and claims"] == len(OUTPUTS)

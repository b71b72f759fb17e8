"""A dispute in an export that was tampered with is found out, whatever was changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from provenance.kernel.canonical import canonical_bytes
from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.accrual import Outcome, WorkUse, split_royalty
from provenance.royalties.dispute import Action, Dispute, take
from provenance.royalties.dispute_money import hold_of, settle
from provenance.services.check_disputes import check_disputes
from provenance.services.facts import describe, use_form
from provenance.sources.claim import Claims

AT = datetime(2026, 11, 2, tzinfo=UTC)
CLAIMS = Claims(basis_points={"ann": 7_500, "cy": 2_500}, valid_from=date(2026, 1, 1))
KINDS = ("claims", "generation", "dispute", "dispute_step", "dispute_hold", "dispute_settlement", "transaction")
Forms = dict[str, list[dict[str, Any]]]


@dataclass
class Export:
    """Forms in memory. Implements what the check reads of an archive."""

    forms: Forms = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def lines(self, name: str) -> Iterator[bytes]:
        return (canonical_bytes(form) for form in self.forms[name.removesuffix(".jsonl")])

    def describe(self, name: str) -> dict[str, Any]:
        raise NotImplementedError

    def names(self) -> frozenset[str]:
        raise NotImplementedError

    @property
    def leaves(self) -> dict[tuple[str, str], tuple[int, str]]:
        found = [(kind, form["id"]) for kind in KINDS for form in self.forms[kind]]
        return {name: (number, "") for number, name in enumerate(found)}

    def problems(self) -> list[str]:
        return check_disputes(self, self.leaves).problems


@pytest.fixture
def export() -> Export:
    """Ann's part is disputed, held of one use, and a quarter of it returned to bob."""
    royalty = Money("USD", MicroUnits(100_001))
    use = WorkUse(
        work="w",
        share_ppb=1,
        outcome=Outcome.PAID,
        licence_id="l",
        claims_id="c",
        price_part=royalty,
        royalty=royalty,
        held=None,
        accruals=split_royalty("w", royalty, CLAIMS),
    )
    dispute = Dispute(
        disputant="bob",
        work="w",
        claims="c",
        parts={"ann": 4_000},
        reason="Mine.",
        raised_at=AT,
        held_from=AT,
        in_favour_of="bob",
    )
    found = hold_of(dispute, "g", use, posted="txn_g", effective_at=AT, held_before={})
    assert found is not None
    hold, held = found
    step = take(dispute, [], Action.DECIDE, by="judge", at=AT, reason="So.", returned_basis_points=2_500)
    settlement, settled = settle(dispute, hold, 2_500, at=AT)
    made = Export()
    made.forms["claims"].append({"id": "c"})
    made.forms["generation"].append({"id": "g", "uses": [use_form(use)], "transaction": "txn_g"})
    for fact in (dispute, step, hold, held, settlement, settled):
        kind, _, form = describe(fact, AT)
        made.forms[kind].append(json.loads(canonical_bytes(form)))
    return made


def test_a_dispute_as_it_was_recorded_passes(export: Export) -> None:
    assert export.problems() == []


def test_a_use_of_disputed_claims_that_was_not_held_is_found(export: Export) -> None:
    # Recorded after the dispute began, before it ended.
    late = export.forms["generation"][0] | {"id": "late"}
    export.forms["generation"].append(late)
    order = [("claims", "c"), ("generation", "g")]
    order += [(kind, form["id"]) for kind in ("dispute", "dispute_hold") for form in export.forms[kind]]
    order += [("generation", "late"), *((kind, f["id"]) for kind in KINDS[3:] for f in export.forms[kind])]
    leaves = {name: (number, "") for number, name in enumerate(dict.fromkeys(order))}
    assert check_disputes(export, leaves).problems == [
        f"late: nothing of it was held, and {export.forms['dispute'][0]['id']} disputes a part of it"
    ]


def _part(forms: Forms, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = forms[kind][0]["parts"][0]
    return found


FORGERIES: dict[str, tuple[Callable[[Forms], object], str]] = {
    "another claimant of the dispute": (lambda f: f["dispute"][0].update(disputant="eve"), "id doesn't follow"),
    "its own part": (lambda f: f["dispute"][0].update(in_favour_of="ann"), "nobody else's part"),
    "a step that is missing": (lambda f: f["dispute_step"][0].update(number=2), "isn't the next step"),
    "another decision": (lambda f: f["dispute_step"][0].update(returned_basis_points=9_000), "doesn't follow from"),
    "no decision at all": (lambda f: f["dispute_step"].clear(), "dispute_settlement|settlement"),
    "a hold of more": (lambda f: _part(f, "dispute_hold")["money"].update(micros="40002"), "more of ann"),
    "a hold of less": (lambda f: _part(f, "dispute_hold")["money"].update(micros="39999"), "less than is disputed"),
    "a hold of another claim": (lambda f: f["generation"][0]["uses"][0].update(claims="d"), "no use of what"),
    "a hold that posts less": (lambda f: f["transaction"][0]["entries"][0].update(micros="-1"), "something else"),
    "a hold of another transaction": (lambda f: f["transaction"][0].update(corrects="txn_x"), "another transaction"),
    "a release that was never held": (
        lambda f: _part(f, "dispute_settlement")["released"].update(micros="99"),
        "doesn't follow from the decision",
    ),
    "a settlement to somebody else": (lambda f: _part(f, "dispute_settlement").update(party="cy"), "parts of others"),
    "a settlement that posts elsewhere": (
        lambda f: f["transaction"][1]["entries"][0].update(account="held/EUR"),
        "something else",
    ),
    "a hold that is never settled": (lambda f: f["dispute_settlement"].clear(), "never settled"),
    "a settlement twice": (
        lambda f: f["dispute_settlement"].append(f["dispute_settlement"][0] | {"id": "again"}),
        "settled before",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_was_changed_is_found(export: Export, name: str) -> None:
    forge, said = FORGERIES[name]
    forge(export.forms)
    problems = " ".join(export.problems())
    assert any(word in problems for word in said.split("|")), problems

"""The saga through the adapter of Stripe Connect, against a double that keeps state: faults, events, late failures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.stripe_connect.client import API_VERSION, open_client
from provenance.adapters.stripe_connect.onboarding import StripeOnboarding
from provenance.adapters.stripe_connect.provider import StripeConnect
from provenance.adapters.stripe_connect.webhooks import verified_report
from provenance.kernel.errors import InvalidInput, InvalidReport, InvalidSignature, Unavailable
from provenance.ledger.accounts import AccountKind
from provenance.payouts.event import State, What
from provenance.payouts.next_step import AskPerson
from provenance.payouts.payee_account import Readiness
from provenance.payouts.payout import Payout
from provenance.payouts.reported import About, Made
from provenance.services.payees import link, open_account, payee, refresh
from provenance.services.payout_advance import advance
from provenance.services.payout_decisions import retry
from provenance.services.payout_plan import Planned, run
from provenance.services.payout_reports import Processed, process, take_in
from provenance.stripe_double.core import control
from provenance.stripe_double.core.links import open_link
from provenance.stripe_double.core.records import Endpoint
from provenance.stripe_double.edges.in_process import Double, InProcessClient

from .closing_story import NOVEMBER, close, post
from .payout_story import NO_LIMIT, NOW, Payouts

PAYABLE, CLEARING, CASH = AccountKind.PARTY_PAYABLE, AccountKind.PAYOUT_CLEARING, AccountKind.PAYOUT_CASH


@dataclass
class OnStripe:
    """A platform with money, ann and bob onboarded, and what they are owed."""

    database: SqlDatabase
    double: Double

    def __post_init__(self) -> None:
        self.client = open_client("sk_test_double", http_client=InProcessClient(self.double))
        self.provider = StripeConnect(self.client)
        self.onboarding = StripeOnboarding(
            self.client, country="US", return_url="https://example.org/back", refresh_url="https://example.org/again"
        )
        self.story = Payouts(self.database)
        self.endpoints = {
            connect: self.client.v1.webhook_endpoints.create(
                {"url": "http://127.0.0.1:9/", "enabled_events": ["*"], "connect": connect}
            ).secret
            for connect in (False, True)
        }

    def clock(self) -> datetime:
        return datetime.fromtimestamp(self.double.now, UTC)

    def open(self, party: str, *, bring: bool = True) -> str:
        found = open_account(self.database, self.onboarding, party, country="US", email=None, clock=self.clock).account
        assert found is not None
        if bring:
            self.double.onboard(found.account)
            refresh(self.database, self.onboarding, party, self.clock)
        return found.account

    def run(self, party: str | None = None) -> Planned:
        return run(self.database, self.provider.way, NO_LIMIT, by="press", at=self.clock(), party=party)

    def one(self, party: str = "ann") -> Payout:
        return next(p for p in self.run(party).payouts if p.currency == "USD")

    def advance(self, payout: Payout, *, look_again: bool = False) -> Any:
        return advance(self.database, {"stripe": self.provider}, payout.id, self.clock, look_again=look_again)

    def until_paid(self, payout: Payout, days: int = 4) -> State:
        for _ in range(days * 4):
            self.advance(payout)
            self.double.advance(6 * 3_600)
        return self.advance(payout).at.state  # type: ignore[no-any-return]

    def deliver(self) -> list[Processed]:
        for signed in self.double.deliveries():
            report = verified_report(
                self.client,
                signed.body,
                signed.signature,
                secrets=[str(s) for s in self.endpoints.values()],
                now=self.clock(),
            )
            take_in(self.database, report, at=self.clock())
        return [*process(self.database, {"stripe": self.provider}, self.onboarding, self.clock)]

    def platform_minor(self, currency: str = "usd") -> int:
        held = self.double.world.books[self.double.world.platform][currency]
        return held.available + held.pending


@pytest.fixture
def on_stripe(database: SqlDatabase, opened: Any) -> OnStripe:
    for party in ("ann", "bob"):
        at = NOVEMBER.until - timedelta(days=3)
        post(database, f"more-{party}", "correction", 25_004_321, effective=at, at=at, party=party)
    close(database)
    made = OnStripe(database, Double(seed=3, now=int(NOW.timestamp())))
    made.double.fund(100_000, "usd")
    return made


def test_a_creator_is_paid_from_statement_to_bank(on_stripe: OnStripe) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    assert on_stripe.advance(payout).at.state is State.CONFIRMED
    assert on_stripe.platform_minor() == 100_000 - payout.minor_units
    assert on_stripe.story.balance(CASH) == -payout.money.micros
    assert on_stripe.until_paid(payout) is State.SETTLED
    assert on_stripe.story.balance(CLEARING, "ann") == 0


def test_events_move_it_on_as_well_and_each_once(on_stripe: OnStripe) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.advance(payout)
    on_stripe.double.advance(4 * 86_400)
    made = on_stripe.deliver()
    assert on_stripe.story.state(payout) is State.SETTLED
    assert {p.made for p in made} <= {Made.LOOKED, Made.ACCOUNT, Made.UNKNOWN_TYPE}
    assert on_stripe.deliver() == []


@pytest.mark.parametrize(
    "fault", ["timeout_before", "timeout_after", "conflict", "lock_timeout", "rate_limited", "unavailable"]
)
@pytest.mark.parametrize("path", ["/v1/transfers", "/v1/payouts"])
def test_a_fault_around_a_call_pays_once(on_stripe: OnStripe, fault: str, path: str) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.double.inject(fault, path=path)
    assert on_stripe.until_paid(payout) is State.SETTLED
    assert on_stripe.platform_minor() == 100_000 - payout.minor_units
    assert len(on_stripe.client.v1.transfers.list().data) == 1


@pytest.mark.parametrize("fault", ["error_before", "error_after"])
@pytest.mark.parametrize("path", ["/v1/transfers", "/v1/payouts"])
def test_a_failure_that_is_answered_again_under_the_key_pays_once(on_stripe: OnStripe, fault: str, path: str) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.double.inject(fault, path=path)
    assert on_stripe.until_paid(payout, days=6) is State.SETTLED
    assert on_stripe.platform_minor() == 100_000 - payout.minor_units
    assert len(on_stripe.client.v1.transfers.list().data) == 1


def test_what_the_platform_lacks_is_waited_for(on_stripe: OnStripe) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.double.inject("insufficient_funds", path="/v1/transfers", times=3)
    assert on_stripe.until_paid(payout) is State.SETTLED
    whats = [e.what for e in on_stripe.story.standing(payout).history.events]
    assert whats.count(What.REFUSED) == 3


@pytest.mark.parametrize("fault", ["payout_fails", "payout_fails_late"])
def test_a_bank_that_sends_it_back_leaves_it_owed(on_stripe: OnStripe, fault: str) -> None:
    owed = -on_stripe.story.balance(PAYABLE, "ann")
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.double.inject(fault, seconds=3_600)
    on_stripe.until_paid(payout)
    on_stripe.deliver()
    assert on_stripe.story.state(payout) is State.RETURNED
    assert on_stripe.platform_minor() == 100_000
    assert -on_stripe.story.balance(PAYABLE, "ann") == owed
    assert on_stripe.story.balance(CASH) == on_stripe.story.balance(CLEARING, "ann") == 0
    assert [s.why for s in on_stripe.run("ann").skipped] in (["account_dead"], ["account_incomplete"])


def test_an_account_that_was_closed_is_paid_nothing(on_stripe: OnStripe) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.double.inject("account_closed", path="/v1/transfers")
    assert on_stripe.until_paid(payout) is State.RETURNED
    refresh(on_stripe.database, on_stripe.onboarding, "ann", on_stripe.clock)
    assert [s.why for s in on_stripe.run("ann").skipped] == ["account_dead"]
    assert on_stripe.platform_minor() == 100_000


def test_a_transfer_that_somebody_reversed_by_hand_is_owed_again(on_stripe: OnStripe) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.double.inject("payout_fails", failure_code="could_not_process")
    on_stripe.advance(payout)
    transfer = on_stripe.client.v1.transfers.list().data[0].id
    on_stripe.double.advance(4 * 86_400)
    on_stripe.client.v1.transfers.reversals.create(transfer)
    found = on_stripe.advance(payout)
    assert found.next == AskPerson(why="undo_refused", code="transfer_already_reversed")
    retry(on_stripe.database, payout.id, by="press", reason="Reversed by hand.", at=on_stripe.clock())
    assert on_stripe.advance(payout, look_again=True).at.state is State.RETURNED
    assert on_stripe.story.balance(CASH) == 0


def test_a_transfer_that_was_reversed_in_part_is_left_to_a_person(on_stripe: OnStripe) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.advance(payout)
    transfer = on_stripe.client.v1.transfers.list().data[0].id
    on_stripe.client.v1.transfers.reversals.create(transfer, {"amount": 1})
    on_stripe.deliver()
    assert on_stripe.story.standing(payout).at.differs == "another_amount"


def test_a_revoked_key_moves_nothing_and_is_recorded(on_stripe: OnStripe) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.double.world.revoked.add("sk_test_double")
    found = on_stripe.advance(payout)
    assert found.unanswered == "key_refused"
    assert on_stripe.story.standing(payout).history.events[-1].code == "key_refused"
    assert on_stripe.platform_minor() == 100_000
    with pytest.raises(Unavailable, match="key_refused"):
        refresh(on_stripe.database, on_stripe.onboarding, "ann", on_stripe.clock)


def test_onboarding_says_what_is_missing_until_it_is_brought(on_stripe: OnStripe) -> None:
    on_stripe.open("ann", bring=False)
    found = payee(on_stripe.database, "ann", "stripe").state
    assert found is not None
    assert found.readiness is Readiness.INCOMPLETE
    assert "external_account" in found.due
    assert [s.why for s in on_stripe.run("ann").skipped] == ["account_incomplete"]
    page = link(on_stripe.database, on_stripe.onboarding, "ann")
    open_link(on_stripe.double.world, page.url.rsplit("/", 1)[1])
    on_stripe.deliver()
    assert refresh(on_stripe.database, on_stripe.onboarding, "ann", on_stripe.clock).readiness is Readiness.READY
    assert on_stripe.run("ann").payouts


def test_opening_an_account_again_opens_no_other(on_stripe: OnStripe) -> None:
    first = on_stripe.open("ann", bring=False)
    assert on_stripe.open("ann", bring=False) == first
    assert len(on_stripe.client.v1.accounts.list().data) == 1


# -- reports that are refused, or kept and left alone -----------------------------------------------------------------


@pytest.fixture
def signed(on_stripe: OnStripe) -> Callable[[Any], tuple[bytes, str]]:
    """Any body, signed as the platform's endpoint would be."""
    import json

    from provenance.stripe_double.core.webhooks import sign

    def make(body: Any, at: int | None = None) -> tuple[bytes, str]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return raw, sign(str(on_stripe.endpoints[False]), raw, on_stripe.double.now if at is None else at)

    return make


def verify(on_stripe: OnStripe, body: bytes, header: str | None) -> Any:
    secrets = [str(s) for s in on_stripe.endpoints.values()]
    return verified_report(on_stripe.client, body, header, secrets=secrets, now=on_stripe.clock())


def event(of: dict[str, Any], kind: str = "transfer.created", **others: Any) -> dict[str, Any]:
    return {"id": "evt_1", "object": "event", "type": kind, "data": {"object": of}} | others


TRANSFER = {"id": "tr_x", "object": "transfer", "amount": 5, "currency": "usd", "destination": "acct_x", "metadata": {}}


@pytest.mark.parametrize("header", [None, "", "t=1,v1=00", "v1=abc", "t=x,v1=", "t=1" * 5_000, "\x00"])
def test_a_wrong_signature_is_refused(on_stripe: OnStripe, signed: Any, header: str | None) -> None:
    body, _ = signed(event(TRANSFER))
    with pytest.raises(InvalidSignature):
        verify(on_stripe, body, header)


def test_a_body_that_was_changed_is_refused(on_stripe: OnStripe, signed: Any) -> None:
    body, header = signed(event(TRANSFER))
    with pytest.raises(InvalidSignature):
        verify(on_stripe, body + b" ", header)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_stale_timestamp_is_refused_and_one_to_come(on_stripe: OnStripe, signed: Any, seconds: int) -> None:
    body, header = signed(event(TRANSFER), on_stripe.double.now + seconds)
    with pytest.raises(InvalidSignature, match="too old"):
        verify(on_stripe, body, header)
    body, header = signed(event(TRANSFER), on_stripe.double.now + seconds // 301 * 299)
    assert verify(on_stripe, body, header).object == "tr_x"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"null",
        {"object": "v2.core.event", "id": "evt_1"},
        {"id": "evt_1", "object": "event", "type": "transfer.created"},
        event({"id": "tr_x", "object": "transfer", "amount": "lots", "currency": "usd", "destination": "a"}),
        event({"id": "tr_x", "object": "transfer", "amount": 5, "currency": "xxx", "destination": "a"}),
        event({"id": "tr\x00", "object": "transfer", "amount": 5, "currency": "usd", "destination": "a"}),
        event(TRANSFER, id="e" * 1_000),
    ],
)
def test_what_is_signed_and_no_event_is_refused(on_stripe: OnStripe, signed: Any, body: Any) -> None:
    with pytest.raises(InvalidReport):
        verify(on_stripe, *signed(body))


def test_an_unknown_type_is_kept_and_left_alone(on_stripe: OnStripe, signed: Any) -> None:
    found = verify(on_stripe, *signed(event({"id": "sub_1", "object": "subscription"}, kind="nobody.knows")))
    assert found.about is About.OTHER
    take_in(on_stripe.database, found, at=on_stripe.clock())
    assert [p.made for p in process(on_stripe.database, {}, None, on_stripe.clock)] == [Made.UNKNOWN_TYPE]


def _made_of(on_stripe: OnStripe, payout: Payout, signed: Any, **changes: Any) -> Made | None:
    on_stripe.advance(payout)
    made = on_stripe.client.v1.transfers.list().data[0]
    of = made.to_dict() | changes
    before = len(on_stripe.story.standing(payout).history.events), on_stripe.story.balance(CASH)
    on_stripe.deliver()
    take_in(on_stripe.database, verify(on_stripe, *signed(event(of))), at=on_stripe.clock())
    [found] = process(on_stripe.database, {"stripe": on_stripe.provider}, None, on_stripe.clock)
    after = len(on_stripe.story.standing(payout).history.events), on_stripe.story.balance(CASH)
    assert before == after, "nothing moved"
    return found.made


@pytest.mark.parametrize(
    ("changes", "made"),
    [
        ({}, Made.LOOKED),
        ({"id": "tr_nobody", "metadata": {}}, Made.UNKNOWN_OBJECT),
        ({"amount": 1}, Made.DIFFERS),
        ({"currency": "eur"}, Made.DIFFERS),
        ({"destination": "acct_of_bob"}, Made.OTHER_ACCOUNT),
    ],
)
def test_a_report_is_held_against_the_intent(
    on_stripe: OnStripe, signed: Any, changes: dict[str, Any], made: Made
) -> None:
    on_stripe.open("ann")
    assert _made_of(on_stripe, on_stripe.one(), signed, **changes) is made


def test_a_report_for_an_answer_that_was_lost_leads_to_the_attempt(on_stripe: OnStripe) -> None:
    on_stripe.open("ann")
    payout = on_stripe.one()
    on_stripe.double.inject("timeout_after", path="/v1/transfers")
    on_stripe.advance(payout)
    assert on_stripe.story.state(payout) is State.SENT
    on_stripe.double.advance(61)
    on_stripe.deliver()
    assert on_stripe.story.state(payout) is State.CONFIRMED


def test_a_live_key_goes_to_stripe_alone() -> None:
    with pytest.raises(InvalidInput, match="live key"):
        open_client("sk_live_x", api_url="http://127.0.0.1:1")
    with pytest.raises(InvalidInput, match="TLS"):
        open_client("sk_test_x", api_url="http://example.org")
    assert API_VERSION == "2026-10-28.endive"


def test_the_platforms_endpoints_are_two(on_stripe: OnStripe) -> None:
    found = [o for o in on_stripe.double.world.objects.values() if isinstance(o, Endpoint)]
    assert sorted(e.connect for e in found) == [False, True]
    assert control.COMMANDS

"""What parties are told: from the fact to the receiver, with signatures that others verify; on both databases."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.webhook_sender import HttpxSender
from provenance.kernel.errors import Conflict, InvalidEndpoint, NotFound
from provenance.services import outbound
from provenance.services.deliver import Delivered, deliver_due
from provenance.services.outbound_stores import EndpointStanding
from provenance.webhooks.delivery import Result
from provenance.webhooks.endpoint import ENDPOINTS_OF_PARTY_MAX, Endpoint
from provenance.webhooks.event import Event, EventType
from provenance.webhooks.schedule import ATTEMPTS_MAX
from provenance.webhooks.signature import OVERLAP, SigningSecret, secret_text
from tests.unit.bank_files.message_values import camt054, details, entry

from .bank_story import booked, closed_month, paid
from .closing_story import NOVEMBER, close, statements
from .payout_story import Clock
from .receivers import Receiver, receiving


class Told:
    """A database with parties, a receiver, and a clock that starts now: the reference verifier has no other."""

    def __init__(self, database: SqlDatabase, receiver: Receiver) -> None:
        self.database, self.receiver = database, receiver
        self.clock = Clock(datetime.now(UTC))

    def add(
        self, party: str = "ann", *events: EventType, key: bytes = b"k" * 32
    ) -> tuple[EndpointStanding, SigningSecret]:
        endpoint = Endpoint(party=party, url=self.receiver.url, events=events or tuple(EventType))
        return outbound.add_endpoint(self.database, endpoint, key=key, loopback=True, at=self.clock())

    def happens(self, subject: str = "p1", party: str = "ann", type_: EventType = EventType.PAYOUT_PAID) -> Event:
        event = Event(type=type_, party=party, subject=subject, at=self.clock(), data={"payout": subject})
        with self.database.begin(write=True) as work:
            outbound.tell(work, event, self.clock())
            work.commit()
        return event

    def deliver(self) -> list[Delivered]:
        return list(deliver_due(self.database, HttpxSender(loopback=True), self.clock))

    def deliveries(self) -> list[Any]:
        with self.database.begin() as work:
            return list(work.outbound.deliveries(limit=1_000).items)


@pytest.fixture
def told(database: SqlDatabase, recorded: Any) -> Iterator[Told]:
    with receiving() as receiver:
        yield Told(database, receiver)


def test_an_event_arrives_once_signed_so_that_others_can_verify_it(told: Told) -> None:
    _, secret = told.add()
    event = told.happens()
    assert [d.made.result for d in told.deliver()] == [Result.DELIVERED]
    assert told.deliver() == []
    [(headers, body)] = told.receiver.got
    assert Webhook(secret_text(secret)).verify(body, headers) == json.loads(event.body)
    assert headers["webhook-id"] == event.id


def test_who_hears_of_what(told: Told) -> None:
    told.add("ann", EventType.PAYOUT_FAILED)
    told.add("bob")
    told.happens("p1", "ann", EventType.PAYOUT_PAID)
    told.happens("p2", "ann", EventType.PAYOUT_FAILED)
    told.happens("p3", "bob", EventType.PAYOUT_PAID)
    told.deliver()
    assert sorted(json.loads(body)["data"]["payout"] for _, body in told.receiver.got) == ["p2", "p3"]


def test_the_same_event_is_told_once_and_what_nobody_hears_of_is_not_kept(told: Told) -> None:
    told.happens("before anybody hears")
    told.add()
    told.happens()
    told.happens()
    assert len(told.deliveries()) == 1


def test_an_event_whose_fact_is_not_committed_is_never_told(told: Told) -> None:
    told.add()
    event = Event(type=EventType.PAYOUT_PAID, party="ann", subject="p", at=told.clock(), data={})
    with told.database.begin(write=True) as work:
        outbound.tell(work, event, told.clock())
    assert told.deliveries() == []


def test_what_is_not_taken_is_tried_again_in_its_time_with_the_same_id_and_body(told: Told) -> None:
    told.add()
    told.happens()
    told.receiver.answers = [(500, {}), (500, {})]
    [first] = told.deliver()
    assert (first.made.result, first.made.note) == (Result.FAILED, "status 500")
    assert told.deliver() == [], "not before its time"
    assert first.made.next_at is not None
    told.clock.now = first.made.next_at
    [second] = told.deliver()
    assert second.made.next_at is not None
    told.clock.now = second.made.next_at
    assert [d.made.result for d in told.deliver()] == [Result.DELIVERED]
    assert len({(headers["webhook-id"], body) for headers, body in told.receiver.got}) == 1


def test_after_so_many_tries_an_endpoint_is_disabled_with_a_note_and_goes_on_where_it_is_enabled(told: Told) -> None:
    made, _ = told.add()
    told.happens()
    told.receiver.answers = [(500, {})] * ATTEMPTS_MAX
    results = []
    for _ in range(ATTEMPTS_MAX):
        results += [d.made.result for d in told.deliver()]
        told.clock.forward(hours=25)
    assert results == [Result.FAILED] * (ATTEMPTS_MAX - 1) + [Result.GIVEN_UP]
    told.happens("p2")
    assert len(told.deliveries()) == 1, "who is disabled isn't told"
    with told.database.begin() as work:
        found = work.outbound.endpoint(made.endpoint.id)
    assert found is not None
    assert not found.enabled
    assert "status 500" in found.note
    outbound.set_enabled(told.database, made.endpoint.id, enabled=True, note="mended", at=told.clock())
    told.happens("p3")
    assert [d.made.result for d in told.deliver()] == [Result.DELIVERED]


def test_who_answers_410_is_disabled_at_once_and_what_waits_stays(told: Told) -> None:
    told.add()
    told.happens("p1")
    told.happens("p2")
    told.receiver.answers = [(410, {})]
    [only] = told.deliver()
    assert only.made.result is Result.GONE
    assert only.disabled is not None
    assert told.deliver() == []
    outbound.set_enabled(told.database, only_endpoint(told), enabled=True, note="", at=told.clock())
    assert [d.made.result for d in told.deliver()] == [Result.DELIVERED], "the other one waited"


def test_what_waits_for_a_month_is_not_told_any_more_unless_it_is_told_again(told: Told) -> None:
    made, _ = told.add()
    told.happens()
    outbound.set_enabled(told.database, made.endpoint.id, enabled=False, note="", at=told.clock())
    told.clock.forward(days=31)
    outbound.set_enabled(told.database, made.endpoint.id, enabled=True, note="", at=told.clock())
    assert told.deliver() == []
    [old] = told.deliveries()
    outbound.replay(told.database, old.delivery.id, at=told.clock())
    assert [d.made.result for d in told.deliver()] == [Result.DELIVERED]


def only_endpoint(told: Told) -> str:
    with told.database.begin() as work:
        [found] = work.outbound.endpoints(limit=2).items
    return found.endpoint.id


def test_anything_can_be_told_again_under_its_id(told: Told) -> None:
    told.add()
    event = told.happens()
    [first] = told.deliver()
    again = outbound.replay(told.database, first.made.delivery, at=told.clock())
    assert again.delivery.number == 2
    assert [d.made.result for d in told.deliver()] == [Result.DELIVERED]
    assert [headers["webhook-id"] for headers, _ in told.receiver.got] == [event.id] * 2
    with pytest.raises(NotFound):
        outbound.replay(told.database, first.made.delivery, at=told.clock(), party="bob")
    with pytest.raises(NotFound):
        outbound.replay(told.database, "delivery_0", at=told.clock())


def test_while_a_secret_is_exchanged_both_sign_and_then_the_new_one_alone(told: Told) -> None:
    made, old = told.add()
    told.clock.forward(minutes=1)
    new = outbound.rotate_secret(told.database, made.endpoint.id, key=b"n" * 32, at=told.clock())
    told.happens("p1")
    told.deliver()
    told.clock.forward(seconds=OVERLAP.total_seconds())
    told.happens("p2")
    told.deliver()
    both, alone = (headers["webhook-signature"].split() for headers, _ in told.receiver.got)
    assert (len(both), len(alone)) == (2, 1)
    headers, body = told.receiver.got[0]
    for secret in (old, new):
        Webhook(secret_text(secret)).verify(body, headers)


def test_no_list_holds_a_secret(told: Told) -> None:
    from provenance.services.outbound_views import delivery_view, endpoint_view

    made, secret = told.add()
    told.happens()
    told.deliver()
    shown = json.dumps([endpoint_view(made), *map(delivery_view, told.deliveries())]) + repr(made) + repr(secret)
    assert secret_text(secret).removeprefix("whsec_") not in shown


def test_what_may_not_be_called_is_not_registered(told: Told) -> None:
    for url in ("http://example.com/", "https://10.0.0.1/", told.receiver.url):
        with pytest.raises(InvalidEndpoint):
            outbound.add_endpoint(
                told.database,
                Endpoint(party="ann", url=url, events=tuple(EventType)),
                key=b"k" * 32,
                loopback=False,
                at=told.clock(),
            )
    with pytest.raises(NotFound):
        told.add("nobody-here")
    told.add()
    with pytest.raises(Conflict):
        told.add()


def test_a_party_has_a_bounded_number_of_endpoints(told: Told) -> None:
    def add(number: int) -> None:
        endpoint = Endpoint(party="ann", url=f"https://example.com/{number}", events=tuple(EventType))
        outbound.add_endpoint(told.database, endpoint, key=b"k" * 32, loopback=False, at=told.clock())

    for number in range(ENDPOINTS_OF_PARTY_MAX):
        add(number)
    with pytest.raises(InvalidEndpoint):
        add(ENDPOINTS_OF_PARTY_MAX)


def test_two_that_deliver_at_once_record_one_try(told: Told) -> None:
    told.add()
    told.happens()

    class Racing:
        def send(self, url: str, headers: Any, body: bytes) -> Any:
            told.deliver()
            return HttpxSender(loopback=True).send(url, headers, body)

    assert list(deliver_due(told.database, Racing(), told.clock)) == []
    assert [d.tries for d in told.deliveries()] == [1]


def test_statements_that_a_close_issues_are_told_to_their_parties(database: SqlDatabase, opened: Any) -> None:
    with receiving() as receiver:
        told = Told(database, receiver)
        told.add("ann", EventType.STATEMENT_ISSUED)
        close(database)
        issued = {s.id for (party, _), s in statements(database, NOVEMBER).items() if party == "ann"}
        assert issued
        told.deliver()
        assert {json.loads(body)["data"]["statement"] for _, body in receiver.got} == issued


def test_a_payout_is_told_when_it_is_paid_and_when_it_comes_back(
    database: SqlDatabase, opened: Any, tmp_path: Path
) -> None:
    by_bank = closed_month(database, tmp_path / "bank")
    with receiving() as receiver:
        told = Told(database, receiver)
        told.add("ann")
        ann = by_bank.by_bank()["ann"]
        by_bank.file()
        by_bank.hears(booked(by_bank, ann), ann)
        returned = details(by_bank.order_of(ann), paid(ann), currency="USD", reason="MS02")
        by_bank.hears(camt054([entry(returned, direction="CRDT")]), ann)
        told.deliver()
        said = [(e["type"], e["data"]["payout"]) for e in (json.loads(body) for _, body in receiver.got)]
        assert said == [("payout.paid", ann.id), ("payout.failed", ann.id)]


def test_pages_lead_through_all_deliveries(told: Told) -> None:
    told.add()
    for number in range(5):
        told.happens(f"p{number}")
    seen, after = [], 0
    while True:
        with told.database.begin() as work:
            page = work.outbound.deliveries(limit=2, after=after, party="ann")
        seen += [d.subject for d in page.items]
        if page.next_after is None:
            break
        after = page.next_after
    assert seen == [f"p{n}" for n in range(5)]
    assert len(told.deliver()) == 5

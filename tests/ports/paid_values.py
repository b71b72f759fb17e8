"""A row in each table of payouts: bob is paid what his closed month leaves, and a provider reports it."""

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel import minor_units
from provenance.payouts.reported import About, Made, Reported
from provenance.services.payout_reports import take_in

from .payout_story import NOW, Payouts


def pay_once(database: SqlDatabase, monkeypatch: pytest.MonkeyPatch, *, send: bool = True) -> None:
    """Plan, approve and, where it is asked for, send what can be paid, and take in a report of it.

    The story's sums are smaller than a cent: for as long as the test runs, a dollar has ten thousand.
    """
    monkeypatch.setitem(minor_units.DECIMALS, "USD", 4)
    payouts = Payouts(database)
    payouts.ready("bob")
    planned = payouts.run().payouts
    assert planned, "the story leaves somebody something that can be paid"
    for payout in planned if send else ():
        payouts.advance(payout)
    report = Reported(
        provider="fake", id="evt_1", type="x", about=About.OTHER, object="obj_1", account=None, currency=None,
        minor_units=None, key=None, payload_sha256="0" * 64,
    )  # fmt: skip
    take_in(database, report, at=NOW)
    with database.begin(write=True) as work:
        work.inbox.settle(1, Made.UNKNOWN_TYPE, None, NOW)
        work.commit()

"""The demo's next month: what it takes to close the month, and to pay by a double of Stripe and by a bank's files.

It happens in a copy of the library whose clock runs ahead, so that the demo's own books stay in today.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from provenance.bootstrap import System
from provenance.cli import server as api
from provenance.kernel.errors import Unavailable
from provenance.settings import Settings
from provenance.statements.accounting_period import AccountingPeriod, PeriodKind, period_of
from provenance.stripe_double.core.funding import fund
from provenance.stripe_double.core.world import Options, World, new_world
from provenance.stripe_double.edges.server import Clock, build_server

START_SECONDS_MAX = 30
CONTROL_SECONDS_MAX = 10
FUNDS_MINOR_UNITS = 10_000
# What the double asks for: any key of a test account.
KEY = "sk_test_demo"
PAYER: dict[str, Any] = {
    "payer_name": "Demo Library",
    "payer_iban": "DE89370400440532013000",
    "payer_bic": "COBADEFFXXX",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeDouble:
    """A double of Stripe on loopback, with money, and a clock that stands until it is moved."""

    world: World
    url: str

    def now(self) -> datetime:
        """Its time, which is that of all of the next month."""
        return datetime.fromtimestamp(self.world.now, UTC)

    def command(self, name: str, **body: Any) -> None:
        """What no customer could do. Raises `Unavailable`."""
        try:
            answer = httpx.post(f"{self.url}/_double/{name}", json=body, timeout=CONTROL_SECONDS_MAX, trust_env=False)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable(f"The double of Stripe failed: {error}.", mend="Run the demo again.") from error

    def forward(self, **delta: int) -> None:
        """Let time pass, for it and for the library."""
        self.command("clock", seconds=int(timedelta(**delta).total_seconds()))


@contextmanager
def double_of_stripe(at: datetime) -> Iterator[StripeDouble]:
    """A double that runs while the block does. Raises `Unavailable` where it doesn't start."""
    with api.listen("127.0.0.1", 0) as listener:
        url = api.url_of(listener)
        world = new_world(seed=0, now=int(at.timestamp()), options=Options(url=url))
        fund(world, FUNDS_MINOR_UNITS, "usd")
        server = build_server(world, Clock(stands=world.now))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="stripe-double", daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + START_SECONDS_MAX
            while not server.started:
                if not thread.is_alive() or time.monotonic() > deadline:
                    raise Unavailable("The double of Stripe did not start.", mend="Run the demo again.")
                time.sleep(0.02)
            yield StripeDouble(world=world, url=url)
        finally:
            server.should_exit = True
            thread.join(START_SECONDS_MAX)


def month_after(now: datetime) -> tuple[AccountingPeriod, datetime]:
    """The month that is open today, and a morning after it."""
    month = period_of(now, PeriodKind.MONTH)
    return month, month.until + timedelta(days=2, hours=8)


def copy_of(home: Path) -> Path:
    """A home with a copy of the books of ``home``."""
    target = home / "next-month"
    target.mkdir()
    with (
        closing(sqlite3.connect(home / "provenance.db")) as source,
        closing(sqlite3.connect(target / "provenance.db")) as copy,
    ):
        source.backup(copy)
    return target


def systems(home: Path, double: StripeDouble) -> Sequence[System]:
    """The same library three times: paying through Stripe, paying by bank files, and knowing both."""
    stripe: dict[str, Any] = {"stripe_key": SecretStr(KEY), "stripe_api_url": double.url}
    common: dict[str, Any] = {"home": home, "database_url": f"sqlite:///{home / 'provenance.db'}", "calibration": None}
    return [System(Settings(**common, **way), clock=double.now) for way in (stripe, PAYER, {**stripe, **PAYER})]


def bank_says(paid: Sequence[tuple[str, str]], at: datetime) -> bytes:
    """What a bank would write of payments that it has booked (camt.054), by end-to-end id and amount in dollars."""
    entries = "".join(
        f'<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls>'
        f'<Refs><EndToEndId>{order}</EndToEndId></Refs><Amt Ccy="USD">{amount}</Amt></TxDtls></NtryDtls></Ntry>'
        for order, amount in paid
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">'
        f"<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>DEMO-1</MsgId><CreDtTm>{at:%Y-%m-%dT%H:%M:%SZ}</CreDtTm></GrpHdr>"
        f"<Ntfctn><Id>1</Id>{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()

"""Stripe's SDK is used in one place, and never to make an event of what nobody has verified."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "provenance"
# The adapter; and the double, which hands out a client of the SDK and verifies nothing.
MAY_IMPORT = ("adapters/stripe_connect/", "stripe_double/edges/in_process.py")
# What makes an object of any words, or reads a report without looking at its signature.
UNVERIFIED = frozenset(
    {
        "construct_from",
        "_construct_from",
        "construct_event_without_verification",
        "parse_event_notification_without_verification",
        "notification_handler_without_verification",
        "async_notification_handler_without_verification",
        "parse_thin_event",
        "deserialize",
    }
)
READS_REPORTS = ("adapters/stripe_connect/", "api/routes/webhooks.py", "services/payout_reports.py")
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def problems(name: str, text: str) -> list[str]:
    """What a file does that it may not."""
    found = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names) if any(n.name.split(".")[0] == "stripe" for n in names):
                found += [] if name.startswith(MAY_IMPORT) else ["imports stripe"]
            case ast.ImportFrom(module=module) if (module or "").split(".")[0] == "stripe":
                found += [] if name.startswith(MAY_IMPORT) else ["imports stripe"]
            case ast.Attribute(attr=attr) if attr in UNVERIFIED:
                found.append(f"calls {attr}")
            case ast.Attribute(value=ast.Name(id="json"), attr="loads" | "load") if name.startswith(READS_REPORTS):
                found.append("reads a report by itself")
    return found


@pytest.mark.parametrize("name", FILES)
def test_no_event_is_made_of_what_nobody_has_verified(name: str) -> None:
    assert problems(name, (PACKAGE / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("services/pay.py", "import stripe"),
        ("services/pay.py", "from stripe import Event"),
        ("adapters/stripe_connect/webhooks.py", "client.construct_event_without_verification(body)"),
        ("adapters/stripe_connect/webhooks.py", "stripe.Event.construct_from(body, key)"),
        ("adapters/stripe_connect/webhooks.py", "json.loads(body)"),
        ("api/routes/webhooks.py", "json.loads(await request.body())"),
    ],
)
def test_the_rule_finds_what_it_forbids(name: str, text: str) -> None:
    wrapped = f"async def f():\n    {text}\n"
    assert problems(name, wrapped)

"""Generations: what a service sends, within bounds, and the digest of all of it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from provenance.kernel.errors import InvalidInput, InvalidMoney, InvalidText, TooLarge
from provenance.kernel.money import MicroUnits, Money
from provenance.workers.generation import (
    MADE_AHEAD_MAX,
    MADE_BEFORE_MAX,
    PARTS_MAX,
    PROMPT_CHARS_MAX,
    Generation,
    Part,
    check_made_at,
    parse_made_at,
)
from provenance.workers.worker import Worker, WorkerKind

POET = Worker(id="poet-1", kind=WorkerKind.SPECIALISED, model="poet", model_version="2.1", region="eu-west")
BRAIN = Worker(id="brain", kind=WorkerKind.BRAIN, model="core", model_version="7", region="eu-west")


AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def part(text: str = "Once upon a time.", worker: Worker = POET) -> Part:
    return Part(worker=worker, text=text)


def generation(**changes: Any) -> Generation:
    fields: dict[str, Any] = {
        "service": "studio",
        "external_id": "out-1",
        "price": Money("USD", MicroUnits(40_000)),
        "parts": (part(),),
    }
    return Generation(**(fields | changes))


def test_a_generation_is_for_any_place_and_purpose_unless_it_says_otherwise() -> None:
    assert (generation().territory, generation().purpose) == ("*", "*")


def test_a_parts_text_must_be_a_text() -> None:
    for text in ("", "  ", "a\x00", "\ud800"):
        with pytest.raises(InvalidText):
            part(text)


def test_a_part_of_a_quarter_million_characters_is_taken_and_a_longer_one_is_not() -> None:
    assert len(part("a" * 250_000).text) == 250_000
    with pytest.raises(TooLarge, match="250,001 characters is over the bound of 250,000"):
        part("a" * 250_001)


def test_an_overlong_part_is_told_its_length_before_its_text_is_looked_at() -> None:
    with pytest.raises(TooLarge):
        part("\x00" * 250_001)


def test_a_generation_has_one_to_sixty_four_parts() -> None:
    assert len(generation(parts=(part(),) * PARTS_MAX).parts) == 64
    for count in (0, 65):
        with pytest.raises(InvalidInput, match=f"1 to 64 parts, not {count}"):
            generation(parts=(part(),) * count)


def test_the_parts_together_are_bounded_by_half_a_million_characters() -> None:
    half = part("a" * 250_000)
    assert len(generation(parts=(half, half)).parts) == 2
    with pytest.raises(TooLarge, match="together have over 500,000 characters"):
        generation(parts=(half, half, part("a")))


@pytest.mark.parametrize("micros", [0, 1, 10**12])
def test_a_price_from_zero_to_a_million_is_taken(micros: int) -> None:
    assert generation(price=Money("USD", MicroUnits(micros))).price.micros == micros


@pytest.mark.parametrize("micros", [-1, 10**12 + 1])
def test_a_price_below_zero_or_above_a_million_is_refused(micros: int) -> None:
    with pytest.raises(InvalidMoney, match=r"is not between 0 and 1,000,000\. Check") as refused:
        generation(price=Money("USD", MicroUnits(micros)))
    assert "main unit" in refused.value.mend


@pytest.mark.parametrize(
    ("field", "what"), [("external_id", "generation id"), ("territory", "territory"), ("purpose", "purpose")]
)
@pytest.mark.parametrize("value", ["", " a", "a\u200b", "x" * 201], ids=ascii)
def test_a_name_that_could_deceive_is_refused(field: str, what: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        generation(**{field: value})
    assert refused.value.data == {"field": what}


def test_the_id_follows_from_the_service_and_its_own_id_alone() -> None:
    other = generation(price=Money("EUR", MicroUnits(1)), parts=(part("Other."),), territory="DE", purpose="film")
    assert generation().id == other.id == "gen_94cc19349409580625c73a37"
    assert len({generation().id, generation(service="other").id, generation(external_id="out-2").id}) == 3


def test_the_payload_digest_is_that_of_all_that_was_sent() -> None:
    written = (
        b'{"external_id":"out-1","parts":[{"kind":"specialised","model":"poet","model_version":"2.1",'
        b'"region":"eu-west","text_sha256":"d5b47e113d12a0b03abb0562808b243710b84d997969faaf1d26dccba1ce07f1",'
        b'"worker":"poet-1"}],"price":{"currency":"USD","micros":"40000"},"purpose":"film","service":"studio",'
        b'"territory":"DE"}'
    )
    assert generation(territory="DE", purpose="film").payload_digest == hashlib.sha256(written).hexdigest()


@pytest.mark.parametrize(
    "changes",
    [
        {"service": "other"},
        {"external_id": "out-2"},
        {"price": Money("USD", MicroUnits(40_001))},
        {"price": Money("EUR", MicroUnits(40_000))},
        {"territory": "DE"},
        {"purpose": "film"},
        {"parts": (part("Once upon a time!"),)},
        {"parts": (part(worker=BRAIN),)},
        {"parts": (part(), part())},
        {"prompt": "Tell me a story."},
        {"made_at": AT},
    ],
    ids=lambda c: next(iter(c)),
)
def test_another_payload_has_another_digest(changes: dict[str, Any]) -> None:
    assert generation(**changes).payload_digest != generation().payload_digest


def test_the_order_of_the_parts_is_part_of_the_payload() -> None:
    one, two = part("One."), part("Two.")
    assert generation(parts=(one, two)).payload_digest != generation(parts=(two, one)).payload_digest


def test_the_payload_digest_names_the_prompt_by_its_own_digest_and_the_time_in_utc() -> None:
    made = generation(prompt="Tell me.", made_at=AT)
    prompt_sha256 = hashlib.sha256(b"Tell me.").hexdigest()
    assert made.circumstances == {"prompt_sha256": prompt_sha256, "made_at": "2026-11-21T08:00:00.000000Z"}
    assert generation().circumstances == {}
    assert made.id == generation().id


def test_a_prompt_must_be_a_text_within_its_bound() -> None:
    assert generation(prompt="a" * PROMPT_CHARS_MAX).prompt == "a" * 100_000
    with pytest.raises(TooLarge, match="100,001 characters is over the bound of 100,000"):
        generation(prompt="a" * 100_001)
    for prompt in ("", " \n", "a\x00", "\ud800"):
        with pytest.raises(InvalidText):
            generation(prompt=prompt)


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_a_time_that_is_not_in_utc_is_refused(zone: timezone | None) -> None:
    with pytest.raises(InvalidInput, match="not in UTC"):
        generation(made_at=AT.replace(tzinfo=zone))


@pytest.mark.parametrize(
    "text",
    ["2026-11-21T08:00:00Z", "2026-11-21t08:00:00.0z", "2026-11-21 09:30:00+01:30", "2026-11-20T24:00:00-08:00"],
)
def test_a_moment_is_read_with_its_offset(text: str) -> None:
    if "24:00" in text:
        with pytest.raises(InvalidInput):
            parse_made_at(text)
    else:
        assert parse_made_at(text) == AT
        assert parse_made_at(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-21",
        "2026-11-21T08:00:00",
        "2026-11-21T08:00Z",
        "1763712000",
        "2026-13-21T08:00:00Z",
        "2026-11-21T08:00:60Z",
        "2026-11-21T08:00:00.1234567Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-11-21T08:00:00Z\n",
        "٢٠٢٦-11-21T08:00:00Z",
        "2" * 100_000,
    ],
    ids=lambda t: ascii(t)[:40],
)
def test_what_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_made_at(text)
    assert refused.value.data == {"field": "made_at"}
    assert len(refused.value.message) < 200


def test_an_output_is_made_neither_in_the_future_nor_too_long_ago() -> None:
    for made_at in (AT, AT + MADE_AHEAD_MAX, AT - MADE_BEFORE_MAX):
        check_made_at(made_at, taken_in=AT)
    moment = timedelta(microseconds=1)
    for made_at, words in ((AT + MADE_AHEAD_MAX + moment, "future"), (AT - MADE_BEFORE_MAX - moment, "92 days ago")):
        with pytest.raises(InvalidInput, match=words):
            check_made_at(made_at, taken_in=AT)

"""Generations: what a service sends us, in parts by worker; what for and when, where the service says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from provenance.kernel.canonical import Json, digest, sha256_hex
from provenance.kernel.errors import InvalidInput, InvalidMoney, TooLarge
from provenance.kernel.ids import check_external_id, check_purpose, check_territory, derived_id
from provenance.kernel.money import MICROS_PER_UNIT, Money
from provenance.sources.licence import ANY_PURPOSE, ANYWHERE
from provenance.sources.work import check_text
from provenance.workers.worker import Worker

PART_CHARS_MAX = 250_000
PARTS_MAX = 64
GENERATION_CHARS_MAX = 500_000
PRICE_MICROS_MAX = 1_000_000 * MICROS_PER_UNIT
PROMPT_CHARS_MAX = 100_000

# Clocks differ: how far ahead of ours a worker's may be.
MADE_AHEAD_MAX = timedelta(minutes=5)
# How long a worker may be cut off from us. A time before all works would make every work too late to be paid.
MADE_BEFORE_MAX = timedelta(days=92)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The text that one worker contributed.

    Raises:
        InvalidText: empty or binary.
        TooLarge: above `PART_CHARS_MAX` characters.
    """

    worker: Worker
    text: str

    def __post_init__(self) -> None:
        if len(self.text) > PART_CHARS_MAX:
            raise TooLarge(
                f"A part of {len(self.text):,} characters is over the bound of {PART_CHARS_MAX:,}.",
                mend="Send it as several parts.",
            )
        check_text(self.text)


@dataclass(frozen=True, kw_only=True)  # no slots: what follows from all of it is kept, see `id`
class Generation:
    """One output, as its service sent it. ``external_id`` is the service's own name for it.

    ``prompt`` is what the customer brought: words that came with it are nobody's. What a worker was told by another is
    no part of it, since that may hold works that were looked up. ``made_at`` (UTC) is when the output was made, where
    that isn't when it is taken in.

    Raises:
        InvalidInput: no part, too many, a name with invisible characters, or a time that isn't in UTC.
        InvalidMoney: a price below zero or above a million units.
        InvalidText: a prompt that is empty or binary.
        TooLarge: the prompt, or the parts together, are too long.
    """

    service: str
    external_id: str
    price: Money
    parts: tuple[Part, ...]
    territory: str = ANYWHERE
    purpose: str = ANY_PURPOSE
    prompt: str | None = None
    made_at: datetime | None = None

    def __post_init__(self) -> None:
        check_external_id(self.external_id, what="generation id")
        check_territory(self.territory)
        check_purpose(self.purpose)
        if not 0 < len(self.parts) <= PARTS_MAX:
            raise InvalidInput(f"A generation has 1 to {PARTS_MAX} parts, not {len(self.parts)}.")
        if sum(len(p.text) for p in self.parts) > GENERATION_CHARS_MAX:
            raise TooLarge(f"The parts together have over {GENERATION_CHARS_MAX:,} characters.")
        if not 0 <= self.price.micros <= PRICE_MICROS_MAX:
            raise InvalidMoney(
                f"A price of {self.price} is not between 0 and {PRICE_MICROS_MAX // MICROS_PER_UNIT:,}.",
                mend="Check the unit: amounts are in the main unit of the currency, such as dollars.",
            )
        if self.prompt is not None:
            check_prompt(self.prompt)
        if self.made_at is not None and self.made_at.utcoffset() != timedelta(0):
            raise InvalidInput("The time at which it was made is not in UTC.", field="made_at")

    @cached_property
    def id(self) -> str:
        """Our id; it follows from the service and its own id. Kept: every row of the generation names it."""
        return derived_id("gen", {"service": self.service, "external_id": self.external_id})

    @cached_property
    def payload_digest(self) -> str:
        """Digest of all that was sent; the texts stand in it by their own digests.

        What wasn't sent has no place in it, so that a payload keeps its digest when there is more that could be sent.
        """
        parts: list[Json] = [
            {
                "worker": p.worker.id,
                "kind": p.worker.kind.value,
                "model": p.worker.model,
                "model_version": p.worker.model_version,
                "region": p.worker.region,
                "text_sha256": sha256_hex(p.text.encode()),
            }
            for p in self.parts
        ]
        return digest(
            {
                "service": self.service,
                "external_id": self.external_id,
                "price": {"currency": self.price.currency, "micros": str(self.price.micros)},
                "territory": self.territory,
                "purpose": self.purpose,
                "parts": parts,
                **self.circumstances,
            }
        )

    @property
    def circumstances(self) -> dict[str, Json]:
        """The digest of the prompt and the time of making, as facts hold them; without what the service didn't say."""
        found: dict[str, Json] = {}
        if self.prompt is not None:
            found["prompt_sha256"] = sha256_hex(self.prompt.encode())
        if self.made_at is not None:
            found["made_at"] = self.made_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return found


def check_prompt(prompt: str) -> str:
    """Return ``prompt`` if it can be one. Raises `InvalidText` or `TooLarge`."""
    if len(prompt) > PROMPT_CHARS_MAX:
        raise TooLarge(
            f"A prompt of {len(prompt):,} characters is over the bound of {PROMPT_CHARS_MAX:,}.",
            mend="Send the part of it that the output repeats.",
        )
    return check_text(prompt)


def parse_made_at(value: str) -> datetime:
    """The moment that an RFC 3339 text names, in UTC. Raises `InvalidInput` where it names none, or no offset."""
    try:
        if not _MOMENT.fullmatch(value):
            raise ValueError("it isn't written so")
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{value[:40]!r} is not a moment: {error}.",
            mend='Write it with its offset: "2026-11-21T08:00:00Z".',
            field="made_at",
        ) from error


def check_made_at(made_at: datetime, *, taken_in: datetime) -> None:
    """Nothing, where an output that is taken in now can have been made then.

    Raises:
        InvalidInput: that is in the future by more than `MADE_AHEAD_MAX`, or further back than `MADE_BEFORE_MAX`.
    """
    if made_at > taken_in + MADE_AHEAD_MAX:
        raise InvalidInput("The output was made in the future.", mend="Check the worker's clock.", field="made_at")
    if made_at < taken_in - MADE_BEFORE_MAX:
        raise InvalidInput(
            f"The output was made more than {MADE_BEFORE_MAX.days} days ago.",
            mend="Send it without the time: it is then taken for made now.",
            field="made_at",
        )

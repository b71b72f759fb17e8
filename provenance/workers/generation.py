"""Generations: what a service sends us, in parts by worker."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One output, as its service sent it. ``external_id`` is the service's own name for it.

    Raises:
        InvalidInput: no part, too many, or a name with invisible characters.
        InvalidMoney: a price below zero or above a million units.
        TooLarge: the parts together are too long.
    """

    service: str
    external_id: str
    price: Money
    parts: tuple[Part, ...]
    territory: str = ANYWHERE
    purpose: str = ANY_PURPOSE

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

    @property
    def id(self) -> str:
        """Our id; it follows from the service and its own id."""
        return derived_id("gen", {"service": self.service, "external_id": self.external_id})

    @property
    def payload_digest(self) -> str:
        """Digest of all that was sent; the texts stand in it by their own digests."""
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
            }
        )

"""What came before a use, as it is on record when the use is recorded."""

from __future__ import annotations

from datetime import date

from provenance.royalties.standing import Standing, count_of, split_count
from provenance.services.money_stores import CountStore
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence


class CountedBefore:
    """Asks the store, for the uses of one day in one currency. Implements `royalties.standing.Before`."""

    def __init__(self, counts: CountStore, *, on: date, currency: str) -> None:
        self._counts = counts
        self._on = on
        self._currency = currency

    def standing(self, work: str, licence: Licence) -> Standing | None:
        """The standing of a use of ``work``; None where its licence counts none."""
        count = count_of(work, licence, on=self._on, price_currency=self._currency)
        return self._counts.standing(count) if count else None

    def split(self, claims_id: str, claims: Claims, currency: str) -> Standing | None:
        """What was split by these claims; None where there is one claimant, who gets all."""
        count = split_count(claims_id, claims, currency)
        return self._counts.standing(count) if count else None

"""Which licence and which claims are in force at a use, among all that were ever stated for a work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from provenance.royalties.accrual import Rights
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence


def rights_in_force(
    licences: Sequence[tuple[str, Licence]],
    claims: Sequence[tuple[str, Claims]],
    *,
    on: date,
    territory: str,
    purpose: str,
) -> Rights:
    """The rights in a work at a use; ``licences`` and ``claims`` are (id, value), in the order of recording.

    Licences: of those of one reach (territory and purpose) that have started, the one recorded last stands for
    all; where it has ended, that reach has no licence. Among the reaches that cover the use, the licence recorded last
    holds.
    Claims: those that started last hold; of several that started on one day, the ones recorded last.
    """
    by_reach = {(v.territory, v.purpose): (i, v) for i, v in licences if v.valid_from <= on}
    # A dict keeps the place of a key's first value: sort by the place of the last one instead.
    standing = [pair for pair in licences if pair in by_reach.values()]
    covering = [(i, v) for i, v in standing if v.covers(on=on, territory=territory, purpose=purpose)]
    started = [(v.valid_from, place) for place, (_, v) in enumerate(claims) if v.valid_from <= on]
    licence_id, licence = covering[-1] if covering else (None, None)
    claims_id, held = claims[max(started)[1]] if started else (None, None)
    return Rights(licence=licence, licence_id=licence_id, claims=held, claims_id=claims_id)

"""Which licence and which claims are in force at a use, among all that were ever stated for a work."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date

from provenance.royalties.accrual import Rights
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence, Policy
from provenance.sources.worker_class import WorkerClass


def rights_in_force(
    licences: Sequence[tuple[str, Licence]],
    claims: Sequence[tuple[str, Claims]],
    *,
    on: date,
    territory: str,
    purpose: str,
    workers: Set[WorkerClass] = frozenset(),
) -> Rights:
    """The rights in a work at a use; ``licences`` and ``claims`` are (id, value), in the order of recording.

    ``workers`` are the classes of those that made the parts in which the work was found.

    Licences: of those of one reach (territory, purpose and workers) that have started, the one recorded last stands for
    all; where it has ended, that reach has no licence. Among the reaches that cover the use, the licence recorded last
    holds, as it stands on that day. Where it is most favoured, the other versions of its reach that are valid on that
    day, and under which something is paid, stand beside it.
    Claims: those that started last hold; of several that started on one day, the ones recorded last.
    """
    by_reach = {v.reach: (i, v) for i, v in licences if v.valid_from <= on}
    # A dict keeps the place of a key's first value: sort by the place of the last one instead.
    standing = [pair for pair in licences if pair in by_reach.values()]
    covering = [(i, v) for i, v in standing if v.covers(on=on, territory=territory, purpose=purpose, workers=workers)]
    started = [(v.valid_from, place) for place, (_, v) in enumerate(claims) if v.valid_from <= on]
    licence_id, licence = covering[-1] if covering else (None, None)
    claims_id, held = claims[max(started)[1]] if started else (None, None)
    return Rights(
        licence=licence.on(on) if licence else None,
        licence_id=licence_id,
        claims=held,
        claims_id=claims_id,
        favoured=_favoured(licence_id, licence.on(on), licences, on) if licence_id and licence else (),
    )


def _favoured(
    licence_id: str, licence: Licence, licences: Sequence[tuple[str, Licence]], on: date
) -> tuple[tuple[str, Licence], ...]:
    """The versions that the licence competes with, newest first: where they pay alike, the newer one holds."""
    if not licence.most_favoured:
        return ()
    versions = [(i, v.on(on)) for i, v in licences if i != licence_id and v.reach == licence.reach and v.holds(on)]
    return tuple((i, v) for i, v in reversed(versions) if v.terms.policy is Policy.PAY)

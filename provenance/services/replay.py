"""Replay a decision: compute it again from what it was pinned to, and compare. Records nothing.

Snapshot, encoder and calibration are those that the decision names; what was withdrawn is told by the log's order, as
it was when the decision was recorded. The same machine type gives the same bits, whatever else it does at the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from provenance.attribution.shares import Attribution, GenerationShares, roll_up
from provenance.kernel.errors import NotFound, SnapshotUnusable
from provenance.services.as_of import registered_by, registered_still
from provenance.services.attribute import Attributor
from provenance.services.ports import Database
from provenance.services.records import DecidedBy, GenerationRecord, Recorded


class Outcome(StrEnum):
    """What a replay came to."""

    SAME = "same"
    DIFFERS = "differs"
    RETIRED = "retired"  # something that made the decision isn't there any more, so that nothing can be compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What of one work (None: of nobody's part) came out otherwise; a side is None where it doesn't name the work."""

    work: str | None
    what: str
    recorded: int | None
    replayed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A decision as recorded, and as it came out again; ``retired`` says what isn't there any more."""

    generation: str
    decided_by: DecidedBy
    outcome: Outcome
    differences: tuple[Difference, ...] = ()
    retired: str = ""


# An attributor over a snapshot, by the snapshot's digest; raises `SnapshotUnusable`.
Opener = Callable[[str], Attributor]


def replay(database: Database, generation: str, attributor: Opener) -> Replay:
    """Compute the decision on a generation again.

    Raises:
        NotFound: there is no such generation.
    """
    with database.begin() as work:
        recorded = work.generations.get(generation)
    if recorded is None:
        raise NotFound(f"There is no generation {generation!r}.", mend="List them by the API, or in an export.")
    return replay_recorded(database, recorded, attributor)


def replay_recorded(database: Database, recorded: Recorded[GenerationRecord], attributor: Opener) -> Replay:
    """The same of one that was read."""
    record = recorded.fact
    pinned, name = record.decided_by, record.generation.id
    try:
        made = attributor(pinned.snapshot)
    except SnapshotUnusable as error:
        return Replay(generation=name, decided_by=pinned, outcome=Outcome.RETIRED, retired=str(error))
    if made.identity != pinned:
        return Replay(
            generation=name, decided_by=pinned, outcome=Outcome.RETIRED, retired=_retired(made.identity, pinned)
        )
    differences = _differences(record.shares, _decided(database, recorded, made))
    outcome = Outcome.DIFFERS if differences else Outcome.SAME
    return Replay(generation=name, decided_by=pinned, outcome=outcome, differences=differences)


def _decided(database: Database, recorded: Recorded[GenerationRecord], made: Attributor) -> GenerationShares:
    """As `services.generations.submit` decides: withdrawn works are passed over where the first look names one."""
    generation = recorded.fact.generation
    decider = made
    if generation.made_at is not None:
        decider = made.as_of(registered_by(database, generation.made_at))
    shares = _shares(recorded, decider)
    with database.begin() as work:
        gone = work.works.withdrawn({a.work for a in shares.attributions})
    if any(withdrawal.seq < recorded.seq for withdrawal in gone.values()):
        shares = _shares(recorded, made.as_of(registered_still(database, generation.made_at, before=recorded.seq)))
    return shares


def _shares(recorded: Recorded[GenerationRecord], decider: Attributor) -> GenerationShares:
    generation = recorded.fact.generation
    return roll_up([decider.attribute(part.text, prompt=generation.prompt) for part in generation.parts])


def _retired(there: DecidedBy, pinned: DecidedBy) -> str:
    """What isn't what it was, and what would mend it."""
    if there.encoder != pinned.encoder:
        return f"It was encoded by {pinned.encoder}, and this program encodes by {there.encoder}."
    return (
        f"It was decided by the calibration {pinned.calibration[:12]}, and {there.calibration[:12]} is set: set"
        " PROVENANCE_CALIBRATION to the file of the former."
    )


def _differences(recorded: GenerationShares, replayed: GenerationShares) -> tuple[Difference, ...]:
    before, after = ({a.work: a for a in shares.attributions} for shares in (recorded, replayed))
    found: list[Difference] = []
    for work in sorted(before.keys() | after.keys()):
        found += _of_work(work, before.get(work), after.get(work))
    if recorded.unattributed_ppb != replayed.unattributed_ppb:
        nobodys = (recorded.unattributed_ppb, replayed.unattributed_ppb)
        found.append(Difference(work=None, what="unattributed_ppb", recorded=nobodys[0], replayed=nobodys[1]))
    return tuple(found)


def _of_work(work: str, before: Attribution | None, after: Attribution | None) -> Sequence[Difference]:
    if before == after:
        return ()
    figures = [(_figures(a) if a else {}) for a in (before, after)]
    return [
        Difference(work=work, what=what, recorded=figures[0].get(what), replayed=figures[1].get(what))
        for what in ("share_ppb", "confidence_ppm", "matches")
        if figures[0].get(what) != figures[1].get(what)
    ] or [Difference(work=work, what="spans or scores of its matches", recorded=None, replayed=None)]


def _figures(attribution: Attribution) -> Mapping[str, int]:
    return {
        "share_ppb": attribution.share_ppb,
        "confidence_ppm": attribution.confidence_ppm,
        "matches": len(attribution.matches),
    }

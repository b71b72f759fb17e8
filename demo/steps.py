"""The steps of the demo that change something: a fresh home, works, parties, generations, keys."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from demo.library import ROOT, WORKS, SampleOutput
from provenance.adapters.clock import random_key_id, random_secret
from provenance.bootstrap import System
from provenance.cli import sources
from provenance.cli.progress import count_bar
from provenance.cli.tally import Tally
from provenance.royalties.review import Resolution, Review
from provenance.services.generations import submit
from provenance.services.publish import Publication
from provenance.services.records import AwaitingReview, GenerationRecord, Recorded
from provenance.services.register import issue_key, register_party
from provenance.services.reviews import resolve_hold
from provenance.settings import Settings
from provenance.sources.party import Party, Scope

HOME = ROOT / "var" / "demo"
LIBRARY = Party(id="library", name="Demo Library")
SERVICE = Party(id="lumen-studio", name="Lumen Studio")
AUDITOR = Party(id="hollis-audit", name="Hollis Audit")
HOLDS_MAX = 10


def fresh_system(home: Path) -> System:
    """A new installation at ``home``, whatever the environment says; what was there is gone."""
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True)
    return system_at(home)


def system_at(home: Path) -> System:
    """The installation at ``home`` with the defaults of every other setting."""
    url = f"sqlite:///{home / 'provenance.db'}"
    pool = Settings.model_fields["royalty_pool_basis_points"].default
    settings = Settings(
        home=home, database_url=url, model_folder=None, calibration=None, royalty_pool_basis_points=pool
    )
    return System(settings)


def register_works(system: System) -> tuple[Tally, Publication]:
    """Register the sample library with a bar, and publish its index."""
    counts = Tally()
    with system.writing():
        system.database.migrate()
        sources.register(system, [WORKS], LIBRARY, counts)
        return counts, sources.publish(system)


def register_parties(system: System) -> None:
    """The service that makes the outputs, and an auditor. Creators came with the works that they have claims on."""
    for party in (SERVICE, AUDITOR):
        register_party(system.database, party, at=system.clock())


def submit_all(system: System, outputs: Sequence[SampleOutput]) -> list[Recorded[GenerationRecord]]:
    """Record every output, with a bar; the records come in the order of the outputs."""
    recorded = []
    pool = system.settings.royalty_pool_basis_points
    with count_bar("Attributing", len(outputs)) as bar:
        for output in outputs:
            done = submit(output.generation, system.database, system.attributor, system.clock, pool_basis_points=pool)
            recorded.append(done.recorded)
            bar.advance(1)
    return recorded


def release_oldest(system: System) -> tuple[Sequence[Recorded[AwaitingReview]], Review]:
    """Release the oldest of the uses that are held for review; all that were held, and what became of that one."""
    with system.database.begin() as work:
        held = work.reviews.awaiting(limit=HOLDS_MAX).items
    oldest = held[0].fact
    resolved = resolve_hold(
        system.database,
        oldest.generation,
        oldest.work,
        Resolution.RELEASE,
        decided_by=LIBRARY.id,
        reason="Read beside its source: the same passage in other words.",
        at=system.clock(),
    )
    return held, resolved.recorded.fact


def write_keys(system: System, path: Path, *, creator: str) -> dict[str, str]:
    """Issue a key for each scope and write the tokens to ``path``, for its owner's eyes alone. Tokens by scope."""
    owners = {
        Scope.SERVICE: SERVICE.id,
        Scope.CREATOR: creator,
        Scope.AUDITOR: AUDITOR.id,
        Scope.OPERATOR: LIBRARY.id,
    }
    tokens, described = {}, {}
    for scope, party in owners.items():
        key, token = issue_key(
            system.database, party, {scope}, key_id=random_key_id(), secret=random_secret(), at=system.clock()
        )
        tokens[scope.value] = token
        described[scope.value] = {"party": party, "key": key.id, "token": token}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(described, file, indent=2)
        file.write("\n")
    return tokens

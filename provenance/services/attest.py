"""What is attested of the tools of decisions: of each snapshot, and of each release of a calibration.

A decision names both by their digests; with the attestation, whoever holds the log's public key learns what they were
made of. Says nothing of whether they are good: how right a calibration is stands in its report.
"""

from __future__ import annotations

from provenance.attribution.calibration import Calibration
from provenance.kernel.canonical import Json
from provenance.kernel.errors import NotFound
from provenance.services.facts import utc
from provenance.services.ports import Database
from provenance.services.records import PublishedSnapshot, Recorded
from provenance.transparency.dsse import statement

SNAPSHOT_TYPE = "urn:provenance-ledger:attestation:snapshot:v1"
CALIBRATION_TYPE = "urn:provenance-ledger:attestation:calibration:v1"


def snapshot_statement(database: Database, digest: str, *, program: str) -> dict[str, Json]:
    """That a snapshot was published, over which encoder, how large, and as which leaf of the log.

    Raises:
        NotFound: no such snapshot was published here.
    """
    recorded = _snapshot(database, digest)
    found = recorded.fact
    predicate: dict[str, Json] = {
        "encoder": found.encoder,
        "works": found.works,
        "segments": found.segments,
        "published_at": utc(recorded.recorded_at),
        "leaf": recorded.seq,
        "program": program,
    }
    return statement(f"snapshot/{digest}", digest, SNAPSHOT_TYPE, predicate)


def calibration_statement(calibration: Calibration, *, program: str) -> dict[str, Json]:
    """That a calibration was released: for which encoder, with which thresholds and promises, trained on what."""
    predicate: dict[str, Json] = {
        "encoder": calibration.encoder,
        "segment_min": calibration.segment_min.hex(),
        "source_min": calibration.source_min.hex(),
        "rules": [
            {
                "risk_basis_points": rule.risk_basis_points,
                "confidence_min_ppm": rule.confidence_min_ppm,
                "bound_ppm": rule.bound_ppm,
                "observed_ppm": rule.observed_ppm,
            }
            for rule in calibration.rules
        ],
        "trained_on": dict(sorted(calibration.trained_on.items())),
        "program": program,
    }
    name = f"calibration/{calibration.identity}"
    return statement(name, calibration.identity, CALIBRATION_TYPE, predicate)


def _snapshot(database: Database, digest: str) -> Recorded[PublishedSnapshot]:
    with database.begin() as work:
        found = work.snapshots.get(digest)
    if found is None:
        raise NotFound(f"No snapshot {digest[:80]!r} was published.", mend="A decision names its own: see an export.")
    return found

"""Views that the API answers and no command prints yet: parties, keys, revisions and rights as plain JSON objects.

The others stand in `provenance.services.views`.
"""

from __future__ import annotations

from provenance.services.facts import utc
from provenance.services.publish import Publication
from provenance.services.records import Recorded, WorkClaims, WorkLicence
from provenance.services.views import View
from provenance.sources.party import ApiKey, Party
from provenance.sources.terms_text import terms_mapping
from provenance.sources.work import Revision


def party_view(party: Party) -> View:
    """A party."""
    return {"id": party.id, "name": party.name}


def key_view(key: ApiKey) -> View:
    """A key without the digest of its secret."""
    return {
        "id": key.id,
        "party": key.party,
        "scopes": sorted(key.scopes),
        "created_at": utc(key.created_at),
        "revoked_at": utc(key.revoked_at) if key.revoked_at else None,
    }


def revision_view(recorded: Recorded[Revision]) -> View:
    """A revision without its text."""
    revision = recorded.fact
    return {
        "id": revision.id,
        "number": revision.number,
        "text_sha256": revision.text_sha256,
        "iscc": revision.iscc,
        "chars": revision.chars,
        "recorded_at": utc(recorded.recorded_at),
    }


def claims_view(recorded: Recorded[WorkClaims]) -> View:
    """Claims of a work, by party."""
    stated = recorded.fact
    parts = stated.claims.basis_points
    return {
        "id": stated.id,
        "work": stated.work,
        "valid_from": stated.claims.valid_from.isoformat(),
        "claims": [{"party": party, "basis_points": parts[party]} for party in sorted(parts)],
        "recorded_at": utc(recorded.recorded_at),
    }


def licence_view(recorded: Recorded[WorkLicence]) -> View:
    """A licence revision of a work."""
    revision, licence = recorded.fact, recorded.fact.licence
    return {
        "id": revision.id,
        "work": revision.work,
        "number": revision.number,
        "terms": terms_mapping(licence.terms),
        "valid_from": licence.valid_from.isoformat(),
        "valid_until": licence.valid_until.isoformat() if licence.valid_until else None,
        "territory": licence.territory,
        "purpose": licence.purpose,
        "risk_basis_points_max": licence.risk_basis_points_max,
        "workers": {"kind": licence.workers.kind, "hosting": licence.workers.hosting},
        "opt_out_from": licence.opt_out_from.isoformat() if licence.opt_out_from else None,
        "most_favoured": licence.most_favoured,
        "recorded_at": utc(recorded.recorded_at),
    }


def publication_view(publication: Publication) -> View:
    """The published snapshot."""
    snapshot = publication.snapshot
    return {
        "digest": snapshot.digest,
        "encoder": snapshot.encoder,
        "works": snapshot.works,
        "segments": snapshot.segments,
        "built": publication.built,
    }

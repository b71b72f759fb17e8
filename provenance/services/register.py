"""Register parties and keys, and state the rights in works: claims and licences."""

from __future__ import annotations

import hmac
from collections.abc import Sequence, Set
from datetime import date, datetime

from provenance.kernel.canonical import Json, sha256_hex
from provenance.kernel.errors import InDispute, InvalidClaims, NotFound, Unauthenticated
from provenance.kernel.ids import derived_id
from provenance.services.facts import stated_form
from provenance.services.ports import Database, UnitOfWork
from provenance.services.records import WorkClaims, WorkLicence
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence, check_schedule
from provenance.sources.party import ApiKey, Party, Scope
from provenance.sources.terms_text import terms_mapping

KEY_PREFIX = "prov"


def register_party(database: Database, party: Party, *, at: datetime) -> Party:
    """Record a party; the same again does nothing. Raises `Conflict` where the id has another name."""
    with database.begin(write=True) as work:
        work.parties.add(party, at)
        work.commit()
    return party


def issue_key(
    database: Database, party: str, scopes: Set[Scope], *, key_id: str, secret: str, at: datetime
) -> tuple[ApiKey, str]:
    """Record a key for ``party`` and return it with the token to hand out, once: ``prov_<id>_<secret>``.

    ``key_id`` and ``secret`` are random; the secret has 256 bits, so one pass of SHA-256 is enough to store it.
    """
    key = ApiKey(
        id=key_id, party=party, secret_sha256=sha256_hex(secret.encode()), scopes=frozenset(scopes), created_at=at
    )
    with database.begin(write=True) as work:
        if work.parties.get(party) is None:
            raise NotFound(f"There is no party {party!r}.", mend="Register it first.", party=party)
        work.keys.add(key, at)
        work.commit()
    return key, f"{KEY_PREFIX}_{key_id}_{secret}"


def revoke_key(database: Database, key_id: str, *, at: datetime) -> None:
    """Revoke a key from ``at`` on; raises `NotFound`."""
    with database.begin(write=True) as work:
        work.keys.revoke(key_id, at)
        work.commit()


def authenticate(database: Database, token: str) -> ApiKey:
    """The key of a token. Raises `Unauthenticated`, in the same words whatever was wrong with it."""
    prefix, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    with database.begin() as work:
        key = work.keys.get(key_id) if prefix == KEY_PREFIX and key_id.isalnum() else None
    stored = key.secret_sha256 if key else "0" * 64
    matches = hmac.compare_digest(stored, sha256_hex(secret.encode("utf-8", "surrogatepass")))
    if key is None or not matches or key.revoked_at is not None:
        raise Unauthenticated("The API key is not valid.", mend="Send it as: Authorization: Bearer prov_…")
    return key


def state_claims(database: Database, work_id: str, claims: Claims, *, at: datetime) -> WorkClaims:
    """Record who owns a work from a date on. Raises `NotFound` where the work or a party doesn't exist."""
    with database.begin(write=True) as work:
        _check_exists(work, work_id)
        for party in sorted(claims.basis_points):
            if work.parties.get(party) is None:
                raise InvalidClaims(f"There is no party {party!r}.", mend="Register it first.", party=party)
        recorded = next_claims(work, work_id, claims)
        check_undisputed(work, work_id, recorded)
        work.rights.set_claims(recorded, at)
        work.commit()
    return recorded


def check_undisputed(work: UnitOfWork, work_id: str, claims: WorkClaims) -> None:
    """Nothing, where a work's claims may change. Raises `InDispute` where they are others, and these are disputed."""
    standing = work.rights.claims_of(work_id)
    if not standing or standing[-1].fact.id == claims.id:
        return
    for dispute in work.disputes.open_of({work_id}):
        if dispute.fact.generation is None:
            raise InDispute(
                "The claims on this work are disputed.",
                mend="They stand until the dispute is over.",
                dispute=dispute.fact.id,
            )


def state_licence(database: Database, work_id: str, licence: Licence, *, at: datetime) -> WorkLicence:
    """Record a licence revision; the same as the latest one again does nothing. Raises `NotFound`."""
    return state_licences(database, work_id, [licence], at=at)[0]


def state_licences(
    database: Database, work_id: str, licences: Sequence[Licence], *, at: datetime
) -> tuple[WorkLicence, ...]:
    """Record licence revisions that are stated together, all or none.

    Raises:
        NotFound: there is no such work.
        OverlappingValidity: two of the same reach hold on the same day.
    """
    check_schedule(licences)
    with database.begin(write=True) as work:
        _check_exists(work, work_id)
        recorded = []
        for licence in licences:
            recorded.append(next_licence(work, work_id, licence))
            work.rights.set_licence(recorded[-1], at)
        work.commit()
    return tuple(recorded)


def next_claims(work: UnitOfWork, work_id: str, claims: Claims) -> WorkClaims:
    """The claims as the work's next ones, or its latest ones where those are the same.

    Claims that come back after others are a new fact: those recorded last are in force.
    """
    earlier = work.rights.claims_of(work_id)
    if earlier and earlier[-1].fact.claims == claims:
        return earlier[-1].fact
    return work_claims(work_id, claims, number=len(earlier) + 1)


def work_claims(work_id: str, claims: Claims, *, number: int = 1) -> WorkClaims:
    """Claims under the id that follows from them and from how many the work had before."""
    parts: dict[str, Json] = {p: claims.basis_points[p] for p in sorted(claims.basis_points)}
    valid_from = claims.valid_from.isoformat()
    facts: dict[str, Json] = {"work": work_id, "number": number, "valid_from": valid_from, "basis_points": parts}
    return WorkClaims(id=derived_id("claims", facts), work=work_id, claims=claims)


def next_licence(work: UnitOfWork, work_id: str, licence: Licence) -> WorkLicence:
    """The licence as the work's next revision, or its latest revision where that is the same licence."""
    earlier = work.rights.licences_of(work_id)
    if earlier and earlier[-1].fact.licence == licence:
        return earlier[-1].fact
    number = len(earlier) + 1
    facts: dict[str, Json] = {
        "work": work_id,
        "number": number,
        "terms": terms_mapping(licence.terms),
        "valid_from": licence.valid_from.isoformat(),
        "valid_until": _iso(licence.valid_until),
        "territory": licence.territory,
        "purpose": licence.purpose,
        **stated_form(licence),
    }
    return WorkLicence(id=derived_id("lic", facts), work=work_id, number=number, licence=licence)


def _check_exists(work: UnitOfWork, work_id: str) -> None:
    if work.works.get(work_id) is None:
        raise NotFound(f"There is no work {work_id!r}.", mend="List the works to see their ids.", work=work_id)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

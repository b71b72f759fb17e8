"""Parties and API keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session
from provenance.kernel.errors import Conflict, NotFound
from provenance.services.records import Page, Recorded
from provenance.sources.party import ApiKey, Party, Scope


class SqlParties:
    """Implements the port `PartyStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, party: Party, at: datetime) -> None:
        """Record a party. The same again does nothing; another name under the same id is a `Conflict`."""
        found = self.get(party.id)
        if found is None:
            row = {"seq": self._session.record(party, at), "id": party.id, "name": party.name, "recorded_at": at}
            self._session.insert(tables.party, [row])
        elif found != party:
            raise Conflict(
                f"The party {party.id!r} is recorded under another name.",
                mend="Use that name, or another id.",
                party=party.id,
            )

    def get(self, party: str) -> Party | None:
        """The party of this id."""
        found = PARTIES.named(self._session, id=party)
        return found.fact if found else None

    def many(self, parties: Set[str]) -> Mapping[str, Party]:
        """Those of the parties that are recorded, by id."""
        return {r.fact.id: r.fact for r in PARTIES.among(self._session, "id", sorted(parties))}

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[Party]]:
        """Parties in the order of recording."""
        return PARTIES.page(self._session, after=after, limit=limit)


class SqlKeys:
    """Implements the port `KeyStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, key: ApiKey, at: datetime) -> None:
        """Record a key. The same again does nothing; another under the same id is a `Conflict`.

        Raises:
            NotFound: there is no such party.
        """
        assert key.revoked_at is None, "a revocation is a fact of its own: see `revoke`"
        found = self.get(key.id)
        if found is None:
            row = {
                "seq": self._session.record(key, at),
                "id": key.id,
                "party": key.party,
                "secret_sha256": key.secret_sha256,
                "scopes": " ".join(sorted(scope.value for scope in key.scopes)),
                "created_at": key.created_at,
                "recorded_at": at,
            }
            self._session.insert(tables.api_key, [row])
        elif replace(found, revoked_at=None) != key:
            raise Conflict(f"Another key has the id {key.id!r}.", mend="Make a new key.", key=key.id)

    def get(self, key: str) -> ApiKey | None:
        """With ``revoked_at`` set where it was revoked."""
        found = KEYS.named(self._session, id=key)
        return found.fact if found else None

    def revoke(self, key: str, at: datetime) -> None:
        """Append the revocation; a second one changes nothing. `NotFound` where there is no such key."""
        found = self.get(key)
        if found is None:
            raise NotFound(f"There is no key {key!r}.", mend="List the keys for their ids.", key=key)
        if found.revoked_at is None:
            seq = self._session.record(replace(found, revoked_at=at), at)
            self._session.insert(tables.key_revocation, [{"seq": seq, "api_key": key, "recorded_at": at}])

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[ApiKey]]:
        """Keys in the order of recording, the revoked ones too."""
        return KEYS.page(self._session, after=after, limit=limit)


def _parties(_: Session, rows: Sequence[Row]) -> list[Party]:
    return [Party(id=row.id, name=row.name) for row in rows]


def _keys(_: Session, rows: Sequence[Row]) -> list[ApiKey]:
    return [
        ApiKey(
            id=row.id,
            party=row.party,
            secret_sha256=row.secret_sha256,
            scopes=frozenset(Scope(scope) for scope in row.scopes.split()),
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]


_key, _revocation = tables.api_key, tables.key_revocation

PARTIES = FactRows(table=tables.party, select=sa.select(tables.party), rebuild=_parties)
KEYS = FactRows(
    table=_key,
    select=sa.select(_key, _revocation.c.recorded_at.label("revoked_at")).select_from(
        _key.outerjoin(_revocation, _revocation.c.api_key == _key.c.id)
    ),
    rebuild=_keys,
)
# The two facts behind a key as the log has them: as it was made, and that it was revoked.
KEYS_AS_MADE = FactRows(table=_key, select=sa.select(_key, sa.null().label("revoked_at")), rebuild=_keys)
REVOCATIONS = FactRows(
    table=_revocation,
    select=sa.select(
        _revocation.c.seq,
        _revocation.c.recorded_at,
        _revocation.c.recorded_at.label("revoked_at"),
        *(_key.c[name] for name in ("id", "party", "secret_sha256", "scopes", "created_at")),
    ).join_from(_revocation, _key),
    rebuild=_keys,
)

"""Parties and API keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provenance.api.schemas.fields import Form, Moment, PartyId, View, example
from provenance.kernel.ids import EXTERNAL_ID_CHARS_MAX
from provenance.sources.party import Party, Scope

_PARTY = {"id": "oona-tresker", "name": "Oona Tresker"}
_KEY = {
    "id": "5f0c2a9b71d4",
    "party": "oona-tresker",
    "scopes": ["creator"],
    "created_at": "2026-11-21T08:00:00.000000Z",
    "revoked_at": None,
}


class PartyForm(Form):
    """A party to register."""

    model_config = example(_PARTY)

    id: PartyId
    name: Annotated[str, Field(min_length=1, max_length=EXTERNAL_ID_CHARS_MAX)]

    def party(self) -> Party:
        """Raises `InvalidInput`."""
        return Party(id=self.id, name=self.name)


class PartyView(View):
    """A registered party."""

    model_config = example(_PARTY)

    id: str
    name: str


class KeyForm(Form):
    """A key to issue."""

    model_config = example({"party": "oona-tresker", "scopes": ["creator"]})

    party: PartyId
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]


class KeyView(View):
    """A key, without its secret, which is stored nowhere."""

    model_config = example(_KEY)

    id: str
    party: str
    scopes: list[Scope]
    created_at: Moment
    revoked_at: Moment | None


class IssuedKeyView(KeyView):
    """A new key with its token. This is the one time that the token is shown."""

    model_config = example(_KEY | {"token": "prov_5f0c2a9b71d4_…"})

    token: str

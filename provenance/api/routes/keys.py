"""API keys. A token is shown once, when its key is issued; what is stored is the digest of its secret."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from provenance.adapters.clock import random_key_id, random_secret
from provenance.api.auth import OperatorKey
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import Id, ListOf
from provenance.api.schemas.parties import IssuedKeyView, KeyForm, KeyView
from provenance.api.views import key_view
from provenance.services.register import issue_key, revoke_key
from provenance.services.views import View

router = APIRouter(prefix="/v1/keys", tags=["keys"])


@router.post("", status_code=201, response_model=IssuedKeyView)
def create_key(form: KeyForm, system: InstalledSystem, _: OperatorKey) -> View:
    """Issue a key for a party. Keep the token: it can't be shown again. Scope: operator."""
    key, token = issue_key(
        system.database,
        form.party,
        frozenset(form.scopes),
        key_id=random_key_id(),
        secret=random_secret(),
        at=system.clock(),
    )
    return key_view(key) | {"token": token}


@router.get("", response_model=ListOf[KeyView])
def list_keys(system: InstalledSystem, _: OperatorKey, page: Annotated[Paging, Depends(paging("keys"))]) -> View:
    """All keys, the revoked ones too. Scope: operator."""
    with system.database.begin() as work:
        found = work.keys.page(after=page.after, limit=page.limit)
    return {"items": [key_view(r.fact) for r in found.items], "next_cursor": page.cursor(found.next_after)}


@router.delete("/{key}", status_code=204)
def delete_key(key: Id, system: InstalledSystem, _: OperatorKey) -> None:
    """Revoke a key, from now on and for ever; again changes nothing. Scope: operator."""
    revoke_key(system.database, key, at=system.clock())

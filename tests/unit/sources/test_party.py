"""Parties and their API keys."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance.kernel.errors import InvalidInput
from provenance.sources.party import ApiKey, Party, Scope


def api_key(scopes: frozenset[Scope]) -> ApiKey:
    return ApiKey(
        id="k1", party="ann", secret_sha256="ab" * 32, scopes=scopes, created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def test_a_party_has_a_slug_and_a_name() -> None:
    party = Party(id="ann-lee", name="Ann Lee, Ltd.")
    assert (party.id, party.name) == ("ann-lee", "Ann Lee, Ltd.")


@pytest.mark.parametrize("slug", ["Ann", "", "a b", "ann/lee"])
def test_an_id_that_is_no_slug_is_refused(slug: str) -> None:
    with pytest.raises(InvalidInput, match="not a party id"):
        Party(id=slug, name="Ann")


@pytest.mark.parametrize("name", ["", " Ann", "Ann\u200b", "An\u202en", "x" * 201], ids=ascii)
def test_a_name_that_could_deceive_on_a_statement_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="party's name") as refused:
        Party(id="ann", name=name)
    assert refused.value.data == {"field": "party's name"}


def test_a_key_may_have_one_scope_or_all() -> None:
    assert api_key(frozenset({Scope.AUDITOR})).scopes == {"auditor"}
    assert api_key(frozenset(Scope)).scopes == {"service", "creator", "auditor", "operator"}


def test_a_key_without_a_scope_is_refused() -> None:
    with pytest.raises(InvalidInput, match="without a scope"):
        api_key(frozenset())


def test_a_key_is_in_force_until_it_is_revoked() -> None:
    assert api_key(frozenset({Scope.SERVICE})).revoked_at is None

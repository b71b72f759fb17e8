"""The tree of errors: one stable code a class, a sentence with its mend for a person, data for a program."""

from __future__ import annotations

import pickle

import pytest

from provenance.kernel import errors
from provenance.kernel.errors import (
    Conflict,
    InvalidInput,
    InvalidMoney,
    ModelAltered,
    ModelMissing,
    ProvenanceError,
    Unavailable,
    UnknownCurrency,
)

# Codes are part of the API. They may be added to; none may change.
CODES = {
    "ProvenanceError": "error",
    "InvalidInput": "invalid_input",
    "InvalidMoney": "invalid_money",
    "UnknownCurrency": "unknown_currency",
    "RateMissing": "rate_missing",
    "RateStale": "rate_stale",
    "InvalidClaims": "invalid_claims",
    "InvalidTerms": "invalid_terms",
    "TiersNotAscending": "tiers_not_ascending",
    "CapBelowMinimum": "cap_below_minimum",
    "OverlappingValidity": "overlapping_validity",
    "InvalidText": "invalid_text",
    "InvalidCursor": "invalid_cursor",
    "TooLarge": "too_large",
    "UnreadableDocument": "unreadable_document",
    "NotFound": "not_found",
    "Conflict": "conflict",
    "OutOfTime": "out_of_time",
    "InDispute": "in_dispute",
    "AlreadyRunning": "already_running",
    "Unauthenticated": "unauthenticated",
    "Forbidden": "forbidden",
    "Unbalanced": "unbalanced",
    "Unavailable": "unavailable",
    "ModelMissing": "model_missing",
    "ModelAltered": "model_altered",
    "SnapshotUnusable": "snapshot_unusable",
    "StorageFull": "storage_full",
    "Overloaded": "overloaded",
    "StorageLocked": "storage_locked",
    "StorageFailed": "storage_failed",
    "SchemaMismatch": "schema_mismatch",
    "InvalidSignature": "invalid_signature",
    "InvalidReport": "invalid_report",
}
INVALID_INPUT = set(list(CODES)[1:15])
UNAVAILABLE = set(list(CODES)[23:31])


def _tree() -> dict[str, type[ProvenanceError]]:
    return {n: c for n, c in vars(errors).items() if isinstance(c, type) and issubclass(c, ProvenanceError)}


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_a_code_once_given_never_changes(name: str, code: str) -> None:
    assert _tree()[name].code == code


def test_no_two_errors_share_a_code() -> None:
    codes = [c.code for c in _tree().values()]
    assert sorted(codes) == sorted(set(codes))


def test_every_error_of_the_tree_says_when_it_is_raised() -> None:
    assert all((c.__doc__ or "").strip() for c in _tree().values())


@pytest.mark.parametrize(("root", "names"), [(InvalidInput, INVALID_INPUT), (Unavailable, UNAVAILABLE)])
def test_what_was_sent_and_what_is_lacking_are_two_branches(root: type[ProvenanceError], names: set[str]) -> None:
    assert names <= {n for n, c in _tree().items() if issubclass(c, root)}
    assert not issubclass(Conflict, (InvalidInput, Unavailable))


def test_narrow_errors_are_caught_as_their_wider_kind() -> None:
    assert issubclass(UnknownCurrency, InvalidMoney)
    assert issubclass(ModelAltered, ModelMissing)


def test_an_error_carries_its_message_its_mend_and_data() -> None:
    error = InvalidMoney("Not an amount.", mend="Write a decimal.", amount="x", line=3)
    assert (error.message, error.mend, error.data) == (
        "Not an amount.",
        "Write a decimal.",
        {"amount": "x", "line": 3},
    )


def test_an_error_reads_as_its_message_then_its_mend() -> None:
    assert str(Conflict("It was recorded before.", mend="Send a new id.")) == "It was recorded before. Send a new id."


def test_without_a_mend_an_error_reads_as_its_message_alone() -> None:
    error = Conflict("It was recorded before.")
    assert (str(error), error.mend, error.data) == ("It was recorded before.", "", {})


def test_the_message_may_be_given_by_name() -> None:
    assert Conflict(message="It was recorded before.").args == ("It was recorded before.",)


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(InvalidMoney("Not an amount.", mend="Mend it.", amount="x")))
    assert type(error) is InvalidMoney
    assert (str(error), error.data) == ("Not an amount. Mend it.", {"amount": "x"})

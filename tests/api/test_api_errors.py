"""Every error has a status, and a problem document tells nothing that the caller shouldn't know."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog.testing
from hypothesis import given
from hypothesis import strategies as st

from provenance.api.cursors import SEQ_MAX, decode_cursor, encode_cursor
from provenance.api.errors import STATUSES, of_error, of_unexpected, problem, status_of
from provenance.kernel import errors as tree
from provenance.kernel.errors import InvalidCursor, ProvenanceError

# Halves of surrogate pairs, controls, a line separator, a character beyond 16 bits.
TEXTS = st.text(st.sampled_from("ab \ud800\udfff\x00\x1f\u202e\u2028é\U0001f600"), max_size=12)
JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


def _kinds(root: type[ProvenanceError] = ProvenanceError) -> Iterator[type[ProvenanceError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _kinds(kind)


@pytest.mark.parametrize("kind", list(dict.fromkeys(_kinds())), ids=str)
def test_every_error_has_a_status_and_a_code_of_its_own(kind: type[ProvenanceError]) -> None:
    status, title = status_of(kind)
    assert 400 <= status < 600
    assert title
    assert [k for k in _kinds() if k.code == kind.code] == [kind]
    response = of_error(kind("It went wrong.", mend="Do this.", field="x"))
    body = json.loads(bytes(response.body))
    assert (response.status_code, body["code"], body["type"]) == (
        status,
        kind.code,
        f"urn:provenance:error:{kind.code}",
    )
    assert response.media_type == "application/problem+json"


def test_the_table_names_errors_that_exist() -> None:
    assert set(STATUSES) <= set(_kinds())
    assert issubclass(tree.ModelAltered, tree.ModelMissing)
    assert status_of(tree.ModelAltered) == status_of(tree.ModelMissing)


@given(st.dictionaries(TEXTS, JSON_LIKE, max_size=5))
def test_any_data_becomes_json_that_any_reader_accepts(data: dict[str, object]) -> None:
    response = problem(422, "invalid_input", "Title", "Half \ud800 a pair", data)
    text = bytes(response.body).decode("utf-8")
    body = json.loads(text, parse_constant=pytest.fail)
    assert (body["status"], body["code"], body["title"]) == (422, "invalid_input", "Title")
    text.encode("utf-8")


def test_data_never_replaces_what_the_standard_names() -> None:
    error = tree.Conflict("Recorded before.", detail="UNIQUE constraint failed: party.id", status=1, type="x")
    body = json.loads(bytes(of_error(error).body))
    assert (body["status"], body["detail"], body["type"]) == (409, "Recorded before.", "urn:provenance:error:conflict")
    assert "UNIQUE" not in json.dumps(body)


@pytest.mark.parametrize("kind", [tree.StorageFailed, tree.StorageFull, tree.ModelMissing, tree.Unbalanced])
def test_what_went_on_inside_goes_to_the_log_alone(kind: type[ProvenanceError]) -> None:
    with structlog.testing.capture_logs() as lines:
        response = of_error(kind("postgresql://host/db failed at /srv/var.", mend="See /etc/x.", path="/srv/var"))
    assert not [word for word in (b"/srv", b"postgresql", b"/etc") if word in bytes(response.body)]
    assert "/srv/var" in lines[0]["message"]


def test_a_bug_is_told_without_its_message() -> None:
    with structlog.testing.capture_logs() as lines:
        try:
            raise KeyError("the text of a work") from ValueError("a row")
        except KeyError as error:
            response = of_unexpected(error)
    assert (response.status_code, json.loads(bytes(response.body))["code"]) == (500, "internal")
    assert (lines[0]["error"], lines[0]["cause"]) == ("KeyError", "ValueError")
    assert "test_a_bug_is_told" in lines[0]["frames"][-1]
    logged = json.dumps(lines)
    assert "the text of a work" not in logged
    assert "a row" not in logged


def test_a_bug_in_an_endpoint_ends_the_request_and_not_the_server(fresh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("SELECT secret FROM everything")

    with monkeypatch.context() as patched:
        patched.setattr(fresh.api.system.database, "begin", broken)
        answer = fresh.operator.get("/v1/works")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "SELECT" not in answer.text
    assert answer.headers["x-request-id"]
    assert fresh.operator.get("/v1/works").status_code == 200


@given(st.sampled_from(["works", "keys", "uses"]), st.integers(0, SEQ_MAX))
def test_a_cursor_comes_back_as_it_went_out(of: str, after: int) -> None:
    cursor = encode_cursor(of, after)
    assert decode_cursor(of, cursor) == after
    assert cursor.replace("-", "").replace("_", "").isalnum()
    with pytest.raises(InvalidCursor):
        decode_cursor("parties", cursor)


@given(st.text(max_size=100))
def test_garbage_is_no_cursor(text: str) -> None:
    try:
        after = decode_cursor("works", text)
    except InvalidCursor:
        return
    assert encode_cursor("works", after) == text.rstrip("=") or 0 <= after <= SEQ_MAX

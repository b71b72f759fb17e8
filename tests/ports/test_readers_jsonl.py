"""JSON Lines to documents: a bad line is told by its number, and the others go on."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters.readers import lines, read_documents, record
from provenance.kernel.errors import (
    InvalidClaims,
    InvalidInput,
    InvalidMoney,
    InvalidTerms,
    InvalidText,
    ProvenanceError,
    TooLarge,
    UnreadableDocument,
)
from provenance.sources.document import Document, Rejection
from provenance.sources.licence import ShareOfRevenue

GOOD = {"source_id": "w1", "title": "One", "author": "A. N. Other", "text": "Once upon a time."}


def line(**changes: Any) -> bytes:
    return json.dumps({key: value for key, value in (GOOD | changes).items() if value is not ...}).encode() + b"\n"


def read(tmp_path: Path, data: bytes, name: str = "works.jsonl") -> list[Document | Rejection]:
    path = tmp_path / name
    path.write_bytes(data)
    return list(read_documents(path))


def rejected(found: Document | Rejection, error: type[ProvenanceError], number: int, *words: str) -> ProvenanceError:
    """The error of a rejection of that class, which names the line and the words."""
    assert isinstance(found, Rejection), found
    assert type(found.error) is error
    assert found.origin.endswith(f":{number}")
    assert found.error.data["line"] == number
    for word in (f"ine {number}", *words):
        assert word in str(found.error)
    return found.error


@pytest.mark.parametrize("gzipped", [False, True])
def test_each_line_is_a_document_named_by_its_line(tmp_path: Path, gzipped: bool) -> None:
    data = line() + b"\n  \r\n" + line(source_id="w2", title=..., author=None).rstrip()
    name = "works.jsonl.gz" if gzipped else "works.jsonl"
    one, two = read(tmp_path, gzip.compress(data) if gzipped else data, name)
    assert one == Document(
        origin=f"{tmp_path / name}:1", source_id="w1", title="One", author="A. N. Other", text="Once upon a time."
    )
    assert two == Document(
        origin=f"{tmp_path / name}:4", source_id="w2", title="w2", author="", text="Once upon a time."
    )


def test_rights_and_licence_are_read(tmp_path: Path) -> None:
    claims = [{"party": "ann", "name": "Ann", "basis_points": 6000}, {"party": "bob", "basis_points": 4000}]
    terms = {"kind": "share_of_revenue", "rate_basis_points": 2500}
    [found] = read(tmp_path, line(rights={"claims": claims}, licence=terms, other=[1.5, None]))
    assert isinstance(found, Document)
    assert found.claims == {"ann": 6000, "bob": 4000}
    assert found.party_names == {"ann": "Ann", "bob": "bob"}
    assert found.terms == ShareOfRevenue(rate_basis_points=2500)


def test_claims_that_do_not_add_up_are_left_to_the_claims(tmp_path: Path) -> None:
    [found] = read(tmp_path, line(rights={"claims": [{"party": "ann", "name": "Ann", "basis_points": 1}]}))
    assert isinstance(found, Document)


def test_newlines_of_a_text_become_plain(tmp_path: Path) -> None:
    [found] = read(tmp_path, line(text="a\r\nb\rc"))
    assert isinstance(found, Document)
    assert found.text == "a\nb\nc"


def test_a_byte_order_mark_before_the_first_line_is_passed_over(tmp_path: Path) -> None:
    [found] = read(tmp_path, b"\xef\xbb\xbf" + line())
    assert isinstance(found, Document)


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("bad", "error", "word"),
    [
        (b"{nonsense\n", InvalidInput, "not JSON"),
        (b'{"source_id": "a\n', InvalidInput, "at column 15"),
        (b"[1, 2]\n", InvalidInput, "a list, not an object"),
        (b"null\n", InvalidInput, "null, not an object"),
        (b"3\n", InvalidInput, "a number, not an object"),
        (b'{"source_id": NaN}\n', InvalidInput, "NaN"),
        (b'{"a": 1, "a": 2}\n', InvalidInput, "'a' twice"),
        (b'{"a": ' + b"9" * 5000 + b"}\n", InvalidInput, "5,000 digits"),
        (DEEP.encode() + b"\n", InvalidInput, "nested"),
        (line(source_id=...), InvalidInput, "lacks the 'source_id'"),
        (line(source_id=7), InvalidInput, "a number as its 'source_id'"),
        (line(source_id=""), InvalidInput, "1 to 200"),
        (line(source_id="a\u200bb"), InvalidInput, "U+200B"),
        (line(text=...), InvalidInput, "lacks the 'text'"),
        (line(text=None), InvalidInput, "null as its 'text'"),
        (line(text=["a"]), InvalidInput, "a list as its 'text'"),
        (line(text=True), InvalidInput, "true or false"),
        (line(title={}), InvalidInput, "an object as its 'title'"),
        (line(author=1.5), InvalidInput, "a number as its 'author'"),
        (line(title="t" * 1001), TooLarge, "1,001 characters"),
        (line(text="  \n"), InvalidText, "empty"),
        (line(text="a\x00b"), InvalidText, "binary"),
        (line(text="a\ud800b"), InvalidText, "surrogate"),
        (line(text="x" * 20_000_001), TooLarge, "20,000,001"),
        (b'{"source_id": "caf\xe9"}\n', UnreadableDocument, "not valid UTF-8 at byte 18"),
    ],
)
def test_a_bad_line_is_told_by_its_number_and_the_others_go_on(
    tmp_path: Path, bad: bytes, error: type[ProvenanceError], word: str
) -> None:
    before, found, after = read(tmp_path, line() + bad + line(source_id="w2"))
    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert rejected(found, error, 2, "Line 2: ", word).mend or error is InvalidInput


ANN = {"party": "ann", "name": "Ann", "basis_points": 5000}


@pytest.mark.parametrize(
    "rights",
    [
        [],
        {},
        "all",
        {"claims": {}},
        {"claims": []},
        {"claims": [ANN, "bob"]},
        {"claims": [ANN, {"name": "Bob", "basis_points": 5000}]},
        {"claims": [ANN, ANN | {"party": 1}]},
        {"claims": [ANN, ANN | {"party": "bob", "name": None}]},
        {"claims": [ANN, ANN | {"party": "bob", "basis_points": "5000"}]},
        {"claims": [ANN, ANN | {"party": "bob", "basis_points": 5000.0}]},
        {"claims": [ANN, ANN | {"party": "bob", "basis_points": True}]},
        {"claims": [ANN, ANN | {"party": "bob", "basis_points": 0}]},
        {"claims": [ANN, ANN | {"party": "bob", "basis_points": 10**50}]},
        {"claims": [ANN, ANN]},
    ],
)
def test_claims_of_another_shape_are_refused(tmp_path: Path, rights: Any) -> None:
    [found] = read(tmp_path, line(rights=rights))
    assert rejected(found, InvalidClaims, 1).mend


@pytest.mark.parametrize(
    ("licence", "error"),
    [
        ({}, InvalidTerms),
        ("free", InvalidTerms),
        ({"kind": "share_of_revenue", "rate_basis_points": 0}, InvalidTerms),
        ({"kind": "share_of_revenue", "rate_basis_points": "10"}, InvalidTerms),
        ({"kind": "fee_per_use", "fee": {"amount": "1e3", "currency": "USD"}}, InvalidMoney),
        ({"kind": "free_with_credit", "credit": "\ud800"}, InvalidTerms),
    ],
)
def test_a_licence_that_is_none_is_refused(tmp_path: Path, licence: Any, error: type[ProvenanceError]) -> None:
    [found] = read(tmp_path, line(licence=licence))
    rejected(found, error, 1)


def test_a_licence_states_its_risk(tmp_path: Path) -> None:
    terms = {"kind": "share_of_revenue", "rate_basis_points": 2500}
    bare, careful, odd = read(
        tmp_path,
        line(licence=terms)
        + line(licence=terms | {"risk_basis_points_max": 100})
        + line(licence=terms | {"risk_basis_points_max": "100"}),
    )
    assert isinstance(bare, Document)
    assert isinstance(careful, Document)
    assert (bare.risk_basis_points_max, careful.risk_basis_points_max) == (None, 100)
    assert careful.terms == bare.terms == ShareOfRevenue(rate_basis_points=2500)
    rejected(odd, InvalidTerms, 3, "risk_basis_points_max")


def test_a_licence_nested_without_end_is_refused(tmp_path: Path) -> None:
    for depth in (500, 900, 980, 5000):
        nested = b'{"kind": ' + b"[" * depth + b"]" * depth + b"}"
        [found] = read(tmp_path, line()[:-2] + b', "licence": ' + nested + b"}")
        assert isinstance(found, Rejection)


def test_terms_under_the_american_spelling_are_refused_and_not_lost(tmp_path: Path) -> None:
    [found] = read(tmp_path, line(license={"kind": "not_allowed"}))
    rejected(found, InvalidTerms, 1, 'Call it "licence"')
    [found] = read(tmp_path, line(license="CC-BY-4.0"))
    assert isinstance(found, Document)


@pytest.mark.parametrize("data", [b"", b"\n \n\n", b"\xef\xbb\xbf"])
def test_a_file_without_records_is_refused(tmp_path: Path, data: bytes) -> None:
    [found] = read(tmp_path, data)
    assert isinstance(found, Rejection)
    assert isinstance(found.error, InvalidText)
    assert found.origin == str(tmp_path / "works.jsonl")


# -- bounds and damage ------------------------------------------------------------------------------------------------


def test_an_overlong_line_is_refused_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINE_BYTES_MAX", 200)
    exact = line(text="x" * (200 - len(line(text="")) + 1))
    before, found, after = read(tmp_path, exact + exact.replace(b"x", b"xx", 1) + line(source_id="w3"))
    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert rejected(found, TooLarge, 2, "over 200 bytes").mend


def test_a_gzip_bomb_takes_bounded_memory_and_the_lines_after_it_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LINE_BYTES_MAX", 100_000)
    path = tmp_path / "works.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + line())
    tracemalloc.start()
    bomb, after = read_documents(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    rejected(bomb, TooLarge, 1)
    assert isinstance(after, Document)
    assert peak < 10_000_000


def test_a_line_without_end_ends_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINE_BYTES_MAX", 100)
    monkeypatch.setattr(lines, "SKIP_BYTES_MAX", 1000)
    monkeypatch.setattr(lines, "_SKIP_STEP", 10)
    short = b'{"source_id": "w1", "text": "x"}\n'
    before, found = read(tmp_path, short + b"x" * 5000 + b"\n" + line())
    assert isinstance(before, Document)
    rejected(found, TooLarge, 2, "rest of the file was not read")


def test_a_file_of_more_lines_than_the_bound_is_read_up_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINES_MAX", 2)
    *_, last = read(tmp_path, line() + b"\n" + line())
    assert isinstance(last, Rejection)
    assert isinstance(last.error, TooLarge)
    assert last.origin.endswith(":3")


def test_a_record_of_more_values_than_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MARKS_MAX", 100)
    [found] = read(tmp_path, line(other=[{}] * 50))
    rejected(found, TooLarge, 1)


@pytest.mark.parametrize("cut", [0.5, 0.9, 0.999])
def test_gzip_data_that_is_cut_short_is_told_by_the_line_reached(tmp_path: Path, cut: float) -> None:
    data = gzip.compress(b"".join(line(source_id=f"w{n}", text=f"{n * n} " * 200) for n in range(2000)))
    *documents, last = read(tmp_path, data[: int(len(data) * cut)], "works.jsonl.gz")
    assert all(isinstance(found, Document) for found in documents)
    assert len(documents) > 100
    assert rejected(last, UnreadableDocument, len(documents) + 1, "damaged or cut short").mend


def test_gzip_data_that_is_damaged_is_told_by_the_line_reached(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(b"".join(line(source_id=f"w{n}") for n in range(2000))))
    data[-6] ^= 0xFF
    *documents, last = read(tmp_path, bytes(data), "works.jsonl.gz")
    assert len(documents) == 2000
    rejected(last, UnreadableDocument, 2001)
    data[len(data) // 2] ^= 0xFF
    *_, last = read(tmp_path, bytes(data), "works.jsonl.gz")
    assert isinstance(last, Rejection)


def test_gzip_and_plain_files_under_each_others_names_are_refused(tmp_path: Path) -> None:
    for data, name in ((gzip.compress(line()), "works.jsonl"), (line(), "works.jsonl.gz")):
        [found] = read(tmp_path, data, name)
        assert isinstance(found, Rejection)
        assert "Name it .jsonl" in found.error.mend
        assert found.origin == str(tmp_path / name)


def test_a_file_in_utf_16_is_refused_once_and_not_by_line(tmp_path: Path) -> None:
    [found] = read(tmp_path, (line() * 3).decode().encode("utf-16"))
    assert isinstance(found, Rejection)
    assert "UTF-16" in str(found.error)


def test_files_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "works.jsonl"
    path.write_bytes(line() * 10_000)
    told: list[int] = []
    next(read_documents(path, on_bytes=told.append))
    assert sum(told) < 100_000


# -- anything at all --------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(["source_id", "text", "title", "author", "rights", "licence", "license"])


@given(changes=st.dictionaries(FIELDS, JSON | st.fixed_dictionaries({"claims": st.lists(JSON)}), max_size=5))
def test_no_record_raises_anything_but_our_errors(changes: dict[str, Any]) -> None:
    try:
        document = record.parse_record(line(**changes), origin="x:1")
    except ProvenanceError as error:
        assert error.message
    else:
        assert document.text.encode()

"""PDF to text. The files are made by pypdf's writer, and then broken."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from provenance.adapters.readers import pdf_file, read_documents
from provenance.kernel.errors import InvalidText, ProvenanceError, TooLarge, UnreadableDocument
from provenance.sources.document import Document, Rejection


def writer(*pages: str) -> PdfWriter:
    made = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = made.add_blank_page(width=595, height=842)
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        shown = " ".join(f"({line}) Tj 0 -14 Td" for line in text.split("\n"))
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 50 700 Td {shown} ET".encode("latin-1"))
        page[NameObject("/Contents")] = stream
    return made


def saved(made: PdfWriter) -> bytes:
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def read(tmp_path: Path, data: bytes) -> Document | Rejection:
    path = tmp_path / "book.pdf"
    path.write_bytes(data)
    [found] = read_documents(path)
    return found


def rejected(tmp_path: Path, data: bytes, error: type[ProvenanceError], *words: str) -> None:
    found = read(tmp_path, data)
    assert isinstance(found, Rejection)
    assert type(found.error) is error
    assert found.error.mend
    for word in words:
        assert word in str(found.error)


def test_pages_are_read_in_order_under_the_files_metadata(tmp_path: Path) -> None:
    made = writer("Call me Ishmael.\nSome years ago", "Page two")
    made.add_metadata({"/Title": "Moby Dick", "/Author": "Herman Melville"})
    found = read(tmp_path, saved(made))
    assert isinstance(found, Document)
    assert (found.source_id, found.title, found.author) == ("book.pdf", "Moby Dick", "Herman Melville")
    assert found.text == "Call me Ishmael.\nSome years ago\nPage two"


def test_a_file_without_metadata_has_its_files_name(tmp_path: Path) -> None:
    found = read(tmp_path, saved(writer("text")))
    assert isinstance(found, Document)
    assert (found.title, found.author) == ("book", "")


def test_damaged_metadata_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: PdfReader) -> None:
        raise ValueError

    data = saved(writer("text"))
    monkeypatch.setattr(PdfReader, "metadata", property(broken))
    found = read(tmp_path, data)
    assert isinstance(found, Document)
    assert (found.title, found.author) == ("book", "")


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_an_encrypted_file_is_told_as_such(tmp_path: Path, algorithm: str) -> None:
    made = writer("secret")
    made.encrypt("password", algorithm=algorithm)
    rejected(tmp_path, saved(made), UnreadableDocument, "is encrypted", "without a password")


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_an_encrypted_file_that_anybody_can_open_is_read(tmp_path: Path, algorithm: str) -> None:
    made = writer("open to all")
    made.encrypt("", owner_password="owner", algorithm=algorithm)
    found = read(tmp_path, saved(made))
    assert isinstance(found, Document)
    assert found.text == "open to all"


def test_encryption_of_an_unknown_kind_is_told_as_such(tmp_path: Path) -> None:
    made = writer("secret")
    made.encrypt("", algorithm="RC4-128")
    rejected(tmp_path, saved(made).replace(b"/Standard", b"/Handcuff"), UnreadableDocument, "is encrypted")


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"no pdf at all", b"\x00" * 100, b"%PDF-1.4\n%%EOF\n"])
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    rejected(tmp_path, data, UnreadableDocument, "damaged")


def test_a_file_without_pages_is_refused(tmp_path: Path) -> None:
    rejected(tmp_path, saved(PdfWriter()), UnreadableDocument, "no pages")


def test_a_damaged_page_is_named_and_not_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise RecursionError

    data = saved(writer("one", "two"))
    monkeypatch.setattr("pypdf.PageObject.extract_text", broken)
    rejected(tmp_path, data, UnreadableDocument, "Page 1")


def test_a_scanned_file_has_no_text(tmp_path: Path) -> None:
    made = PdfWriter()
    made.add_blank_page(width=100, height=100)
    rejected(tmp_path, saved(made), InvalidText, "empty", "scanned")


def test_pages_and_characters_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(writer("first page", "second page", "third page"))
    with monkeypatch.context() as patch:
        patch.setattr(pdf_file, "PAGES_MAX", 2)
        rejected(tmp_path, data, TooLarge, "3 pages", "over the 2")
    monkeypatch.setattr(pdf_file, "TEXT_CHARS_MAX", 15)
    rejected(tmp_path, data, TooLarge, "by page 2")


def test_a_stream_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    made = writer("x")
    stream = DecodedStreamObject()
    stream.set_data(b" " * 200_000_000)
    made.pages[0][NameObject("/Contents")] = stream.flate_encode()
    data = saved(made)
    assert len(data) < 1_000_000
    rejected(tmp_path, data, TooLarge)


def test_characters_that_pypdf_gets_wrong_are_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(writer("x"))
    monkeypatch.setattr("pypdf.PageObject.extract_text", lambda _: "a\x00 \ud835\udc00 \ud835 \r\nb")
    found = read(tmp_path, data)
    assert isinstance(found, Document)
    assert found.text == "a \U0001d400 \ufffd \nb"


def test_oddities_that_pypdf_reads_past_are_not_written_anywhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    data = saved(writer("still readable")).replace(b"startxref\n", b"startxref\n1")
    with caplog.at_level(logging.DEBUG):
        found = read(tmp_path, data)
    assert isinstance(found, Document)
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


SEED = saved(writer("Call me Ishmael.", "Page two"))


@given(
    cut=st.integers(0, len(SEED)),
    changes=st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), max_size=8),
)
def test_no_damage_to_a_file_raises(cut: int, changes: list[tuple[int, int]]) -> None:
    data = bytearray(SEED)
    for at, byte in changes:
        data[at] = byte
    try:
        assert isinstance(pdf_file.read_pdf(bytes(data[cut // 2 :] if cut % 2 else data[:cut])).text, str)
    except ProvenanceError as error:
        assert error.message

"""DOCX to text. The files are made by python-docx, and then broken."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters.readers import archive, docx_file, markup, read_documents
from provenance.kernel.errors import InvalidText, ProvenanceError, TooLarge, UnreadableDocument
from provenance.sources.document import Document, Rejection

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def saved(*paragraphs: str, title: str = "", author: str = "python-docx") -> bytes:
    made = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    made.core_properties.title = title
    made.core_properties.author = author
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed(data: bytes, members: dict[str, bytes | None]) -> bytes:
    """The archive with those members in place of its own, or without them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in dict.fromkeys([*source.namelist(), *members]):
            content = members[name] if name in members else source.read(name)
            if content is not None:
                target.writestr(name, content)
    return out.getvalue()


def with_body(body: str) -> bytes:
    xml = f"<w:document {W} {MC}><w:body>{body}</w:body></w:document>"
    return changed(saved("x"), {"word/document.xml": xml.encode()})


def read(tmp_path: Path, data: bytes) -> Document | Rejection:
    path = tmp_path / "book.docx"
    path.write_bytes(data)
    [found] = read_documents(path)
    return found


def text(tmp_path: Path, data: bytes) -> str:
    found = read(tmp_path, data)
    assert isinstance(found, Document), found
    return found.text


def rejected(tmp_path: Path, data: bytes, error: type[ProvenanceError], *words: str) -> None:
    found = read(tmp_path, data)
    assert isinstance(found, Rejection), found
    assert type(found.error) is error
    assert found.error.mend
    for word in words:
        assert word in str(found.error)


def test_paragraphs_are_lines_under_the_files_metadata(tmp_path: Path) -> None:
    found = read(tmp_path, saved("Loomings", "Call me\tIshmael.", "", "Café", title="Moby Dick", author="H. Melville"))
    assert isinstance(found, Document)
    assert (found.source_id, found.title, found.author) == ("book.docx", "Moby Dick", "H. Melville")
    assert found.text == "Loomings\nCall me\tIshmael.\nCafé"


def test_a_file_without_metadata_has_its_files_name_and_no_author(tmp_path: Path) -> None:
    bare = changed(saved("x"), {"docProps/core.xml": None, "_rels/.rels": None})
    rels = zipfile.ZipFile(io.BytesIO(saved("x"))).read("_rels/.rels")
    without = rels.replace(b"metadata/core-properties", b"metadata/thumbnail-2")
    for data in (saved("x"), changed(bare, {"_rels/.rels": without, "docProps/core.xml": b"<x/>"})):
        found = read(tmp_path, data)
        assert isinstance(found, Document), found
        assert (found.title, found.author) == ("book", "")


def test_tables_stand_where_they_stand_in_the_document(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("before")
    table = made.add_table(rows=2, cols=2)
    for index, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"c{index}"
    table.cell(1, 1).add_paragraph("more")
    made.add_paragraph("after")
    out = io.BytesIO()
    made.save(out)
    assert text(tmp_path, out.getvalue()) == "before\nc0\tc1\nc2\tc3\nmore\nafter"


def test_pictures_are_not_read(tmp_path: Path) -> None:
    assert text(tmp_path, changed(saved("x"), {"docProps/thumbnail.jpeg": b"\xff" * 1000})) == "x"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t></w:r></w:p>", "a\nb\tc"),
        ("<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t xml:space='preserve'> a </w:t></w:r></w:p>", " a "),
        ("<w:sdt><w:sdtContent><w:p><w:r><w:t>in control</w:t></w:r></w:p></w:sdtContent></w:sdt>", "in control"),
        ("<w:p><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>", "link"),
        (
            "<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>",
            "new",
        ),
        (
            "<w:p><w:moveFrom><w:r><w:t>x</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>x</w:t></w:r></w:moveTo></w:p>",
            "x",
        ),
        (
            "<w:p><w:r><w:t>a</w:t><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p>"
            "</w:txbxContent></mc:Choice><mc:Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Fallback>"
            "</mc:AlternateContent><w:t>b</w:t></w:r></w:p>",
            "a\nbox\nb",
        ),
    ],
)
def test_text_is_read_as_word_shows_it(tmp_path: Path, body: str, expected: str) -> None:
    assert text(tmp_path, with_body(body)) == expected


def test_a_file_with_a_password_is_told_as_encrypted(tmp_path: Path) -> None:
    data = OLE + b"\x00" * 500 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 500
    rejected(tmp_path, data, UnreadableDocument, "is encrypted", "without a password")


def test_an_old_word_file_under_a_new_name_is_told_as_such(tmp_path: Path) -> None:
    rejected(tmp_path, OLE + b"\x00" * 500, UnreadableDocument, ".doc", "Save it as .docx")


@pytest.mark.parametrize(
    "data",
    [
        b"no zip",
        saved("x")[:-100],
        changed(saved("x"), {"word/document.xml": None}),
        changed(saved("x"), {"[Content_Types].xml": None}),
        changed(saved("x"), {"word/document.xml": b"<w:document"}),
        changed(saved("x"), {"word/document.xml": b"<x/>"}),
        with_body("").replace(b"word/document.xml", b"word/document.xmk"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    rejected(tmp_path, data, UnreadableDocument, "damaged")


def test_a_file_without_text_is_no_text(tmp_path: Path) -> None:
    rejected(tmp_path, saved(), InvalidText, "empty")


def test_a_zip_bomb_is_refused_by_what_it_says(tmp_path: Path) -> None:
    bomb = changed(saved("x"), {"word/media/bomb.png": b"\x00" * (archive.ARCHIVE_BYTES_MAX + 1)})
    assert len(bomb) < 1_000_000
    rejected(tmp_path, bomb, TooLarge, "unpacks to")


def test_more_markup_than_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MARKUP_MAX", 100)
    rejected(tmp_path, saved("x"), TooLarge, "tags and attributes")


def test_files_that_an_entity_names_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    entity = f'<!DOCTYPE x [<!ENTITY s SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    xml = f"{entity}<w:document {W}><w:body><w:p><w:r><w:t>a &s;</w:t></w:r></w:p></w:body></w:document>"
    found = read(tmp_path, changed(saved("x"), {"word/document.xml": xml.encode()}))
    assert isinstance(found, Document)
    assert "secret" not in found.text


SEED = changed(saved("Call me Ishmael."), {"docProps/thumbnail.jpeg": b""})


@given(changes=st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_no_damage_to_an_archive_raises(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SEED)
    for at, byte in changes:
        data[at] = byte
    try:
        assert isinstance(docx_file.read_docx(bytes(data)).text, str)
    except ProvenanceError as error:
        assert error.message


@given(
    name=st.sampled_from(["word/document.xml", "[Content_Types].xml", "_rels/.rels", "docProps/core.xml"]),
    at=st.integers(0, 3000),
    new=st.binary(max_size=20) | st.sampled_from([b"<", b">", b"&", b'"', b"</w:body>"]),
)
def test_no_damage_to_a_member_raises(name: str, at: int, new: bytes) -> None:
    part = zipfile.ZipFile(io.BytesIO(SEED)).read(name)
    try:
        assert isinstance(docx_file.read_docx(changed(SEED, {name: part[:at] + new + part[at + 1 :]})).text, str)
    except ProvenanceError as error:
        assert error.message

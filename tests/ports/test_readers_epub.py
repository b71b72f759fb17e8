"""EPUB to text. The archives are made by hand, well and badly."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters.readers import archive, epub_file, read_documents
from provenance.kernel.errors import InvalidText, ProvenanceError, TooLarge, UnreadableDocument
from provenance.sources.document import Document, Rejection

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title> Moby
Dick</dc:title><dc:creator>Herman Melville</dc:creator><dc:creator>Ann Other</dc:creator></metadata>
<manifest>
<item id="c2" href="text/two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="c1" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="cover" href="cover.svg" media-type="image/svg+xml"/>
<item id="font" href="font.otf" media-type="font/otf"/>
</manifest>
<spine><itemref idref="cover"/><itemref idref="c1"/><itemref idref="c2"/><itemref idref="c1"/></spine></package>"""
ONE = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="a.js"/></head>
<body><a id="top"/><h1>Loomings</h1><p>Call me&#160;Ishmael&mdash;</p></body></html>"""
TWO = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Two</title></head><body><p>Café</p></body></html>'
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/text/one.xhtml": ONE,
    "OEBPS/text/two b.xhtml": TWO,
    "OEBPS/cover.svg": "<svg><text>cover</text></svg>",
    "OEBPS/font.otf": "font",
}


def encryption(name: str) -> str:
    return f"""<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:CipherData>
<enc:CipherReference URI="{name}"/></enc:CipherData></enc:EncryptedData></encryption>"""


def epub(changes: Mapping[str, str | None] | None = None, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name, data in {**BOOK, **(changes or {})}.items():
            if data is not None:
                target.writestr(name, data)
    return out.getvalue()


def read(tmp_path: Path, data: bytes) -> Document | Rejection:
    path = tmp_path / "book.epub"
    path.write_bytes(data)
    [found] = read_documents(path)
    return found


def rejected(tmp_path: Path, data: bytes, error: type[ProvenanceError], *words: str) -> None:
    found = read(tmp_path, data)
    assert isinstance(found, Rejection), found
    assert type(found.error) is error
    for word in words:
        assert word in str(found.error)


def test_chapters_are_read_in_the_order_of_the_spine_each_once(tmp_path: Path) -> None:
    found = read(tmp_path, epub())
    assert isinstance(found, Document)
    assert (found.source_id, found.title, found.author) == ("book.epub", "Moby Dick", "Herman Melville, Ann Other")
    assert found.text == "Loomings\n\nCall me\u00a0Ishmael—\n\nCafé"


def test_a_book_without_metadata_has_its_files_name(tmp_path: Path) -> None:
    bare = PACKAGE[: PACKAGE.index("<metadata")] + PACKAGE[PACKAGE.index("<manifest") :]
    found = read(tmp_path, epub({"OEBPS/book.opf": bare}))
    assert isinstance(found, Document)
    assert (found.title, found.author) == ("book", "")


@pytest.mark.parametrize("name", ["OEBPS/text/one.xhtml", "OEBPS/text/two%20b.xhtml", "/OEBPS/text/one.xhtml"])
def test_a_book_whose_chapters_are_encrypted_is_told_as_such(tmp_path: Path, name: str) -> None:
    data = epub({"META-INF/encryption.xml": encryption(name)})
    rejected(tmp_path, data, UnreadableDocument, "is encrypted", "without DRM")


def test_a_book_with_a_rights_file_is_told_as_encrypted(tmp_path: Path) -> None:
    rejected(tmp_path, epub({"META-INF/rights.xml": "<rights/>"}), UnreadableDocument, "is encrypted")


def test_a_book_with_only_its_fonts_encrypted_is_read(tmp_path: Path) -> None:
    data = epub({"META-INF/encryption.xml": encryption("OEBPS/font.otf")})
    assert isinstance(read(tmp_path, data), Document)


def test_an_archive_with_a_password_is_told_as_encrypted(tmp_path: Path) -> None:
    data = bytearray(epub())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    rejected(tmp_path, bytes(data), UnreadableDocument, "is encrypted")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"META-INF/container.xml": None}, "container.xml"),
        ({"META-INF/container.xml": "<container/>"}, "no package document"),
        ({"META-INF/container.xml": "<container"}, "damaged"),
        ({"META-INF/encryption.xml": "no xml"}, "damaged"),
        ({"OEBPS/book.opf": None}, "book.opf"),
        ({"OEBPS/book.opf": "<package>"}, "damaged"),
        ({"OEBPS/text/one.xhtml": None}, "one.xhtml"),
        ({"OEBPS/text/one.xhtml": "<meta charset=klingon>"}, "Chapter 'OEBPS/text/one.xhtml': The page names"),
    ],
)
def test_a_damaged_book_is_refused(tmp_path: Path, changes: dict[str, str | None], word: str) -> None:
    rejected(tmp_path, epub(changes), UnreadableDocument, word)


@pytest.mark.parametrize("data", [b"no zip", b"PK\x03\x04", epub()[:-30], epub()[:200]])
def test_what_is_no_zip_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    rejected(tmp_path, data, UnreadableDocument, "damaged")


@pytest.mark.parametrize("href", ["../../../etc/passwd", "/etc/passwd", "%2e%2e/%2e%2e/secret", "..", ""])
def test_a_chapter_outside_the_archive_is_refused(tmp_path: Path, href: str) -> None:
    package = PACKAGE.replace("text/one.xhtml", href)
    container = CONTAINER.replace("OEBPS/book.opf", "book.opf")
    data = epub({"book.opf": package, "META-INF/container.xml": container})
    rejected(tmp_path, data, UnreadableDocument, "outside itself")


def test_a_chapter_on_the_network_is_not_fetched(tmp_path: Path) -> None:
    package = PACKAGE.replace("text/one.xhtml", "http://127.0.0.1:9/one.xhtml")
    rejected(tmp_path, epub({"OEBPS/book.opf": package}), UnreadableDocument, "lacks")


def test_files_that_an_entity_names_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    entity = f'<!DOCTYPE package [<!ENTITY s SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    package = PACKAGE.replace('<?xml version="1.0"?>', entity).replace("Herman Melville", "&s;x")
    found = read(tmp_path, epub({"OEBPS/book.opf": package}))
    assert isinstance(found, Document)
    assert "secret" not in found.author


def test_entities_that_expand_without_end_are_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    package = f'<!DOCTYPE package [<!ENTITY e0 "{"x" * 1000}">{entities}]>' + PACKAGE.removeprefix(
        '<?xml version="1.0"?>'
    )
    for bomb in (package.replace('id="c1"', 'id="&e11;"'), package.replace("Herman", "&e11;")):
        rejected(tmp_path, epub({"OEBPS/book.opf": bomb}), UnreadableDocument, "damaged")


def test_a_book_without_text_is_no_text(tmp_path: Path) -> None:
    data = epub({"OEBPS/text/one.xhtml": "", "OEBPS/text/two b.xhtml": "<html><body><img/></body></html>"})
    rejected(tmp_path, data, InvalidText, "empty")
    rejected(tmp_path, epub({"OEBPS/book.opf": "<package/>"}), InvalidText, "empty")


def test_a_zip_bomb_is_refused_by_what_it_says(tmp_path: Path) -> None:
    data = epub({"OEBPS/bomb": "\x00" * (archive.ARCHIVE_BYTES_MAX + 1)})
    assert len(data) < 1_000_000
    rejected(tmp_path, data, TooLarge, "unpacks to", f"{archive.ARCHIVE_BYTES_MAX:,}")


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    big = "<p>" + " " * 10_000_000
    data = epub({"OEBPS/text/one.xhtml": big}).replace(len(big).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    rejected(tmp_path, data, UnreadableDocument, "damaged")


def test_members_packed_in_other_ways_are_refused(tmp_path: Path) -> None:
    rejected(tmp_path, epub(method=zipfile.ZIP_BZIP2), UnreadableDocument, "packed")


def test_members_and_characters_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(archive, "ENTRIES_MAX", 6)
        rejected(tmp_path, epub(), TooLarge, "7 members")
    monkeypatch.setattr(epub_file, "TEXT_CHARS_MAX", 10)
    rejected(tmp_path, epub(), TooLarge, "over 10 characters")


SEED = epub(method=zipfile.ZIP_STORED)


@given(changes=st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_no_damage_to_an_archive_raises(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SEED)
    for at, byte in changes:
        data[at] = byte
    try:
        assert isinstance(epub_file.read_epub(bytes(data)).text, str)
    except ProvenanceError as error:
        assert error.message


@given(name=st.sampled_from(sorted(BOOK)), at=st.integers(0, 400), new=st.text(max_size=20) | st.sampled_from("<>&\"'"))
def test_no_damage_to_a_member_raises(name: str, at: int, new: str) -> None:
    data = epub({name: BOOK[name][:at] + new + BOOK[name][at + 1 :]})
    try:
        assert isinstance(epub_file.read_epub(data).text, str)
    except ProvenanceError as error:
        assert error.message

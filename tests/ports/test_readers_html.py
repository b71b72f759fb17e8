"""HTML to the text that a reader of the page sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.adapters.readers import html_file, markup, read_documents
from provenance.kernel.errors import InvalidText, ProvenanceError, TooLarge, UnreadableDocument
from provenance.sources.document import Document, Rejection


def page(tmp_path: Path, data: bytes | str) -> Document:
    path = tmp_path / "page.html"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    [found] = read_documents(path)
    assert isinstance(found, Document), found
    return found


def rejected(tmp_path: Path, data: bytes | str, error: type[ProvenanceError], *words: str) -> None:
    path = tmp_path / "page.htm"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    [found] = read_documents(path)
    assert isinstance(found, Rejection)
    assert type(found.error) is error
    for word in words:
        assert word in str(found.error)


def test_title_and_author_come_from_the_head(tmp_path: Path) -> None:
    found = page(
        tmp_path, '<head><title>\n The  Sea </title><meta name="Author" content="Ann &amp; Bob"></head><p>Once</p>'
    )
    assert (found.title, found.author, found.text) == ("The Sea", "Ann & Bob", "Once")


def test_a_page_without_a_title_has_its_files_name(tmp_path: Path) -> None:
    assert page(tmp_path, "<p>Once</p>").title == "page"


def test_what_no_reader_sees_is_dropped_and_the_text_after_it_stays(tmp_path: Path) -> None:
    hidden = "<script>var a='x<p>y';</script>one<style>p {}</style>two<noscript>no<p>script</p></noscript>three"
    assert (
        page(tmp_path, f"<body>{hidden}<template><p>t</p></template>four<!-- no -->five").text == "onetwothreefourfive"
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>one<p>two", "one\n\ntwo"),
        ("<div>one</div><div><div>two</div></div>", "one\ntwo"),
        ("<h1>A</h1>\n\n<p>one\ntwo\t three</p>", "A\n\none two three"),
        ("one<br>two<br/><br>three", "one\ntwo\n\nthree"),
        ("<p>a <b>bold</b><i> word</i>.</p>", "a bold word."),
        ("<ul><li>one<li>two</ul>after", "one\ntwo\n\nafter"),
        ("<table><tr><th>a<th>b<tr><td>c</td><td></td><td>d</td></table>", "a\tb\nc\td"),
        ("<pre>\n  one\n    two\n</pre>x  y", "  one\n    two\n\nx y"),
        ("<pre>a<br>b  <b>c\n</b></pre>", "a\nb  c"),
        ("<p> </p><p></p>only", "only"),
        ("&lt;p&gt; &eacute;&#233;&#xe9; &amp;amp; a&nbsp;b &bogus;", "<p> ééé &amp; a\u00a0b &bogus;"),
        ("no markup at all & more", "no markup at all & more"),
        ("<p>one\r\ntwo</p><pre>a\r\nb\rc</pre>", "one two\n\na\nb\nc"),
    ],
)
def test_blocks_stand_apart_and_blanks_within_them_are_one(tmp_path: Path, source: str, text: str) -> None:
    assert page(tmp_path, source).text == text


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ('<meta charset="utf-8">', "utf-8"),
        ("<meta charset=ISO-8859-1>", "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">', "cp1252"),
        ('<?xml version="1.0" encoding="iso-8859-15"?>', "iso8859-15"),
        ("<meta charset='utf-16'>", "utf-8"),
        ("", "utf-8"),
    ],
)
def test_the_declared_encoding_is_used_as_browsers_do(tmp_path: Path, declaration: str, encoding: str) -> None:
    assert page(tmp_path, declaration.encode() + "<p>café €</p>".encode(encoding)).text == "café €"


def test_a_byte_order_mark_is_stronger_than_a_declaration(tmp_path: Path) -> None:
    assert page(tmp_path, "<meta charset=iso-8859-1><p>café".encode("utf-8-sig")).text == "café"


def test_bytes_that_are_not_of_the_encoding_are_refused(tmp_path: Path) -> None:
    rejected(tmp_path, b"<p>caf\xe9", UnreadableDocument, "at byte 6", "Save it as UTF-8")


@pytest.mark.parametrize("name", ["klingon", "punycode", "hex", "unicode_escape", "undefined"])
def test_an_encoding_that_no_page_has_is_refused(tmp_path: Path, name: str) -> None:
    rejected(tmp_path, f"<meta charset={name}><p>x", UnreadableDocument, name)


@pytest.mark.parametrize(
    "source", ["<!-- only -->", "<script>x</script>", "<html><head><title>x</title></head></html>"]
)
def test_a_page_without_text_is_no_text(tmp_path: Path, source: str) -> None:
    rejected(tmp_path, source, InvalidText, "empty")


def test_binary_data_is_no_page(tmp_path: Path) -> None:
    rejected(tmp_path, b"<p>\x00\x01\x02", InvalidText, "binary")
    rejected(tmp_path, b"\x89PNG\x00\xff", InvalidText, "binary")


def test_files_that_a_page_names_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    uri = (tmp_path / "secret.txt").as_uri()
    source = f'<!DOCTYPE html [<!ENTITY s SYSTEM "{uri}">]><p>&s;</p><iframe src="{uri}"></iframe><object data="{uri}">'
    assert "secret" not in page(tmp_path, source + "x").text.replace(uri, "")


def test_one_long_text_is_not_cut(tmp_path: Path) -> None:
    assert len(page(tmp_path, "<p>" + "word " * 3_000_000).text) == 14_999_999


def test_elements_nested_too_deeply_are_refused_and_not_cut(tmp_path: Path) -> None:
    assert page(tmp_path, "<div>" * 1000 + "deep").text == "deep"
    rejected(tmp_path, "<div>" * 100_000 + "deep", UnreadableDocument, "too deeply")


def test_more_markup_than_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MARKUP_MAX", 10)
    rejected(tmp_path, "<p a=b>x" * 10, TooLarge, "20 tags and attributes")


TAGS = (
    "<p> </p> <br/> <pre> </pre> <div> <table> <td> <tr> <script> </script> <svg> <!-- --> & < &#13; &#xd800;".split()
)


@example(["<pre>", "-->", "&#13;"])
@example(["<pre>", "a&#13;", "\n", "</pre>", "b"])
@given(st.lists(st.sampled_from(TAGS) | st.text(max_size=4), max_size=40))
def test_no_markup_raises_and_no_block_is_blank(pieces: list[str]) -> None:
    source = "".join(pieces).replace("\x00", "").encode("utf-8", "replace")
    text = html_file.read_html(source).text
    assert "\r" not in text
    assert text.encode().decode() == text
    assert text == text.strip("\n")

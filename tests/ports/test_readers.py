"""Files and folders of files to documents: what is found, under which name, and what is refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters.readers import SUFFIXES, content, folder, read_documents, total_bytes
from provenance.kernel.errors import InvalidInput, InvalidText, NotFound, ProvenanceError, TooLarge, UnreadableDocument
from provenance.sources.document import Document, Rejection


def rejected(path: Path, error: type[ProvenanceError], *words: str) -> Rejection:
    """The only thing that is read at the path: a rejection of that class, with those words and with a mend."""
    [rejection] = read_documents(path)
    assert isinstance(rejection, Rejection)
    assert type(rejection.error) is error
    assert rejection.error.mend
    for word in words:
        assert word in str(rejection.error)
    return rejection


def document(path: Path) -> Document:
    [found] = read_documents(path)
    assert isinstance(found, Document), found
    return found


def written(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# -- text and Markdown ------------------------------------------------------------------------------------------------


def test_a_text_file_is_a_document_named_by_its_file(tmp_path: Path) -> None:
    path = written(tmp_path / "The Sea.txt", "Call me Ishmael.\n")
    found = document(path)
    assert found == Document(
        origin=str(path), source_id="The Sea.txt", title="The Sea", author="", text="Call me Ishmael.\n"
    )


def test_suffixes_are_known_in_either_case(tmp_path: Path) -> None:
    assert document(written(tmp_path / "A.TXT", "a")).text == "a"


def test_newlines_become_plain_and_the_rest_of_the_text_stays_as_it_came(tmp_path: Path) -> None:
    assert (
        document(written(tmp_path / "a.txt", "  one\r\n\r\ntwo\rthree \u00a0\n")).text == "  one\n\ntwo\nthree \u00a0\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_a_byte_order_mark_names_the_encoding_and_is_no_part_of_the_text(
    tmp_path: Path, encoding: str, suffix: str
) -> None:
    assert document(written(tmp_path / f"a{suffix}", "Ærø, 東京".encode(encoding))).text == "Ærø, 東京"


def test_big_endian_utf_16_with_its_mark_is_read(tmp_path: Path) -> None:
    assert document(written(tmp_path / "a.txt", b"\xfe\xff" + "Ærø".encode("utf-16-be"))).text == "Ærø"


@pytest.mark.parametrize(("data", "at"), [(b"caf\xe9 au lait", 3), (b"\xef\xbb\xbfcaf\xe9", 6), (b"\xff\xfea\x00b", 4)])
def test_a_byte_that_is_not_of_the_encoding_is_named_by_its_offset(tmp_path: Path, data: bytes, at: int) -> None:
    rejection = rejected(written(tmp_path / "a.txt", data), UnreadableDocument, f"at byte {at}", "Save it as UTF-8")
    assert rejection.error.data["byte"] == at


@pytest.mark.parametrize("data", [b"text\x00text", b"\x89PNG\r\n\x1a\n\x00\x00\xff", b"\x01\x02\x03\x04text"])
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_binary_data_under_the_name_of_a_text_is_no_text(tmp_path: Path, data: bytes, suffix: str) -> None:
    rejected(written(tmp_path / f"a{suffix}", data), InvalidText, "binary")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("intro\n\n# Moby Dick #\n\n## Later", "Moby Dick"),
        ("# C#\n", "C#"),
        ("Moby *Dick*\n===\n", "Moby *Dick*"),
        ("```sh\n# a comment\n```\n\n## After", "After"),
        ("~~~\n# a\n```\n# b\n~~~~\n# c", "c"),
        ("#no heading\n# \n- item\n---\n# yes", "yes"),
        ("no heading at all", "a"),
        ("---\ntitle: 'The Whale'\nauthor: H. Melville\n---\n# Chapter 1", "The Whale"),
        ("---\nlayout: page\n---\n# Chapter 1", "Chapter 1"),
        ("---\n# never closed", "never closed"),
    ],
)
def test_markdown_takes_its_title_from_front_matter_or_its_first_heading(tmp_path: Path, text: str, title: str) -> None:
    found = document(written(tmp_path / "a.md", text))
    assert found.title == title
    assert found.text == text


def test_markdown_takes_its_author_from_front_matter(tmp_path: Path) -> None:
    assert document(written(tmp_path / "a.md", "---\nauthor: H. Melville\n---\nx")).author == "H. Melville"


def test_titles_are_one_line_without_invisible_characters(tmp_path: Path) -> None:
    assert document(written(tmp_path / "a.md", "# Moby\u202e \t\u200bDick\x07\n" + "text " * 20)).title == "Moby Dick"


def test_long_lines_of_blanks_are_read_in_linear_time(tmp_path: Path) -> None:
    blanks = " " * 2_000_000
    assert document(written(tmp_path / "a.md", f"---\ntitle:{blanks}x{blanks}y\n---\n# {blanks}x{blanks}#y")).title


# -- every file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_is_no_text(tmp_path: Path, suffix: str) -> None:
    rejected(written(tmp_path / f"a{suffix}", b""), InvalidText)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_blanks_alone_are_no_text(tmp_path: Path, suffix: str) -> None:
    rejected(written(tmp_path / f"a{suffix}", " \n\t\n"), InvalidText, "empty")


@pytest.mark.parametrize("suffix", [s for s in SUFFIXES if "jsonl" not in s])
def test_a_file_above_the_bound_is_refused_by_its_size_unread(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with path.open("wb") as file:
        file.truncate(content.FILE_BYTES_MAX + 1)
    rejected(path, TooLarge, f"{content.FILE_BYTES_MAX + 1:,} bytes", f"{content.FILE_BYTES_MAX:,}")


def test_a_file_that_grows_past_the_bound_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "FILE_BYTES_MAX", 10)
    monkeypatch.setattr(content, "regular_size", lambda _: 5)
    rejected(written(tmp_path / "a.txt", "x" * 100), TooLarge, "11 bytes")


def test_a_text_above_the_bound_of_a_work_is_refused(tmp_path: Path) -> None:
    rejected(written(tmp_path / "a.txt", "x" * 20_000_001), TooLarge, "20,000,001 characters")


def test_an_unknown_kind_that_was_named_is_refused_with_the_kinds_there_are(tmp_path: Path) -> None:
    rejected(written(tmp_path / "a.xlsx", "x"), UnreadableDocument, "a.xlsx", *SUFFIXES)
    rejected(written(tmp_path / "noend", "x"), UnreadableDocument, "noend")


def test_a_path_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    rejected(tmp_path / "nowhere.txt", NotFound, "nowhere.txt")
    rejected(written(tmp_path / "a.txt", "x") / "b.txt", NotFound)


def test_a_path_that_no_system_has_is_refused() -> None:
    rejected(Path("a\x00b.txt"), UnreadableDocument)
    rejected(Path("x" * 10_000 + ".txt"), UnreadableDocument)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for suffix in SUFFIXES:
        path = written(tmp_path / f"a{suffix}", "x")
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", refuse)
            rejected(path, UnreadableDocument, "Permission denied")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    os.mkfifo(path)
    assert rejected(path, UnreadableDocument, "not a regular file").origin == str(path)


def test_a_rejection_holds_nothing_of_the_input(tmp_path: Path) -> None:
    error: BaseException | None = rejected(written(tmp_path / "a.txt", b"x" * 1000 + b"\xff"), UnreadableDocument).error
    causes = 0
    while error is not None:
        assert error.__traceback__ is None
        assert not (isinstance(error, UnicodeDecodeError) and error.object)
        error, causes = error.__cause__, causes + 1
    assert causes == 2


def test_a_file_name_that_can_be_no_id_is_refused(tmp_path: Path) -> None:
    rejected(written(tmp_path / "a\u202etxt.txt", "x"), InvalidInput, "U+202E", "Rename")
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    assert rejected(written(path, "x"), InvalidInput).origin.endswith("/caf\\xe9.txt")


# -- folders ----------------------------------------------------------------------------------------------------------


def found_in(path: Path) -> list[str]:
    return [found.source_id if isinstance(found, Document) else found.origin for found in read_documents(path)]


def test_a_folder_is_read_below_and_in_order_under_paths_within_it(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/b/c.txt", "c/a.html", "a.txt"):
        written(tmp_path / "in" / name, "text")
    assert found_in(tmp_path / "in") == ["a/b/c.txt", "a/z.md", "a.txt", "b.txt", "c/a.html"]


def test_source_ids_do_not_depend_on_where_the_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "in" / "a" / "b.txt", "text")
    elsewhere = found_in(tmp_path / "in")
    monkeypatch.chdir(tmp_path / "in")
    assert found_in(Path()) == found_in(Path("../in")) == elsewhere == ["a/b.txt"]
    assert found_in(Path("a/b.txt")) == found_in(tmp_path / "in" / "a" / "b.txt") == ["b.txt"]


def test_a_name_is_one_whichever_unicode_form_the_system_gives_it_in(tmp_path: Path) -> None:
    assert document(written(tmp_path / "cafe\u0301.txt", "x")).source_id == "caf\u00e9.txt"


def test_hidden_files_and_other_kinds_are_passed_over_in_a_folder(tmp_path: Path) -> None:
    for name in (".a.txt", ".git/b.txt", "~$c.docx", "d.xlsx", "README", "e.txt"):
        written(tmp_path / name, "text")
    assert found_in(tmp_path) == ["e.txt"]


def test_links_to_folders_are_not_followed_and_links_to_files_are(tmp_path: Path) -> None:
    written(tmp_path / "in" / "a.txt", "text")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "folder.txt").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "b.txt").symlink_to(tmp_path / "in" / "a.txt")
    assert found_in(tmp_path / "in") == ["a.txt", "b.txt"]


def test_a_link_that_leads_nowhere_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "gone.txt")
    written(tmp_path / "c.txt", "text")
    assert found_in(tmp_path) == [str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "c.txt"]


def test_a_bad_file_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    for name in ("a.txt", "c.txt"):
        written(tmp_path / name, "text")
    written(tmp_path / "b.pdf", b"\x00" * 10)
    assert found_in(tmp_path) == ["a.txt", str(tmp_path / "b.pdf"), "c.txt"]


def test_a_folder_that_may_not_be_listed_is_refused_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "a" / "a.txt", "text")
    written(tmp_path / "b.txt", "text")
    listing = os.scandir

    def scandir(path: Path) -> object:
        if path.name == "a":
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert found_in(tmp_path) == [str(tmp_path / "a"), "b.txt"]


def test_a_folder_of_more_files_than_the_bound_is_read_up_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "FILES_MAX", 2)
    for name in ("a.txt", "b.txt"):
        written(tmp_path / name, "text")
    assert found_in(tmp_path) == ["a.txt", "b.txt"]
    written(tmp_path / "c.txt", "text")
    *_, last = read_documents(tmp_path)
    assert isinstance(last, Rejection)
    assert isinstance(last.error, TooLarge)


def test_a_folder_without_documents_has_none(tmp_path: Path) -> None:
    assert found_in(tmp_path) == []


# -- progress ---------------------------------------------------------------------------------------------------------


def test_bytes_told_while_reading_add_up_to_the_total(tmp_path: Path) -> None:
    written(tmp_path / "a.txt", "some text")
    written(tmp_path / "b.pdf", b"not a pdf")
    written(tmp_path / "c.jsonl", '{"source_id": "1", "text": "x"}\nbad\n\n' * 10)
    written(tmp_path / "d.jsonl.gz", b"\x1f\x8bbroken")
    written(tmp_path / "e.zip", b"left out")
    told: list[int] = []
    list(read_documents(tmp_path, on_bytes=told.append))
    assert min(told) > 0
    assert sum(told) == total_bytes([tmp_path]) == 9 + 9 + 370 + 8


def test_the_total_of_what_is_not_there_is_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", "four")
    assert total_bytes([path, path, tmp_path / "gone.txt"]) == 8
    assert total_bytes([]) == 0


# -- anything at all --------------------------------------------------------------------------------------------------

MAGICS = [
    b"",
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"\x1f\x8b\x08\x00",
    b"<html>",
    b'{"source_id":',
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
]


@pytest.fixture(scope="module")
def any_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


@given(magic=st.sampled_from(MAGICS), data=st.binary(max_size=2000), suffix=st.sampled_from([*SUFFIXES, ".x", ""]))
def test_no_bytes_under_any_suffix_raise(any_folder: Path, magic: bytes, data: bytes, suffix: str) -> None:
    path = written(any_folder / f"a{suffix}", magic + data)
    for found in read_documents(path):
        assert found.origin.startswith(str(path))
        if isinstance(found, Rejection):
            assert str(found.error)


def test_reading_leaves_files_as_they_were(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", "text")
    path.chmod(stat.S_IRUSR)
    assert document(path).text == "text"
    assert path.read_bytes() == b"text"

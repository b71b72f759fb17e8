"""What strangers wrote never steers the terminal: escapes are shown, markup is text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.bootstrap import System
from provenance.cli.render import console, table
from provenance.cli.visible import excerpt, visible
from provenance.services.ingest import ingest
from provenance.services.ports import Encoder
from provenance.settings import Settings
from provenance.sources.document import Document
from provenance.sources.party import Party

Run = Callable[..., Any]

TITLE = "Ev\x1b[31mil \u202etitle\u2066 [bold red]loud[/] \x07\x9b1m \u200b"
TEXT = (
    "My \x1b]0;owned\x07 grandmother kept two [red]books[/red] in the \u202ekitchen at Port Hessary, one of them green."
)
STEERING = [chr(c) for c in (*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066, 0x200B, 0x2028, 0xD800)]


@pytest.fixture
def hostile(run: Run, encoder: Encoder, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A work as a program might have recorded it that took any title."""
    monkeypatch.setattr("provenance.services.ingest_prepare._one_line", lambda text: text)
    monkeypatch.setattr("provenance.sources.work.check_label", lambda *_, **__: None)
    assert run("migrate").code == 0
    system = System(Settings(home=home))
    document = Document(origin="api", source_id="evil", title=TITLE, author="\x1b[2J", text=TEXT)
    owner = Party(id="library", name="[blink]Library[/blink]")
    [done] = ingest([document], owner, system.database, encoder, system.clock)
    assert done.error is None
    system.close()
    assert run("index").code == 0


def test_a_hostile_title_is_shown_with_escapes(run: Run, hostile: None) -> None:
    text = TEXT.replace("green", "red")
    for out in (run("works").out, run("attribute", "-", stdin=text).out, run("parties", "list").out):
        assert not [c for c in STEERING if c in out]
    shown = "".join(run("works").out.split())
    assert r"Ev\x1b[31mil" in shown
    assert r"\u202etitle\u2066" in shown
    assert "[boldred]loud[/]" in shown
    assert "[blink]Library[/blink]" in run("parties", "list").out


def test_a_hostile_text_is_shown_with_escapes(run: Run, hostile: None) -> None:
    out = run("attribute", "-", stdin=TEXT).out
    assert r"«My \x1b]0;owned\x07 grandmother kept two [red]books[/red] in the \u202ekitchen" in out
    assert not [c for c in STEERING if c in out]


def test_json_holds_nothing_but_ascii(run: Run, hostile: None) -> None:
    ran = run("works", "--json")
    assert ran.out.isascii()
    assert not [c for c in STEERING if c in ran.out]
    assert "\u202e" in ran.json["works"][0]["title"]


def test_a_hostile_file_name_is_shown_with_escapes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "no\x1b[31m\u202e.txt").touch()
    ran = run("ingest", tmp_path)
    assert ran.code == 1
    assert r"no\x1b[31m\u202e.txt" in ran.out
    assert not [c for c in STEERING if c in ran.out]
    missing = run("attribute", "no\x1b[31m\u202ewhere.txt")
    assert r"no\x1b[31m\u202ewhere.txt" in missing.err


@given(st.text())
def test_nothing_that_steers_is_visible(text: str) -> None:
    for shown in (visible(text), visible(text, lines=True), excerpt(text, 20)):
        assert not [c for c in STEERING if c in shown]
        shown.encode("utf-8")


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "M"))))
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert visible(text, lines=True) == text


def test_an_excerpt_is_cut_with_an_ellipsis() -> None:
    assert excerpt("word " * 100, 20) == "word word word word…"
    assert excerpt("short  \n text", 20) == "short text"


@pytest.mark.parametrize("columns", ["120", "80", "40", "24"])
def test_no_terminal_is_too_narrow_for_an_amount(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    titles = "A title of a work that is rather long, as titles go"
    console().print(
        table("", (">earned", "title", ">a header of some length"), [("1234.567891 USD", titles, "99.9 %")])
    )
    shown = "".join(capsys.readouterr().out.split())
    letters = iter(shown)
    assert all(c in letters for c in "1234.567891USD")
    assert shown.count("9") == 4


def test_a_table_shows_markup_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(table("[red]T[/red]", ("[b]a", ">[i]b"), [("[link=x]y[/link]", ":smile:")]))
    out = capsys.readouterr().out
    assert all(words in out for words in ("[red]T[/red]", "[b]a", "[i]b", "[link=x]y[/link]", ":smile:"))

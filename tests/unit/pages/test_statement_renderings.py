"""A statement as JSON, CSV, page and PDF: the same bytes for ever, and nothing that a stranger's words can bend."""

import csv
import io
import json

import pytest
from pypdf import PdfReader

from provenance.kernel.canonical import sha256_hex
from provenance.kernel.money import parse_money
from provenance.pages.pdf_sheet import MISSING
from provenance.pages.statement_data import statement_csv, statement_json
from provenance.pages.statement_page import statement_page
from provenance.pages.statement_pdf import statement_pdf
from provenance.services.statements import StatementSheet
from provenance.statements.form import statement_form, statement_from

from .page_values import HOSTILE, parse, structure
from .statement_values import TITLES, sheet

# What `provenance-statement-1` looks like. A change of these bytes is a new format, beside this one: whoever was sent a
# statement must be able to hold it against what is rendered years later.
GOLDEN = {
    "json": "5e6966e3acd7c89dfdd37b20995b2ebfa04c7228c4443c9adc5582006f6d67e3",
    "csv": "d47fe81cdb425dab0d7cb2e44f1540a5a9438e9af0b49d20b2e137cefe15605b",
    "html": "df42c0b48f16b923e30a27b022e320e477bc57b9a695d35c1b07bd8c15eab092",
    "pdf": "9bd6dd1ce79a7039e873775bf1906db917521d6d2a448467ed45f3be2310f000",
}
RENDERERS = {
    "json": statement_json,
    "csv": statement_csv,
    "html": lambda s: statement_page(s).encode(),
    "pdf": statement_pdf,
}


@pytest.mark.parametrize("name", RENDERERS)
def test_a_statement_renders_to_the_same_bytes_for_ever(name: str) -> None:
    assert sha256_hex(RENDERERS[name](sheet())) == GOLDEN[name]


@pytest.mark.parametrize("name", RENDERERS)
def test_what_was_stored_and_read_again_renders_to_the_same_bytes(name: str) -> None:
    made = sheet()
    stored = json.loads(json.dumps(statement_form(made.statement)))
    again = StatementSheet(
        statement=statement_from(stored),
        party_name=made.party_name,
        titles=dict(made.titles),
        closed_at=made.closed_at,
    )
    assert RENDERERS[name](again) == RENDERERS[name](made)


def test_the_json_holds_the_form_and_the_names_apart() -> None:
    made = sheet()
    found = json.loads(statement_json(made))
    assert found.pop("labels") == {"party": "Ann Ångström & Söhne", "works": TITLES}
    assert found.pop("closed_at") == "2026-12-03T08:00:00.000001Z"
    assert found == statement_form(made.statement)


def test_the_csv_foots_for_whoever_adds_it_up() -> None:
    rows = list(csv.DictReader(io.StringIO(statement_csv(sheet()).decode())))
    assert len(rows) > 30

    def total(part: str, kind: str | None = None) -> int:
        found = [r for r in rows if r["part"] == part and kind in (None, r["kind"])]
        assert found
        return sum(parse_money(r["amount"], r["currency"]).micros for r in found)

    assert total("opening") + total("line") == total("closing", "closing")
    assert total("by_work") == total("by_use") == total("by_worker") == total("by_territory")


def test_a_title_that_is_a_formula_is_led_by_an_apostrophe_in_the_csv() -> None:
    found = statement_csv(sheet(titles={"work_0": "=1+1"})).decode()
    assert ",'=1+1," in found
    assert ",=1+1" not in found


def test_the_page_has_every_amount_and_every_rule() -> None:
    made = sheet()
    shown = parse(statement_page(made)).text_content()
    for line in made.statement.lines:
        assert line.explanation.rule in shown
        assert line.explanation.rounding in shown
        for value in line.explanation.inputs.values():
            assert value in shown


def test_hostile_words_leave_the_page_as_it_is() -> None:
    mild = sheet(party_name="Plain", titles=dict.fromkeys(TITLES, "Plain"))
    bad = sheet(party_name=HOSTILE, titles=dict.fromkeys(TITLES, HOSTILE))
    assert structure(parse(statement_page(bad))) == structure(parse(statement_page(mild)))


def test_the_page_asks_the_network_for_nothing() -> None:
    page = statement_page(sheet())
    policy = parse(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "default-src 'none'" in policy[0]
    assert not [word for word in ("http:", "https:", "//", "url(", "@import") if word in page]


def test_the_pdf_has_the_same_lines_and_the_letters_of_three_scripts() -> None:
    made = sheet()
    shown = _words(statement_pdf(made))
    for words in ("Ann Ångström & Söhne", "Ελληνικός τίτλος", "Русская книга", "Łódź", made.statement.id):
        assert words in shown
    for line in made.statement.lines:
        assert " ".join(line.explanation.rule.split()) in shown


def test_the_pdf_shows_a_sign_and_the_id_for_letters_that_it_lacks_and_says_so() -> None:
    shown = _words(statement_pdf(sheet()))
    assert f"{MISSING * 3} work_3" in shown
    assert f"{MISSING * 4} work_4" in shown
    assert "stands for a letter that this PDF can't draw" in shown
    assert "can't draw" not in _words(statement_pdf(sheet(titles=dict.fromkeys(TITLES, "Plain"))))


@pytest.mark.parametrize("title", [HOSTILE, "x" * 5_000, "", " ", "\U0001f600", "e\u0301", "\u200d", "水" * 300])
def test_any_title_makes_a_pdf(title: str) -> None:
    assert PdfReader(io.BytesIO(statement_pdf(sheet(party_name=title, titles=dict.fromkeys(TITLES, title))))).pages


def test_two_pdfs_made_in_turn_are_those_made_alone() -> None:
    one, other = sheet(), sheet(titles={})
    alone = statement_pdf(one)
    assert statement_pdf(other) != alone
    assert statement_pdf(one) == alone


def _words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())

"""Files that nobody vouches for: refused, soon, and without a byte of them believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.bank_files import markup
from provenance.bank_files.reading import read_bank_message
from provenance.kernel.errors import InvalidInput, TooLarge, UnreadableBankMessage

from .message_values import PAIN002, batch, camt054, details, entry, pain002, status

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
GOOD = pain002("M", batch("B", status("A", "RJCT")))


@pytest.mark.parametrize(
    "before",
    [
        LAUGHS,
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE x>",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///x">]>',
    ],
)
def test_a_document_type_is_refused_whatever_it_declares(before: str) -> None:
    with pytest.raises(UnreadableBankMessage, match="document type"):
        read_bank_message(pain002("M", before=before))


def test_a_document_type_in_another_encoding_is_refused_too() -> None:
    text = pain002("M", before=LAUGHS).decode().replace("UTF-8", "UTF-16")
    with pytest.raises(UnreadableBankMessage):
        read_bank_message(text.encode("utf-16"))


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01", b"not xml", b"<a>", GOOD[:-20], GOOD + b"<b/>", GOOD.replace(b"RJCT", b"\xff\xfe"),
     GOOD.replace(b"RJCT", b"&unknown;"), b"<Document/>", b"<a xmlns='urn:other'/>"],
)  # fmt: skip
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableBankMessage):
        read_bank_message(data)


@pytest.mark.parametrize("namespace", ["urn:x", PAIN002[:-2] + "99", "urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"])
def test_another_kind_of_message_is_refused(namespace: str) -> None:
    with pytest.raises(UnreadableBankMessage):
        read_bank_message(pain002("M", namespace=namespace))


def test_elements_of_another_namespace_are_skipped_with_all_that_they_hold() -> None:
    hidden = f"<f:Extra xmlns:f='urn:f'>{status('EVIL', 'ACSC')}</f:Extra>"
    assert read_bank_message(pain002("M", batch("B", status("A", "RJCT"), hidden))) == read_bank_message(GOOD)


def test_too_deep_is_refused() -> None:
    with pytest.raises(TooLarge):
        read_bank_message(pain002("M", "<x>" * 40 + "</x>" * 40))
    with pytest.raises(TooLarge):
        read_bank_message(pain002("M", "<f:x xmlns:f='urn:f'>" * 40 + "</f:x>" * 40))


def test_too_broad_a_record_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "ELEMENTS_HELD_MAX", 50)
    with pytest.raises(TooLarge):
        read_bank_message(camt054([entry("<x/>" * 60)]))


def test_what_is_held_does_not_grow_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "ELEMENTS_HELD_MAX", 50)
    assert len(read_bank_message(camt054(entry(details(f"A{n}")) for n in range(500))).outcomes) == 500
    assert len(read_bank_message(camt054([entry(*(details(f"A{n}") for n in range(500)))])).outcomes) == 500


def test_too_many_records_bytes_or_characters_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    many = camt054(entry(details(f"A{n}")) for n in range(10))
    with pytest.raises(TooLarge):
        read_bank_message(pain002("M" * 3_000))
    for bound, value in (("RECORDS_MAX", 15), ("BYTES_MAX", len(many) - 1), ("ATTRIBUTES_MAX", 20)):
        with monkeypatch.context() as patch:
            patch.setattr(markup, bound, value)
            with pytest.raises(TooLarge):
                read_bank_message(many)
    read_bank_message(many)


def test_space_between_elements_says_nothing_however_much_there_is() -> None:
    spaced = GOOD.replace(b"><", b">" + b" " * 3_000 + b"<")
    assert read_bank_message(spaced) == read_bank_message(GOOD)


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=4), st.integers(0, 6))
def test_a_damaged_file_is_refused_with_a_reason_or_still_says_something_whole(at: int, put: bytes, cut: int) -> None:
    data = GOOD[:at] + put + GOOD[at + cut :]
    try:
        read_bank_message(data)
    except InvalidInput as refused:
        assert refused.mend

"""What readers hand on: documents and rejections."""

from __future__ import annotations

from provenance.kernel.errors import InvalidText
from provenance.sources.document import Document, Rejection


def test_a_document_that_says_nothing_of_rights_has_no_claims_and_no_terms() -> None:
    document = Document(origin="a.txt", source_id="a", title="A", author="", text="Once.")
    assert (document.claims, document.party_names, document.terms) == ({}, {}, None)


def test_two_documents_share_no_claims() -> None:
    one, other = (Document(origin=o, source_id=o, title=o, author="", text="Once.") for o in "ab")
    assert one.claims is not other.claims
    assert one.party_names is not other.party_names


def test_a_rejection_names_the_input_and_the_reason() -> None:
    error = InvalidText("The text is empty.")
    rejection = Rejection(origin="works.jsonl:7", error=error)
    assert (rejection.origin, rejection.error) == ("works.jsonl:7", error)

"""A statement as a file of any kind: its bytes, and what a web server calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provenance.pages.statement_data import statement_csv, statement_json
from provenance.pages.statement_page import statement_page
from provenance.services.statements import StatementSheet

MEDIA_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


def render(sheet: StatementSheet, form: str) -> bytes:
    """The bytes of one of `MEDIA_TYPES`: the same sheet, the same bytes."""
    return _RENDERERS[form](sheet)


def _pdf(sheet: StatementSheet) -> bytes:
    from provenance.pages.statement_pdf import statement_pdf  # its library takes a while to import

    return statement_pdf(sheet)


_RENDERERS: Mapping[str, Callable[[StatementSheet], bytes]] = {
    "json": statement_json,
    "csv": statement_csv,
    "html": lambda sheet: statement_page(sheet).encode(),
    "pdf": _pdf,
}

"""One record of JSON Lines to a document.

    {"source_id": "…", "text": "…", "title": "…", "author": "…",
     "rights": {"claims": [{"party": "…", "name": "…", "basis_points": 10000}]}, "licence": {"kind": "…", …}}

A licence that pays may state its risk, ``"risk_basis_points_max": 100``.
Only ``source_id`` and ``text`` are needed; other fields are ignored. Whether the claims of a work add up is for
`provenance.sources.claim.Claims` to say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from provenance.adapters.readers.content import plain_newlines, tidy
from provenance.kernel.errors import InvalidClaims, InvalidInput, InvalidTerms, TooLarge, UnreadableDocument
from provenance.kernel.ids import check_external_id
from provenance.kernel.parts import WHOLE_BASIS_POINTS
from provenance.sources.document import Document
from provenance.sources.licence import Terms
from provenance.sources.terms_text import parse_risk, parse_terms
from provenance.sources.work import TITLE_CHARS_MAX, check_text

# A JSON value takes up to 70 bytes in memory, however short it is in the line.
MARKS_MAX = 10_000_000
DIGITS_MAX = 100


def parse_record(line: bytes, *, origin: str) -> Document:
    """The document that a line holds. Without a title its source id stands in for it.

    Raises:
        UnreadableDocument: the line isn't UTF-8.
        InvalidInput: it isn't a JSON object, names a field twice, or lacks one or has it of another type.
        InvalidText, TooLarge: its text, title or author can't be registered, or it has more than `MARKS_MAX` values.
        InvalidClaims: its claims aren't a list of parties and basis points, or name a party twice.
        InvalidTerms, InvalidMoney: its licence isn't one.
    """
    record = _parse_object(line)
    source_id = check_external_id(_string(record, "source_id"), what="source_id")
    text = check_text(plain_newlines(_string(record, "text")))
    claims, names = _claims(record.get("rights"))
    terms, risk = _terms(record)
    return Document(
        origin=origin,
        source_id=source_id,
        title=_name(record, "title") or source_id,
        author=_name(record, "author"),
        text=text,
        claims=claims,
        party_names=names,
        terms=terms,
        risk_basis_points_max=risk,
    )


def _parse_object(line: bytes) -> Mapping[str, Any]:
    _check_marks(line)
    try:
        record = _DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UnreadableDocument(
            f"The text is not valid UTF-8 at byte {error.start}.", mend="Save it as UTF-8.", byte=error.start
        ) from error
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"This is not JSON: {error.msg.removesuffix(' at')} at column {error.colno}.",
            mend="Write one JSON object a line.",
        ) from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidInput(f"This JSON is not a record: {reason}.", mend="Write one JSON object a line.") from error
    if not isinstance(record, dict):
        raise InvalidInput(
            f"This is {_kind(record)}, not an object.", mend='Write an object with "source_id" and "text".'
        )
    return record


def _check_marks(line: bytes) -> None:
    if (marks := sum(map(line.count, (b",", b"[", b"{")))) > MARKS_MAX:
        raise TooLarge(f"The record has {marks:,} commas and brackets, over the {MARKS_MAX:,} that are read.")


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"it names the field {name[:40]!r} twice")
        fields[name] = value
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _bounded_integer(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise ValueError(f"a number has {len(digits):,} digits")
    return int(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique_fields, parse_constant=_no_constant, parse_int=_bounded_integer)


def _string(record: Mapping[str, Any], field: str) -> str:
    value = record.get(field)
    if not isinstance(value, str):
        found = f"has {_kind(value)} as its" if field in record else "lacks the"
        raise InvalidInput(f"The record {found} {field!r}.", mend=f'Give "{field}" as a string.', field=field)
    return value


def _name(record: Mapping[str, Any], field: str) -> str:
    """The title or the author on one line; empty where the record has none."""
    if record.get(field) is None:
        return ""
    name = _string(record, field)
    if len(name) > TITLE_CHARS_MAX:
        raise TooLarge(
            f"The {field} has {len(name):,} characters, over the {TITLE_CHARS_MAX:,} that it may have.",
            mend="Shorten it.",
            field=field,
        )
    return tidy(name)


def _claims(rights: Any) -> tuple[dict[str, int], dict[str, str]]:
    """Basis points and display names by party; both empty where the record says nothing of rights."""
    parts: dict[str, int] = {}
    names: dict[str, str] = {}
    if rights is None:
        return parts, names
    claims = rights.get("claims") if isinstance(rights, dict) else None
    if not isinstance(claims, list) or not claims:
        raise InvalidClaims(
            'The "rights" name no claims.', mend='Give {"claims": [{"party": …, "name": …, "basis_points": …}]}.'
        )
    for index, claim in enumerate(claims, start=1):
        party, name, part = _claim(claim, index)
        if party in parts:
            raise InvalidClaims(f"The claims name {party[:70]!r} twice.", mend="Add its parts up.", party=party[:70])
        parts[party], names[party] = part, name
    return parts, names


def _claim(claim: Any, index: int) -> tuple[str, str, int]:
    """Party, display name and basis points; the party's id where it has no other name."""
    if not isinstance(claim, dict) or not isinstance(party := claim.get("party"), str):
        raise InvalidClaims(f"Claim {index} names no party.", mend='Give its id as the string "party".')
    name = claim.get("name", party)
    if not isinstance(name, str):
        raise InvalidClaims(f"The name in claim {index} is {_kind(name)}.", mend='Give "name" as a string.')
    part = claim.get("basis_points")
    if not isinstance(part, int) or isinstance(part, bool) or not 0 < part <= WHOLE_BASIS_POINTS:
        raise InvalidClaims(
            f"The basis points in claim {index} are not a part of the whole.",
            mend=f'Give "basis_points" as an integer from 1 to {WHOLE_BASIS_POINTS}.',
        )
    return party, name, part


def _terms(record: Mapping[str, Any]) -> tuple[Terms | None, int | None]:
    """The terms of the record's licence and the risk that it states; None where it has no licence, or states none."""
    value = record.get("licence")
    if value is None:
        other = record.get("license")
        if isinstance(other, dict) and "kind" in other:
            raise InvalidTerms('The licence stands under "license", which is not read.', mend='Call it "licence".')
        return None, None
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
        return parse_terms(value), parse_risk(value)
    except (UnicodeEncodeError, RecursionError) as error:
        broken = "is nested too deeply" if isinstance(error, RecursionError) else "holds half of a surrogate pair"
        raise InvalidTerms(f"The licence {broken}.", mend="Send plain terms as valid UTF-8.") from error


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")

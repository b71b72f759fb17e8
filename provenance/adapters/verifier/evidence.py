"""Check one creator's evidence: each fact's leaf against the signed root, the statement against the period's close."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from .archive import Bundle, Report, Unreadable
from .facts import CHECKS, MISSHAPEN
from .signature import checkpoint_of, open_note

EVIDENCE = "evidence.json"
FORMAT = "provenance-evidence-1"
FACT, PROOF, SIGNATURE = "facts are what their leaves commit to", "leaves are in the log", "the log's key signed it"
CLOSED, WHOLE = "the statements are among those that the period was closed with", "the evidence is whole"
FIRST_LINE = "c2sp.org/tlog-proof@v1"


def verify_evidence(bundle: Bundle, key: tuple[str, bytes, bytes], report: Report) -> None:
    """Note what is wrong with a creator's evidence. Raises `Unreadable`."""
    try:
        found = json.loads(bundle.small(EVIDENCE))
        if found["format"] != FORMAT:
            raise Unreadable(f"this is evidence of format {found['format']}")
        forms = [_fact(fact, key, report) for fact in found["facts"]]
        _check_closed(found, forms, report)
    except MISSHAPEN as error:
        raise Unreadable(f"the evidence can't be read: {type(error).__name__}: {error}") from error


def _fact(fact: dict[str, str], key: tuple[str, bytes, bytes], report: Report) -> dict[str, Any]:
    leaf, form = json.loads(fact["leaf"]), json.loads(fact["form"])
    sha256 = hashlib.sha256(fact["form"].encode()).hexdigest()
    same = leaf["sha256"] == sha256 and leaf["kind"] == form["kind"] and leaf["fact"] == form["id"]
    report.note(FACT, None if same else f"{leaf['kind']} {leaf['fact']} was altered")
    head, _, note = fact["proof"].partition("\n\n")
    text, signed = open_note(note.encode(), key)
    origin, size, root = checkpoint_of(text)
    report.note(
        SIGNATURE, None if signed is not False and origin == key[0] else "a checkpoint isn't signed by this key"
    )
    if signed is None:
        report.unsure.append("Neither `cryptography` nor `openssl` is here: the signature was NOT checked.")
    first, index, *path = head.split("\n")
    if first != FIRST_LINE or not index.startswith("index "):
        raise Unreadable("a proof can't be read")
    hashes = [base64.b64decode(line, validate=True) for line in path]
    leads = _root(fact["leaf"].encode(), int(index.removeprefix("index ")), size, hashes)
    report.note(PROOF, None if leads == root else f"the proof of {leaf['kind']} {leaf['fact']} doesn't hold")
    check = CHECKS.get(form["kind"])
    if check is not None:
        report.note(check[0], check[1](form))
    return dict(form)


def _root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Where a leaf's path leads to (RFC 9162, section 2.1.3.2); None where it has another length."""
    at, last, found = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    if not 0 <= index < size:
        return None
    for sibling in path:
        if last == 0 or len(sibling) != len(found):
            return None
        if at & 1 or at == last:
            found = hashlib.sha256(b"\x01" + sibling + found).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + sibling).digest()
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def _check_closed(found: dict[str, Any], forms: list[dict[str, Any]], report: Report) -> None:
    """The close commits to all statements; each of these is one of them, and all are the party's."""
    closed = [[str(name), str(sha256)] for name, sha256 in found["closed"]]
    close = next(form for form in forms if form["kind"] == "period_close")
    same = close["statements_sha256"] == hashlib.sha256(_canonical(closed)).hexdigest()
    whole = same and close["statements"] == len(closed) and close["period"] == found["period"]
    report.note(CLOSED, None if whole else "the period wasn't closed with these")
    statements = [form for form in forms if form["kind"] == "statement"]
    for form in statements:
        stated = {name: value for name, value in form.items() if name not in ("kind", "recorded_at")}
        listed = [form["id"], hashlib.sha256(_canonical(stated)).hexdigest()] in closed
        report.note(CLOSED, None if listed else f"{form['id']} isn't one of them")
        its_own = (form["party"], form["period"]) == (found["party"], found["period"])
        report.note(WHOLE, None if its_own else f"{form['id']} is another's, or of another period")
    report.note(WHOLE, None if statements else "there is no statement")


def _canonical(value: Any) -> bytes:
    """RFC 8785 of forms whose keys are ASCII, and which have no fractions."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

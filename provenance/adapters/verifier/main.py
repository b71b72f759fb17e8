"""Check a bundle: what the command line asks, in which order, and how the answer is told."""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .archive import FILE_BYTES_MAX, Bundle, Report, Unreadable
from .evidence import EVIDENCE, verify_evidence
from .facts import MISSHAPEN, PERIODIC, Facts
from .pool import Pool
from .signature import checkpoint_of, open_note, parse_key
from .tree import Tree

ABOUT = """Check an audit bundle with nothing but Python's standard library.

The root of the log is computed again from every leaf, each leaf is held against its fact, and the root against the
checkpoint that the log signed and against older ones that you kept. Shares add up to one, royalties to their parts,
entries to zero, statements from opening to closing. The key in the bundle proves nothing: name the one that you had
from elsewhere. Attributions are evidence of reuse, not of causal influence: a record that is unaltered needn't be true.

Exits with 0 where all is well, 1 where something isn't, 2 where the bundle can't be read, 3 where all is well but
neither `cryptography` nor `openssl` is there to check the signature.
"""
MANIFEST, SIGNED, CHECKPOINT = "manifest.json", "manifest.note", "checkpoint"
ROOT, SIGNATURE = "the root of the leaves is the one that was signed", "the log's key signed the bundle"
WELL, FAILED, UNREADABLE, UNSURE = 0, 1, 2, 3
PROBLEMS_SHOWN_MAX = 20
# Kinds whose words stand in labels.csv, and where their facts have the digests of them.
LABELLED = {
    "party": ("name_sha256", None),
    "work": ("title_sha256", "author_sha256"),
    "withdrawal": ("reason_sha256", None),
    "review": ("reason_sha256", None),
    "dispute": ("reason_sha256", None),
    "dispute_step": ("reason_sha256", None),
    "payout_event": ("reason_sha256", None),
}

Key = tuple[str, bytes, bytes]


def verify(path: str, vkey: str | None, kept: list[str], cores: int) -> Report:
    """All checks. Raises `Unreadable`."""
    bundle, report = Bundle(path), Report()
    key = parse_key(vkey or bundle.small("vkey").decode("ascii", "replace"))
    if EVIDENCE in bundle.names:
        verify_evidence(bundle, key, report)
        return report
    manifest = _manifest(bundle)
    _check_files(bundle, manifest, report)
    _check_signed(bundle, key, report)
    text = _signed_text(bundle.small(CHECKPOINT), key, report)
    origin, size, root = checkpoint_of(text)
    report.note(ROOT, None if origin == key[0] else f"the checkpoint is of {origin}")
    roots = {size: [(root, "the checkpoint")]}
    for name in kept:
        old = checkpoint_of(_signed_text(_kept(name), key, report))
        report.note(ROOT, None if old[:1] == (origin,) and old[1] <= size else f"{name} is later, or of another log")
        roots.setdefault(old[1], []).append((old[2], name))
    if report.problems:
        return report  # nothing below means anything
    with Pool(cores) as pool:
        _check_leaves(bundle, manifest, roots, report, pool)
    _check_labels(bundle, report)
    return report


def _manifest(bundle: Bundle) -> dict[str, Any]:
    try:
        found = json.loads(bundle.small(MANIFEST))
        shaped = [isinstance(found[name], dict) for name in ("facts", "later", "files", "log")]
        shaped += [isinstance(found[name], str) for name in ("since", "until")]
        if not all(shaped):
            raise ValueError("it has another shape")
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("the manifest can't be read") from error
    return dict(found)


def _check_files(bundle: Bundle, manifest: dict[str, Any], report: Report) -> None:
    check, files = "files have the manifest's digests", manifest["files"]
    for name in sorted((bundle.names | set(files)) - {MANIFEST, SIGNED}):
        if name not in files or name not in bundle.names:
            report.note(check, f"{name} is missing" if name in files else f"{name} isn't in the manifest")
        else:
            report.note(check, None if bundle.describe(name) == files[name] else f"{name} was altered")


def _check_signed(bundle: Bundle, key: Key, report: Report) -> None:
    text = _signed_text(bundle.small(SIGNED), key, report)
    expected = f"{key[0]} audit bundle\n{hashlib.sha256(bundle.small(MANIFEST)).hexdigest()}\n"
    report.note(SIGNATURE, None if text == expected else "the manifest isn't the one that was signed")


def _signed_text(note: bytes, key: Key, report: Report) -> str:
    text, signed = open_note(note, key)
    report.note(SIGNATURE, "a note isn't signed by this key" if signed is False else None)
    if signed is None:
        report.unsure.append("Neither `cryptography` nor `openssl` is here: the signature was NOT checked.")
    return text


def _kept(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(FILE_BYTES_MAX)
    except OSError as error:
        raise Unreadable(f"{name} can't be read") from error


def _check_leaves(
    bundle: Bundle, manifest: dict[str, Any], roots: dict[int, list[tuple[bytes, str]]], report: Report, pool: Pool
) -> None:
    """Every leaf into the tree, and beside it its fact."""
    since, until, beginning = manifest["since"], manifest["until"], manifest["since"] <= "1970-01-01T00:00:00.000000Z"
    facts = {
        kind: Facts(kind, bundle.lines(f"{kind}.jsonl"), whole=beginning or kind not in PERIODIC)
        for kind in manifest["facts"]
    }
    tree, log = Tree(bundle, report), "every leaf can be read"
    for line in bundle.lines("leaves.jsonl"):
        tree.add(line)
        for root, name in roots.pop(tree.size, ()):
            report.note(
                ROOT, None if tree.root() == root else f"the first {tree.size} leaves don't have that of {name}"
            )
        try:
            leaf = json.loads(line)
            kind, name, digest = leaf["kind"], leaf["fact"], leaf["sha256"]
        except MISSHAPEN:
            report.note(log, f"leaf {tree.size} can't be read")
            continue
        report.note(log)
        if kind in facts and facts[kind].take(name, digest):
            pool.run((kind, since, until, facts[kind].full()), report)
    for size, left in roots.items():
        for _, name in left:
            report.note(ROOT, f"{name} has {size} leaves, and the bundle {tree.size}" if size else None)
    tree.check_edge()
    for kind, found in facts.items():
        pool.run((kind, since, until, found.full()), report)
        _check_complete(kind, found, manifest, tree.size, report)
    pool.wait(report)


def _check_complete(kind: str, found: Facts, manifest: dict[str, Any], size: int, report: Report) -> None:
    check = "no fact was left out, or put in"
    if rest := found.rest():
        report.note(check, f"{rest} facts of {kind} have no leaf, or not in this order")
    counts = found.count, found.later
    stated = manifest["facts"].get(kind), manifest["later"].get(kind)
    report.note(
        check, None if counts == stated else f"{kind}: {counts} facts and later leaves, and stated are {stated}"
    )
    report.note(
        check, None if manifest["log"].get("leaves") == size else f"the manifest has another number than {size}"
    )


def _check_labels(bundle: Bundle, report: Report) -> None:
    """Names, titles and reasons, in the order of their facts, have the digests that the facts have."""
    check = "names and titles have the digests of their facts"
    lines = (line.decode("utf-8", "replace") + "\n" for line in bundle.lines("labels.csv"))
    rows: Iterator[list[str]] = csv.reader(lines)
    next(rows, None)
    for kind, (name, author) in LABELLED.items():
        for line in bundle.lines(f"{kind}.jsonl"):
            form, row = json.loads(line), next(rows, [])
            expected = [form["id"], form[name], *([form[author]] if author else [])]
            same = row[:2] == [kind, form["id"]] and all(
                _has(cell, digest) for cell, digest in zip(row[2:], expected[1:], strict=False)
            )
            report.note(check, None if same and len(row) == 4 else f"{kind} {form['id']} has another")
    if next(rows, None) is not None:
        report.note(check, "there are more than facts")


def _has(cell: str, digest: str) -> bool:
    """Text that would start a formula in a spreadsheet is led by an apostrophe."""
    texts = (cell, cell[1:]) if cell[:1] == "'" else (cell,)
    return any(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() == digest for text in texts)


def main(argv: list[str] | None = None, out: io.TextIOBase | Any = sys.stdout) -> int:
    """Check, and say what was found."""
    asked = argparse.ArgumentParser(description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("bundle", help="the file of `provenance audit export`")
    asked.add_argument("--key", help="the log's public key (vkey), as you had it from elsewhere")
    asked.add_argument("--old", action="append", default=[], metavar="FILE", help="a checkpoint that you kept; several")
    asked.add_argument("--cores", type=int, default=os.cpu_count() or 1, help="processes that check")
    asked.add_argument("--json", action="store_true", help="print JSON, for a program to read")
    options = asked.parse_args(argv)
    try:
        report = verify(options.bundle, options.key, options.old, max(1, options.cores))
    except (Unreadable, *MISSHAPEN, OSError, EOFError) as error:
        out.write(f"unreadable: {error}\n")
        return UNREADABLE
    failed = bool(report.problems)
    if options.json:
        checks = [
            {"name": n, "checked": c, "problems": report.problems.get(n, [])[:PROBLEMS_SHOWN_MAX]}
            for n, c in sorted(report.checked.items())
        ]
        out.write(json.dumps({"ok": not failed, "unsure": report.unsure, "checks": checks}, indent=1) + "\n")
    else:
        _show(report, out, given=options.key is not None)
    return FAILED if failed else UNSURE if report.unsure else WELL


def _show(report: Report, out: Any, *, given: bool) -> None:
    for name, count in sorted(report.checked.items()):
        problems = report.problems.get(name, [])
        out.write(f"{'FAILED' if problems else 'ok':8}{count:>12,}  {name}\n")
        for problem in problems[:PROBLEMS_SHOWN_MAX]:
            out.write(f"{'':22}{problem.encode('unicode_escape').decode()}\n")
    for line in dict.fromkeys(report.unsure):
        out.write(f"{line}\n")
    if not given:
        out.write("The key is the bundle's own, which anybody can make: name the one that you know with --key.\n")
    told = "Something isn't what was signed." if report.problems else "The record is unaltered."
    out.write(f"{told}\n")

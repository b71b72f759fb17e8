"""The demo from its first line to its last, in the order of the data's flow."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from demo import next_month, paying, shown, steps, truth
from demo.library import ROOT, SampleOutput, load_outputs
from demo.server import fetch, serving, wait_for_interrupt
from provenance.adapters.zip_archive import ZipReader
from provenance.bootstrap import System
from provenance.cli import earnings, exports, generation_report, reviews, tally
from provenance.cli.overlaps import works_of
from provenance.cli.render import cell
from provenance.cli.session import period
from provenance.ledger.balance import trial_balance
from provenance.services.check_export import check_export
from provenance.services.records import GenerationRecord, Recorded
from provenance.sources.party import Party
from provenance.sources.work import work_id


def run(out: Console, home: Path, *, keep_serving: bool) -> None:
    """Tell all of it, in a new installation at ``home``; what was there is removed.

    Raises:
        NotFound: there is no sample library.
        Unavailable: and its kinds.
    """
    started = time.monotonic()
    outputs = load_outputs(steps.SERVICE.id)
    named = _named(home)
    out.print(f"Everything of an earlier demo under {named} is removed, and made again.", soft_wrap=True)
    system = steps.fresh_system(home)
    try:
        recorded = _record(out, system, outputs)
        _show(out, system, outputs, recorded)
        creators = shown.top_creators(system, recorded)
        _heading(out, "What three creators earned")
        for report in creators:
            earnings.show(report, short=True)
        first = creators[0].party.id
        _next_month(out, system, home, paying.payees(creators))
        tokens = steps.write_keys(system, home / "keys.json", creator=first)
    finally:
        system.close()
    with serving(home) as url:
        _ask(out, url, first, tokens["creator"])
        out.print(
            f"The demo took {time.monotonic() - started:.0f} s. An API key for each scope is in {named}/keys.json."
        )
        if keep_serving:
            out.print(f"The API runs until Ctrl-C. Its documentation: {url}/docs")
            wait_for_interrupt()
            return
    out.print(f"To go on: make serve (PROVENANCE_HOME={named} provenance serve), then http://127.0.0.1:8000/docs")


def _record(out: Console, system: System, outputs: Sequence[SampleOutput]) -> list[Recorded[GenerationRecord]]:
    _heading(out, "Works are registered, with their owners and licences")
    started = time.monotonic()
    counts, published = steps.register_works(system)
    tally.show(counts, published, as_json=False, works=works_of(system, published.comparison))
    out.print(f"{counts.accepted} works in {time.monotonic() - started:.1f} s.")
    steps.register_parties(system)
    _heading(out, f"{steps.SERVICE.name} submits its outputs")
    started = time.monotonic()
    recorded = steps.submit_all(system, outputs)
    out.print(f"{len(recorded)} outputs attributed, accrued and posted in {time.monotonic() - started:.1f} s.")
    return recorded


def _show(
    out: Console, system: System, outputs: Sequence[SampleOutput], recorded: Sequence[Recorded[GenerationRecord]]
) -> None:
    _heading(out, "Six outputs, and what they derive from")
    samples = list(zip(outputs, recorded, strict=True))
    for output, record in shown.selected(samples):
        out.print(cell(output.kind, "bold"))
        generation_report.show(system.database, record, out)
    _heading(out, "A licence that states a risk: what isn't sure enough for it waits for a person")
    held, released = steps.release_oldest(system)
    reviews.show(held, now=system.clock())
    reviews.show_resolved(released)
    _heading(out, "How right that is")
    work_ids = {s: work_id(steps.LIBRARY.id, s) for output in outputs for spans in output.truth for s in spans}
    truth.show(out, [truth.compare(output, r.fact.shares.attributions, work_ids) for output, r in samples])
    _heading(out, "The books")
    with system.database.begin() as work:
        earnings.show_balance(trial_balance(work.books.balances()))


def _next_month(out: Console, system: System, home: Path, creators: Sequence[Party]) -> None:
    """In a copy of the library whose clock runs ahead: today's books stay as they are."""
    month, morning = next_month.month_after(system.clock())
    first, *others = creators
    with next_month.double_of_stripe(morning) as double, paying.opened(home, double) as (by_stripe, by_bank, both):
        _heading(out, f"{month.name} is over (in a copy of these books): it is closed, and stated for good")
        paying.close_month(out, both, month, first)
        _heading(out, "What is payable is paid, by two ways")
        paying.by_stripe(out, by_stripe, double, first)
        paying.by_bank(out, by_bank, double, others)
        _heading(out, "Payouts, books, providers and statements, held against one another")
        paying.hold_together(out, both)
        double.forward(hours=1)
        _audit(out, both, home)


def _audit(out: Console, system: System, home: Path) -> None:
    _heading(out, "An audit export, checked with nothing but itself")
    path = home / "export.zip"
    exports.show(exports.write(system, path, period(system, "", "")), _named(path))
    exports.show_checks(check_export(ZipReader(path)), out)


def _ask(out: Console, url: str, creator: str, token: str) -> None:
    _heading(out, "The same over HTTP")
    ready = fetch(url, "/readyz")
    report = fetch(url, f"/v1/parties/{creator}/report", token)
    total = "; ".join(f"{t['amount']} {t['currency']}" for t in report["totals"])
    out.print(f"GET {url}/readyz: ready is {str(ready['ready']).lower()}")
    line = f"GET {url}/v1/parties/{creator}/report: {report['party']['name']} earned {total}"
    out.print(cell(line), soft_wrap=True)


def _named(path: Path) -> Path:
    """The path as somebody in the checkout would write it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _heading(out: Console, words: str) -> None:
    out.print("")
    out.rule(cell(words, "bold"), align="left", characters="=")

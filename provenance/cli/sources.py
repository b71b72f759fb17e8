"""Commands on sources: register works, build the index, list what is registered, withdraw a work."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.failures import FAILED, PARTLY_REFUSED, note
from provenance.cli.options import Json
from provenance.kernel.errors import AlreadyRunning, ProvenanceError

if TYPE_CHECKING:
    from provenance.bootstrap import System
    from provenance.cli.tally import Tally
    from provenance.services.publish import Publication
    from provenance.sources.party import Party

LIST_MAX = 100_000


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, or folders with all that is below.")],
    party: Annotated[str, typer.Option("--as", metavar="PARTY", help="Who registers the works.")] = "library",
    name: Annotated[str, typer.Option(help="The party's name, where it is new; its id if left out.")] = "",
    *,
    no_index: Annotated[bool, typer.Option("--no-index", help="Register only; index later.")] = False,
    as_json: Json = False,
) -> None:
    """Register works from text, Markdown, HTML, PDF, EPUB, DOCX and JSON Lines files.

    What is registered already is left alone, a changed text becomes a new revision. A run that is stopped, however it
    is stopped, leaves whole works; run it again to go on. Exits with 3 where some inputs were refused, 1 where all.

    Example: provenance ingest books/ catalogue.jsonl.gz --as low-lantern-press --name "Low Lantern Press"
    """
    from provenance.cli import tally
    from provenance.cli.overlaps import works_of
    from provenance.cli.session import migrate_if_fresh, opened

    counts = tally.Tally()
    published, works = None, None
    with opened(schema=False) as system, system.writing():
        migrate_if_fresh(system)
        system.encoder  # noqa: B018  its digests are checked as it loads, before a file is read
        try:
            register(system, paths, registrant(system, party, name), counts)
            if not no_index and counts.accepted:
                published = publish(system)
                works = works_of(system, published.comparison)
        except (ProvenanceError, KeyboardInterrupt):
            tally.show(counts, None, as_json=as_json)
            raise
    tally.show(counts, published, as_json=as_json, works=works)
    if not counts.outcomes:
        note("There is nothing there to register.")
    if counts.refused:
        raise typer.Exit(PARTLY_REFUSED if counts.accepted else FAILED)


def index(
    *,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build it even where nothing has changed.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every byte of the current one; change nothing.")
    ] = False,
    restore: Annotated[str, typer.Option(metavar="DIGEST", help="Have one that decisions name, and was cleared.")] = "",
    as_json: Json = False,
) -> None:
    """Publish an index of all registered works; attribution uses it from then on.

    Example: provenance index --rebuild
    """
    from provenance.cli.overlaps import comparison_view, works_of
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.cli.tally import print_published, published_view

    if verify or restore:
        _look_at(restore, verify=verify, as_json=as_json)
        return
    with opened() as system, system.writing():
        publication = publish(system, rebuild=rebuild)
        works = works_of(system, publication.comparison)
    if as_json:
        print_json({**published_view(publication), "overlaps": comparison_view(publication.comparison)})
    else:
        print_published(publication, works)


def _look_at(digest: str, *, verify: bool, as_json: bool) -> None:
    """Have the snapshot of this digest, or the current one, and read all of it where it is to be verified."""
    from provenance.cli.render import console, print_json
    from provenance.cli.session import opened
    from provenance.services.publish import current_digest

    with opened() as system:
        encoder = system.encoder.identity.name
        name = digest or current_digest(system.database, encoder)
        published = (system.snapshot(name) if digest else system.snapshots.open(name, encoder)).published
        if verify:
            system.snapshots.verify(name, encoder)
    if as_json:
        print_json({"digest": name, "works": published.works, "segments": published.segments, "verified": verify})
    else:
        found = "every byte is as it was written" if verify else "it can be opened"
        console().print(f"Index {name[:12]}: {found}: {published.works:,} works, {published.segments:,} segments.")


def works(
    party: Annotated[str, typer.Option(help="Only what this party registered or has a claim on.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")] = 50,
    *,
    as_json: Json = False,
) -> None:
    """List registered works, in the order of registration.

    Example: provenance works --party oona-tresker --limit 20
    """
    from provenance.cli.listing import first_of
    from provenance.cli.render import console, print_json, table
    from provenance.cli.session import opened
    from provenance.services.views import standing_view

    with opened() as system, system.database.begin() as work:
        recorded, more = first_of(partial(work.works.page, party=party or None), limit)
        gone = work.works.withdrawn({r.fact.id for r in recorded})
    found = [r.fact for r in recorded]
    if as_json:
        print_json({"works": [standing_view(w, gone.get(w.id)) for w in found], "more": more})
        return
    columns: tuple[str, ...] = ("=id", "title", "author", "registered by", "source id")
    rows: list[tuple[object, ...]] = [(w.id, w.title, w.author, w.registrant, w.source_id) for w in found]
    if gone:
        days = [f"{gone[w.id].recorded_at:%Y-%m-%d}" if w.id in gone else "" for w in found]
        columns, rows = (*columns, "withdrawn"), [(*row, day) for row, day in zip(rows, days, strict=True)]
    console().print(table("Works", columns, rows))
    if more:
        console().print("There are more: raise --limit.")


def withdraw(
    work: Annotated[str, typer.Argument(metavar="WORK", help="An id from `provenance works`.")],
    reason: Annotated[str, typer.Option(help="Why, in a line; it is recorded.")] = "",
    party: Annotated[str, typer.Option("--as", metavar="PARTY", help="Who withdraws it; else who registered it.")] = "",
    *,
    no_index: Annotated[bool, typer.Option("--no-index", help="Record it only; index later.")] = False,
    as_json: Json = False,
) -> None:
    """Withdraw a work for good: nothing is attributed to it any more, and what it earned before is still paid.

    Decisions, claims and money of before stay as they are. The same again changes nothing.

    Example: provenance withdraw work_0123456789ab --reason "The rights went back to the estate"
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.cli.tally import published_line, published_view
    from provenance.services.withdraw import withdraw as withdraw_work
    from provenance.services.withdraw import withdrawal_view

    published = None
    with opened() as system:
        done = withdraw_work(system.database, work, by=party or None, reason=reason, at=system.clock())
        if done.replayed:
            note("This work was withdrawn so before; nothing was changed.")
        if not no_index:
            published = _publish_unless_writing(system)
    if as_json:
        print_json({**withdrawal_view(done.recorded), "index": published_view(published) if published else None})
        return
    typer.echo(f"{work} was withdrawn on {done.recorded.recorded_at:%Y-%m-%d}, by {done.recorded.fact.withdrawn_by}.")
    if published:
        typer.echo(published_line(published))


def _publish_unless_writing(system: System) -> Publication | None:
    """An index without the work; none where another process writes one at present, with the work or without it."""
    try:
        with system.writing():
            return publish(system)
    except AlreadyRunning:
        note("It is recorded. The index is being written by another process; run `provenance index` after that.")
        return None


def registrant(system: System, party: str, name: str) -> Party:
    """The party under its name: the given one, the one that it has already, or its id."""
    from provenance.sources.party import Party

    with system.database.begin() as work:
        known = work.parties.get(party)
    return known if known and not name else Party(id=party, name=name or party)


def register(system: System, paths: list[Path], party: Party, counts: Tally) -> None:
    """Register every document at the paths, counting what became of each."""
    from provenance.adapters.readers import read_documents, total_bytes
    from provenance.cli.progress import BytesRead, bytes_bar
    from provenance.services.ingest import ingest as register_documents

    with bytes_bar("Registering", total_bytes(paths)) as bar:
        read = BytesRead()
        documents = read.counted(d for path in paths for d in read_documents(path, on_bytes=read.add))
        for result in register_documents(
            documents, party, system.database, system.encoder, system.clock, system.stages
        ):
            counts.count(result)
            bar.advance(read.take())
            rate = f"{counts.chars:,} characters, {bar.a_second(counts.chars):,.0f}/s"
            bar.note(f"{counts.accepted:,} works, {counts.refused:,} refused, {rate}")


def publish(system: System, *, rebuild: bool = False) -> Publication:
    """Publish with a spinner, compare what is new and merge what is due; `System.writing` is held."""
    from provenance.cli.progress import spinner

    with spinner("Building the index, comparing what is new"):
        publication = system.publish(rebuild=rebuild)
        with suppress(AlreadyRunning):  # another process compares what is new
            publication = replace(publication, comparison=system.compare())
        while system.merge(writing=nullcontext):
            pass
    return publication

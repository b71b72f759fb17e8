"""Commands on the running installation: is it well, and serve its API."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from provenance.cli.failures import FAILED, note
from provenance.cli.options import Json


def doctor(*, as_json: Json = False) -> None:
    """Look at all that the system needs, and say what to do about what is missing. Exits with 1 where something is.

    Example: provenance doctor
    """
    from provenance.bootstrap import System
    from provenance.cli.checks import Status, look
    from provenance.cli.render import cell, console, print_json, table
    from provenance.cli.session import read_settings

    system = System(read_settings())
    try:
        found = list(look(system))
    finally:
        system.close()
    well = all(h.status is Status.OK for h in found)
    if as_json:
        checks = [{"name": h.name, "status": h.status.value, "found": h.found, "mend": h.mend} for h in found]
        print_json({"ok": well, "checks": checks})
    else:
        styles = {Status.OK: "green", Status.FAILED: "bold red", Status.SKIPPED: "yellow"}
        rows = [(cell(h.status.value, styles[h.status]), h.name, h.found, h.mend) for h in found]
        console().print(table("", ("", "check", "found", "what to do"), rows))
    if not well:
        raise typer.Exit(FAILED)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer; they share the index.")] = 1,
) -> None:
    """Serve the API until Ctrl-C; its documentation stands at /docs. The log goes to standard output, one JSON a line.

    Example: provenance serve --port 8080
    """
    gc.disable()  # until all is loaded: see `keep_loaded`
    from provenance.cli.session import opened

    with opened() as system:
        _ = system.payments  # a setting that can't be is said before anything listens
        if workers == 1:
            system.load_ahead()
        from provenance.cli.server import listen, run, run_workers, url_of

        with listen(host, port) as listener:
            url = url_of(listener)
            note(f"The API listens on {url} and documents itself at {url}/docs. Ctrl-C ends it.")
            if workers == 1:
                started = run(system, listener)
            else:
                started = run_workers(listener, workers, encoder_threads=system.settings.encoder_threads)
    if not started:
        raise typer.Exit(FAILED)

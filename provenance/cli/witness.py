"""Commands of a witness: make one, serve it, or cosign one request that came in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.failures import note
from provenance.cli.options import Json

if TYPE_CHECKING:
    from provenance.services.witness import Cosigner

witness = typer.Typer(
    help="Witness logs of others: cosign what only adds to what was there before.", no_args_is_help=True
)

_Folder = Annotated[Path, typer.Option("--folder", metavar="FOLDER", help="The witness's key and what it saw last.")]


@witness.command("init")
def init(
    folder: _Folder,
    name: Annotated[str, typer.Option(metavar="NAME", help="The witness's name, for ever: witness.example.org")],
    log: Annotated[list[str], typer.Option("--log", metavar="VKEY", help="The key of a log that it watches; several.")],
    *,
    as_json: Json = False,
) -> None:
    """Make a witness: its key pair, and the logs that it knows. Hand out the public key that it prints.

    Example: provenance witness init --folder witness/ --name witness.example.org --log example.org/log+1234abcd+AX…
    """
    from provenance.adapters.witness_folder import WitnessFolder
    from provenance.cli.render import print_json
    from provenance.transparency.note import VerifierKey

    key = WitnessFolder(folder).create(name, [VerifierKey.parse(text) for text in log])
    if as_json:
        print_json({"name": name, "key": key.text})
    else:
        typer.echo(key.text)


@witness.command("cosign")
def cosign(
    folder: _Folder,
    request: Annotated[Path, typer.Argument(metavar="REQUEST", help="The body of a request (C2SP tlog-witness).")],
) -> None:
    """Cosign the checkpoint of a request that came in a file, and print the line. For machines without a network.

    Example: provenance witness cosign --folder witness/ request.txt
    """
    from provenance.cli.log_files import read_small
    from provenance.transparency.witnessing import REQUEST_BYTES_MAX

    typer.echo(_cosigner(folder).add_checkpoint(read_small(request, REQUEST_BYTES_MAX)).line, nl=False)


@witness.command("serve")
def serve(
    folder: _Folder,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.")] = 8001,
) -> None:
    """Serve a witness until Ctrl-C: POST /add-checkpoint, as C2SP's tlog-witness says.

    Example: provenance witness serve --folder witness/ --port 8001
    """
    from provenance.api.witness import witness_app
    from provenance.cli.server import listen, run_app, url_of

    app = witness_app(_cosigner(folder))
    with listen(host, port) as listener:
        note(f"The witness listens on {url_of(listener)}. Ctrl-C ends it.")
        run_app(app, listener)


def _cosigner(folder: Path) -> Cosigner:
    from provenance.adapters.clock import system_clock
    from provenance.adapters.ed25519 import verify
    from provenance.adapters.witness_folder import WitnessFolder
    from provenance.services.witness import Cosigner

    found = WitnessFolder(folder)
    return Cosigner(signer=found.signer, logs=found.logs, state=found, verify=verify, clock=system_clock)

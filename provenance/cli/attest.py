"""Commands that attest what decisions were made with: snapshots and calibrations, signed by the log's key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provenance.cli.options import Json

attest = typer.Typer(help="Attest snapshots and calibrations, and verify what is attested.", no_args_is_help=True)

_Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it here; else to stdout.")]
_ENVELOPE_BYTES_MAX = 1 << 20


@attest.command("snapshot")
def attest_snapshot(
    digest: Annotated[str, typer.Argument(metavar="[DIGEST]", help="A snapshot; without, the current one.")] = "",
    output: _Output = None,
) -> None:
    """Sign what a snapshot is: its digest, encoder and size, and its leaf of the log. An in-toto statement in DSSE.

    Example: provenance attest snapshot -o snapshot.intoto.jsonl
    """
    from provenance.cli.log_files import put
    from provenance.cli.session import opened
    from provenance.services.attest import snapshot_statement
    from provenance.services.publish import current_digest

    with opened() as system:
        named = digest or current_digest(system.database, system.encoder.identity.name)
        said = snapshot_statement(system.database, named, program=_program())
        put(system.log.attested(said), output)


@attest.command("calibration")
def attest_calibration(output: _Output = None) -> None:
    """Sign what the calibration that is set is: identity, encoder, thresholds, promises, and what it was trained on.

    Example: provenance attest calibration -o calibration.intoto.jsonl
    """
    from provenance.cli.log_files import put
    from provenance.cli.session import opened
    from provenance.services.attest import calibration_statement

    with opened(schema=False) as system:
        said = calibration_statement(system.calibration, program=_program())
        put(system.log.attested(said), output)


@attest.command("verify")
def verify_attestation(
    file: Annotated[typer.FileBinaryRead, typer.Argument(metavar="FILE", help="The statement; - for stdin.")],
    key: Annotated[
        str, typer.Option("--key", metavar="VKEY", help="The log's public key; else that of this log.")
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Check that the log's key signed a statement, and show what it says.

    Example: provenance attest verify snapshot.intoto.jsonl --key example.org/log+0a1b2c3d+AQ…
    """
    from provenance.adapters.ed25519 import verify
    from provenance.cli.render import console, fields, print_json
    from provenance.cli.session import opened
    from provenance.transparency.dsse import open_envelope
    from provenance.transparency.note import VerifierKey

    data = file.read(_ENVELOPE_BYTES_MAX + 1)
    if key:
        trusted = VerifierKey.parse(key)
    else:
        with opened(schema=False) as system:
            trusted = system.log.verifier()
    said = open_envelope(data, trusted, verify)
    if as_json:
        print_json(dict(said))
        return
    subject = said["subject"][0]
    shown = [(str(name), str(value)) for name, value in sorted(said["predicate"].items())]
    console().print(fields([("signed by", trusted.name), ("about", subject["name"]), *shown]))


def _program() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"provenance-ledger {version('provenance-ledger')}"
    except PackageNotFoundError:
        return "provenance-ledger"

"""Commands on the sealed log: make it, seal it, prove what is in it, check what others say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provenance.cli.failures import FAILED
from provenance.cli.options import Json, Since, Until

log = typer.Typer(help="Seal the log, prove what is in it, check it.", no_args_is_help=True)

_Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it here; else to stdout.")]
_Witnessed = Annotated[
    bool, typer.Option("--witnessed", help="Of the newest checkpoint that witnesses have cosigned: see `log cosign`.")
]
_Key = Annotated[str, typer.Option("--key", metavar="VKEY", help="The log's public key; else that of this log.")]


@log.command("init")
def init(
    origin: Annotated[str, typer.Option(metavar="NAME", help="The log's name, for ever: example.org/log")],
    *,
    as_json: Json = False,
) -> None:
    """Make the log's key pair, once. Hand out the public key that it prints; keep the private one, and a copy of it.

    Example: provenance log init --origin example.org/log
    """
    from provenance.cli.render import console, fields, print_json
    from provenance.cli.session import opened

    with opened() as system:
        key = system.log.create(origin)
        where = system.settings.log_key_file
    if as_json:
        print_json({"origin": origin, "key": key.text, "private_key_file": str(where)})
    else:
        console().print(fields([("log", origin), ("public key", key.text), ("private key", f"in {where}")]))


@log.command("integrate")
def integrate(
    *,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until Ctrl-C: `provenance serve` leaves the sealing to this then.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Seal all that is recorded by now, and sign the root. `provenance serve` does so by itself.

    Where thousands of facts a second are recorded, seal with --follow in a process apart.

    Example: provenance log integrate
    """
    from provenance.cli.log_files import pause
    from provenance.cli.render import print_json
    from provenance.cli.session import opened

    with opened() as system:
        if follow:
            system.log.sequencer().follow(pause)
        sealed = system.log.sequencer().integrate()
    size, root = (sealed.size, sealed.root.hex()) if sealed else (0, None)
    if as_json:
        print_json({"size": size, "root": root})
    else:
        typer.echo(f"{size:,} leaves are sealed." if sealed else "Nothing is recorded yet.")


@log.command("rebuild")
def rebuild(*, as_json: Json = False) -> None:
    """Write the log's tiles again from the database, where they lead to the root that was signed.

    Example: provenance log rebuild
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened

    with opened() as system:
        count = system.log.sequencer().rebuild()
    if as_json:
        print_json({"size": count})
    else:
        typer.echo(f"The tiles of {count:,} leaves are written.")


@log.command("checkpoint")
def checkpoint(output: _Output = None, *, witnessed: _Witnessed = False, as_json: Json = False) -> None:
    """Print the newest checkpoint: keep it, and nobody can rewrite what is under it without your noticing.

    Example: provenance log checkpoint -o 2026-11-28.checkpoint
    """
    from provenance.cli.log_files import put
    from provenance.cli.render import print_json
    from provenance.cli.session import opened

    with opened(schema=False) as system:
        published = system.log.prover.checkpoint(system.log.checkpoint_path(witnessed=witnessed))
    if as_json:
        print_json(published.view)
    if output is not None or not as_json:
        put(published.note, output)


@log.command("prove")
def prove(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The kind of fact: work, generation, statement …")],
    fact: Annotated[str, typer.Argument(metavar="FACT", help="Its id.")],
    output: _Output = None,
    leaf: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the leaf's bytes here.")] = None,
    *,
    witnessed: _Witnessed = False,
    as_json: Json = False,
) -> None:
    """Prove that a fact is in the sealed log: a C2SP tlog-proof file, and the leaf that it is checked against.

    Example: provenance log prove generation gen_0123 -o gen.tlog-proof --leaf gen.leaf
    """
    from provenance.cli.log_files import put
    from provenance.cli.new_file import write_whole
    from provenance.cli.render import print_json
    from provenance.cli.session import opened

    with opened() as system:
        published = system.log.prover.checkpoint(system.log.checkpoint_path(witnessed=witnessed))
        found = system.log.prover.inclusion([(kind, fact)], published)[0]
    if leaf is not None:
        write_whole(leaf, found.leaf.data)
    if as_json:
        print_json(found.view)
    if output is not None or not as_json:
        put(found.file.text, output)


@log.command("search")
def search(
    kind: Annotated[str, typer.Option(metavar="KIND", help="Of this kind: generation, transaction …")] = "",
    party: Annotated[str, typer.Option(metavar="PARTY", help="About this party.")] = "",
    work: Annotated[str, typer.Option(metavar="WORK", help="About this work.")] = "",
    worker: Annotated[str, typer.Option(metavar="WORKER", help="Made by this worker.")] = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 50,
    *,
    as_json: Json = False,
) -> None:
    """Find sealed facts about a party, a work, a worker, of a kind or a time. With --json each comes with its proof.

    Example: provenance log search --work wrk_0123 --kind generation --json
    """
    from provenance.cli.log_files import found_facts, show_facts
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.log_stores import LogQuery
    from provenance.statements.period import parse_time

    query = LogQuery(
        kind=kind or None,
        party=party or None,
        work=work or None,
        worker=worker or None,
        since=parse_time(since, field="since") if since else None,
        until=parse_time(until, field="until") if until else None,
    )
    with opened() as system:
        found, more = found_facts(system.log.prover, query, limit)
    if as_json:
        print_json({"facts": [proven.view for proven in found], "more": more})
    else:
        show_facts(found, more=more)


@log.command("consistency")
def consistency(
    old: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="A checkpoint that you kept.")],
    *,
    key: _Key = "",
    as_json: Json = False,
) -> None:
    """Prove, and check, that the log of today only adds to a checkpoint that you kept. Exits with 1 where it doesn't.

    Example: provenance log consistency 2026-11-01.checkpoint
    """
    from provenance.adapters.ed25519 import verify
    from provenance.cli.log_files import read_small
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.transparency.checkpoint import open_checkpoint
    from provenance.transparency.note import NOTE_BYTES_MAX, VerifierKey, encoded
    from provenance.transparency.witnessing import agreed

    with opened(schema=False) as system:
        keys = [VerifierKey.parse(key) if key else system.log.verifier()]
        seen = open_checkpoint(read_small(old, NOTE_BYTES_MAX), keys, verify)
        new = open_checkpoint(system.log.prover.checkpoint().note, keys, verify)
        path = system.log.prover.consistency(seen.size, new.size) if seen.size <= new.size else ()
        agreed(seen, new, path)
    if as_json:
        print_json({"old": seen.size, "size": new.size, "root": new.root.hex(), "proof": [encoded(h) for h in path]})
    else:
        typer.echo(f"The log of {new.size:,} leaves only adds to that of {seen.size:,}.")


@log.command("cosign")
def cosign(*, as_json: Json = False) -> None:
    """Have the newest checkpoint cosigned by the witnesses of PROVENANCE_LOG_POLICY. Exits with 1 without a quorum.

    Example: provenance log cosign
    """
    from provenance.cli.failures import note
    from provenance.cli.render import print_json
    from provenance.cli.session import opened

    with opened(schema=False) as system:
        found = system.log.cosign()
    names = sorted(line.name for line in found.note.signatures[1:])
    refused = {name: error.code for name, error in found.refused.items()}
    if as_json:
        print_json({"size": found.size, "cosigned": names, "refused": refused})
        return
    for name, error in found.refused.items():
        note(f"{name}: {error}")
    typer.echo(f"The checkpoint of {found.size:,} leaves is cosigned by {', '.join(names) or 'nobody'}.")


@log.command("check-proof")
def check_proof(
    proof: Annotated[Path, typer.Argument(metavar="FILE.tlog-proof", help="A proof.")],
    leaf: Annotated[Path, typer.Option(metavar="FILE", help="The leaf's bytes.")],
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Whom you trust: keys of logs and witnesses, and the quorum.")
    ] = None,
    *,
    key: _Key = "",
    as_json: Json = False,
) -> None:
    """Check a proof from nothing but the proof, the leaf, and the keys that you trust. Exits with 1 where it fails.

    Example: provenance log check-proof gen.tlog-proof --leaf gen.leaf --key example.org/log+1234abcd+AX…
    """
    from provenance.adapters.ed25519 import verify
    from provenance.cli.log_files import read_small, trusted
    from provenance.cli.render import print_json
    from provenance.transparency.proof_file import FILE_BYTES_MAX, ProofFile
    from provenance.transparency.tiles import ENTRY_BYTES_MAX

    trust = trusted(policy, key)
    found = ProofFile.parse(read_small(proof, FILE_BYTES_MAX))
    checked = found.check(read_small(leaf, ENTRY_BYTES_MAX), trust, verify)
    witnesses = sorted(trust.cosigned(checked, verify))
    if as_json:
        log_name, root = checked.checkpoint.origin, checked.root.hex()
        print_json({"log": log_name, "size": checked.size, "root": root, "index": found.index, "witnesses": witnesses})
    else:
        by = f", cosigned by {', '.join(witnesses)}" if witnesses else ""
        typer.echo(f"It is leaf {found.index:,} of {checked.size:,} of {checked.checkpoint.origin}{by}.")


@log.command("verify")
def verify_all(*, key: _Key = "", as_json: Json = False) -> None:
    """Hold every fact, leaf, tile and checkpoint that is stored against what was signed. Exits with 1 on a failure.

    Example: provenance log verify
    """
    from provenance.adapters.ed25519 import verify
    from provenance.cli import exports
    from provenance.cli.progress import spinner
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.verify_log import verify_log
    from provenance.transparency.note import VerifierKey

    with opened() as system, spinner("Verifying"):
        keyed = VerifierKey.parse(key) if key else system.log.verifier()
        checks = verify_log(system.database, system.log.folder, keyed, verify)
    if as_json:
        print_json(exports.checks_view(checks))
    else:
        exports.show_checks(checks, what="This database", well="What is stored is what was signed.")
    if any(check.failed for check in checks):
        raise typer.Exit(FAILED)

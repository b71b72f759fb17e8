"""Commands that attribute: a text as it stands, or a generation that is recorded and paid for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provenance.cli.options import Json


def attribute(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A UTF-8 text file; - reads standard input.")],
    prompt: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="What the customer brought; its words earn nobody anything.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="Write a page for a browser, too.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say which registered works a text derives from, where, why, and how sure that is. Records nothing.

    Attributions are evidence of reuse, not of causal influence. The page of --html needs no network: it shows the text
    beside its sources, linked both ways.

    Example: provenance attribute draft.txt --html evidence.html
    """
    from provenance.cli import finding
    from provenance.cli.failures import note
    from provenance.cli.new_file import write_whole
    from provenance.cli.progress import spinner
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.cli.text_file import STDIN, read_text
    from provenance.cli.visible import visible
    from provenance.kernel.errors import InvalidInput
    from provenance.services.found import load_found
    from provenance.sources.work import check_text
    from provenance.workers.generation import PART_CHARS_MAX, PROMPT_CHARS_MAX, check_prompt

    if file == prompt == STDIN:
        raise InvalidInput("Standard input can't be both the text and its prompt.", mend="Name a file for one of them.")
    text = check_text(read_text(file, chars_max=PART_CHARS_MAX))
    brought = None if prompt is None else check_prompt(read_text(prompt, chars_max=PROMPT_CHARS_MAX))
    with opened() as system, spinner("Attributing"):
        attributor = system.attributor()
        found = load_found(system.database, text, attributor.attribute(text, prompt=brought), attributor.identity)
    if html:
        from provenance.pages.evidence import evidence_page

        write_whole(html, evidence_page(found, name="standard input" if file == STDIN else Path(file).name))
        note(f"The page is {visible(str(html))}.")
    if as_json:
        print_json(finding.view(found))
    else:
        finding.show(found)


def submit(
    file: Annotated[str, typer.Argument(metavar="FILE.json", help="A generation as the API takes it; - reads stdin.")],
    service: Annotated[str, typer.Option(metavar="PARTY", help="The party that made the output.")] = "library",
    *,
    as_json: Json = False,
) -> None:
    """Record a generation: attribute it, and put what it earns into the books. The same again changes nothing.

    The file: {"id": "out-1", "price": {"amount": "0.04", "currency": "USD"}, "parts": [{"text": "...", "worker": {"id":
    "brain-1", "kind": "brain", "model": "atlas", "model_version": "3.2", "region": "eu-west"}}]}, and, where they
    matter, "territory", "purpose", "prompt" (what the customer brought) and "made_at" (when it was made).

    Example: provenance submit output.json --service lumen-studio
    """
    from provenance.cli import generation_report
    from provenance.cli.failures import note
    from provenance.cli.generation_file import FILE_CHARS_MAX, parse_generation
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.cli.text_file import read_text
    from provenance.services.generations import submit as submit_generation
    from provenance.services.views import load_generation

    generation = parse_generation(read_text(file, chars_max=FILE_CHARS_MAX), service=service)
    with opened() as system:
        pool = system.settings.royalty_pool_basis_points
        submitted = submit_generation(
            generation, system.database, system.attributor, system.clock, pool_basis_points=pool
        )
        if submitted.replayed:
            note("This generation was recorded before; nothing was changed.")
        if as_json:
            print_json(load_generation(system.database, generation.id))
        else:
            generation_report.show(system.database, submitted.recorded)

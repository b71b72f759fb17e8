"""Commands on labelled outputs: how good the attributions are, and a calibration from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from provenance.bootstrap import System
    from provenance.services.labelled import LabelledSource
    from provenance.services.ports import SourceIndex

Sources = Annotated[Path, typer.Option(metavar="FILE", help="JSON Lines of sources, .jsonl or .jsonl.gz.")]
Outputs = Annotated[Path, typer.Option(metavar="FILE", help="JSON Lines of labelled outputs.")]


def evaluate(
    sources: Sources,
    outputs: Outputs,
    predictions: Annotated[Path, typer.Option(metavar="FILE", help="Where the predictions go, as JSON Lines.")],
    calibration: Annotated[Path | None, typer.Option(metavar="FILE", help="A calibration; the configured one.")] = None,
) -> None:
    """Attribute labelled outputs to sources and write one prediction a line. Touches no database.

    A source: {"source_id", "text", "domain"?}. An output: {"output_id", "text", "labels": [{"source_id", "share",
    "out_spans"?}]}.

    Example: provenance evaluate --sources dev/sources.jsonl.gz --outputs dev/outputs.jsonl.gz --predictions p.jsonl
    """
    from provenance.adapters.calibration_file import load_calibration
    from provenance.cli.labelled_file import read_labelled
    from provenance.cli.new_file import replacing
    from provenance.cli.progress import count_bar
    from provenance.cli.session import opened
    from provenance.services.attribute import Attributor
    from provenance.services.evaluate import predictions as predict
    from provenance.services.labelled import parse_output, parse_source

    known, labelled = read_labelled(sources, parse_source), read_labelled(outputs, parse_output)
    with opened(schema=False) as system:
        chosen = load_calibration(calibration) if calibration else system.calibration
        with indexed(system, known) as index, replacing(predictions) as partial:
            attributor = Attributor(system.encoder, index, system.rarity, chosen)
            with count_bar("Attributing", len(labelled)) as bar, partial.open("w", encoding="utf-8") as out:
                for line in predict(labelled, attributor):
                    out.write(json.dumps(line) + "\n")
                    bar.advance(1)
    typer.echo(f"{len(labelled):,} predictions with the calibration {chosen.identity[:12]}: {predictions}")


def train(
    sources: Sources,
    outputs: Outputs,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where the calibration goes.")],
) -> None:
    """Fit a calibration to labelled outputs, for the encoder of this installation. Prints its identity.

    Use it with PROVENANCE_CALIBRATION=FILE. It records the SHA-256 of both files that it was made from.

    Example: provenance train --sources train/sources.jsonl.gz --outputs train/outputs.jsonl.gz -o calibration.json
    """
    from provenance.adapters.calibration_file import save_calibration
    from provenance.cli.labelled_file import read_labelled, sha256_of
    from provenance.cli.new_file import replacing
    from provenance.cli.progress import count_bar
    from provenance.cli.session import opened
    from provenance.kernel.errors import InvalidInput
    from provenance.services.labelled import parse_output, parse_source
    from provenance.services.train import train as fit

    known, labelled = read_labelled(sources, parse_source), read_labelled(outputs, parse_output)
    trained_on = {"sources_sha256": sha256_of(sources), "outputs_sha256": sha256_of(outputs)}
    with opened(schema=False) as system, indexed(system, known) as index:
        try:
            with count_bar("Training", len(labelled)) as bar:
                fitted = fit(
                    known, labelled, system.encoder, index, system.rarity, trained_on=trained_on, progress=bar.advance
                )
        except ValueError as error:
            raise InvalidInput(f"Nothing can be fitted to this: {error}.", mend="Label more outputs.") from error
    with replacing(output) as partial:
        save_calibration(fitted, partial)
    typer.echo(fitted.identity)


@contextmanager
def indexed(system: System, sources: Sequence[LabelledSource]) -> Iterator[SourceIndex]:
    """The sources in an index that is gone at the end of the block."""
    from tempfile import TemporaryDirectory

    from provenance.cli.progress import count_bar
    from provenance.services.labelled import index_sources

    with TemporaryDirectory(prefix="provenance-") as folder:
        with count_bar("Indexing", len(sources)) as bar:
            index = index_sources(sources, system.encoder, system.snapshots_in(Path(folder)), bar.advance)
        yield index

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
    sources: Annotated[list[Path], typer.Option(metavar="FILE", help="JSON Lines of sources; again for another set.")],
    outputs: Annotated[list[Path], typer.Option(metavar="FILE", help="Their labelled outputs, in the same order.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where the calibration goes.")],
    weight: Annotated[list[float] | None, typer.Option(help="What an output of each set counts; 1 each.")] = None,
    strangers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON Lines of texts that no output derives from.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the settings in which outputs are seen.")] = 0,
) -> None:
    """Fit a calibration to labelled outputs, for the encoder of this installation. Prints its identity.

    Use it with PROVENANCE_CALIBRATION=FILE. It records the SHA-256 of every file that it was made from. Each output is
    seen against its sources alone, among strangers, among longer works and in an index of few works.

    Example: provenance train --sources a/sources.jsonl.gz --outputs a/outputs.jsonl.gz -o calibration.json
    """
    from provenance.adapters.calibration_file import save_calibration
    from provenance.adapters.tree_fitter import fit_trees
    from provenance.cli.new_file import replacing
    from provenance.cli.progress import count_bar
    from provenance.cli.session import opened
    from provenance.cli.training_files import read_training
    from provenance.kernel.errors import InvalidInput
    from provenance.services.train import train as fit
    from provenance.services.train import work_ahead

    data = read_training(sources, outputs, weight or [1.0] * len(sources), strangers)
    with opened(schema=False) as system:
        try:
            with count_bar("Training", work_ahead(data.sets, data.strangers)) as bar:
                fitted = fit(
                    data.sets,
                    data.strangers,
                    system.encoder,
                    system.rarity,
                    fit_trees,
                    trained_on={**data.digests, "seed": str(seed)},
                    seed=seed,
                    progress=bar.advance,
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

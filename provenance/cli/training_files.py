"""The files that a calibration is trained on, with their digests for the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provenance.cli.labelled_file import read_labelled, sha256_of
from provenance.kernel.errors import InvalidInput
from provenance.services.labelled import LabelledSource, parse_output, parse_source, passages_of
from provenance.services.train import TrainingSet

# Passages taken from each text of strangers: a few from every book say more than many from one.
STRANGER_PASSAGES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFiles:
    """What was read; ``digests`` names every file by its SHA-256."""

    sets: Sequence[TrainingSet]
    strangers: Sequence[LabelledSource]
    digests: Mapping[str, str]


def read_training(
    sources: Sequence[Path], outputs: Sequence[Path], weights: Sequence[float], strangers: Path | None
) -> TrainingFiles:
    """Read labelled sets, and passages of strangers.

    Raises:
        InvalidInput: not as many files of outputs, or weights, as of sources; or a line that can't be read.
    """
    if not len(sources) == len(outputs) == len(weights):
        raise InvalidInput(
            f"There are {len(sources)} files of sources, {len(outputs)} of outputs and {len(weights)} weights.",
            mend="Give --sources, --outputs and, where they differ, --weight once for each set.",
        )
    if not all(0 < weight <= 100 for weight in weights):
        raise InvalidInput("A weight lies above 0 and is at most 100.")
    digests: dict[str, str] = {}
    sets = []
    for number, (texts, labelled, weight) in enumerate(zip(sources, outputs, weights, strict=True), start=1):
        name = "" if number == 1 else f"{number}_"
        digests |= {f"sources_{name}sha256": sha256_of(texts), f"outputs_{name}sha256": sha256_of(labelled)}
        sets.append(
            TrainingSet(
                sources=read_labelled(texts, parse_source),
                outputs=read_labelled(labelled, parse_output),
                weight=weight,
            )
        )
    digests["weights"] = ",".join(map(str, weights))
    if strangers is None:
        return TrainingFiles(sets=sets, strangers=(), digests=digests)
    digests["strangers_sha256"] = sha256_of(strangers)
    passages = passages_of(read_labelled(strangers, parse_source), each=STRANGER_PASSAGES)
    return TrainingFiles(sets=sets, strangers=passages, digests=digests)

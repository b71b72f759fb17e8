"""Trees that LightGBM fits answer here as they answer there, and a calibration goes through its file unchanged."""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.adapters.calibration_file import load_calibration, save_calibration
from provenance.adapters.tree_fitter import PARAMETERS, fit_trees
from provenance.attribution.calibration import Calibration
from provenance.attribution.evidence import FEATURES
from provenance.attribution.leaf_masks import LEAF
from provenance.attribution.scoring import LogisticModel
from provenance.attribution.support import SOURCE_FIGURES, SUPPORT_FIGURES
from provenance.attribution.trees import LEAF_UNITS, BoostedTrees
from provenance.kernel.errors import SnapshotUnusable, Unavailable

ROUNDS, LEAVES = 40, 9
NAMES = ("a", "b", "c", "d")


def lightgbm() -> Any:
    """The library, or a skip that says why not: a bare system lacks the OpenMP library that it needs."""
    try:
        import lightgbm as library
    except (ImportError, OSError) as error:
        pytest.skip(f"LightGBM can't be loaded: {error}")
    return library


def examples(count: int = 1_500) -> tuple[Any, Any, Any]:
    """Rows with many equal values, the truth of each with some noise, and weights."""
    random = np.random.default_rng(11)
    rows = np.round(random.normal(size=(count, len(NAMES))), 1)
    truth = rows[:, 0] + rows[:, 1] * rows[:, 2] + random.normal(size=count) > 0.3
    return rows, truth, random.uniform(0.5, 2.0, count)


def test_the_trees_give_lightgbms_own_raw_predictions_to_half_a_unit_a_tree() -> None:
    library = lightgbm()
    rows, truth, weights = examples()
    trees = fit_trees(NAMES, rows, truth, weights, rounds=ROUNDS, leaves=LEAVES)
    data = library.Dataset(rows, truth.astype(np.int8), weight=weights / weights.mean())
    booster = library.train({**PARAMETERS, "num_leaves": LEAVES}, data, ROUNDS)
    unseen = np.vstack([rows, np.random.default_rng(12).normal(size=(500, len(NAMES))) * 3])
    assert len(trees.roots) == ROUNDS
    assert np.abs(trees.logits(unseen) - booster.predict(unseen, raw_score=True)).max() <= ROUNDS / LEAF_UNITS
    assert len(set(trees.logits(unseen).tolist())) > 50


def test_the_same_examples_give_the_same_trees() -> None:
    lightgbm()
    fitted = [fit_trees(NAMES, *examples(), rounds=5, leaves=4) for _ in range(2)]
    assert fitted[0] == fitted[1]
    assert max(np.bincount([f for f in fitted[0].figure if f != LEAF])) > 0


def test_examples_too_few_to_split_give_one_answer_to_all() -> None:
    lightgbm()
    trees = fit_trees(NAMES, *examples(20), rounds=5, leaves=4)
    assert len(set(trees.logits(examples()[0]).tolist())) == 1


def test_without_lightgbm_the_mend_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(Unavailable, match="can't be loaded") as refused:
        fit_trees(NAMES, *examples(), rounds=1, leaves=2)
    assert "[train]" in refused.value.mend


def test_a_system_without_openmp_is_told_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = builtins.__import__

    def refusing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(Unavailable) as refused:
        fit_trees(NAMES, *examples(), rounds=1, leaves=2)
    assert "libgomp1" in refused.value.mend


def trees(names: tuple[str, ...]) -> BoostedTrees:
    return BoostedTrees(
        names=names,
        bias=-7,
        roots=(0,),
        figure=(1, LEAF, LEAF),
        threshold=(0.1 + 0.2, 0.0, 0.0),
        left=(1, 0, 0),
        right=(2, 0, 0),
        value=(0, 3 * LEAF_UNITS, -1),
    )


def calibration() -> Calibration:
    n = len(SOURCE_FIGURES)
    return Calibration(
        encoder="tiny",
        segment_model=trees(FEATURES),
        support_model=trees(SUPPORT_FIGURES),
        source_model=LogisticModel(
            names=SOURCE_FIGURES, weights=(1 / 3,) * n, centre=(1e-17,) * n, scale=(2.5,) * n, bias=-0.1
        ),
        segment_min=0.5,
        source_min=0.1 + 0.2,
        trained_on={"outputs_sha256": "aa"},
    )


def test_a_calibration_comes_back_from_its_file_to_the_bit(tmp_path: Path) -> None:
    save_calibration(calibration(), tmp_path / "c.json")
    again = load_calibration(tmp_path / "c.json")
    assert again == calibration()
    assert again.identity == calibration().identity


def test_the_shipped_calibration_can_be_read() -> None:
    assert load_calibration().segment_model.names == FEATURES


def edited(tmp_path: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    path = tmp_path / "c.json"
    save_calibration(calibration(), path)
    fields = json.loads(path.read_text(encoding="utf-8"))
    edit(fields)
    path.write_text(json.dumps(fields), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "edit",
    [
        lambda f: f.pop("support_model"),
        lambda f: f.update(more=1),
        lambda f: f.update(source_model=[]),
        lambda f: f["source_model"].pop("bias"),
        lambda f: f["source_model"]["weights"].pop(),
        lambda f: f["segment_model"].pop("roots"),
        lambda f: f["segment_model"].update(left=3),
        lambda f: f["segment_model"].update(left=["a", "b", "c"]),
        lambda f: f["segment_model"].update(bias="x"),
        lambda f: f["segment_model"]["value"].pop(),
        lambda f: f["segment_model"]["figure"].__setitem__(0, 999),
        lambda f: f["segment_model"]["names"].pop(),
    ],
    ids=range(12),
)
def test_a_file_that_is_damaged_is_refused(edit: Callable[[dict[str, Any]], object], tmp_path: Path) -> None:
    with pytest.raises(SnapshotUnusable) as refused:
        load_calibration(edited(tmp_path, edit))
    assert "provenance train" in refused.value.mend


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_file_that_is_no_calibration_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(content)
    with pytest.raises(SnapshotUnusable):
        load_calibration(tmp_path / "c.json")
    with pytest.raises(SnapshotUnusable):
        load_calibration(tmp_path / "nowhere.json")

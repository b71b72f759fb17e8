"""The layers and the purity of the core are a build rule, not a habit."""

import re
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]


def test_no_layer_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_the_core_reads_no_clock_environment_or_random_source() -> None:
    # A generator that is made from a seed is no random source: the seed is an argument.
    banned = re.compile(
        r"datetime\.now\(|time\.time\(|os\.environ|uuid4\(|utcnow\(|today\(|default_rng\(\)"
        r"|random\.(?!default_rng\(|Generator\b)"
    )
    layers = (
        "services payouts statements royalties attribution ledger transparency workers fingerprints sources bank_files"
        " webhooks kernel"
    )
    core = [path for layer in layers.split() for path in (ROOT / "provenance" / layer).rglob("*.py")]
    assert len(core) > 30
    found = [(path.name, word) for path in core for word in banned.findall(path.read_text(encoding="utf-8"))]
    assert not found

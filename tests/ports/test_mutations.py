"""Random mutations of a copied database: each is found. The benchmark of the log tries ten thousand."""

from __future__ import annotations

from benchmarks.log_mutations import KINDS, mutations


def test_every_mutation_of_a_copied_database_is_found() -> None:
    figures = mutations(60, seed=5)
    assert figures["mutations_found"] == 60, figures.get("mutations_missed")
    assert len(figures["mutations_by_kind"]) == len(KINDS)

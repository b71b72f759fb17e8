"""Run every benchmark whose data is there: ``python -m benchmarks``."""

from __future__ import annotations

from benchmarks import attribution, exact, gaming, ingest

for benchmark in (attribution, exact, gaming, ingest):
    print(f"\n== {benchmark.__name__} ==", flush=True)
    benchmark.main([])

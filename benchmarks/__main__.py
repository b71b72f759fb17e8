"""Run every benchmark whose data is there: ``python -m benchmarks``."""

from __future__ import annotations

from benchmarks import attribution, gaming, index, ingest

for benchmark in (attribution, gaming, index, ingest):
    print(f"\n== {benchmark.__name__} ==", flush=True)
    benchmark.main([])

"""How fast the verifier that ships in a bundle checks one: on one core, and on all."""

from __future__ import annotations

import io
import json
import os
import resource
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.ledger import BATCH, accrual, entries_per_s
from benchmarks.ledger_books import PARTIES, START, party
from provenance.adapters.ed25519 import KeyFile
from provenance.adapters.log_folder import LogFolder
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.verifier.main import main as verifier
from provenance.adapters.verifier_files import verifier_files
from provenance.adapters.zip_archive import writing_zip
from provenance.services.audit_bundle import export_bundle
from provenance.services.seal import Sequencer
from provenance.sources.party import Party
from provenance.statements.period import THE_BEGINNING, Period
from provenance.transparency.note import ED25519

NOW = datetime(2027, 2, 1, tzinfo=UTC)
BATCHES = 60


def bundle(batches: int = BATCHES) -> dict[str, float]:
    """A bundle of so many thousand transactions of four entries, written and checked."""
    with TemporaryDirectory(prefix="provenance-bench-") as name:
        folder = Path(name)
        path, key, facts, writing = _written(folder, batches)
        took, working = {}, 1.0
        for cores in (1, os.cpu_count() or 1):
            out = io.StringIO()
            started, worked = time.perf_counter(), time.process_time()
            code = verifier([str(path), "--key", key, "--cores", str(cores), "--json"], out)
            took[cores] = time.perf_counter() - started
            working = time.process_time() - worked if cores == 1 else working
            assert code == 0, out.getvalue()
        checks = {check["name"]: check["checked"] for check in json.loads(out.getvalue())["checks"]}
        assert checks["every fact is what its leaf commits to"] == facts
        size = path.stat().st_size
    return {
        "verify_facts_per_s": facts / took[1],
        "verify_facts_per_cpu_s": facts / working,
        f"verify_facts_per_s_{os.cpu_count()}_cores": facts / took[os.cpu_count() or 1],
        "verify_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "bundle_facts": facts,
        "bundle_mb": size / 1e6,
        "bundle_facts_written_per_s": facts / writing,
    }


def _written(folder: Path, batches: int) -> tuple[Path, str, int, float]:
    """A bundle, its key, how many facts it has, and how long it took to write."""
    database = SqlDatabase(f"sqlite:///{folder}/books.db")
    database.migrate()
    with database.begin(write=True) as work:
        for name in ("service", *(party(n) for n in range(PARTIES))):
            work.parties.add(Party(id=name, name=name), START)
        work.commit()
    entries_per_s(database, accrual, batches)
    key = KeyFile.create(folder / "key", "example.org/bench", ED25519)
    tiles = LogFolder(folder / "log", folder / "lock")
    sequencer = Sequencer(database=database, tiles=tiles, signer=key, clock=lambda: NOW)
    period, path = Period(since=THE_BEGINNING, until=NOW), folder / "bundle.zip"
    sequencer.integrate()
    started = time.perf_counter()
    with writing_zip(path) as archive:
        export_bundle(sequencer, archive, period, scripts=verifier_files(), at=NOW, progress=lambda _: None)
    database.dispose()
    return path, key.key.text, batches * BATCH + PARTIES + 1, time.perf_counter() - started

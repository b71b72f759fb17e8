"""What `provenance doctor` looks at: each check says what it found, and what to do where that isn't right.

Looks and never mends: it makes no folder and no database.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from provenance.bootstrap import System
from provenance.kernel.errors import LogMissing, ProvenanceError, StorageFailed, StorageFull
from provenance.services.publish import current_digest

PYTHON_MIN = (3, 11)
FREE_BYTES_MIN = 500 * 1024 * 1024


class Status(StrEnum):
    """How a check ended. One is skipped where it needs what another has found missing."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One check: what was found, and what to do about it."""

    name: str
    status: Status
    found: str
    mend: str = ""


def look(system: System) -> Iterator[Health]:
    """All checks, in the order in which an installation needs what they look at."""
    yield _run("Python", _python)
    yield _run("home folder", lambda: _home(system.settings.home))
    yield _run("disk space", lambda: _disk(system.settings.home))
    model = _run("embedding model", lambda: _model(system))
    yield model
    if model.status is Status.OK:
        yield _run("calibration", lambda: _calibration(system))
    else:
        yield _skipped("calibration", "It needs the embedding model.")
    database = _run("database", lambda: _database(system))
    yield database
    if database.status is Status.OK:
        yield _run("log", lambda: _log(system))
    else:
        yield _skipped("log", "It needs the database.")
    if Status.OK is model.status is database.status:
        yield _run("index", lambda: _index(system))
    else:
        yield _skipped("index", "It needs the embedding model and the database.")


def _run(name: str, check: Callable[[], str]) -> Health:
    try:
        return Health(name=name, status=Status.OK, found=check())
    except ProvenanceError as error:
        return Health(name=name, status=Status.FAILED, found=error.message, mend=error.mend)
    except ImportError as error:
        again = "Install this program again, with all that it depends on."
        return Health(name=name, status=Status.FAILED, found=f"A library is missing: {error}.", mend=again)


def _skipped(name: str, reason: str) -> Health:
    return Health(name=name, status=Status.SKIPPED, found=reason)


def _python() -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON_MIN:
        raise StorageFailed(f"Python {version} is too old.", mend="Install Python 3.11 or newer.")
    return version


def _home(home: Path) -> str:
    existing = _nearest(home)
    mend = "Correct its permissions, or set PROVENANCE_HOME to another folder."
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise StorageFailed(f"Nothing can be written in {existing}.", mend=mend)
    if existing != home:
        return f"{home} will be made when it is needed"
    try:
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"provenance")
    except OSError as error:
        raise StorageFailed(f"Nothing can be written in {home}: {error.strerror}.", mend=mend) from error
    return f"{home} can be written"


def _disk(home: Path) -> str:
    free = shutil.disk_usage(_nearest(home)).free
    if free < FREE_BYTES_MIN:
        raise StorageFull(
            f"Only {free / 1e6:,.0f} MB are free.", mend=f"Free some space: {FREE_BYTES_MIN / 1e6:,.0f} MB or more."
        )
    return f"{free / 1e9:,.1f} GB are free"


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    folder = folder.absolute()
    return next(f for f in (folder, *folder.parents) if f.exists())


def _model(system: System) -> str:
    from provenance.adapters.encoders.weights import packaged_model

    if system.settings.encoder == "packaged":
        packaged_model(system.settings.model_folder)  # a network that was kept is used without its weights
    identity = system.encoder.identity
    return f"{identity.name}, as pinned ({identity.precision})"


def _calibration(system: System) -> str:
    system.calibration.check_encoder(system.encoder.identity.name)
    return f"{system.calibration.identity[:12]} fits the embedding model"


def _database(system: System) -> str:
    settings = system.settings
    if not settings.database_url and not settings.home.exists():
        raise StorageFailed("There is no database yet.", mend="Run `provenance migrate`.")
    system.database.check_schema()
    return "reachable, with this program's schema"


def _log(system: System) -> str:
    """A log that isn't made yet is nothing wrong: records are kept all the same, and sealed once it is."""
    with system.database.begin() as work:
        size, last = work.log.size(), work.log.last_checkpoint()
    if not system.settings.log_key_file.exists():
        if last is not None:
            raise LogMissing("The log's private key is gone.", mend="Restore it, or name it: PROVENANCE_LOG_KEY.")
        return "not signed yet: provenance log init"
    return f"{last.size if last else 0:,} of {size:,} leaves are sealed"


def _index(system: System) -> str:
    name = system.encoder.identity.name
    published = system.snapshots.open(current_digest(system.database, name), name).published
    return f"{published.digest[:12]} opens: {published.works:,} works, {published.segments:,} segments"

"""Audit: the trial balance, and the export that can be checked without us."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from fastapi import APIRouter
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from provenance.adapters.zip_archive import CHUNK_BYTES, writing_zip
from provenance.api.auth import ReaderKey
from provenance.api.deps import InstalledSystem, RunningInstallation
from provenance.api.period import AskedPeriod
from provenance.api.schemas.audit import TrialBalanceView
from provenance.bootstrap import System
from provenance.kernel.errors import AlreadyRunning, StorageFailed
from provenance.ledger.balance import trial_balance
from provenance.services.export import export_period
from provenance.services.views import View, trial_balance_view
from provenance.statements.period import Period

ZIP = "application/zip"

router = APIRouter(prefix="/v1", tags=["audit"])


@router.get("/trial-balance", response_model=TrialBalanceView)
def get_trial_balance(system: InstalledSystem, _: ReaderKey) -> View:
    """The balances of all accounts, now. Scope: auditor or operator."""
    with system.database.begin() as work:
        return trial_balance_view(trial_balance(work.books.balances()))


@router.get(
    "/exports",
    response_class=StreamingResponse,
    responses={
        200: {"description": "A zip.", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}},
        409: {"description": "Another export is being made."},
    },
)
def get_export(period: AskedPeriod, installation: RunningInstallation, _: ReaderKey) -> StreamingResponse:
    """All facts up to the end of the period, its generations and transactions, and the whole log.

    `provenance check-export FILE` computes all of it again. One export is made at a time. Scope: auditor or operator.
    """
    if not installation.export_slot.acquire(blocking=False):
        raise AlreadyRunning("Another export is being made.", mend="Ask again when it has ended.")
    try:
        file = _exported(installation.system, period)
    finally:
        installation.export_slot.release()
    name = f"provenance-{period.since:%Y%m%d}-{period.until:%Y%m%d}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(os.fstat(file.fileno()).st_size),
    }
    return _OpenFile(file, headers)


def _exported(system: System, period: Period) -> BinaryIO:
    """The export as an open file that has no name any more: it is gone when it is closed, whatever happens."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="provenance-export-")
    except OSError as error:
        raise StorageFailed(f"No temporary folder can be made: {error.strerror}.", mend="Set TMPDIR.") from error
    with folder as name:
        path = Path(name) / "export.zip"
        with writing_zip(path) as archive:
            export_period(system.database, archive, period, at=system.clock(), progress=lambda _: None)
        return path.open("rb")


class _OpenFile(StreamingResponse):
    """Sends an open file and closes it, also where the caller hangs up half-way."""

    def __init__(self, file: BinaryIO, headers: Mapping[str, str]) -> None:
        super().__init__(iter(partial(file.read, CHUNK_BYTES), b""), headers=headers, media_type=ZIP)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        with self._file:
            await super().__call__(scope, receive, send)

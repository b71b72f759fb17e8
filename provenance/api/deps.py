"""What endpoints ask for: the installation, its publisher and recorder, and the one place for a running export."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from provenance.api.publisher import Publisher
from provenance.api.sealer import Sealer
from provenance.bootstrap import System
from provenance.services.group_commit import Recorder


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What all requests of one app share."""

    system: System
    publisher: Publisher
    recorder: Recorder
    sealer: Sealer
    cosigner: Sealer
    export_slot: threading.Lock = field(default_factory=threading.Lock)


async def _installation(request: Request) -> Installation:
    found = request.app.state.installation
    assert isinstance(found, Installation), "create_app sets it"
    return found


async def _system(installation: Annotated[Installation, Depends(_installation)]) -> System:
    return installation.system


RunningInstallation = Annotated[Installation, Depends(_installation)]
InstalledSystem = Annotated[System, Depends(_system)]

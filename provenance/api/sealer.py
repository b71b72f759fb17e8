"""The sealer: takes what is recorded into the signed log, a fraction of a second after it was.

It looks for itself and is told nothing, so that recording costs no more for it. Where several processes serve,
whichever comes first seals; what can't be sealed now stays recorded, and is tried again.
"""

from __future__ import annotations

import threading
from typing import Protocol

import structlog

from provenance.kernel.errors import ProvenanceError, SequencerRunning

# Each checkpoint costs a dozen waits for the disk: twice a second is soon enough, and leaves the disk to the books.
LOOK_SECONDS = 0.4
# Where there is no log yet, or it can't be sealed: until the operator has mended that.
WAIT_SECONDS = 5.0
STOP_SECONDS_MAX = 10.0
# Witnesses are others' machines: they are asked a few times a minute.
COSIGN_SECONDS = 10.0

_log = structlog.get_logger("provenance.api.sealer")


class Sealing(Protocol):
    """What the sealer needs of the installation."""

    def seal(self) -> bool:
        """Seal what is recorded; whether there was anything. Raises as `Sequencer.integrate` does."""


class Witnessed(Protocol):
    """A log that has its checkpoints cosigned."""

    def cosign_due(self) -> bool:
        """Have the newest checkpoint cosigned; whether there was a new one."""


class Cosigning:
    """Has a log cosigned, as a `Sealer` seals it."""

    def __init__(self, log: Witnessed) -> None:
        self._log = log

    def seal(self) -> bool:
        """Have what is new cosigned."""
        return self._log.cosign_due()


def cosigner(log: Witnessed, *, look_seconds: float = COSIGN_SECONDS) -> Sealer:
    """A thread that asks the witnesses of a log's policy, where it has one."""
    return Sealer(Cosigning(log), look_seconds=look_seconds, wait_seconds=look_seconds, trouble="not_cosigned")


class Sealer:
    """Seals in a thread of its own."""

    def __init__(
        self,
        system: Sealing,
        *,
        look_seconds: float = LOOK_SECONDS,
        wait_seconds: float = WAIT_SECONDS,
        trouble: str = "not_sealed",
    ) -> None:
        """``trouble`` is how the log calls it when it can't be done."""
        self._system, self._told = system, trouble
        self._look_seconds, self._wait_seconds = look_seconds, wait_seconds
        self._stopping = threading.Event()
        # A daemon, so that a run that hangs can't keep the process alive: one that is cut off harms nothing.
        self._thread = threading.Thread(target=self._loop, name="sealer", daemon=True)
        self._trouble: str | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the run at hand; waits for it, but not for ever."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS_MAX)

    @property
    def trouble(self) -> str | None:
        """The code of what keeps the log from being sealed; None where nothing does."""
        return self._trouble

    def _loop(self) -> None:
        while not self._stopping.wait(self._wait_seconds if self._trouble else self._look_seconds):
            self._seal()

    def _seal(self) -> None:
        try:
            self._system.seal()
        except SequencerRunning:
            return
        except ProvenanceError as error:
            self._tell(error.code, error.message)
        except Exception as error:  # noqa: BLE001  a bug must not end the thread: the next look tries again
            self._tell("error", type(error).__qualname__)
        else:
            if self._trouble:
                _log.info("sealing_again", after=self._trouble)
            self._trouble = None

    def _tell(self, code: str, message: str) -> None:
        """Log a trouble once, and not five times a minute."""
        if code != self._trouble:
            (_log.info if code == "log_missing" else _log.error)(self._told, code=code, message=message)
        self._trouble = code

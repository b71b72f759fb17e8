"""What all parts of an installation stand on: its settings, its clock, its home and its database."""

from __future__ import annotations

from functools import cached_property

from provenance.adapters.clock import system_clock
from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import StorageFailed
from provenance.services.ports import Clock
from provenance.settings import Settings


class Foundation:
    """Settings, a clock and a database."""

    def __init__(self, settings: Settings | None = None, *, clock: Clock = system_clock) -> None:
        self.settings = settings or Settings()
        self.clock = clock

    @cached_property
    def database(self) -> SqlDatabase:
        """The database, not yet checked for its schema."""
        if self.settings.url.startswith("sqlite"):
            self.make_home()
        return SqlDatabase(self.settings.url, lock_wait_seconds_max=self.settings.lock_wait_seconds)

    def make_home(self) -> None:
        """Make the home, where it isn't there. Raises `StorageFailed`."""
        try:
            self.settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(
                f"{self.settings.home} can't be made: {error.strerror}.", mend="Set PROVENANCE_HOME to another folder."
            ) from error

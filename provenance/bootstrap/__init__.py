"""Wire settings to adapters to services. The one place that knows which adapter stands behind which port.

Heavy imports (FAISS, OpenVINO, word tables) happen in the properties that need them, so that a command that needs none
starts at once.
"""

from __future__ import annotations

from provenance.bootstrap.attribution import AttributionParts
from provenance.bootstrap.money import MoneyParts
from provenance.bootstrap.record import RecordParts


class System(AttributionParts, MoneyParts, RecordParts):
    """All parts of one installation, made when they are first asked for. Safe to share between threads."""

    def close(self) -> None:
        """Let go of the database, after what is being loaded."""
        if self._loading is not None:
            self._loading.join()
        if "database" in self.__dict__:
            self.database.dispose()

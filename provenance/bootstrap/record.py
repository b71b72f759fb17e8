"""Wire the record: the signed log over the database."""

from __future__ import annotations

from functools import cached_property

from provenance.bootstrap.foundation import Foundation
from provenance.bootstrap.sealed_log import SealedLog


class RecordParts(Foundation):
    """The log."""

    @cached_property
    def log(self) -> SealedLog:
        """What seals the log, signs it, proves from it, and has it witnessed."""
        return SealedLog(self.database, self.settings, self.clock)

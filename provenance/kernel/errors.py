"""The whole tree of errors that a user of the system can cause or meet.

Each class has a stable ``code``; each instance carries ``data`` for a program and a sentence, with its mend, for a
person. What an error means over HTTP stands in ``api/errors.py``, and nowhere else.
"""

from __future__ import annotations

from typing import ClassVar


class ProvenanceError(Exception):
    """Root of all expected errors. ``mend`` says what the caller can do about it."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, mend: str = "", **data: object) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.data = data

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


# -- what the caller sent -------------------------------------------------------------------------------------------


class InvalidInput(ProvenanceError):
    """A value that no state of the system could accept."""

    code = "invalid_input"


class InvalidMoney(InvalidInput):
    """An amount, a currency or a rate that isn't one."""

    code = "invalid_money"


class UnknownCurrency(InvalidMoney):
    """Not an ISO 4217 currency with a minor unit that we can hold."""

    code = "unknown_currency"


class RateMissing(InvalidMoney):
    """No exchange rate is recorded for a day on which one is needed."""

    code = "rate_missing"


class RateStale(InvalidMoney):
    """The latest exchange rate is older than may be used."""

    code = "rate_stale"


class MoreThanOwed(InvalidMoney):
    """More is asked for than is owed to the party."""

    code = "more_than_owed"


class InvalidClaims(InvalidInput):
    """Claims of a work that don't add up to 10,000 basis points, or name a party twice."""

    code = "invalid_claims"


class InvalidTerms(InvalidInput):
    """Licence terms that contradict themselves."""

    code = "invalid_terms"


class TiersNotAscending(InvalidTerms):
    """Tiers of a rate that don't start at ever more uses."""

    code = "tiers_not_ascending"


class CapBelowMinimum(InvalidTerms):
    """A cap below what a use, or a period, comes to at least."""

    code = "cap_below_minimum"


class OverlappingValidity(InvalidTerms):
    """Two licences of one reach, stated together, that hold on the same day."""

    code = "overlapping_validity"


class InvalidText(InvalidInput):
    """A text that can't be registered or attributed: empty, binary, undecodable."""

    code = "invalid_text"


class InvalidCursor(InvalidInput):
    """A page cursor that this system didn't hand out."""

    code = "invalid_cursor"


class TooLarge(InvalidInput):
    """A body, text or list above its bound."""

    code = "too_large"


class UnreadableDocument(InvalidInput):
    """A file whose format could not be read: encrypted, damaged, of an unknown kind."""

    code = "unreadable_document"


# -- what the state of the system forbids -----------------------------------------------------------------------------


class NotFound(ProvenanceError):
    """There is no such thing, or the caller may not see it."""

    code = "not_found"


class Conflict(ProvenanceError):
    """The same business key was used before with another payload."""

    code = "conflict"


class CorrectionOfCorrection(ProvenanceError):
    """What is to be corrected is itself a correction; the one before it is corrected by a new transaction."""

    code = "correction_of_correction"


class OpenWork(ProvenanceError):
    """A period can't be closed yet: ``data["open"]`` lists what has to be decided before."""

    code = "open_work"


class PeriodClosed(ProvenanceError):
    """The period, or a part of it, was closed before. A closed period stays as it is, for ever."""

    code = "period_closed"


class PeriodOrder(ProvenanceError):
    """A period before this one is still open, or this one isn't over yet."""

    code = "period_order"


class OutOfTime(Conflict):
    """A step of a dispute whose time is over, or a dispute about something that is too long ago."""

    code = "out_of_time"


class InDispute(Conflict):
    """What would change here stands still until a dispute about it is over."""

    code = "in_dispute"


class AlreadyRunning(ProvenanceError):
    """Another process holds what only one may hold."""

    code = "already_running"


class SequencerRunning(AlreadyRunning):
    """Another process seals the log."""

    code = "sequencer_running"


class Unauthenticated(ProvenanceError):
    """No API key, or one that isn't valid."""

    code = "unauthenticated"


class Forbidden(ProvenanceError):
    """The key is valid, and its scopes don't cover this."""

    code = "forbidden"


class Unbalanced(ProvenanceError):
    """Entries of a transaction that don't add up to zero in each currency."""

    code = "unbalanced"


# -- what a record that is held against the log shows -----------------------------------------------------------------


class Untrusted(ProvenanceError):
    """Something that calls itself a part of the record, and doesn't prove it."""

    code = "untrusted"


class InvalidProof(Untrusted):
    """A proof that can't be read, or that doesn't lead from its leaf, or its older root, to the root."""

    code = "invalid_proof"


class InvalidCheckpoint(Untrusted):
    """A checkpoint, a key or a policy that can't be read."""

    code = "invalid_checkpoint"


class UnknownSigner(Untrusted):
    """A checkpoint that none of the keys at hand has signed."""

    code = "unknown_signer"


class ForgedSignature(Untrusted):
    """A signature that names a known key, and that this key didn't make."""

    code = "forged_signature"


class OtherLog(Untrusted):
    """A checkpoint of another log than the one at hand."""

    code = "other_log"


class StaleCheckpoint(Untrusted):
    """A checkpoint that is older than one that was seen before."""

    code = "stale_checkpoint"


class ForkedLog(Untrusted):
    """Two checkpoints of one log that can't both be true: something was changed, or two are told two stories."""

    code = "forked_log"


class NoQuorum(Untrusted):
    """Fewer witnesses have cosigned a checkpoint than the policy asks for."""

    code = "no_quorum"


# -- what the machine lacks -------------------------------------------------------------------------------------------


class Unavailable(ProvenanceError):
    """Something that the system needs isn't there, or isn't what it should be."""

    code = "unavailable"


class Overloaded(Unavailable):
    """More is asked at once than can be answered soon; nothing was begun."""

    code = "overloaded"


class ModelMissing(Unavailable):
    """The embedding model is absent, or its weights aren't those that were pinned."""

    code = "model_missing"


class ModelAltered(ModelMissing):
    """The model's bytes don't have the pinned digest."""

    code = "model_altered"


class SnapshotUnusable(Unavailable):
    """An index that is missing, damaged, or of another encoder."""

    code = "snapshot_unusable"


class StorageFull(Unavailable):
    """The disk is full; nothing was half-written."""

    code = "storage_full"


class StorageLocked(Unavailable):
    """Another process holds the database for longer than we wait."""

    code = "storage_locked"


class StorageFailed(Unavailable):
    """The database can't be reached or refused the work for a reason of its own."""

    code = "storage_failed"


class SchemaMismatch(Unavailable):
    """The database is of an older or newer schema than the code."""

    code = "schema_mismatch"


class LogMissing(Unavailable):
    """There is no log yet, or its key isn't where it should be."""

    code = "log_missing"


class LogAltered(Unavailable):
    """What is stored of the log doesn't lead to the root that was signed."""

    code = "log_altered"


class ClockWentBack(Unavailable):
    """The clock shows a time before the last checkpoint's."""

    code = "clock_went_back"

"""What SQLite and PostgreSQL complain of, as errors of ours. No error of SQLAlchemy passes this edge."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeGuard

import sqlalchemy as sa

from provenance.kernel.errors import (
    Conflict,
    CorrectionOfCorrection,
    InvalidClaims,
    InvalidInput,
    NotFound,
    PeriodClosed,
    ProvenanceError,
    StorageFailed,
    StorageFull,
    StorageLocked,
    Unbalanced,
)

if TYPE_CHECKING:
    import psycopg

DETAIL_CHARS_MAX = 300


class Trouble(Enum):
    """What went wrong, whichever database says so."""

    LOCKED = auto()
    FULL = auto()
    DUPLICATE = auto()
    DANGLING = auto()
    REFUSED = auto()
    UNFIT = auto()
    OTHER = auto()


_SQLITE = {
    "SQLITE_BUSY": Trouble.LOCKED,
    "SQLITE_LOCKED": Trouble.LOCKED,
    "SQLITE_FULL": Trouble.FULL,
    "SQLITE_CONSTRAINT_UNIQUE": Trouble.DUPLICATE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Trouble.DUPLICATE,
    "SQLITE_CONSTRAINT_ROWID": Trouble.DUPLICATE,
    "SQLITE_CONSTRAINT_FOREIGNKEY": Trouble.DANGLING,
    "SQLITE_CONSTRAINT_TRIGGER": Trouble.REFUSED,
    "SQLITE_TOOBIG": Trouble.UNFIT,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "55P03": Trouble.LOCKED,  # lock_not_available
    "40P01": Trouble.LOCKED,  # deadlock_detected
    "40001": Trouble.LOCKED,  # serialization_failure
    "53100": Trouble.FULL,  # disk_full
    "23505": Trouble.DUPLICATE,  # unique_violation
    "23503": Trouble.DANGLING,  # foreign_key_violation
    "P0001": Trouble.REFUSED,  # raise_exception: our triggers
}

# What the triggers' messages start with (see the guards in `provenance.migrations`).
_REFUSALS: dict[str, tuple[type[ProvenanceError], str]] = {
    "append-only": (Conflict, "Facts are never changed or removed; record a new one that corrects it."),
    "sealed": (Conflict, "Nothing can be added to a fact that is recorded; record a new one that corrects it."),
    "duplicate": (Conflict, "Use another id or business key."),
    "unbalanced": (Unbalanced, "Debits and credits must be equal in each currency."),
    "count": (Conflict, "Count on from the use before it."),
    "dispute": (Conflict, "Settle what is held, once, step by step."),
    "review": (Conflict, "Resolve a use that is held for review, once, with all that is held."),
    "withdrawn": (Conflict, "A withdrawn work is neither revised nor attributed; register it under another source id."),
    "period": (PeriodClosed, "A closed period stays as it is; what comes later counts in the open one."),
    "statement": (Conflict, "Make the statement from the one before it and from what was posted since."),
    "payout": (Conflict, "Look at the payout again: it moved on meanwhile, or never was as you thought."),
    "correction": (CorrectionOfCorrection, "Record what is right as a new transaction."),
    "checkpoint": (Conflict, "Take the checkpoint again: it follows from the entries."),
    "log": (Conflict, "Another process seals this log: let one do it, and go on from its checkpoint."),
    "claims": (InvalidClaims, "The parts must add up to 10000, which is 100 %."),
}


@contextmanager
def translated_errors() -> Iterator[None]:
    """Run database work; what it raises is one of the errors of `provenance.kernel.errors`, chained.

    Raises:
        StorageLocked: another process holds the database.
        StorageFull: the disk is full.
        Conflict, NotFound, Unbalanced, InvalidClaims: a constraint or trigger refused a row.
        InvalidInput: a value that the database can't hold.
        StorageFailed: anything else.
    """
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise StorageLocked(
            "All connections to the database are in use.", mend="Try again, or allow fewer requests at a time."
        ) from error
    except sa.exc.DBAPIError as error:
        raise _of_driver(error.orig) from error
    except _driver_errors() as error:  # bare where a connection is being set up
        raise _of_driver(error) from error
    except sa.exc.SQLAlchemyError as error:
        raise StorageFailed(f"The database failed: {_line(error)}", mend="Check the database URL.") from error
    except (OverflowError, UnicodeEncodeError) as error:
        # sqlite3 raises these bare, for an integer over 64 bits and for half a surrogate pair.
        raise InvalidInput("A value can't be stored.", mend="Send a smaller number, or valid text.") from error


def _of_driver(cause: BaseException | None) -> ProvenanceError:
    detail = _line(cause)
    match _trouble(cause):
        case Trouble.LOCKED:
            return StorageLocked(
                "Another process holds the database for longer than we wait.",
                mend="Try again; if it lasts, look for a long import or a hanging process.",
            )
        case Trouble.FULL:
            return StorageFull("The disk is full; nothing was recorded.", mend="Free some space and try again.")
        case Trouble.DUPLICATE:
            return Conflict("This was recorded before.", mend="Use another id or business key.", detail=detail)
        case Trouble.DANGLING:
            return NotFound(
                "It names something that isn't recorded.", mend="Register what it refers to first.", detail=detail
            )
        case Trouble.REFUSED:
            return _of_trigger(detail)
        case Trouble.UNFIT:
            return InvalidInput(
                "A value can't be stored.", mend="Leave out NUL characters, and keep within the bounds.", detail=detail
            )
        case _:
            return StorageFailed(
                f"The database failed: {detail}", mend="Check its URL, that it runs, and that its files can be written."
            )


def _trouble(cause: BaseException | None) -> Trouble:
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", "")
        plain = next((n for n in ("SQLITE_BUSY", "SQLITE_LOCKED") if name.startswith(n)), name)
        return _SQLITE.get(plain, Trouble.OTHER)
    if _is_of_postgresql(cause):
        if cause.sqlstate is None and isinstance(cause, sys.modules["psycopg"].DataError):
            return Trouble.UNFIT
        state = cause.sqlstate or ""
        return Trouble.UNFIT if state.startswith("22") else _POSTGRESQL.get(state, Trouble.OTHER)
    return Trouble.OTHER


def _driver_errors() -> tuple[type[Exception], ...]:
    """Errors of the drivers that are loaded: psycopg takes a while, and only PostgreSQL needs it."""
    return (sqlite3.Error, sys.modules["psycopg"].Error) if "psycopg" in sys.modules else (sqlite3.Error,)


def _is_of_postgresql(cause: BaseException | None) -> TypeGuard[psycopg.Error]:
    return "psycopg" in sys.modules and isinstance(cause, sys.modules["psycopg"].Error)


def _of_trigger(detail: str) -> ProvenanceError:
    kind, _, rest = detail.partition(": ")
    if kind not in _REFUSALS:
        return StorageFailed(f"The database refused the row: {detail}", mend="Report this: it is a bug.")
    error, mend = _REFUSALS[kind]
    return error(f"The database refused the row ({kind}): {rest}.", mend=mend)


def _line(cause: BaseException | None) -> str:
    return (str(cause).splitlines() or [""])[0][:DETAIL_CHARS_MAX]

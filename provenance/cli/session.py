"""Open the installation that the environment names, for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from provenance.kernel.errors import InvalidInput, SchemaMismatch
from provenance.statements.period import Period, parse_period

if TYPE_CHECKING:
    from provenance.bootstrap import System
    from provenance.settings import Settings


@contextmanager
def opened(*, schema: bool = True) -> Iterator[System]:
    """The system, closed at the end of the block.

    With ``schema`` the database is checked first.

    Raises:
        SchemaMismatch, StorageFailed, InvalidInput (a setting that can't be read).
    """
    from provenance.bootstrap import System

    system = System(read_settings())
    try:
        if schema:
            system.database.check_schema()
        yield system
    finally:
        system.close()


def read_settings() -> Settings:
    """Settings from the environment. Raises `InvalidInput`, naming the variable."""
    from pydantic import ValidationError

    from provenance.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = f"PROVENANCE_{'_'.join(map(str, first['loc'])).upper()}"
        raise InvalidInput(f"The setting {name} can't be used: {first['msg']}.", mend="Correct or unset it.") from error


def period(system: System, since: str, until: str) -> Period:
    """The period that two options name: from the beginning to now, where they are empty. Raises `InvalidInput`."""
    return parse_period(since or None, until or None, now=system.clock())


def migrate_if_fresh(system: System) -> None:
    """Give a database its tables where it has none. An older one is refused: to migrate that is its operator's choice.

    Raises:
        SchemaMismatch
    """
    try:
        system.database.check_schema()
    except SchemaMismatch as error:
        if error.data.get("found") is not None:
            raise
        system.database.migrate()

"""Which works a key sees and which it may change. What it doesn't see is answered like what doesn't exist."""

from __future__ import annotations

from provenance.api.auth import reads_all
from provenance.kernel.errors import Forbidden, NotFound
from provenance.services.ports import UnitOfWork
from provenance.sources.party import ApiKey, Scope
from provenance.sources.work import Work


def visible_work(work: UnitOfWork, name: str, key: ApiKey) -> Work:
    """The work of this id.

    Raises:
        NotFound: there is none, or the key's party neither registered it nor ever had a claim on it.
    """
    found = work.works.get(name)
    if found is None or not (reads_all(key) or work.works.belongs(name, key.party)):
        raise NotFound(f"There is no work {name!r}.", mend="List the works to see their ids.", work=name)
    return found


def check_may_state_rights(work: UnitOfWork, name: str, key: ApiKey) -> None:
    """Nothing, where the key may state claims and licences of the work, or withdraw it.

    Raises:
        NotFound: as `visible_work`.
        Forbidden: the key's party has a claim on it, and didn't register it.
    """
    found = visible_work(work, name, key)
    if Scope.OPERATOR not in key.scopes and found.registrant != key.party:
        raise Forbidden(
            "Who registered a work states its rights, and withdraws it.",
            mend=f"Ask {found.registrant!r} or the operator.",
            work=name,
        )

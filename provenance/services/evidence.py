"""Evidence for one creator: its statement of a closed period is in the sealed log, line by line, and counts.

It is one of those that the period was closed with. Nobody else's is shown: of the others there are the ids of their
statements, and digests, which the close commits to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provenance.kernel.canonical import Json, canonical_bytes, digest
from provenance.kernel.errors import NotFound
from provenance.services.export import Archive
from provenance.services.ports import Database, UnitOfWork
from provenance.services.prove import Proven, Prover, Published
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.form import statement_form
from provenance.statements.statement import Statement

EVIDENCE_FORMAT = "provenance-evidence-1"
EVIDENCE = "evidence.json"
CLAIM = (
    "It shows that this statement is unaltered and is one of those that the period was closed with; not that what it "
    "says is true."
)
_STATEMENTS_READ = 500


def write_evidence(
    database: Database,
    prover: Prover,
    archive: Archive,
    party: str,
    period: AccountingPeriod,
    published: Published,
    *,
    key: str,
    scripts: Mapping[str, bytes],
) -> int:
    """Write a party's evidence to ``archive``; how many statements it shows (one a currency).

    Raises:
        NotFound: the period isn't closed, the party has no statement of it, or they aren't sealed yet.
    """
    with database.begin() as work:
        if work.statements.close_of(period) is None:
            raise NotFound(f"{period.name} isn't closed.", mend="provenance period list")
        closed = [[s.id, digest(statement_form(s)), s.party] for s in _statements(work, period)]
    mine = [name for name, _, whose in closed if whose == party]
    if not mine:
        raise NotFound(f"{party} has no statement of {period.name}.", mend="provenance period list")
    facts = [("party", party), ("period_close", period.name), *(("statement", name) for name in mine)]
    form: dict[str, Json] = {
        "format": EVIDENCE_FORMAT,
        "claim": CLAIM,
        "party": party,
        "period": period.name,
        "facts": [_fact(proven) for proven in prover.inclusion(facts, published)],
        "closed": [[name, sha256] for name, sha256, _ in closed],
    }
    for name, data in {EVIDENCE: canonical_bytes(form), "vkey": f"{key}\n".encode(), **scripts}.items():
        with archive.file(name) as out:
            out.write(data)
    return len(mine)


def _statements(work: UnitOfWork, period: AccountingPeriod) -> Iterator[Statement]:
    """All of a period, in the order that its close has them in."""
    found: list[Statement] = []
    after: int | None = 0
    while after is not None:
        page = work.statements.of_period(period, after=after, limit=_STATEMENTS_READ)
        found += [recorded.fact for recorded in page.items]
        after = page.next_after
    return iter(sorted(found, key=lambda s: (s.party, s.currency)))


def _fact(proven: Proven) -> dict[str, Any]:
    """A fact's canonical form as the text that its leaf's digest is of, the leaf, and the proof."""
    assert proven.form is not None, "sealed facts have their forms"
    form = canonical_bytes(dict(proven.form)).decode()
    return {"form": form, "leaf": proven.leaf.data.decode(), "proof": proven.file.text.decode()}

"""Which leaves are about a party, a work or a worker: facts that name it, and the transactions that follow from them.

A kind of fact that comes later is found once its statement stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from provenance.adapters.sql import tables as t
from provenance.adapters.sql.session import Select
from provenance.services.log_stores import LogQuery


def found(query: LogQuery, after: int, count: int) -> Select:
    """Leaves above number ``after`` that meet all that is asked, in order."""
    leaf = t.leaf.c
    asked: list[Any] = [leaf.seq > after]
    if query.kind is not None:
        asked.append(leaf.kind == query.kind)
    for value, named in ((query.party, _of_party), (query.work, _of_work), (query.worker, _of_worker)):
        if value is not None:
            asked.append(leaf.seq.in_(sa.union(*named(value))))
    if query.since is not None or query.until is not None:
        asked.append(leaf.seq.in_(sa.union_all(*(_recorded(table, query) for table in _recorded_tables()))))
    return sa.select(t.leaf).where(*asked).order_by(leaf.seq).limit(count)


def _recorded_tables() -> list[sa.Table]:
    """All tables of facts: those whose rows have a leaf's number and a time of recording."""
    there = t.metadata.sorted_tables
    return [f for f in there if "recorded_at" in f.c and any(k.target_fullname == "leaf.seq" for k in _keys(f))]


def _keys(table: sa.Table) -> list[sa.ForeignKey]:
    return [key for key in table.foreign_keys if key.parent.name == "seq"]


def _recorded(table: sa.Table, query: LogQuery) -> Select:
    at, asked = table.c.recorded_at, []
    if query.since is not None:
        asked.append(at >= query.since)
    if query.until is not None:
        asked.append(at < query.until)
    return sa.select(table.c.seq).where(*asked)


def _where(table: sa.Table, **values: object) -> Select:
    """The numbers of a table's facts with these values in its columns."""
    return sa.select(table.c.seq).where(*(table.c[name] == value for name, value in values.items()))


def _through(table: sa.Table, column: str, part: sa.Table, owner: str, **values: object) -> Select:
    """The numbers of facts whose parts have these values; ``owner`` is the part's column that names the fact."""
    parts = sa.select(part.c[owner]).where(*(part.c[name] == value for name, value in values.items()))
    return sa.select(table.c.seq).where(table.c[column].in_(parts))


def _of_party(party: str) -> Sequence[Select]:
    accounts = sa.select(t.ledger_account.c.id).where(t.ledger_account.c.party == party)
    return (
        _where(t.party, id=party),
        _where(t.api_key, party=party),
        _through(t.key_revocation, "api_key", t.api_key, "id", party=party),
        _where(t.work, registrant=party),
        _through(t.claims, "id", t.claim_part, "claims", party=party),
        _where(t.withdrawal, withdrawn_by=party),
        _where(t.generation, service=party),
        _through(t.generation, "id", t.accrual, "generation", party=party),
        _where(t.review, decided_by=party),
        _through(t.review, "id", t.released, "review", party=party),
        _where(t.payout_terms, party=party),
        _where(t.tax_profile, party=party),
        _where(t.statement, party=party),
        _where(t.subscription, service=party),
        _where(t.period_close, closed_by=party),
        _where(t.dispute, disputant=party),
        _where(t.dispute, in_favour_of=party),
        _through(t.dispute, "id", t.dispute_part, "dispute", party=party),
        _where(t.dispute_step, taken_by=party),
        _through(t.dispute_hold, "id", t.dispute_held, "hold", party=party),
        _through(t.dispute_settlement, "id", t.dispute_settled, "settlement", party=party),
        _where(t.subscription, service=party),
        *_of_payouts(party),
        sa.select(t.ledger_entry.c.seq).where(t.ledger_entry.c.account.in_(accounts)),
    )


def _of_payouts(party: str) -> Sequence[Select]:
    """Where a party is paid to, what it is paid, and what it decided of others' payouts."""
    return (
        _where(t.payee_account, party=party),
        _through(t.payee_account_state, "account", t.payee_account, "id", party=party),
        _where(t.payout, party=party),
        _where(t.payout, planned_by=party),
        _where(t.payout_refusal, party=party),
        _where(t.payout_approval, approved_by=party),
        _where(t.payout_event, said_by=party),
        *(
            _through(fact, "payout", t.payout, "id", party=party)
            for fact in (t.payout_approval, t.payout_attempt, t.payout_event)
        ),
    )


def _of_work(work: str) -> Sequence[Select]:
    generations = sa.select(t.attribution.c.generation).where(t.attribution.c.work == work)
    disputes = sa.select(t.dispute.c.id).where(t.dispute.c.work == work)
    facts = (
        _where(t.work, id=work),
        _where(t.revision, work=work),
        _where(t.claims, work=work),
        _where(t.licence, work=work),
        _where(t.withdrawal, work=work),
        _where(t.overlap, later_work=work),
        _where(t.overlap, earlier_work=work),
        sa.select(t.generation.c.seq).where(t.generation.c.id.in_(generations)),
        _where(t.review, work=work),
        _where(t.dispute, work=work),
        *(
            sa.select(f.c.seq).where(f.c.dispute.in_(disputes))
            for f in (t.dispute_step, t.dispute_hold, t.dispute_settlement)
        ),
    )
    return (
        *facts,
        _posted(t.generation, t.generation.c.id.in_(generations)),
        _posted(t.review, t.review.c.work == work),
        _posted(t.dispute_hold, t.dispute_hold.c.dispute.in_(disputes)),
        _posted(t.dispute_settlement, t.dispute_settlement.c.dispute.in_(disputes)),
    )


def _of_worker(worker: str) -> Sequence[Select]:
    generations = sa.select(t.part.c.generation).where(t.part.c.worker == worker)
    made = t.generation.c.id.in_(generations)
    return (sa.select(t.generation.c.seq).where(made), _posted(t.generation, made))


def _posted(cause: sa.Table, asked: sa.ColumnElement[bool]) -> Select:
    """The transactions that were posted for facts of a table."""
    transaction = t.ledger_transaction
    caused = sa.select(cause.c.transaction_id).where(asked)
    return sa.select(transaction.c.seq).where(transaction.c.id.in_(caused))

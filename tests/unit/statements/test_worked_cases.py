"""Statements against figures that were computed by hand."""

from collections.abc import Mapping

import pytest

from provenance.statements.line import MADE_BY_CLOSE
from provenance.statements.postings import close_transaction
from provenance.statements.statement import Statement

from .worked import PARTY, Case, micros
from .worked_cases import OWED
from .worked_cases_later import CHANGED

CASES = (*OWED, *CHANGED)


def test_the_cases_are_thirty_or_more_and_told_apart() -> None:
    assert len({c.name for c in CASES}) == len(CASES) >= 30


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_statement_says_what_was_computed_by_hand(case: Case) -> None:
    for month, statement in case.statements():
        assert [(n.kind.value, n.micros) for n in statement.lines] == [(k, micros(a)) for k, a in month.lines]
        assert statement.closing.micros == micros(month.closing)
        assert statement.payable_micros == micros(month.payable)
        assert statement.closing.untaxed_micros == micros(month.untaxed)
        assert sum(t.micros for t in statement.closing.reserves) == micros(month.reserved)
        assert statement.advance_micros == micros(month.advance_left)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_what_a_close_posts_moves_exactly_what_its_lines_say(case: Case) -> None:
    for _, statement in case.statements():
        posted = _posted(case, statement)
        made = {k.value: statement.total(k) for k in MADE_BY_CLOSE}
        reserve = made["reserved"] + made["released"]
        expected = {
            f"party_payable/{PARTY}/{case.currency}": -sum(made.values()),
            f"generation_revenue/{case.currency}": made["topped_up"],
            f"advance_recoupable/{PARTY}/{case.currency}": made["recouped"],
            f"reserve/{PARTY}/{case.currency}": reserve,
            f"withholding/{case.currency}": made["withheld"],
        }
        assert posted == {account: amount for account, amount in expected.items() if amount}
        assert (statement.transaction is None) == (not posted)


def _posted(case: Case, statement: Statement) -> Mapping[str, int]:
    transaction = close_transaction(statement.period, PARTY, case.currency, statement.lines)
    return {e.account.id: e.micros for e in transaction.entries} if transaction else {}

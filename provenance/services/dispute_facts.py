"""The canonical forms of disputes, and of times and amounts as they stand in all forms."""

from __future__ import annotations

from datetime import datetime, timedelta

from provenance.kernel.canonical import Json, sha256_hex
from provenance.kernel.money import Money
from provenance.royalties.dispute import Clocks, Dispute, Step
from provenance.royalties.dispute_money import DisputeHold, Settlement


def utc(at: datetime) -> str:
    """A time as it stands in a form: UTC, microseconds, ``2026-11-21T08:00:00.000000Z``."""
    assert at.utcoffset() == timedelta(0), "times are recorded in UTC"
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def money_form(money: Money) -> dict[str, Json]:
    """Micro-units travel as a string: they may exceed what a JSON number holds exactly."""
    return {"currency": money.currency, "micros": str(money.micros)}


def describe_dispute(fact: Dispute | Step | DisputeHold | Settlement) -> tuple[str, str, dict[str, Json]]:
    """The kind, the name and the form of what belongs to a dispute."""
    match fact:
        case Dispute():
            return "dispute", fact.id, _dispute(fact)
        case Step():
            return "dispute_step", fact.id, _step(fact)
        case DisputeHold():
            return "dispute_hold", fact.id, _hold(fact)
        case Settlement():
            return "dispute_settlement", fact.id, _settlement(fact)


def clocks_form(clocks: Clocks) -> dict[str, Json]:
    """The clocks that a dispute keeps, in days."""
    return {
        "in_time_days": clocks.in_time_days,
        "response_days": clocks.response_days,
        "final_days": clocks.final_days,
        "raise_days_max": clocks.raise_days_max,
    }


def _dispute(dispute: Dispute) -> dict[str, Json]:
    return {
        "id": dispute.id,
        "disputant": dispute.disputant,
        "work": dispute.work,
        "claims": dispute.claims,
        "generation": dispute.generation,
        "in_favour_of": dispute.in_favour_of,
        "parts": {party: dispute.parts[party] for party in sorted(dispute.parts)},
        "reason_sha256": sha256_hex(dispute.reason.encode()),
        "held_from": utc(dispute.held_from),
        "clocks": clocks_form(dispute.clocks),
    }


def _step(step: Step) -> dict[str, Json]:
    return {
        "id": step.id,
        "dispute": step.dispute,
        "number": step.number,
        "action": step.action.value,
        "by": step.by,
        "reason_sha256": sha256_hex(step.reason.encode()),
        "returned_basis_points": step.returned_basis_points,
    }


def _hold(hold: DisputeHold) -> dict[str, Json]:
    return {
        "id": hold.id,
        "dispute": hold.dispute,
        "generation": hold.generation,
        "parts": [{"party": p.party, "money": money_form(p.money)} for p in hold.parts],
        "transaction": hold.transaction,
    }


def _settlement(settlement: Settlement) -> dict[str, Json]:
    return {
        "id": settlement.id,
        "dispute": settlement.dispute,
        "hold": settlement.hold,
        "parts": [
            {"party": p.party, "released": money_form(p.released), "returned": money_form(p.returned)}
            for p in settlement.parts
        ],
        "transaction": settlement.transaction,
    }

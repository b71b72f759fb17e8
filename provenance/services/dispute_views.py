"""Disputes as plain JSON objects: what the API answers and what ``--json`` prints."""

from __future__ import annotations

from collections import Counter

from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.dispute import Step
from provenance.services.amounts import View, money_view
from provenance.services.dispute_detail import DisputeDetail
from provenance.services.dispute_facts import clocks_form, utc
from provenance.services.records import Recorded


def dispute_view(detail: DisputeDetail) -> View:
    """A dispute: what it is about, its steps, where it stands, and where its money is."""
    dispute, found = detail.recorded.fact, detail.position
    return {
        "id": dispute.id,
        "disputant": dispute.disputant,
        "work": dispute.work,
        "claims": dispute.claims,
        "generation": dispute.generation,
        "in_favour_of": dispute.in_favour_of,
        "parts": [{"party": party, "basis_points": dispute.parts[party]} for party in sorted(dispute.parts)],
        "reason": dispute.reason,
        "raised_at": utc(dispute.raised_at),
        "held_from": utc(dispute.held_from),
        "clocks": clocks_form(dispute.clocks),
        "stage": found.stage.value,
        "due_at": utc(found.due_at) if found.due_at else None,
        "returned_basis_points": found.returned_basis_points,
        "steps": [step_view(step) for step in detail.steps],
        "money": _money(detail),
    }


def step_view(recorded: Recorded[Step]) -> View:
    """A step; ``by`` is null where silence answered."""
    step = recorded.fact
    return {
        "number": step.number,
        "action": step.action.value,
        "by": step.by,
        "reason": step.reason,
        "recorded_at": utc(recorded.recorded_at),
        "returned_basis_points": step.returned_basis_points,
    }


def _money(detail: DisputeDetail) -> list[View]:
    """By currency: what was disputed, and how much of it is held, released and returned. The three are the first."""
    sums: dict[str, Counter[str]] = {"disputed": Counter(), "released": Counter(), "returned": Counter()}
    for hold in detail.holds:
        for part in hold.fact.parts:
            sums["disputed"][part.money.currency] += part.money.micros
    for settlement in detail.settlements:
        for settled in settlement.fact.parts:
            sums["released"][settled.released.currency] += settled.released.micros
            sums["returned"][settled.returned.currency] += settled.returned.micros
    sums["held"] = Counter({c: m - sums["released"][c] - sums["returned"][c] for c, m in sums["disputed"].items()})
    return [
        {"currency": currency, **{what: _amount(currency, sums[what][currency]) for what in sums}}
        for currency in sorted(sums["disputed"])
    ]


def _amount(currency: str, micros: int) -> str:
    return str(money_view(Money(currency, MicroUnits(micros)))["amount"])

"""Holds that await a review, and reviews, as plain JSON objects: what the API answers and what ``--json`` prints."""

from __future__ import annotations

from datetime import datetime

from provenance.kernel.parts import WHOLE_PPM
from provenance.royalties.review import Review
from provenance.services.amounts import View, money_view, share_view, threshold_view
from provenance.services.facts import utc
from provenance.services.records import AwaitingReview, Recorded


def hold_view(recorded: Recorded[AwaitingReview], *, now: datetime) -> View:
    """A hold that nobody has resolved, with its age in whole seconds."""
    hold = recorded.fact
    return {
        "generation": hold.generation,
        "work": hold.work,
        "title": hold.title,
        "service": hold.service,
        "external_id": hold.external_id,
        "recorded_at": utc(recorded.recorded_at),
        "age_seconds": max(0, int((now - recorded.recorded_at).total_seconds())),
        "share": share_view(hold.share_ppb),
        "confidence": hold.confidence_ppm / WHOLE_PPM,
        "risk_basis_points_max": hold.risk_basis_points_max,
        "threshold": threshold_view(hold.threshold_ppm),
        "held": money_view(hold.held),
    }


def review_view(recorded: Recorded[Review]) -> View:
    """A review with what it released to whom."""
    review = recorded.fact
    return {
        "id": review.id,
        "generation": review.generation,
        "work": review.work,
        **resolution_view(recorded),
        "held": money_view(review.held),
        "released": [
            {"party": a.party, "basis_points": a.basis_points, **money_view(a.money)} for a in review.released
        ],
        "transaction": review.transaction,
    }


def resolution_view(recorded: Recorded[Review]) -> View:
    """How a hold was resolved, by whom, when and why; nothing of who got what."""
    review = recorded.fact
    return {
        "resolution": review.resolution.value,
        "decided_by": review.decided_by,
        "reason": review.reason,
        "recorded_at": utc(recorded.recorded_at),
    }

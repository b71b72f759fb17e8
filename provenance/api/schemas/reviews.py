"""Uses that are held for review, and their resolutions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provenance.api.schemas.fields import Form, Moment, MoneyView, Share, Unit, View, example
from provenance.api.schemas.generations import AccrualView, ResolutionView
from provenance.kernel.ids import LABEL_CHARS_MAX
from provenance.royalties.review import Resolution

_HELD = {"amount": "0.003840", "currency": "USD"}
_USE = {"generation": "gen_0a1b2c3d4e5f60718293a4b5", "work": "work_0a1b2c3d4e5f60718293a4b5"}
_SAID = {"resolution": "release", "reason": "Read both: a free retelling of the second chapter."}


class HoldView(View):
    """A use whose royalty is held: its attribution isn't sure enough for the risk that the licence accepts."""

    model_config = example(
        _USE
        | {
            "title": "The Salt Ledger",
            "service": "atlas-writing",
            "external_id": "out-2026-11-21-0001",
            "recorded_at": "2026-11-21T08:00:00.000000Z",
            "age_seconds": 86_400,
            "share": "0.384000000",
            "confidence": 0.71,
            "risk_basis_points_max": 100,
            "threshold": 0.97,
            "held": _HELD,
        }
    )

    generation: str
    work: str
    title: str
    service: str
    external_id: str
    recorded_at: Moment
    age_seconds: int
    share: Share
    confidence: Unit
    risk_basis_points_max: int
    threshold: Annotated[Unit | None, Field(description="Null: this risk can't be promised by any confidence.")]
    held: MoneyView


class ResolutionForm(Form):
    """What becomes of a hold, and why. It can't be taken back."""

    model_config = example(_SAID)

    resolution: Annotated[
        Resolution,
        Field(description="`release`: to the claimants at the use. `decline`: as if the share had been nobody's."),
    ]
    reason: Annotated[str, Field(min_length=1, max_length=LABEL_CHARS_MAX, description="Shown to the claimants.")]


class ReviewView(ResolutionView):
    """A hold that was resolved: all of it was released, or all of it declined."""

    model_config = example(
        {"id": "review_0a1b2c3d4e5f60718293a4b5"}
        | _USE
        | _SAID
        | {
            "decided_by": "the-operator",
            "recorded_at": "2026-11-22T08:00:00.000000Z",
            "held": _HELD,
            "released": [{"party": "oona-tresker", "basis_points": 10_000} | _HELD],
            "transaction": "txn_0a1b2c3d4e5f60718293a4b5",
        }
    )

    id: str
    generation: str
    work: str
    held: MoneyView
    released: list[AccrualView]
    transaction: str | None

"""Disputes and their steps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from provenance.api.schemas.fields import Amount, Form, Id, Moment, PartyId, View, example
from provenance.api.schemas.rights import ClaimForm, ClaimView, basis_points_of
from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import LABEL_CHARS_MAX
from provenance.royalties.dispute import Action
from provenance.sources.claim import CLAIMANTS_MAX

_WORK = "work_0a1b2c3d4e5f60718293a4b5"
_PARTS = [{"party": "oona-tresker", "basis_points": 4_000}]
_SAID = {"reason": "The second half is mine."}

Reason = Annotated[str, Field(min_length=1, max_length=LABEL_CHARS_MAX, description="A line; shown to the other side.")]


class DisputeForm(Form):
    """What is disputed: parts of claims, or the use of a work in one generation. One of the two."""

    model_config = example({"work": _WORK, "parts": _PARTS, "in_favour_of": "jo-brand"} | _SAID)

    work: Id
    parts: Annotated[
        list[ClaimForm] | None,
        Field(min_length=1, max_length=CLAIMANTS_MAX, description="How much of whose claim is disputed."),
    ] = None
    generation: Annotated[Id | None, Field(description="Its use of the work is disputed, all of it.")] = None
    in_favour_of: Annotated[
        PartyId | None, Field(description="Who gets what is returned; null: the unattributed pool does.")
    ] = None
    reason: Reason

    def disputed(self) -> dict[str, int]:
        """Parts by party; none where a generation's use is disputed.

        Raises:
            InvalidInput: neither parts nor a generation are named, or both.
        """
        if (self.parts is None) == (self.generation is None):
            raise InvalidInput(
                "A dispute is about claims or about one generation.",
                mend='Send "parts" or "generation".',
                field="parts",
            )
        return basis_points_of(self.parts or [])


class StepForm(Form):
    """The next step of a dispute."""

    model_config = example({"action": "reject"} | _SAID)

    action: Annotated[
        Literal[Action.CONCEDE, Action.REJECT, Action.APPEAL, Action.INSIST, Action.WITHDRAW, Action.DECIDE],
        Field(description="Who may take which, and when, says the dispute's stage."),
    ]
    reason: Reason
    returned_basis_points: Annotated[
        int | None,
        Field(strict=True, ge=0, le=10_000, description="With `decide`: 0 releases all, 10000 returns all."),
    ] = None


class ClocksView(View):
    """The clocks of a dispute, in days."""

    in_time_days: int
    response_days: int
    final_days: int
    raise_days_max: int


class StepView(View):
    """A step; `by` is null where silence answered."""

    number: int
    action: str
    by: str | None
    reason: str
    recorded_at: Moment
    returned_basis_points: int | None


class DisputeMoney(View):
    """Where the disputed part is: `disputed` = `held` + `released` + `returned`."""

    currency: str
    disputed: Amount
    held: Amount
    released: Amount
    returned: Amount


class DisputeView(View):
    """A dispute: what it is about, its steps, where it stands, and where its money is."""

    model_config = example(
        {
            "id": "dispute_0a1b2c3d4e5f60718293a4b5",
            "disputant": "jo-brand",
            "work": _WORK,
            "claims": "claims_5f0c2a9b71d4e6a8b2c4d6e8",
            "generation": None,
            "in_favour_of": "jo-brand",
            "parts": _PARTS,
            **_SAID,
            "raised_at": "2026-11-21T08:00:00.000000Z",
            "held_from": "2026-11-19T10:30:00.000000Z",
            "clocks": {"in_time_days": 5, "response_days": 30, "final_days": 7, "raise_days_max": 90},
            "stage": "raised",
            "due_at": "2026-12-21T08:00:00.000000Z",
            "returned_basis_points": None,
            "steps": [],
            "money": [
                {
                    "currency": "USD",
                    "disputed": "0.400000",
                    "held": "0.400000",
                    "released": "0.000000",
                    "returned": "0.000000",
                }
            ],
        }
    )

    id: str
    disputant: str
    work: str
    claims: str
    generation: str | None
    in_favour_of: str | None
    parts: list[ClaimView]
    reason: str
    raised_at: Moment
    held_from: Moment
    clocks: ClocksView
    stage: Annotated[str, Field(description="raised, rejected, appealed, insisted or closed.")]
    due_at: Annotated[Moment | None, Field(description="When silence becomes an answer.")]
    returned_basis_points: Annotated[int | None, Field(description="How it ended; null while it is open.")]
    steps: list[StepView]
    money: list[DisputeMoney]

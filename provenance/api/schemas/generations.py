"""Generations: what a service sends, and the decision with its money."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provenance.api.schemas.fields import (
    Form,
    Id,
    Moment,
    MoneyForm,
    MoneyView,
    PartyId,
    Share,
    SpanPair,
    Unit,
    View,
    example,
)
from provenance.api.schemas.terms import TermsView
from provenance.api.schemas.works import WorkView
from provenance.attribution.decision import MatchKind
from provenance.royalties.accrual import Outcome
from provenance.royalties.review import Resolution
from provenance.sources.licence import ANY_PURPOSE, ANYWHERE
from provenance.workers.generation import (
    PART_CHARS_MAX,
    PARTS_MAX,
    PROMPT_CHARS_MAX,
    Generation,
    Part,
    parse_made_at,
)
from provenance.workers.worker import Worker, WorkerKind

MOMENT_CHARS_MAX = 40

_WORKER = {"id": "brain-1", "kind": "brain", "model": "atlas", "model_version": "3.2", "region": "eu-west"}
_MATCH_EXPLAINED = "Eleven words in a row are the same. The sentence after it points to the same work."
_SHARE_EXPLAINED = (
    "51.2 % of the output is attributed to this work, as evidence of reuse: one passage word for word. "
    "Of attributions this sure, about 98 in 100 are expected to be right."
)
_NOBODY_EXPLAINED = "For 48.8 % of the output, no registered work was found with enough evidence."
_ATTRIBUTION = {
    "work": {
        "id": "work_0a1b2c3d4e5f60718293a4b5",
        "registrant": "library",
        "source_id": "essay-salt-ledger",
        "title": "The Salt Ledger",
        "author": "Oona Tresker",
    },
    "share": "0.512000000",
    "share_ppb": 512_000_000,
    "confidence": 0.981,
    "explanation": _SHARE_EXPLAINED,
    "outcome": "paid",
    "licence": "lic_5f0c2a9b71d4e6a8b2c4d6e8",
    "terms": {"kind": "share_of_revenue", "rate_basis_points": 2500},
    "credit": None,
    "price_part": {"amount": "0.020480", "currency": "USD"},
    "royalty": {"amount": "0.005120", "currency": "USD"},
    "royalty_explanation": "25.00 % of 0.020480 USD is 0.005120 USD.",
    "held": None,
    "risk_basis_points_max": None,
    "threshold": None,
    "review": None,
    "accruals": [{"party": "oona-tresker", "basis_points": 7500, "amount": "0.003840", "currency": "USD"}],
    "matches": [
        {
            "part": 0,
            "part_span": [0, 58],
            "revision": "rev_0a1b2c3d4e5f60718293a4b5",
            "source_span": [120, 178],
            "kind": "exact",
            "scores": {"probability": 0.992, "dense": 0.874, "lexical": 0.913, "run_words": 11},
            "explanation": _MATCH_EXPLAINED,
        }
    ],
}


class WorkerForm(Form):
    """Who made a part: the central model, or a specialised one that it delegated to."""

    model_config = example(_WORKER)

    id: Id
    kind: WorkerKind
    model: Id
    model_version: Id
    region: Annotated[Id, Field(description="Where it ran, as its operator calls it.", examples=["on-prem-lyon"])]


class PartForm(Form):
    """The text that one worker contributed."""

    worker: WorkerForm
    text: Annotated[str, Field(min_length=1, max_length=PART_CHARS_MAX)]


class GenerationForm(Form):
    """One output, in parts by worker. What is recorded is never changed: another output needs another id."""

    model_config = example(
        {
            "id": "out-2026-11-21-0001",
            "price": {"amount": "0.040000", "currency": "USD"},
            "parts": [
                {
                    "worker": _WORKER,
                    "text": "There was a pair of books in my grandmother's kitchen. The first held the rent.",
                }
            ],
            "territory": "*",
            "purpose": "*",
            "prompt": "Rewrite the beginning of the diary that I sent you.",
            "made_at": "2026-11-21T07:59:58Z",
        }
    )

    id: Annotated[Id, Field(description="The service's own name for the output, its business key.")]
    price: Annotated[MoneyForm, Field(description="What the end customer was charged for this output.")]
    parts: Annotated[list[PartForm], Field(min_length=1, max_length=PARTS_MAX)]
    territory: Annotated[Id, Field(description="Where it is used; `*` where that isn't known.")] = ANYWHERE
    purpose: Annotated[Id, Field(description="What it is used for; `*` where that isn't known.")] = ANY_PURPOSE
    prompt: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=PROMPT_CHARS_MAX,
            description="What the customer brought. Words that came with it earn nobody anything.",
        ),
    ] = None
    made_at: Annotated[
        str | None,
        Field(
            max_length=MOMENT_CHARS_MAX,
            description="When it was made, where that isn't now (RFC 3339, with its offset). A work that was "
            "registered after that earns nothing. Not in the future, and at most 92 days ago.",
            json_schema_extra={"format": "date-time"},
        ),
    ] = None

    def generation(self, service: PartyId) -> Generation:
        """Raises `InvalidInput` and its kinds."""
        return Generation(
            service=service,
            external_id=self.id,
            price=self.price.price(),
            parts=tuple(_part(p) for p in self.parts),
            territory=self.territory,
            purpose=self.purpose,
            prompt=self.prompt,
            made_at=None if self.made_at is None else parse_made_at(self.made_at),
        )


def _part(form: PartForm) -> Part:
    worker = form.worker
    return Part(
        worker=Worker(
            id=worker.id,
            kind=worker.kind,
            model=worker.model,
            model_version=worker.model_version,
            region=worker.region,
        ),
        text=form.text,
    )


class WorkerView(View):
    """Who made a part."""

    model_config = example(_WORKER)

    id: str
    kind: WorkerKind
    model: str
    model_version: str
    region: str


class PartView(View):
    """A part without its text."""

    worker: WorkerView
    chars: int


MatchExplanation = Annotated[
    str,
    Field(
        description="What the match rests on, in one or two sentences for a person: no more than its figures say.",
        examples=[_MATCH_EXPLAINED],
    ),
]
ShareExplanation = Annotated[
    str,
    Field(
        description="What the share rests on: how much, by which passages, how sure. Evidence of reuse, not of cause.",
        examples=[_SHARE_EXPLAINED],
    ),
]


class ScoresView(View):
    """What the confidence was computed from: probability, cosine, part of the words found, longest run of words."""

    probability: Unit
    dense: Unit
    lexical: Unit
    run_words: int


class MatchView(View):
    """Evidence that a span of a part resembles a span of a work's revision."""

    part: Annotated[int, Field(description="Number of the part, from 0.")]
    part_span: SpanPair
    revision: str
    source_span: SpanPair
    kind: MatchKind
    scores: ScoresView
    explanation: MatchExplanation


class AccrualView(MoneyView):
    """What one party earns."""

    model_config = example({"party": "oona-tresker", "basis_points": 7500, "amount": "0.003840", "currency": "USD"})

    party: str
    basis_points: int


class ResolutionView(View):
    """How a use that was held for review was resolved: by which party, when and why."""

    model_config = example(
        {
            "resolution": "release",
            "decided_by": "the-operator",
            "reason": "Read both: a free retelling.",
            "recorded_at": "2026-11-22T08:00:00.000000Z",
        }
    )

    resolution: Resolution
    decided_by: str
    reason: str
    recorded_at: Moment


class UseView(View):
    """What came of one work's share: outcome, terms, and its part of the price in money."""

    work: WorkView
    share: Share
    confidence: Unit
    explanation: ShareExplanation
    outcome: Outcome
    licence: str | None
    terms: TermsView | None
    credit: str | None
    price_part: MoneyView
    royalty: MoneyView | None
    royalty_explanation: Annotated[str | None, Field(description="How the royalty, or what is held of it, came about.")]
    held: MoneyView | None
    risk_basis_points_max: Annotated[int | None, Field(description="The risk that the licence states, where it does.")]
    threshold: Annotated[
        Unit | None,
        Field(
            description="The confidence that this risk asks for; null where it states none, or no confidence would do."
        ),
    ]
    review: Annotated[ResolutionView | None, Field(description="How the hold was resolved, where it was.")]


class AttributionView(UseView):
    """The decided share of one work: evidence of reuse, not of causal influence."""

    model_config = example(_ATTRIBUTION)

    share_ppb: int
    accruals: list[AccrualView]
    matches: list[MatchView]


class UnattributedView(View):
    """The share of nobody, and the part of the royalty pool that it sets aside."""

    share: Share
    share_ppb: int
    explanation: Annotated[str, Field(description="What that share means, for a person.", examples=[_NOBODY_EXPLAINED])]
    pooled: MoneyView


class FlagView(View):
    """Something that the service should act on."""

    work: str
    outcome: Outcome
    message: str


class DecidedByView(View):
    """What made the decision: from these it can be replayed."""

    encoder: str
    snapshot: str
    calibration: str


class GenerationView(View):
    """A recorded generation. Shares and the unattributed share add up to exactly one."""

    model_config = example(
        {
            "id": "gen_0a1b2c3d4e5f60718293a4b5",
            "external_id": "out-2026-11-21-0001",
            "service": "atlas-writing",
            "recorded_at": "2026-11-21T08:00:00.000000Z",
            "price": {"amount": "0.040000", "currency": "USD"},
            "territory": "*",
            "purpose": "*",
            "made_at": "2026-11-21T07:59:58.000000Z",
            "prompt_chars": 51,
            "parts": [{"worker": _WORKER, "chars": 79}],
            "attributions": [_ATTRIBUTION],
            "unattributed": {
                "share": "0.488000000",
                "share_ppb": 488_000_000,
                "explanation": _NOBODY_EXPLAINED,
                "pooled": {"amount": "0.005856", "currency": "USD"},
            },
            "flags": [],
            "decided_by": {
                "encoder": "all-MiniLM-L6-v2-0a1b2c3d4e5f",
                "snapshot": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
                "calibration": "5f0c2a9b71d4",
            },
            "transaction": "txn_0a1b2c3d4e5f60718293a4b5",
        }
    )

    id: str
    external_id: str
    service: str
    recorded_at: Moment
    price: MoneyView
    territory: str
    purpose: str
    made_at: Annotated[Moment | None, Field(description="Null where the service didn't say: when it was recorded.")]
    prompt_chars: Annotated[int | None, Field(description="Null where no prompt was sent.")]
    parts: list[PartView]
    attributions: list[AttributionView]
    unattributed: UnattributedView
    flags: list[FlagView]
    decided_by: DecidedByView
    transaction: str | None

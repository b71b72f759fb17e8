"""Works and their revisions, and the index that holds them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provenance.api.schemas.fields import Form, Id, Moment, PartyId, View, example, one_line
from provenance.api.schemas.rights import (
    ClaimForm,
    ClaimsView,
    LicenceView,
    basis_points_of,
)
from provenance.api.schemas.terms import NewLicenceForm, risk_of, terms_of
from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import LABEL_CHARS_MAX
from provenance.services.ingest import IngestOutcome
from provenance.sources.claim import CLAIMANTS_MAX
from provenance.sources.document import Document
from provenance.sources.work import TEXT_CHARS_MAX, TITLE_CHARS_MAX

_WORK = {
    "id": "work_0a1b2c3d4e5f60718293a4b5",
    "registrant": "oona-tresker",
    "source_id": "essay-salt-ledger",
    "title": "The Salt Ledger",
    "author": "Oona Tresker",
}
_REVISION = {
    "id": "rev_0a1b2c3d4e5f60718293a4b5",
    "number": 1,
    "text_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "iscc": "ISCC:EAAR2YQ4TWJDNC5M",
    "chars": 1834,
    "recorded_at": "2026-11-21T08:00:00.000000Z",
}
_WITHDRAWAL = {
    "id": "withdrawal_0a1b2c3d4e5f60718293a4b5",
    "work": "work_0a1b2c3d4e5f60718293a4b5",
    "withdrawn_by": "oona-tresker",
    "reason": "The rights went back to the estate.",
    "recorded_at": "2026-11-22T08:00:00.000000Z",
}


class WorkForm(Form):
    """A work to register. The same `source_id` with another text becomes a new revision of the same work."""

    model_config = example(
        {
            "source_id": "essay-salt-ledger",
            "title": "The Salt Ledger",
            "author": "Oona Tresker",
            "text": "My grandmother kept two books in the kitchen at Port Hessary. One was the rent book, green.",
            "claims": [{"party": "oona-tresker", "basis_points": 10000}],
            "licence": {"kind": "share_of_revenue", "rate_basis_points": 2500},
        }
    )

    source_id: Annotated[Id, Field(description="The registrant's own name for the work.")]
    title: Annotated[str, Field(min_length=1, max_length=TITLE_CHARS_MAX)]
    author: Annotated[str, Field(max_length=TITLE_CHARS_MAX)] = ""
    text: Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX)]
    registrant: Annotated[PartyId | None, Field(description="The key's own party, where it is left out.")] = None
    claims: Annotated[
        list[ClaimForm] | None,
        Field(
            min_length=1,
            max_length=CLAIMANTS_MAX,
            description="From today on. Royalties of an unclaimed work are held.",
        ),
    ] = None
    licence: Annotated[NewLicenceForm | None, Field(description="From today on, anywhere and for any purpose.")] = None

    def document(self) -> Document:
        """Raises `InvalidInput` and its kinds."""
        title = one_line(self.title)
        if not title:
            raise InvalidInput("The title is nothing but white space.", field="title")
        return Document(
            origin="api",
            source_id=self.source_id,
            title=title,
            author=one_line(self.author),
            text=self.text,
            claims=basis_points_of(self.claims or ()),
            terms=terms_of(self.licence) if self.licence else None,
            risk_basis_points_max=risk_of(self.licence) if self.licence else None,
        )


class WorkView(View):
    """A work without its text."""

    model_config = example(_WORK)

    id: str
    registrant: str
    source_id: str
    title: str
    author: str


class WithdrawalForm(Form):
    """Why a work is withdrawn, where anyone is to know. It can't be taken back."""

    model_config = example({"reason": "The rights went back to the estate."})

    reason: Annotated[str, Field(max_length=LABEL_CHARS_MAX)] = ""


class WithdrawalView(View):
    """Who took a work back, when and why. What was recorded before stands."""

    model_config = example(_WITHDRAWAL)

    id: str
    work: str
    withdrawn_by: str
    reason: str
    recorded_at: Moment


class StandingView(WorkView):
    """A work without its text, and how it was withdrawn, where it was."""

    model_config = example(_WORK | {"withdrawal": None})

    withdrawal: WithdrawalView | None


class RegisteredView(View):
    """What became of a work that was sent. The index takes it in within moments; `POST /v1/index` waits for it."""

    model_config = example({"outcome": "new", "work": _WORK, "segments": 21, "chars": 1834})

    outcome: IngestOutcome
    work: WorkView
    segments: int
    chars: int


class RevisionView(View):
    """One fixed text of a work, by its digest and its ISCC (ISO 24138)."""

    model_config = example(_REVISION)

    id: str
    number: int
    text_sha256: str
    iscc: str
    chars: int
    recorded_at: Moment


class WorkDetailView(StandingView):
    """A work with its revisions, claims and licences, each oldest first."""

    model_config = example(_WORK | {"withdrawal": _WITHDRAWAL, "revisions": [_REVISION], "claims": [], "licences": []})

    revisions: list[RevisionView]
    claims: list[ClaimsView]
    licences: list[LicenceView]


class SnapshotView(View):
    """The published index: its digest determines its answers."""

    model_config = example(
        {
            "digest": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            "encoder": "all-MiniLM-L6-v2/53aa51172d14",
            "works": 64,
            "segments": 1290,
            "built": True,
        }
    )

    digest: str
    encoder: str
    works: int
    segments: int
    built: bool

"""A story to record in databases: facts of every kind that hang together."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import numpy as np

from provenance.adapters.sql import SqlDatabase
from provenance.attribution.decision import Match, MatchKind
from provenance.attribution.shares import Attribution, GenerationShares
from provenance.kernel.canonical import sha256_hex
from provenance.kernel.fx import Rate
from provenance.kernel.money import parse_money
from provenance.kernel.span import Span
from provenance.ledger.transaction import Transaction
from provenance.royalties.accrual import Outcome, Rights, WorkUse, accrue
from provenance.royalties.dispute import Action, Dispute, Step, take
from provenance.royalties.dispute_money import DisputeHold, hold_of, settle
from provenance.royalties.postings import accrual_transaction
from provenance.royalties.review import HeldUse, Resolution, Review, resolve
from provenance.royalties.standing import Count, Standing
from provenance.services.ports import UnitOfWork
from provenance.services.records import (
    DecidedBy,
    GenerationRecord,
    IndexState,
    PublishedSnapshot,
    WorkClaims,
    WorkLicence,
)
from provenance.sources.claim import Claims
from provenance.sources.licence import FeePerUse, FreeWithCredit, Licence, NotAllowed, ShareOfRevenue
from provenance.sources.overlap import FoundBy, Overlap, PassageKind, SharedPassage, Side
from provenance.sources.party import ApiKey, Party, Scope
from provenance.sources.withdrawal import Withdrawal
from provenance.sources.work import Revision, Work, revision_id, work_id
from provenance.workers.generation import Generation, Part
from provenance.workers.worker import Worker, WorkerKind

from .closing_values import close_month, state_payees
from .outbound_values import record_outbound

AT = datetime(2026, 11, 21, 8, 0, 0, 123456, UTC)
ENCODER = "toy-0123456789ab"
PARTIES = tuple(Party(id=i, name=f"{i.title()} & Söhne") for i in ("press", "ann", "bob", "bot"))
KEY = ApiKey(
    id="k1",
    party="press",
    secret_sha256="5" * 64,
    scopes=frozenset({Scope.CREATOR, Scope.AUDITOR}),
    created_at=AT - timedelta(microseconds=1),
)
SNAPSHOT = PublishedSnapshot(digest="d" * 64, encoder=ENCODER, works=5, segments=10)


def _work(name: str) -> Work:
    return Work(
        id=work_id("press", name), registrant="press", source_id=name, title=f"Über {name} 水", author="A. Writer"
    )


def _revision(work: Work, number: int, text: str) -> Revision:
    digest = sha256_hex(text.encode())
    return Revision(
        id=revision_id(work.id, number, digest),
        work=work.id,
        number=number,
        text_sha256=digest,
        iscc=f"ISCC:{work.source_id}{number}",
        chars=len(text),
    )


def _licences(works: dict[str, Work]) -> tuple[WorkLicence, ...]:
    terms = {
        "share": ShareOfRevenue(rate_basis_points=2_500),
        "fee": FeePerUse(fee=parse_money("0.004001", "EUR")),
        "free": FreeWithCredit(credit="Ann “A.” Ärger"),
        "blocked": NotAllowed(reason=""),
        "careful": ShareOfRevenue(rate_basis_points=5_000),
    }
    return tuple(
        WorkLicence(
            id=f"lic_{name}",
            work=works[name].id,
            number=1,
            licence=Licence(
                terms=t,
                valid_from=date(2026, 1, 1),
                valid_until=date(2030, 12, 31),
                risk_basis_points_max=100 if name == "careful" else None,
            ),
        )
        for name, t in terms.items()
        if name in works
    )


@dataclass(kw_only=True)
class Story:
    """Facts of every kind that hang together: a press, two authors, a service, six works, a generation of all six."""

    at: datetime = AT
    encoder: str = ENCODER
    parties: tuple[Party, ...] = PARTIES
    key: ApiKey = KEY
    works: dict[str, Work] = field(
        default_factory=lambda: {n: _work(n) for n in ("share", "fee", "free", "blocked", "unlicensed", "careful")}
    )
    snapshot: PublishedSnapshot = SNAPSHOT
    gone: Work = field(
        default_factory=lambda: Work(
            id=work_id("bob", "gone"), registrant="bob", source_id="gone", title="Gone 水", author=""
        )
    )

    def text(self, name: str, number: int = 1) -> str:
        return f"The text of {name}, fixed for the {number}. time.\nSecond line — 水."

    def revision(self, name: str, number: int = 1) -> Revision:
        return _revision(self.works[name], number, self.text(name, number))

    def vectors(self, seed: int = 0) -> Any:
        rows = np.random.default_rng(seed).normal(size=(3, 8)).astype(np.float32)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)

    @property
    def claims(self) -> WorkClaims:
        return self.claims_of("share", ann=6_001, bob=3_999)

    def claims_of(self, name: str, **basis_points: int) -> WorkClaims:
        claims = Claims(basis_points=basis_points, valid_from=date(2026, 1, 1))
        return WorkClaims(id=f"claims_{name}_{'_'.join(basis_points)}", work=self.works[name].id, claims=claims)

    @property
    def all_claims(self) -> tuple[WorkClaims, ...]:
        parts = {"fee": {"bob": 10_000}, "careful": {"bot": 5_001, "press": 4_999}}
        return self.claims, *(self.claims_of(name, **p) for name, p in parts.items() if name in self.works)

    @property
    def licences(self) -> tuple[WorkLicence, ...]:
        return _licences(self.works)

    def overlap(self, later: str = "fee", earlier: str = "share", *, words: int = 9) -> Overlap:
        """Two passages that the first revisions of two works share."""

        def side(name: str) -> Side:
            revision = self.revision(name)
            return Side(
                work=revision.work, revision=revision.id, held_from=revision.id, shared_chars=17, covered_ppm=333_333
            )

        exact = SharedPassage(kind=PassageKind.EXACT, later_span=Span(0, 9), earlier_span=Span(1, 10), words=words)
        near = SharedPassage(kind=PassageKind.NEAR, later_span=Span(10, 18), earlier_span=Span(11, 19), words=0)
        return Overlap(
            later=side(later),
            earlier=side(earlier),
            first=self.works[earlier].id,
            passages=(exact, near),
            passages_found=2,
            found_by=FoundBy(method="m1", encoder=self.encoder, snapshot=self.snapshot.digest),
        )

    def generation(self, name: str = "g1", *, price: str = "0.040000", service: str = "bot") -> GenerationRecord:
        """A generation whose shares go to all works, in two parts, with a match each."""
        part = Part(worker=_worker(WorkerKind.BRAIN), text=f"Words of {name} … 水")
        other = Part(worker=_worker(WorkerKind.SPECIALISED), text="More words")
        generation = Generation(
            service=service, external_id=name, price=parse_money(price, "USD"), parts=(part, other), territory="DE"
        )
        shares = self.shares()
        rights = {
            lic.work: Rights(licence=lic.licence, licence_id=lic.id, **self._claims_in_force(lic.work))
            for lic in self.licences
        }
        accrual = accrue(generation.price, shares, rights, pool_basis_points=3_000)
        transaction = accrual_transaction(generation.id, service, accrual, effective_at=self.at)
        return GenerationRecord(
            generation=generation,
            decided_by=DecidedBy(encoder=self.encoder, snapshot=self.snapshot.digest, calibration="c" * 64),
            shares=shares,
            accrual=accrual,
            transaction=transaction.id if transaction else None,
        )

    def public(self, record: GenerationRecord) -> GenerationRecord:
        """The same, with a first use of something that is in the public domain, and nothing posted."""
        first, *rest = record.accrual.uses
        free = WorkUse(
            work=first.work,
            share_ppb=first.share_ppb,
            outcome=Outcome.PUBLIC_DOMAIN,
            licence_id=first.licence_id,
            claims_id=None,
            price_part=first.price_part,
            royalty=None,
            held=None,
            accruals=(),
        )
        return replace(record, accrual=replace(record.accrual, uses=(free, *rest)), transaction=None)

    def shares(self) -> GenerationShares:
        names = sorted(self.works, key=lambda n: self.works[n].id)
        share = 123_456_789
        return GenerationShares(
            attributions=tuple(
                Attribution(
                    work=self.works[name].id,
                    share_ppb=share + number,
                    confidence_ppm=900_000 + number,
                    matches=((0, self._match(name, MatchKind.EXACT)), (1, self._match(name, MatchKind.SEMANTIC))),
                )
                for number, name in enumerate(names)
            ),
            unattributed_ppb=1_000_000_000 - sum(share + number for number in range(len(names))),
        )

    def transaction(self, record: GenerationRecord) -> Transaction:
        found = accrual_transaction(
            record.generation.id, record.generation.service, record.accrual, effective_at=self.at
        )
        assert found is not None
        return found

    def record_rights(self, work: UnitOfWork) -> Self:
        """Parties, works, revisions, claims, licences and a snapshot."""
        for party in self.parties:
            work.parties.add(party, self.at)
        for number, (name, entity) in enumerate(self.works.items()):
            work.works.add(entity, self.at)
            work.works.add_revision(self.revision(name), self.text(name), self.encoder, self.vectors(number), self.at)
        for claims in self.all_claims:
            work.rights.set_claims(claims, self.at)
        for licence in self.licences:
            work.rights.set_licence(licence, self.at)
        work.snapshots.add(self.snapshot, IndexState(revisions=7), self.at)
        return self

    def record_overlap(self, work: UnitOfWork) -> None:
        """One overlap, and the mark of one text that was compared."""
        work.overlaps.add(self.overlap(), self.at)
        work.overlaps.mark_compared(self.revision("share").id, self.snapshot.digest, self.at)

    def withdrawal(self, reason: str = "=taken back — 水") -> Withdrawal:
        """Of ``gone``, which no other fact names."""
        return Withdrawal(work=self.gone.id, withdrawn_by="bob", reason=reason)

    def record_withdrawal(self, work: UnitOfWork) -> None:
        work.works.add(self.gone, self.at)
        work.works.add_withdrawal(self.withdrawal(), self.later)

    def record_generation(self, work: UnitOfWork, record: GenerationRecord, key: str | None = None) -> None:
        """A generation with its transaction."""
        work.books.post(self.transaction(record), self.at)
        work.generations.add(record, key, self.at)

    def review(
        self, record: GenerationRecord, resolution: Resolution = Resolution.RELEASE, reason: str = "Read both: 水"
    ) -> tuple[Review, Transaction | None]:
        """What becomes of the one use that is held for review, a moment later."""
        use = next(u for u in record.accrual.uses if u.outcome is Outcome.REVIEW)
        hold = HeldUse(
            generation=record.generation.id,
            service=record.generation.service,
            accrual=record.accrual,
            use=use,
            claims=self._claims_in_force(use.work)["claims"],
            posted=record.transaction,
        )
        return resolve(hold, resolution, decided_by="press", reason=reason, at=self.later)

    @property
    def later(self) -> datetime:
        return self.at + timedelta(microseconds=2)

    def record_review(
        self, work: UnitOfWork, record: GenerationRecord, resolution: Resolution = Resolution.RELEASE
    ) -> Review:
        review, transaction = self.review(record, resolution)
        assert transaction is not None
        work.books.post(transaction, self.later)
        work.reviews.add(review, self.later)
        return review

    def record_payees(self, work: UnitOfWork) -> None:
        """Ann is paid from a thousand dollars on, less tax."""
        state_payees(work, self.at)

    def record(self, database: SqlDatabase, *, closed: bool = True) -> Self:
        """All of it, a key and its revocation too; the month is closed at the end, unless it is to stay open."""
        with database.begin(write=True) as work:
            self.record_rights(work).record_overlap(work)
            work.keys.add(self.key, self.at)
            work.keys.revoke(self.key.id, self.at + timedelta(microseconds=1))
            self.record_generation(work, self.generation(), "idem-1")
            self.record_review(work, self.generation())
            self.record_withdrawal(work)
            self.record_payees(work)
            work.books.take_checkpoints(work.books.balances(), entries=1)
            work.commit()
        if closed:
            close_month(database)
        return self

    def record_terms(self, database: SqlDatabase) -> Self:
        """What was counted, an exchange rate and a dispute, beside what `record` recorded."""
        with database.begin(write=True) as work:
            self.record_generation(work, self.counted())
            self.record_dispute(work)
            work.rates.add(self.rate, self.at)
            record_outbound(work, self.at)
            work.commit()
        return self

    @property
    def rate(self) -> Rate:
        return Rate(base="EUR", quote="USD", numerator=10_842, denominator=10_000, on=date(2026, 11, 20), source="=ECB")

    def counted(self, name: str = "counted") -> GenerationRecord:
        """A generation whose use of ``share`` is counted by its licence, and its claims' splits too."""
        record = self.generation(name)
        uses = Count(line="share/*/*/*.*/month/USD", period_from=date(2026, 11, 1))
        splits = Count(line=f"{self.claims.id}/USD", period_from=date(2026, 1, 1))
        work = self.works["share"].id
        changed = tuple(
            replace(use, standing=Standing(count=uses), split=Standing(count=splits)) if use.work == work else use
            for use in record.accrual.uses
        )
        return replace(record, accrual=replace(record.accrual, uses=changed))

    def dispute(self, **stated: Any) -> Dispute:
        """The service disputes a part of ann's claim, in bob's favour."""
        plain: dict[str, Any] = {
            "disputant": "bot",
            "work": self.works["share"].id,
            "claims": self.claims.id,
            "parts": {"ann": 2_000},
            "reason": "=Bob wrote it — 水",
            "raised_at": self.later,
            "held_from": self.at,
            "in_favour_of": "bob",
        }
        return Dispute(**(plain | stated))

    def dispute_hold(self, dispute: Dispute, record: GenerationRecord) -> tuple[DisputeHold, Transaction]:
        use = next(u for u in record.accrual.uses if u.work == dispute.work)
        found = hold_of(
            dispute,
            record.generation.id,
            use,
            posted=record.transaction,
            effective_at=self.at,
            held_before={},
        )
        assert found is not None
        return found

    def record_dispute(self, work: UnitOfWork) -> None:
        """Raised, held, rejected, and decided: a quarter is returned."""
        dispute = self.dispute()
        hold, held = self.dispute_hold(dispute, self.counted())
        work.disputes.add(dispute, self.later)
        work.books.post(held, self.later)
        work.disputes.add_hold(hold, self.later)
        steps: list[Step] = []
        for action, by, part in ((Action.REJECT, "ann", None), (Action.DECIDE, "press", 2_500)):
            at = self.later + timedelta(seconds=len(steps))
            steps.append(take(dispute, steps, action, by=by, at=at, reason="So 水", returned_basis_points=part))
            work.disputes.add_step(steps[-1], at)
        settlement, settled = settle(dispute, hold, 2_500, at=self.later)
        work.books.post(settled, self.later)
        work.disputes.add_settlement(settlement, self.later)

    def _claims_in_force(self, work: str) -> dict[str, Any]:
        found = {c.work: c for c in self.all_claims}.get(work)
        return {"claims": found.claims, "claims_id": found.id} if found else {}

    def _match(self, name: str, kind: MatchKind) -> Match:
        return Match(
            part_span=Span(0, 5),
            work=self.works[name].id,
            revision=self.revision(name).id,
            source_span=Span(4, 9),
            kind=kind,
            probability_ppm=999_999,
            dense_ppm=500_000,
            lexical_ppm=0,
            run_words=12,
        )


def _worker(kind: WorkerKind) -> Worker:
    return Worker(id=f"w-{kind}", kind=kind, model="model é", model_version="1.2", region="on-prem-lyon")

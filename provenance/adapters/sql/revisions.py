"""Revisions of works, and their texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session, batches
from provenance.adapters.sql.withdrawals import stands
from provenance.kernel.canonical import sha256_hex
from provenance.kernel.errors import Conflict
from provenance.kernel.span import Span
from provenance.sources.work import Revision


def add(session: Session, revision: Revision, text: str, at: datetime) -> bool:
    """Record a revision with its text; whether it is new."""
    assert sha256_hex(text.encode()) == revision.text_sha256, "a revision names its text by digest"
    found = REVISIONS.one(session, tables.revision.c.id == revision.id)
    if found:
        if found.fact != revision:
            raise Conflict(f"Another revision has the id {revision.id!r}.", revision=revision.id)
        return False
    check_next(session, tables.revision, revision.work, revision.number)
    row = {
        "seq": session.record(revision, at),
        "id": revision.id,
        "work": revision.work,
        "number": revision.number,
        "text_sha256": revision.text_sha256,
        "iscc": revision.iscc,
        "chars": revision.chars,
        "recorded_at": at,
    }
    session.insert(tables.revision, [row])
    session.insert(tables.content, [{"revision": revision.id, "text": text}])
    return True


def check_next(session: Session, table: sa.Table, work: str, number: int) -> None:
    """Refuse a number that isn't the next one of the work: another process was faster, or one was left out.

    Raises:
        Conflict: it isn't.
    """
    last = session.scalar(sa.select(sa.func.max(table.c.number)).where(table.c.work == work)) or 0
    if number != last + 1:
        raise Conflict(
            f"The {table.name} {number} of {work} doesn't follow {last}.",
            mend="Read the latest one and try again.",
            work=work,
            last=last,
        )


def latest(session: Session, work: str) -> Revision | None:
    """The revision of a work with the highest number, which was also recorded last."""
    found = REVISIONS.one(session, tables.revision.c.work == work)
    return found.fact if found else None


def latest_texts(session: Session, works: Set[str]) -> Mapping[str, str]:
    """The text's digest of the latest revision of each of these works that has one."""
    revision = tables.revision
    found: dict[str, str] = {}
    for batch in batches(sorted(works)):
        texts = sa.select(revision.c.work, revision.c.text_sha256).where(revision.c.work.in_(batch), is_latest())
        found |= {row.work: row.text_sha256 for row in session.rows(texts)}
    return found


def first_with_text(session: Session, text_sha256: str) -> str | None:
    """The work of the oldest revision with this text; a withdrawn one where no other has it."""
    revision = tables.revision
    gone = sa.case((stands(revision), 0), else_=1)
    having = sa.select(revision.c.work).where(revision.c.text_sha256 == text_sha256)
    found: str | None = session.scalar(having.order_by(gone, revision.c.seq).limit(1))
    return found


def text(session: Session, revision: str) -> str | None:
    """The text of a revision."""
    content = tables.content
    found: str | None = session.scalar(sa.select(content.c.text).where(content.c.revision == revision))
    return found


def excerpt(session: Session, revision: str, span: Span) -> str:
    """Some characters of a revision's text. Both databases count code points, from 1."""
    content = tables.content
    some = sa.func.substr(content.c.text, span.start + 1, len(span))
    found: str | None = session.scalar(sa.select(some).where(content.c.revision == revision))
    return found or ""


def recorded_after(session: Session, at: datetime) -> Mapping[str, Sequence[str]]:
    """Revisions recorded after ``at``, each with those that its work had by then, oldest first."""
    late, early = tables.revision.alias("late"), tables.revision.alias("early")
    had = (early.c.work == late.c.work) & (early.c.recorded_at <= at)
    pairs = sa.select(late.c.id, early.c.id.label("earlier")).select_from(late.outerjoin(early, had))
    found: dict[str, list[str]] = defaultdict(list)
    for row in session.rows(pairs.where(late.c.recorded_at > at).order_by(late.c.seq, early.c.seq)):
        found[row.id] += [row.earlier] if row.earlier is not None else []
    return dict(found)


def is_latest() -> sa.ColumnElement[bool]:
    """Whether a row of ``revision`` is its work's latest."""
    later = tables.revision.alias("later")
    newer = (later.c.work == tables.revision.c.work) & (later.c.number > tables.revision.c.number)
    return ~sa.exists().where(newer)


def _revisions(_: Session, rows: Sequence[Row]) -> list[Revision]:
    return [
        Revision(
            id=row.id, work=row.work, number=row.number, text_sha256=row.text_sha256, iscc=row.iscc, chars=row.chars
        )
        for row in rows
    ]


REVISIONS = FactRows(table=tables.revision, select=sa.select(tables.revision), rebuild=_revisions)

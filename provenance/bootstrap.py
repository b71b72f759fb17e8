"""Wire settings to adapters to services. The one place that knows which adapter stands behind which port.

Heavy imports (FAISS, OpenVINO, word tables) happen in the properties that need them, so that a command that needs none
starts at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import structlog

from provenance.adapters.calibration_file import load_calibration
from provenance.adapters.clock import system_clock
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.writer_lock import writer_lock
from provenance.attribution.calibration import Calibration
from provenance.attribution.lexical import Rarity
from provenance.kernel.errors import (
    AlreadyRunning,
    ProvenanceError,
    SnapshotUnusable,
    StorageFailed,
)
from provenance.royalties.dispute import Clocks
from provenance.royalties.pool import PoolPolicy
from provenance.royalties.review import HoldPolicy, Resolution
from provenance.sealed_log import SealedLog
from provenance.services.attribute import Attributor
from provenance.services.compare import Comparison, compare_published
from provenance.services.merge import Writing, merge_next
from provenance.services.ports import Clock, Encoder, Snapshots, SourceIndex, Stages
from provenance.services.publish import Publication, clear, current_digest, is_current, opened, publish
from provenance.settings import Settings

# How soon a snapshot that couldn't be opened is tried again, while an older one serves.
RETRY_SECONDS = 1.0
# How often a process clears away: it reads what was published in the time that is kept.
CLEAR_SECONDS = 60.0
WRITING_WAIT_SECONDS, WRITING_WAIT_SECONDS_MAX = 0.03, 60.0

_log = structlog.get_logger("provenance.bootstrap")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """A snapshot that couldn't be opened, and when it is worth another try."""

    digest: str
    error: SnapshotUnusable
    until: float

    def still(self, digest: str) -> bool:
        return digest == self.digest and time.monotonic() < self.until


class System:
    """All parts of one installation, made when they are first asked for. Safe to share between threads."""

    def __init__(self, settings: Settings | None = None, *, clock: Clock = system_clock) -> None:
        self.settings = settings or Settings()
        self.clock = clock
        self._index: SourceIndex | None = None
        self._attributor: tuple[SourceIndex, Attributor] | None = None
        self._refused: _Refused | None = None
        self._clear_at = 0.0
        self._lock = threading.Lock()
        self._loading: threading.Thread | None = None

    @cached_property
    def database(self) -> SqlDatabase:
        """The database, not yet checked for its schema."""
        if self.settings.url.startswith("sqlite"):
            self._make_home()
        return SqlDatabase(self.settings.url, lock_wait_seconds_max=self.settings.lock_wait_seconds)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder; loading it takes about half a second. Raises `ModelMissing` or `ModelAltered`."""
        from provenance.adapters.encoders.batching import BatchingEncoder
        from provenance.adapters.encoders.weights import located_model, packaged_model

        if self.settings.encoder == "sentence-transformers":
            from provenance.adapters.encoders.sentence_transformer import SentenceTransformerEncoder

            folder = self.settings.model_folder or packaged_model().weights.parent
            return BatchingEncoder(SentenceTransformerEncoder(folder, device=self.settings.encoder_device))
        from provenance.adapters.encoders.compiled_file import CompiledFolder
        from provenance.adapters.encoders.openvino_encoder import OpenVinoEncoder

        files, kept = located_model(self.settings.model_folder), CompiledFolder(self.settings.home / "networks")
        return BatchingEncoder(OpenVinoEncoder(files, threads=self.settings.encoder_threads, kept=kept))

    @cached_property
    def snapshots(self) -> Snapshots:
        """The folder of snapshots."""
        return self.snapshots_in(self.settings.home / "snapshots")

    def snapshots_in(self, folder: Path) -> Snapshots:
        """Snapshots in another folder, for evaluation and training."""
        from provenance.adapters.faiss_index.builder import Background
        from provenance.adapters.faiss_index.folder import SnapshotFolder
        from provenance.adapters.word_rarity import RARITY_IDENTITY

        return SnapshotFolder(folder, Background(rarity=self.rarity, identity=RARITY_IDENTITY))

    @property
    def hold_policy(self) -> HoldPolicy:
        """What becomes of holds that nobody looks at."""
        return HoldPolicy(days=self.settings.review_days_max, resolution=Resolution(self.settings.review_resolution))

    @property
    def pool_policy(self) -> PoolPolicy:
        """What a close does with the unattributed pool."""
        return PoolPolicy(self.settings.pool_policy)

    @property
    def dispute_clocks(self) -> Clocks:
        """The clocks of disputes that are raised from now on."""
        settings = self.settings
        return Clocks(
            in_time_days=settings.dispute_in_time_days,
            response_days=settings.dispute_response_days,
            final_days=settings.dispute_final_days,
            raise_days_max=settings.dispute_raise_days,
        )

    @cached_property
    def stages(self) -> Stages:
        """How the stages of a long run go beside one another."""
        from provenance.adapters.threads import Threads

        return Threads()

    @cached_property
    def rarity(self) -> Rarity:
        """How rare words are in general language."""
        from provenance.adapters.word_rarity import word_rarity

        return word_rarity

    @cached_property
    def calibration(self) -> Calibration:
        """The calibration that decisions are made with. Raises `SnapshotUnusable`."""
        return load_calibration(self.settings.calibration)

    def attributor(self) -> Attributor:
        """An attributor over `index`; the same one until another snapshot is published. Raises what that does."""
        with self._lock:
            index = self._current_index()
            if self._attributor is None or self._attributor[0] is not index:
                self._attributor = index, Attributor(self.encoder, index, self.rarity, self.calibration)
            return self._attributor[1]

    def index(self) -> SourceIndex:
        """The current snapshot, opened.

        Where it can't be opened, the last good one of this process serves on: see `index_problem`.

        Raises:
            SnapshotUnusable: nothing was published, or it can't be opened and there is no last good one.
        """
        with self._lock:
            return self._current_index()

    @property
    def index_problem(self) -> SnapshotUnusable | None:
        """Why attributions are made with an older snapshot than the current one; None where they aren't."""
        return self._refused.error if self._refused else None

    def _current_index(self) -> SourceIndex:
        name = self.encoder.identity.name
        digest = current_digest(self.database, name)
        if self._index and self._index.published.digest == digest:
            self._refused = None
        elif not (self._index and self._refused and self._refused.still(digest)):
            try:
                self._index = self.snapshots.open(digest, name)
                self._refused = None
            except SnapshotUnusable as error:
                if self._refused is None or self._refused.digest != digest:
                    _log.error("snapshot_refused", snapshot=digest, code=error.code, message=error.message)
                self._refused = _Refused(digest=digest, error=error, until=time.monotonic() + RETRY_SECONDS)
                if self._index is None:
                    raise
        return self._index

    def snapshot(self, digest: str) -> SourceIndex:
        """A snapshot by name; one that was cleared away is built again. Raises `SnapshotUnusable`."""
        return opened(self.database, self.snapshots, digest, self.encoder.identity.name)

    def is_current(self) -> bool:
        """Whether the published snapshot holds all that is registered, and can be opened."""
        name = self.encoder.identity.name
        if not is_current(self.database, name):
            return False
        try:
            self.snapshots.open(current_digest(self.database, name), name)
        except SnapshotUnusable:
            return False
        return True

    def load_ahead(self) -> None:
        """Begin to load the model and the index in a thread, while the caller imports the rest.

        What is missing is told to whoever asks for it.
        """

        def load() -> None:
            with suppress(ProvenanceError):
                self.attributor()

        assert self._loading is None, "it is loaded once"
        self._loading = threading.Thread(target=load, name="load-ahead")
        self._loading.start()

    def publish(self, *, rebuild: bool = False) -> Publication:
        """Publish a snapshot of all that is registered; hold `writing` around it. See `compare` and `merge`."""
        retention = self._retention
        return publish(self.database, self.snapshots, self.encoder, self.clock, rebuild=rebuild, retention=retention)

    def compare(self) -> Comparison:
        """Record what texts that are new in the current snapshot share with others. Raises `AlreadyRunning`."""
        self._make_home()
        with writer_lock(self.settings.home / "comparing.lock"):
            return compare_published(self.database, self.snapshots, self.encoder.identity.name, self.rarity, self.clock)

    def merge(self, *, segments_max: int | None = None, writing: Writing | None = None) -> bool:
        """Do one merge of shards that is due; whether there was one. Takes ``writing``, which is `writing`.

        Where none is due any more, what is no longer needed is cleared away, now and then.
        """
        writing, identity = writing or self._writing_soon, self.encoder.identity
        if merge_next(self.database, self.snapshots, identity, self.clock, writing, segments_max=segments_max):
            return True
        if time.monotonic() >= self._clear_at:
            self._clear_at = time.monotonic() + CLEAR_SECONDS
            with writing():
                clear(self.database, self.snapshots, identity.name, self.clock, retention=self._retention)
        return False

    @property
    def _retention(self) -> timedelta:
        return timedelta(seconds=self.settings.index_retention_seconds)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one process that registers works and builds the index. Raises `AlreadyRunning`."""
        self._make_home()
        with writer_lock(self.settings.home / "writer.lock"):
            yield

    @contextmanager
    def _writing_soon(self) -> Iterator[None]:
        """As `writing`, after waiting for others for a bounded time: what took long to build isn't thrown away."""
        deadline = time.monotonic() + WRITING_WAIT_SECONDS_MAX
        with ExitStack() as held:
            while True:
                try:
                    held.enter_context(self.writing())
                    break
                except AlreadyRunning:
                    if time.monotonic() >= deadline:
                        raise
                time.sleep(WRITING_WAIT_SECONDS)
            yield

    @cached_property
    def log(self) -> SealedLog:
        """The signed log over the database."""
        return SealedLog(self.database, self.settings, self.clock)

    def _make_home(self) -> None:
        try:
            self.settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(
                f"{self.settings.home} can't be made: {error.strerror}.", mend="Set PROVENANCE_HOME to another folder."
            ) from error

    def close(self) -> None:
        """Let go of the database, after what is being loaded."""
        if self._loading is not None:
            self._loading.join()
        if "database" in self.__dict__:
            self.database.dispose()

"""Wire settings to adapters to services. The one place that knows which adapter stands behind which port.

Heavy imports (FAISS, OpenVINO, word tables) happen in the properties that need them, so that a command that needs none
starts at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from provenance.adapters.calibration_file import load_calibration
from provenance.adapters.clock import system_clock
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.writer_lock import writer_lock
from provenance.attribution.calibration import Calibration
from provenance.attribution.lexical import Rarity
from provenance.kernel.errors import ProvenanceError, StorageFailed
from provenance.services.attribute import Attributor
from provenance.services.ports import Clock, Encoder, Snapshots, Stages
from provenance.services.publish import Publication, current_digest, publish
from provenance.settings import Settings


class System:
    """All parts of one installation, made when they are first asked for. Safe to share between threads."""

    def __init__(self, settings: Settings | None = None, *, clock: Clock = system_clock) -> None:
        self.settings = settings or Settings()
        self.clock = clock
        self._attributor: Attributor | None = None
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
        from provenance.adapters.encoders.openvino_encoder import OpenVinoEncoder
        from provenance.adapters.encoders.weights import packaged_model

        files = packaged_model(self.settings.model_folder)
        return BatchingEncoder(OpenVinoEncoder(files, threads=self.settings.encoder_threads))

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
        """An attributor over the current snapshot; the same one until another snapshot is published.

        Raises:
            SnapshotUnusable: nothing was published, or what was published can't be opened.
        """
        with self._lock:
            name = self.encoder.identity.name
            digest = current_digest(self.database, name)
            if self._attributor is None or self._attributor.identity.snapshot != digest:
                index = self.snapshots.open(digest, name)
                self._attributor = Attributor(self.encoder, index, self.rarity, self.calibration)
            return self._attributor

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
        """Publish a snapshot of all that is registered; hold `writing` around it."""
        return publish(self.database, self.snapshots, self.encoder, self.rarity, self.clock, rebuild=rebuild)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one process that registers works and builds the index. Raises `AlreadyRunning`."""
        self._make_home()
        with writer_lock(self.settings.home / "writer.lock"):
            yield

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

"""The signed log of an installation: its key, its folder, and what seals, proves, bundles and has it witnessed.

Wires settings to adapters to services, as `bootstrap` does for everything else.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property

from provenance.adapters.log_folder import WITNESSED, LogFolder
from provenance.kernel.canonical import Json
from provenance.kernel.errors import InvalidInput, LogMissing, SequencerRunning
from provenance.services.audit_bundle import export_bundle
from provenance.services.collect import Cosigned, cosign_with
from provenance.services.evidence import write_evidence
from provenance.services.export import Archive, Exported, Progress
from provenance.services.log_stores import SealedCheckpoint
from provenance.services.ports import Clock, Database
from provenance.services.prove import Prover
from provenance.services.seal import CHECKPOINT, Sequencer
from provenance.settings import Settings
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.period import Period
from provenance.transparency.checkpoint import open_checkpoint
from provenance.transparency.dsse import envelope
from provenance.transparency.note import ED25519, VerifierKey
from provenance.transparency.policy import POLICY_BYTES_MAX, Policy

# The log's public key, beside its checkpoint.
VKEY = "vkey"
# How long a bundle waits for another sequencer, which holds the log for a moment at a time.
WAIT_SECONDS, WAIT_SECONDS_MAX = 0.03, 60.0


class SealedLog:
    """Made by `System.log`. Safe to share between threads."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database, self._settings, self._clock = database, settings, clock

    @cached_property
    def folder(self) -> LogFolder:
        """The folder of the log's tiles and checkpoint, which may be handed out by any file server."""
        return LogFolder(self._settings.home / "log", self._settings.home / "sequencer.lock")

    def create(self, origin: str) -> VerifierKey:
        """Make the log's key and publish its public half. Raises `Conflict` where there is one, `InvalidCheckpoint`."""
        from provenance.adapters.ed25519 import KeyFile

        key = KeyFile.create(self._settings.log_key_file, origin, ED25519).key
        self.folder.write([(VKEY, f"{key.text}\n".encode())])
        return key

    def sequencer(self) -> Sequencer:
        """What seals the log. Raises `LogMissing` where `create` wasn't called, `InvalidCheckpoint`."""
        from provenance.adapters.ed25519 import KeyFile

        signer = KeyFile.read(self._settings.log_key_file)
        return Sequencer(database=self._database, tiles=self.folder, signer=signer, clock=self._clock)

    def attested(self, said: Mapping[str, Json]) -> bytes:
        """A statement in an envelope that the log's key signed. Raises `LogMissing` where `create` wasn't called."""
        from provenance.adapters.ed25519 import KeyFile

        return envelope(said, KeyFile.read(self._settings.log_key_file))

    def seal(self) -> bool:
        """Seal what was recorded since the last checkpoint; whether there was anything. Raises as `Sequencer` does."""
        with self._database.begin() as work:
            size, last = work.log.size(), work.log.last_checkpoint()
        if size == (last.size if last else 0):
            return False
        self.sequencer().integrate()
        return True

    def export_bundle(self, archive: Archive, period: Period, progress: Progress) -> tuple[Exported, SealedCheckpoint]:
        """Seal, and write the audit bundle of a period. Waits for another sequencer, for a bounded time.

        Raises:
            LogMissing: there is no log yet.
            NotFound: nothing is recorded.
            SequencerRunning, ClockWentBack, LogAltered, StorageFull, StorageFailed
        """
        from provenance.adapters.verifier_files import verifier_files

        sequencer, deadline = self.sequencer(), time.monotonic() + WAIT_SECONDS_MAX
        while True:
            try:
                return export_bundle(
                    sequencer, archive, period, scripts=verifier_files(), at=self._clock(), progress=progress
                )
            except SequencerRunning:  # raised before anything is written
                if time.monotonic() >= deadline:
                    raise
            time.sleep(WAIT_SECONDS)

    def export_evidence(self, archive: Archive, party: str, period: AccountingPeriod, *, witnessed: bool) -> int:
        """Write a creator's evidence of a closed period; how many statements it shows.

        Raises:
            NotFound, LogMissing, LogAltered
        """
        from provenance.adapters.verifier_files import verifier_files

        published = self.prover.checkpoint(self.checkpoint_path(witnessed=witnessed))
        key = self.verifier().text
        return write_evidence(
            self._database, self.prover, archive, party, period, published, key=key, scripts=verifier_files()
        )

    @cached_property
    def prover(self) -> Prover:
        """What proves that facts are in the log."""
        return Prover(self._database, self.folder)

    @staticmethod
    def checkpoint_path(*, witnessed: bool = False) -> str:
        """Under which path of the log's folder the newest checkpoint stands, or the newest that is cosigned."""
        return WITNESSED if witnessed else CHECKPOINT

    def cosign(self) -> Cosigned:
        """Have the newest checkpoint cosigned by the witnesses of the policy, and publish that beside it.

        Raises:
            InvalidInput: no policy is set.
            NoQuorum: fewer have cosigned than the policy asks for; what was published before stays.
            LogMissing, InvalidCheckpoint, Untrusted
        """
        import httpx

        from provenance.adapters.ed25519 import verify
        from provenance.adapters.witness_client import SECONDS_MAX, cosignature

        policy = self.policy()
        signed = open_checkpoint(self.prover.checkpoint().note, [self.verifier()], verify)
        with httpx.Client(timeout=SECONDS_MAX, follow_redirects=False) as client:
            cosigned = cosign_with(
                policy,
                signed,
                lambda witness: cosignature(
                    witness, signed, lambda old: self.prover.between(old, signed.size), verify, client=client
                ),
            )
        policy.open(cosigned.note.whole.encode(), verify)
        self.folder.write([(WITNESSED, cosigned.note.whole.encode())])
        return cosigned

    def cosign_due(self) -> bool:
        """Do as `cosign` where there is a policy, and something that wasn't cosigned; whether there was."""
        if self._settings.log_policy is None:
            return False
        newest, seen = self.prover.checkpoint().checkpoint, 0
        if self.folder.exists(WITNESSED):
            seen = self.prover.checkpoint(WITNESSED).checkpoint.size
        if newest.size == seen:
            return False
        self.cosign()
        return True

    def policy(self) -> Policy:
        """Whom this log asks to witness it. Raises `InvalidInput` where the setting names nothing to read."""
        path = self._settings.log_policy
        if path is None:
            raise InvalidInput("No policy names the log's witnesses.", mend="Set PROVENANCE_LOG_POLICY to its file.")
        try:
            with path.open("rb") as file:
                text = file.read(POLICY_BYTES_MAX + 1)
        except OSError as error:
            raise InvalidInput(f"The policy can't be read: {error.strerror}.", mend="Name another file.") from error
        return Policy.parse(text.decode("utf-8", "replace"))

    def verifier(self) -> VerifierKey:
        """The log's public key, as its folder has it: for proofs about this installation, to be trusted as it is.

        Raises:
            LogMissing
        """
        if not self.folder.exists(VKEY):
            raise LogMissing("There is no log yet.", mend="provenance log init --origin example.org/log")
        return VerifierKey.parse(self.folder.read(VKEY).decode("ascii", "replace"))

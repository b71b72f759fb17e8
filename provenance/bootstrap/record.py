"""Wire the record: the log's folder and key, what seals it, what proves from it, and its witnesses."""

from __future__ import annotations

from functools import cached_property

from provenance.adapters.log_folder import WITNESSED, LogFolder
from provenance.bootstrap.foundation import Foundation
from provenance.kernel.errors import InvalidInput, LogMissing
from provenance.services.collect import Cosigned, cosign_with
from provenance.services.prove import Prover
from provenance.services.seal import CHECKPOINT, Sequencer
from provenance.transparency.checkpoint import open_checkpoint
from provenance.transparency.note import ED25519, VerifierKey
from provenance.transparency.policy import POLICY_BYTES_MAX, Policy

# The log's public key, beside its checkpoint.
VKEY = "vkey"


class RecordParts(Foundation):
    """The log."""

    @cached_property
    def log_folder(self) -> LogFolder:
        """The folder of the log's tiles and checkpoint, which may be handed out by any file server."""
        return LogFolder(self.settings.home / "log", self.settings.home / "sequencer.lock")

    def init_log(self, origin: str) -> VerifierKey:
        """Make the log's key and publish its public half. Raises `Conflict` where there is one, `InvalidCheckpoint`."""
        from provenance.adapters.ed25519 import KeyFile

        self.make_home()
        key = KeyFile.create(self.settings.log_key_file, origin, ED25519).key
        self.log_folder.write([(VKEY, f"{key.text}\n".encode())])
        return key

    def sequencer(self) -> Sequencer:
        """What seals the log. Raises `LogMissing` where `init_log` wasn't called, `InvalidCheckpoint`."""
        from provenance.adapters.ed25519 import KeyFile

        signer = KeyFile.read(self.settings.log_key_file)
        return Sequencer(database=self.database, tiles=self.log_folder, signer=signer, clock=self.clock)

    def seal(self) -> bool:
        """Seal what was recorded since the last checkpoint; whether there was anything. Raises as `Sequencer` does."""
        with self.database.begin() as work:
            size, last = work.log.size(), work.log.last_checkpoint()
        if size == (last.size if last else 0):
            return False
        self.sequencer().integrate()
        return True

    @cached_property
    def prover(self) -> Prover:
        """What proves that facts are in the log."""
        return Prover(self.database, self.log_folder)

    def checkpoint_path(self, *, witnessed: bool = False) -> str:
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

        policy = self.log_policy()
        signed = open_checkpoint(self.prover.checkpoint().note, [self.log_verifier()], verify)
        with httpx.Client(timeout=SECONDS_MAX, follow_redirects=False) as client:
            cosigned = cosign_with(
                policy,
                signed,
                lambda witness: cosignature(
                    witness, signed, lambda old: self.prover.between(old, signed.size), verify, client=client
                ),
            )
        policy.open(cosigned.note.whole.encode(), verify)
        self.log_folder.write([(WITNESSED, cosigned.note.whole.encode())])
        return cosigned

    def log_policy(self) -> Policy:
        """Whom this log asks to witness it. Raises `InvalidInput` where the setting names nothing to read."""
        path = self.settings.log_policy
        if path is None:
            raise InvalidInput("No policy names the log's witnesses.", mend="Set PROVENANCE_LOG_POLICY to its file.")
        try:
            with path.open("rb") as file:
                text = file.read(POLICY_BYTES_MAX + 1)
        except OSError as error:
            raise InvalidInput(f"The policy can't be read: {error.strerror}.", mend="Name another file.") from error
        return Policy.parse(text.decode("utf-8", "replace"))

    def log_verifier(self) -> VerifierKey:
        """The log's public key, as its folder has it: for proofs about this installation, to be trusted as it is.

        Raises:
            LogMissing
        """
        if not self.log_folder.exists(VKEY):
            raise LogMissing("There is no log yet.", mend="provenance log init --origin example.org/log")
        return VerifierKey.parse(self.log_folder.read(VKEY).decode("ascii", "replace"))

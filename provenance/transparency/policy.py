"""Whom a client trusts (C2SP tlog-policy): the keys of logs, those of witnesses, and how many of which must cosign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provenance.kernel.errors import InvalidCheckpoint, NoQuorum
from provenance.transparency.checkpoint import SignedCheckpoint, open_checkpoint
from provenance.transparency.cosignature import cosigned_at
from provenance.transparency.note import COSIGNATURE, ED25519, VerifierKey, Verify

POLICY_BYTES_MAX = 64 * 1024
NAMES_MAX = 64
NONE = "none"
_LEAST_FIELDS = {"log": 2, "witness": 3, "group": 4, "quorum": 2}
_MOST_FIELDS = {"log": 3, "witness": 4, "group": 3 + NAMES_MAX, "quorum": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Whose cosignature counts; ``url`` is where it takes checkpoints, empty where that isn't said."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """At least ``least`` of the members, which are witnesses or groups."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """``quorum`` names a witness or a group; ``none`` asks for no witness."""

    logs: tuple[VerifierKey, ...]
    quorum: str
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Raises `InvalidCheckpoint`, naming the line."""
        reader = _Reader()
        if len(text) > POLICY_BYTES_MAX:
            raise InvalidCheckpoint(f"A policy has at most {POLICY_BYTES_MAX} bytes.", mend="Shorten it.")
        for number, line in enumerate(text.split("\n"), start=1):
            fields = line.replace("\t", " ").split(" ")
            fields = [f for f in fields if f]
            if fields and not fields[0].startswith("#"):
                reader.read(number, fields)
        if reader.quorum is None:
            raise InvalidCheckpoint("The policy has no line `quorum`.", mend="End it with: quorum NAME, or quorum none")
        logs = tuple(reader.logs)
        return cls(logs=logs, quorum=reader.quorum, witnesses=reader.witnesses, groups=reader.groups)

    def open(self, data: bytes, verify: Verify) -> SignedCheckpoint:
        """A checkpoint of one of the logs that enough witnesses have cosigned.

        Raises:
            NoQuorum: fewer have; ``data["cosigned"]`` names them.
            InvalidCheckpoint, OtherLog, ForgedSignature, UnknownSigner: as `open_checkpoint`.
        """
        found = open_checkpoint(data, self.logs, verify)
        cosigned = self.cosigned(found, verify)
        if not self._meets(self.quorum, cosigned):
            raise NoQuorum(
                f"{len(cosigned)} of {len(self.witnesses)} witnesses have cosigned this checkpoint, and the policy"
                f" asks for the quorum {self.quorum!r}.",
                mend="Wait for the witnesses, or ask them what they saw: the log may show two histories.",
                cosigned=sorted(cosigned),
            )
        return found

    def cosigned(self, found: SignedCheckpoint, verify: Verify) -> frozenset[str]:
        """Names of the witnesses that have cosigned. Raises `ForgedSignature`."""
        names = self.witnesses.items()
        return frozenset(name for name, w in names if cosigned_at(found.note, w.key, verify) is not None)

    def _meets(self, name: str, cosigned: frozenset[str]) -> bool:
        if name == NONE:
            return True
        if name in self.witnesses:
            return name in cosigned
        group = self.groups[name]
        return sum(self._meets(member, cosigned) for member in group.members) >= group.least


class _Reader:
    """What the lines of a policy have said so far; names are defined before they are used."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._used: set[str] = set()

    def read(self, number: int, fields: Sequence[str]) -> None:
        """Take in one line."""
        kind = fields[0]
        if not _LEAST_FIELDS.get(kind, len(fields) + 1) <= len(fields) <= _MOST_FIELDS.get(kind, 0):
            raise _wrong(number, "it is none of: log, witness, group, quorum; or has too few or too many fields")
        try:
            match kind:
                case "log":
                    self._log(fields[1])
                case "witness":
                    self._witness(*fields[1:])
                case "group":
                    self._group(fields[1], fields[2], fields[3:])
                case _:
                    self._quorum(fields[1])
        except ValueError as error:
            raise _wrong(number, str(error)) from error

    def _log(self, text: str) -> None:
        key = VerifierKey.parse(text)
        if key.type != ED25519 or any(k.public == key.public for k in self.logs):
            raise ValueError("the key isn't that of a log, or stands here twice")
        self.logs.append(key)

    def _witness(self, name: str, text: str, url: str = "") -> None:
        self._define(name)
        key = VerifierKey.parse(text)
        if key.type != COSIGNATURE or any(w.key.public == key.public for w in self.witnesses.values()):
            raise ValueError("the key isn't that of a witness, or stands here twice")
        self.witnesses[name] = Witness(key=key, url=url)

    def _group(self, name: str, least: str, members: Sequence[str]) -> None:
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise ValueError(f"{member!r} isn't defined above")
            if member in self._used:
                raise ValueError(f"{member!r} is in a group already")
            self._used.add(member)
        self._define(name)
        words = {"all": len(members), "any": 1}
        count = words.get(least) or (int(least) if least.isascii() and least.isdigit() else 0)
        if not 1 <= count <= len(members):
            raise ValueError(f"{least!r} of {len(members)} can't be asked for")
        self.groups[name] = Group(least=count, members=tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise ValueError("there is a quorum already")
        if name != NONE and name not in self.witnesses and name not in self.groups:
            raise ValueError(f"{name!r} isn't defined above")
        self.quorum = name

    def _define(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise ValueError(f"the name {name!r} is taken")
        if len(self.witnesses) + len(self.groups) >= NAMES_MAX:
            raise ValueError(f"a policy has at most {NAMES_MAX} names")


def _wrong(number: int, why: str) -> InvalidCheckpoint:
    return InvalidCheckpoint(f"Line {number} of the policy: {why}.", mend="See C2SP's tlog-policy for the form.")

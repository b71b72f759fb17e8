"""The network as OpenVINO compiled it, kept in a folder: a process that starts need not build and compile it again.

A file is named by the digest of all that it follows from: weights, ranges, the code that lays out the graph, OpenVINO's
version, the processor, the threads. It begins with the digest of the rest: one that was cut or altered is as good as
none, and is written again. What it computes has the same bits as what is compiled anew. That it can't be written is no
error: the next process compiles again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

import openvino as ov

from provenance.adapters.encoders import bert_graph, eight_bits
from provenance.kernel.canonical import digest

BYTES_MAX = 1 << 30
NETWORKS_MAX = 3  # of 63 MB each
_DIGEST_BYTES = 32
_SUFFIX = ".network"

Hints = Mapping[str, str | int]


class CompiledFolder:
    """A folder of compiled networks: the last few, for processes may have different numbers of threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def compiled(self, build: Callable[[], ov.Model], made_of: str, hints: Hints) -> ov.CompiledModel:
        """The network that ``build`` lays out, compiled; it isn't called where the file is there.

        ``made_of`` names the weights and ranges. Raises what ``build`` raises.
        """
        core = ov.Core()
        path = self._folder / (_key(core, made_of, hints) + _SUFFIX)
        if (found := _read(path)) is not None:
            with suppress(RuntimeError):  # of an OpenVINO that calls itself the same, and isn't
                return core.import_model(found, "CPU", dict(hints))
        network = compiled(build(), hints)
        exported = network.export_model()
        with suppress(OSError):
            self._write(path, exported if isinstance(exported, bytes) else exported.getvalue())
        return network

    def _write(self, path: Path, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix="building-", dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(sha256(data).digest() + data)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
        by_age = sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda p: p.stat().st_mtime, reverse=True)
        for older in by_age[NETWORKS_MAX:]:
            older.unlink(missing_ok=True)


def compiled(model: ov.Model, hints: Hints) -> ov.CompiledModel:
    """Compile a network for the processor."""
    return ov.Core().compile_model(model, "CPU", dict(hints))


def _read(path: Path) -> bytes | None:
    try:
        if path.stat().st_size > BYTES_MAX:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    said, rest = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    return rest if sha256(rest).digest() == said else None


def _key(core: ov.Core, made_of: str, hints: Hints) -> str:
    return digest(
        {
            "made_of": made_of,
            "code": _code_sha256(),
            "openvino": ov.get_version(),
            "processor": str(core.get_property("CPU", "FULL_DEVICE_NAME")),
            "capabilities": sorted(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")),
            "hints": {name: str(value) for name, value in hints.items()},
        }
    )


@cache
def _code_sha256() -> str:
    """Of the modules that lay out the graph: another layout is another network."""
    found = sha256()
    for module in (bert_graph, eight_bits):
        found.update(Path(str(module.__file__)).read_bytes())
    return found.hexdigest()

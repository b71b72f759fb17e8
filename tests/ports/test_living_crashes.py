"""Killed or refused at any point: the last good snapshot stays whole, and what is left behind is cleared later."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.adapters.faiss_index import durable
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity
from provenance.kernel.errors import StorageFull
from provenance.services.records import IndexedRevision

from .snapshot_values import snapshot_folder

ENCODER = EncoderIdentity(
    model="m",
    weights_sha256="x",
    tokenizer_sha256="x",
    precision="x",
    pooling="x",
    segmenting="x",
    dimensions=4,
)
CALLS = ("fsync", "rename", "replace", "mkdir", "unlink", "open", "rmdir")
KILLS_MAX = 24

# A child that adds and merges, and dies at its n-th call to the disk; the parent finds out how many there are.
CHILD = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    import numpy as np
    sys.path.insert(0, sys.argv[3])
    from tests.ports.test_living_crashes import CALLS, ENCODER, grow
    left = int(sys.argv[2])
    def counted(call):
        def counting(*given, **options):
            global left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **options)
        return counting
    before = left
    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    grow(Path(sys.argv[1]))
    print("calls", before - left, flush=True)
    """
)


def revision(number: int) -> IndexedRevision:
    text = " ".join(f"Sentence {i} of the text {number} says a thing that is its own." for i in range(4))
    vectors = np.random.default_rng(number).integers(-3, 4, (len(segment(text)), 4)).astype(np.float32)
    return IndexedRevision(work=f"w{number % 6}", revision=f"r{number}", text=text, vectors=vectors)


def read(name: str) -> IndexedRevision:
    return revision(int(name[1:]))


def grow(root: Path) -> None:
    """Three publications, of which one replaces a text, a merge and a clearing; tells what is published."""
    snapshots = snapshot_folder(root)
    [base] = [f.stem for f in (root / "manifests").iterdir()]
    for number in (3, 4, 6):
        base = snapshots.add(base, iter([revision(number)]), {"w1"}, ENCODER).digest
        os.write(1, f"{base}\n".encode())
    merge = snapshots.next_merge(base, ENCODER)
    assert merge is not None
    with merge:
        merge.build(read)
        spliced = merge.splice(base)
    assert spliced is not None
    os.write(1, f"{spliced.digest}\n".encode())
    snapshots.keep_only({spliced.digest, base})


def started(root: Path) -> str:
    return snapshot_folder(root).build(iter(map(revision, range(3))), ENCODER).digest


def killed(root: Path, at: int) -> tuple[int, list[str]]:
    here = str(Path(__file__).resolve().parents[2])
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, str(root), str(at), here],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": here},
    )
    assert ended.returncode in (0, -9), ended.stderr.decode()
    return ended.returncode, ended.stdout.decode().split()


def check_whole(root: Path, digest: str) -> None:
    """It opens, every byte of it is right, another one can be made from it, and nothing else is left then."""
    snapshots = snapshot_folder(root)
    index = snapshots.open(digest, ENCODER.name)
    snapshots.verify(digest, ENCODER.name)
    assert len(index.candidates(set(range(40))).segments) == index.published.segments
    after = snapshots.add(digest, iter([revision(11)]), frozenset(), ENCODER).digest
    snapshots.keep_only({digest, after})
    snapshots.open(after, ENCODER.name)
    snapshots.open(digest, ENCODER.name)
    assert not list(root.glob("building-*"))
    assert not list(root.glob("manifests/*.new"))


def test_a_process_that_is_killed_at_any_call_leaves_a_whole_snapshot(tmp_path: Path) -> None:
    started(tmp_path / "0")
    _, said = killed(tmp_path / "0", 10**9)
    calls = int(said[said.index("calls") + 1])
    assert calls > KILLS_MAX
    for at in range(1, calls, calls // KILLS_MAX + 1):
        root = tmp_path / str(at)
        first = started(root)
        code, published = killed(root, at)
        assert code == -9
        check_whole(root, [first, *published][-1])


def failing(name: str, at: int, number: int) -> Callable[..., Any]:
    """The call of the system, which fails the ``at``-th time."""
    call, count = getattr(os, name), [0]

    def once(*given: Any, **options: Any) -> Any:
        count[0] += 1
        if count[0] == at:
            raise OSError(number, os.strerror(number))
        return call(*given, **options)

    return once


@pytest.mark.parametrize("at", [1, 2, 4, 9])
@pytest.mark.parametrize("name", ["fsync", "rename", "replace"])
def test_a_disk_that_is_full_during_a_merge_leaves_the_last_good_snapshot(
    name: str, at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = started(tmp_path)
    snapshots = snapshot_folder(tmp_path)
    for number in (3, 4, 5):
        base = snapshots.add(base, iter([revision(number)]), frozenset(), ENCODER).digest
    merge = snapshots.next_merge(base, ENCODER)
    assert merge is not None
    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing(name, at, errno.ENOSPC))
        try:
            with merge:
                merge.build(read)
                merge.splice(base)
        except StorageFull:
            pass
        else:
            assert at > 1, "the disk was asked at least once"
    check_whole(tmp_path, base)
    again = snapshots.next_merge(base, ENCODER)
    assert again is not None, "what failed is due again"
    with again:
        again.build(read)
        spliced = again.splice(base)
    assert spliced is not None
    check_whole(tmp_path, spliced.digest)


def test_what_is_being_merged_is_nobody_elses_until_that_ends(tmp_path: Path) -> None:
    base = started(tmp_path)
    snapshots = snapshot_folder(tmp_path)
    for number in (3, 4, 5):
        base = snapshots.add(base, iter([revision(number)]), frozenset(), ENCODER).digest
    merge = snapshots.next_merge(base, ENCODER)
    assert merge is not None
    with merge:
        assert snapshot_folder(tmp_path).next_merge(base, ENCODER) is None
        assert len(durable.buildings(tmp_path)) == 1
    other = snapshot_folder(tmp_path).next_merge(base, ENCODER)
    assert other is not None
    with other:
        pass


def test_a_merge_whose_shards_are_gone_is_not_spliced_in(tmp_path: Path) -> None:
    base = started(tmp_path)
    snapshots = snapshot_folder(tmp_path)
    for number in (3, 4, 5):
        base = snapshots.add(base, iter([revision(number)]), frozenset(), ENCODER).digest
    merge = snapshots.next_merge(base, ENCODER)
    assert merge is not None
    with merge:
        merge.build(read)
        rebuilt = snapshots.build(iter(map(revision, range(5))), ENCODER).digest
        assert merge.splice(rebuilt) is None

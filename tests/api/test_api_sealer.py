"""The sealer's thread: it seals by itself, goes on after a trouble, tells a trouble once, and stops."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from provenance.api.sealer import Sealer, cosigner
from provenance.bootstrap import System
from provenance.kernel.errors import ClockWentBack, LogMissing, NoQuorum, SequencerRunning
from provenance.settings import Settings
from provenance.sources.party import Party

SECONDS_MAX = 20.0


class Scripted:
    """Does what it is told, one after the other, and says when all of it is done."""

    def __init__(self, *script: Exception | bool) -> None:
        self.script, self.done = list(script), threading.Event()

    def seal(self) -> bool:
        if not self.script:
            self.done.set()
            return False
        found = self.script.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def run(*script: Exception | bool) -> tuple[Sealer, list[tuple[str, str]]]:
    scripted = Scripted(*script)
    sealer = Sealer(scripted, look_seconds=0.0, wait_seconds=0.0)
    with capture_logs() as lines:
        sealer.start()
        assert scripted.done.wait(SECONDS_MAX)
        sealer.stop()
    return sealer, [(line["event"], line["log_level"]) for line in lines]


def test_it_goes_on_after_a_trouble_and_tells_each_once() -> None:
    back = ClockWentBack("The clock went back.")
    sealer, lines = run(True, back, back, back, True)
    assert lines == [("not_sealed", "error"), ("sealing_again", "info")]
    assert sealer.trouble is None


def test_another_sequencer_is_no_trouble() -> None:
    assert run(SequencerRunning("Another."), True)[1] == []


def test_a_bug_does_not_end_it() -> None:
    assert run(ValueError("a bug"), True)[1] == [("not_sealed", "error"), ("sealing_again", "info")]


def test_where_there_is_no_log_it_says_so_and_waits() -> None:
    assert run(LogMissing("No log."), LogMissing("No log."))[1][0] == ("not_sealed", "info")


@pytest.fixture
def system(tmp_path: Path, migrated: Path) -> System:
    (tmp_path / "provenance.db").write_bytes(migrated.read_bytes())
    return System(Settings(home=tmp_path))


def test_a_real_log_is_sealed_once_there_is_something_new(system: System) -> None:
    system.log.create("example.org/log")
    assert not system.log.seal()
    with system.database.begin(write=True) as work:
        work.parties.add(Party(id="ann", name="Ann"), system.clock())
        work.commit()
    assert system.log.seal()
    assert not system.log.seal()
    assert system.log.prover.checkpoint().checkpoint.size == 1
    system.close()


def test_the_cosigner_asks_again_and_tells_a_trouble_once() -> None:
    script: list[Exception | bool] = [NoQuorum("1 of 3."), NoQuorum("1 of 3."), True]
    done = threading.Event()

    class Log:
        def cosign_due(self) -> bool:
            if not script:
                done.set()
                return False
            found = script.pop(0)
            if isinstance(found, Exception):
                raise found
            return found

    asking = cosigner(Log(), look_seconds=0.0)
    with capture_logs() as lines:
        asking.start()
        assert done.wait(SECONDS_MAX)
        asking.stop()
    assert [(line["event"], line.get("code")) for line in lines] == [
        ("not_cosigned", "no_quorum"),
        ("sealing_again", None),
    ]


def test_a_log_without_a_key_is_missing(system: System) -> None:
    with system.database.begin(write=True) as work:
        work.parties.add(Party(id="ann", name="Ann"), system.clock())
        work.commit()
    with pytest.raises(LogMissing):
        system.log.seal()
    system.close()

"""One seed from its first payout to rest: chaos, then everything is mended, then what must hold is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.payouts_simulation import actions
from benchmarks.payouts_simulation.crashes import Crashed, Crashes, crashes_of
from benchmarks.payouts_simulation.invariants import Seen, always, at_rest
from benchmarks.payouts_simulation.stage import CREATORS, FUNDS, Stage, set_up
from provenance.payouts.next_step import AskPerson
from provenance.services import payout_advance, payout_decisions

Action = Callable[[Stage], None]

ROUNDS = (6, 10, 16)
MENDING_MAX = 70
# For how long the provider still goes wrong while all else is being mended.
FAULTY_ROUNDS = 3
# Actions of the chaos, and how often each comes up.
CHAOS: tuple[tuple[Action, int], ...] = (
    (actions.work, 10),
    (actions.hear, 7),
    (actions.jump, 6),
    (actions.linger, 3),
    (actions.plan, 3),
    (actions.approve, 3),
    (actions.script, 3),
    (actions.onboard, 2),
    (actions.cancel, 1),
    (actions.retry, 1),
    (actions.bounce, 2),
    (actions.trouble, 1),
    (actions.earn, 2),
    (actions.close_month, 1),
    (actions.look_again, 1),
)


@dataclass(kw_only=True)
class Played:
    """What became of a seed: what didn't hold (nothing, if all is well), where processes died, how payouts ended."""

    seed: int
    broken: tuple[str, ...] = ()
    deaths: Counter[str] = field(default_factory=Counter)
    points: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)


def play(seed: int, template: Path, *, crashes: Crashes | None = None, story: Sequence[Action] | None = None) -> Played:
    """Play a seed, or a ``story`` in place of its chaos. The same seed plays the same, from run to run."""
    stage = set_up(seed, template, crashes or crashes_of(seed))
    seen = Seen()
    try:
        broken = (_chaos(stage, seen) if story is None else _tell(stage, seen, story)) or _mend(stage, seen)
    except Exception as error:  # noqa: BLE001  whatever the saga raises is a finding
        broken = (f"unexpected: {type(error).__name__}: {str(error)[:300]}",)
    finally:
        stage.close()
    ended = Counter(str(row[3]) for row in _last_events(seen))
    return Played(
        seed=seed,
        broken=broken,
        deaths=stage.crashes.deaths,
        points=stage.crashes.passed,
        ended=ended,
        struck=stage.double.world.struck,
    )


def _chaos(stage: Stage, seen: Seen) -> tuple[str, ...]:
    for currency, amount in sorted(FUNDS.items()):
        if stage.random.random() < 0.8:
            stage.double.fund(amount, currency)
    stage.beside = lambda: stage.random.choice((actions.work, actions.process, actions.look_again))(stage)
    if stage.random.random() < 0.2:
        _live(stage, actions.onboard)
    with stage.safe():
        actions.onboard(stage)
    if stage.random.random() < 0.8:
        _live(stage, actions.script)
    _live(stage, actions.plan)
    _live(stage, stage.random.choice((actions.work, actions.linger, actions.jump)))
    weights = [weight for _, weight in CHAOS]
    _ = tuple(always(stage, seen))  # how it began
    for _ in range(stage.random.choice(ROUNDS)):
        [(action, _weight)] = stage.random.choices(CHAOS, weights)
        _live(stage, action)
        if broken := tuple(always(stage, seen)):
            return broken
    return ()


def _tell(stage: Stage, seen: Seen, story: Sequence[Action]) -> tuple[str, ...]:
    """A story, told to its end however often its processes die; nothing goes wrong after it."""
    stage.double.fund(FUNDS["jpy"], "jpy")
    with stage.safe():
        actions.onboard(stage)
    for action in story:
        _live(stage, action)
        if broken := tuple(always(stage, seen)):
            return broken
    stage.crashes.armed = False
    return ()


def _live(stage: Stage, action: Action) -> None:
    """Do something in a process, which may die over it. Whatever comes next is done by another."""
    try:
        action(stage)
    except Crashed:
        stage.notes.append(f"died in {action.__name__}")


def _mend(stage: Stage, seen: Seen) -> tuple[str, ...]:
    """Mend all that can be mended, and go on until nothing moves; then look. Provider and processes are mended last."""
    for currency, amount in sorted(FUNDS.items()):
        stage.double.fund(amount, currency)
    bounces = stage.random.choice((0, 0, 1, 2)) if stage.crashes.armed else 0
    for number in range(MENDING_MAX):
        if number >= FAULTY_ROUNDS:
            stage.double.world.script.clear()
            stage.crashes.armed = False
        stage.double.advance(max(7 * 3_600, _until_due(stage)))
        if bounces and stage.random.random() < 0.3:
            bounces -= 1
            actions.bounce(stage)  # before anybody has heard of anything
        if differs := _differ(stage):
            return differs
        try:
            rests = _rests(stage) and not stage.crashes.armed
        except Crashed:
            rests = False
        if broken := tuple(always(stage, seen)):
            return broken
        if rests and not bounces:
            return tuple(at_rest(stage, seen))
        if rests:
            bounces -= 1
            actions.bounce(stage)  # a bank has the last word
    return ("it never came to rest", *at_rest(stage, seen))


def _differ(stage: Stage) -> tuple[str, ...]:
    """Payouts of which the provider has something else than was intended: here nobody but the saga did that."""
    found = stage.read("SELECT code FROM payout_event WHERE what = 'differs'")
    return tuple(f"the provider has something else: {code}" for (code,) in found)


def _until_due(stage: Stage) -> int:
    """Seconds until something happens at the provider by itself."""
    due = stage.double.world.due
    return due[0][0] - stage.double.now if due else 0


def _rests(stage: Stage) -> bool:
    """Let every worker and operator do what there is to do; whether there was nothing left."""
    actions.hear_all(stage)
    actions.approve(stage)
    if _work(stage) or stage.double.world.due or not _all_over(stage):
        return False
    before = _events(stage)
    actions.onboard(stage)
    actions.close_month(stage)
    actions.plan(stage)
    actions.approve(stage)
    if _events(stage) != before or not _all_over(stage) or not all(actions.all_ready(stage, p) for p in CREATORS):
        return False
    if stage.double.world.struck["event_dropped"]:
        stage.nightly = True  # nothing else tells of what a lost event would have told
    actions.look_again(stage)
    return _events(stage) == before and not stage.double.world.deliveries and not stage.on_the_way


def _work(stage: Stage) -> bool:
    """Move everything on, and let operators answer what is asked of them; whether something was."""
    asked = False
    for advanced in payout_advance.advance_all(stage.database, stage.providers, stage.clock):
        if isinstance(advanced.next, AskPerson) and advanced.next.why in ("refused", "undo_refused"):
            payout_decisions.retry(stage.database, advanced.payout, by="desk", reason="mended", at=stage.clock())
            asked = True
    return asked


def _all_over(stage: Stage) -> bool:
    return all(state in ("settled", "returned", "cancelled") for state in stage.payouts().values())


def _events(stage: Stage) -> int:
    [(count,)] = stage.read("SELECT count(*) FROM payout_event")
    return int(count)


def _last_events(seen: Seen) -> list[tuple[object, ...]]:
    last = {row[0]: row for row in sorted(seen.rows.get("payout_event", ()), key=lambda row: (row[0], row[1]))}
    return list(last.values())

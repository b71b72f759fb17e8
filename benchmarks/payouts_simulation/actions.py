"""What may happen next: each action is what a worker, an operator, a provider or the world does on its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from benchmarks.payouts_simulation.stage import CREATORS, OPERATORS, OWED, Stage, owe
from provenance.adapters.stripe_connect.webhooks import verified_report
from provenance.kernel.errors import Conflict, Unavailable
from provenance.services import payees, payout_advance, payout_decisions, payout_plan, payout_reports
from provenance.services.close import close_period
from provenance.stripe_double.core import account_state, control
from provenance.stripe_double.core.faults import OF_EVENTS, OF_PAYOUTS, FaultKind
from provenance.stripe_double.core.payouts import fail
from provenance.stripe_double.core.records import Account, Payout

PATHS = ("/v1/transfers", "/v1/transfers", "/v1/transfers/*/reversals", "/v1/payouts", "/v1/payouts", "/v1/*")
EVENT_TYPES = ("transfer.*", "payout.*", "payout.paid", "payout.failed", "account.*", "*")
# Those that leave it open what happened come up more often.
KINDS = (
    *sorted(FaultKind),
    *(FaultKind.TIMEOUT_AFTER, FaultKind.SLOW, FaultKind.ERROR_AFTER) * 3,
    *(FaultKind.PAYOUT_FAILS, FaultKind.PAYOUT_FAILS_LATE, FaultKind.EVENT_LATE),
)
FAILURES = ("account_closed", "no_account", "could_not_process", "insufficient_funds")
# No request is worked on for longer than this: a provider that took hours couldn't be reconciled with by anybody.
SLOW_SECONDS = (20, 200, 600, 1_800)
JUMPS = (30, 90, 600, 3_600, 6 * 3_600, 13 * 3_600, 25 * 3_600, 3 * 86_400)


def onboard(stage: Stage) -> None:
    """Every creator has an account that is ready; one that is dead, as may be found out here, is replaced."""
    for party in CREATORS:
        for _ in range(2):
            if not all_ready(stage, party):
                _onboard(stage, party)


def _onboard(stage: Stage, party: str) -> None:
    try:
        found = payees.open_account(
            stage.database, stage.onboarding, party, country="US", email=None, clock=stage.clock
        )
        assert found.account is not None, "it was opened"
        for currency in sorted({currency for who, currency in OWED if who == party}):
            stage.double.onboard(found.account.account, currency=currency.lower())
        payees.refresh(stage.database, stage.onboarding, party, stage.clock)
    except Unavailable:
        stage.notes.append("the provider was away")


def plan(stage: Stage) -> None:
    """An operator runs the payouts."""
    by = stage.random.choice(OPERATORS)
    planned = payout_plan.run(stage.database, stage.provider.way, stage.limits, by=by, at=stage.clock())
    stage.notes.append(f"planned {len(planned.payouts)}")


def approve(stage: Stage) -> None:
    """The other operator approves whatever waits for it."""
    for payout, planned_by in stage.read("SELECT id, planned_by FROM payout WHERE approvals > 1 ORDER BY seq"):
        if stage.payouts()[payout] == "planned":
            by = next(by for by in OPERATORS if by != planned_by)
            payout_decisions.approve(stage.database, payout, by=by, at=stage.clock())


def work(stage: Stage) -> None:
    """A worker moves on all that there is."""
    for _ in payout_advance.advance_all(stage.database, stage.providers, stage.clock):
        pass


def hear(stage: Stage) -> None:
    """Events come in, some of them later, some twice, some out of order, and are made something of."""
    arrive(stage)
    if stage.random.random() < 0.5:
        stage.random.shuffle(stage.on_the_way)
    for event in tuple(stage.on_the_way):
        if stage.random.random() < 0.15:
            continue  # it comes later
        take_in(stage, *event)
        if stage.random.random() < 0.95:
            stage.on_the_way.remove(event)  # or it comes once more
    process(stage)


def hear_all(stage: Stage) -> None:
    """Every event there is comes in."""
    arrive(stage)
    for event in tuple(stage.on_the_way):
        take_in(stage, *event)
        stage.on_the_way.remove(event)
    process(stage)


def arrive(stage: Stage) -> None:
    """What was sent by now is on its way, until it was taken in: who dies over it is told again."""
    stage.on_the_way += [(delivery.body, delivery.signature) for delivery in stage.double.deliveries()]


def take_in(stage: Stage, body: bytes, signature: str) -> None:
    """One event, by way of the webhook; an event that comes late is signed anew, as Stripe does when it tries again."""
    signed_at = int(signature.partition(",")[0].removeprefix("t="))
    report = verified_report(
        stage.double.client(),
        body,
        signature,
        secrets=stage.secrets,
        now=stage.clock() - timedelta(seconds=stage.double.now - signed_at),
    )
    payout_reports.take_in(stage.database, report, at=stage.clock())


def process(stage: Stage) -> None:
    """Make something of what came in."""
    try:
        for _ in payout_reports.process(stage.database, stage.providers, stage.onboarding, stage.clock):
            pass
    except Unavailable:
        stage.notes.append("the provider was away")


def jump(stage: Stage) -> None:
    """Time passes, at times more than a key is kept."""
    stage.double.advance(stage.random.choice(JUMPS))


def linger(stage: Stage) -> None:
    """A worker that looks in every minute or so."""
    for _ in range(stage.random.choice((2, 3, 5))):
        stage.double.advance(stage.random.choice((20, 65, 130)))
        work(stage)


def cancel(stage: Stage) -> None:
    """An operator cancels a payout, where that is possible."""
    _decide(stage, lambda id_: payout_decisions.cancel(
        stage.database, id_, by="desk", reason="changed our minds", at=stage.clock()
    ))  # fmt: skip


def retry(stage: Stage) -> None:
    """An operator lets a payout go on, where that is possible."""
    _decide(stage, lambda id_: payout_decisions.retry(
        stage.database, id_, by="desk", reason="looked at it", at=stage.clock()
    ))  # fmt: skip


def look_again(stage: Stage) -> None:
    """The nightly look at what was thought to be over, where there is one."""
    if not stage.nightly:
        return
    for payout in stage.payouts():
        payout_advance.advance(stage.database, stage.providers, payout, stage.clock, look_again=True)


def trouble(stage: Stage) -> None:
    """Something goes wrong with an account."""
    accounts = [
        record.id
        for record in stage.double.world.objects.values()
        if isinstance(record, Account) and record.id != stage.double.world.platform
    ]
    if accounts:
        account = stage.random.choice(accounts)
        what = stage.random.choice((control.require_document, control.require_document, account_state.close))
        what(stage.double.world, account)


def bounce(stage: Stage) -> None:
    """A bank sends back what it had taken on, maybe days after it said that it was paid."""
    paid = [
        record.id
        for record in stage.double.world.objects.values()
        if isinstance(record, Payout) and record.status in ("in_transit", "paid")
    ]
    if paid:
        fail(stage.double.world, stage.random.choice(paid))


def earn(stage: Stage) -> None:
    """A party is owed more, or something is taken back from it."""
    party, currency = stage.random.choice(sorted(OWED))
    micros = stage.random.choice((3_000_000, 17_123_456, 9_000, -2_500_000, -40_000_000))
    stage.earned += 1
    at, key = stage.clock(), f"later {stage.earned}"
    with stage.safe():
        owe(stage.database, key, party, currency, micros, at=at)
    stage.credited[party, currency] += micros


def close_month(stage: Stage) -> None:
    """A month is closed, so that more is due."""
    month = stage.month()
    if month is not None:
        with stage.safe():
            close_period(stage.database, month, closed_by="press", at=stage.clock())
        stage.closed += 1
        stage.stated = stage.credited.copy()


def script(stage: Stage) -> None:
    """The provider goes wrong, some way or other."""
    random = stage.random
    for _ in range(random.choice((1, 2, 3, 5, 8))):
        kind = random.choice(KINDS)
        path = random.choice(EVENT_TYPES) if kind in OF_EVENTS else random.choice(PATHS)
        stage.double.inject(
            kind,
            path="*" if kind in OF_PAYOUTS else path,
            skip=random.choice((0, 0, 0, 0, 1, 2)),
            times=random.choice((1, 1, 2, 4)),
            seconds=random.choice(SLOW_SECONDS) if kind is FaultKind.SLOW else random.randrange(1, 3 * 86_400),
            copies=random.choice((1, 2)),
            failure_code=random.choice(FAILURES),
        )


def _decide(stage: Stage, decide: Callable[[str], object]) -> None:
    found = sorted(stage.payouts())
    if found:
        try:
            decide(stage.random.choice(found))
        except Conflict as error:
            if "database" in error.message:  # it refused what the service had allowed
                raise
            stage.notes.append("can't be decided")


def all_ready(stage: Stage, party: str) -> bool:
    """Whether a party's last account is known to be ready, and is."""
    known = stage.read(
        "SELECT a.account, s.readiness FROM payee_account a JOIN payee_account_state s ON s.account = a.id"
        f" WHERE a.party = '{party}' ORDER BY a.number DESC, s.number DESC LIMIT 1"
    )
    if not known or known[0][1] != "ready":
        return False
    account = stage.double.world.objects[known[0][0]]
    return isinstance(account, Account) and account.payouts_enabled and account.can("transfers")

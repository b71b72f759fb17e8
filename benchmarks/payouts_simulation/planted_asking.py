"""Bugs in how the provider is asked: under which key, for what, and what is made of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import stripe

from benchmarks.payouts_simulation.planted import Bug, Plant, around, both, swap
from provenance.adapters.stripe_connect import objects, provider
from provenance.adapters.stripe_connect.provider import StripeConnect
from provenance.payouts import next_step
from provenance.payouts.leg import Attempt
from provenance.payouts.next_step import Ask, Find
from provenance.payouts.outcome import Accepted, Outcome, ProviderObject, Refused, Status, Unknown
from provenance.payouts.position import Course
from provenance.services.payment_provider import Instruction

_tries = count(1)


class _AnotherKey:
    """An SDK service whose calls go out under another key each time, or with other options."""

    def __init__(self, inner: Any, options: Any) -> None:
        self._inner, self._options = inner, options

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create(self, *args: Any, params: Any = None, options: Any = None) -> Any:
        return self._inner.create(*args, params=params, options=self._options(dict(options or {})))


class _Services:
    """The SDK's services with some of them replaced."""

    def __init__(self, inner: Any, **replaced: Any) -> None:
        self._inner, self._replaced = inner, replaced

    def __getattr__(self, name: str) -> Any:
        return self._replaced.get(name) or getattr(self._inner, name)


def _with_options(service: str, options: Any) -> Plant:
    """All calls of a service that make something, with other options."""

    def make(send: Any) -> Any:
        def sent(self: Any, instruction: Instruction) -> Any:
            inner = self._stripe
            self._stripe = _Services(inner, **{service: _AnotherKey(getattr(inner, service), options)})
            try:
                return send(self, instruction)
            finally:
                self._stripe = inner

        return sent

    return around(StripeConnect, "send", make)


def _key_per_try(options: Any) -> Any:
    return {**options, "idempotency_key": f"{options['idempotency_key']}-{next(_tries)}"}


def _key_of_the_day(options: Any) -> Any:
    return {name: value for name, value in options.items() if name != "idempotency_key"}


def _platform_instead(options: Any) -> Any:
    return {name: value for name, value in options.items() if name != "stripe_account"}


def _taken_for(*kinds: type[Exception], status: int | None = None) -> Plant:
    """Errors that leave it open what happened, taken for refusals without an effect."""

    def make(outcome_of: Any) -> Any:
        def outcome(error: stripe.StripeError) -> Any:
            if isinstance(error, kinds) and status in (None, error.http_status):
                return Refused(code="failed", permanent=False)
            return outcome_of(error)

        return outcome

    return around(provider, "outcome_of", make)


def _nothing_there(_self: Any, _instruction: Instruction) -> Sequence[Any] | Unknown:
    return []


def _asked_for_ever(course: Course, now: Any, _retention: Any) -> Any:
    until = next_step._rested(course, course.tries)  # noqa: SLF001  the bug is in there
    assert course.attempt is not None, "an attempt was begun"
    return next_step.Wait(until=until) if until and now < until else Ask(attempt=course.attempt)


def _retention_of_the_last_try(asking: Any) -> Any:
    def asked(course: Course, now: Any, retention: Any) -> Any:
        last = course.last_at if course.tries else None
        step = asking(course, now, retention)
        if isinstance(step, Find) and step.conclusive and last and retention and now < last + retention:
            return Ask(attempt=step.attempt)
        return step

    return asked


def _conclusive_at_once(asking: Any) -> Any:
    def asked(course: Course, now: Any, retention: Any) -> Any:
        step = asking(course, now, retention)
        return Find(attempt=step.attempt, conclusive=True) if isinstance(step, Ask) and course.tries else step

    return asked


def _another_amount(send: Any) -> Any:
    def sent(currency: str, minor_units: int) -> int:
        return int(send(currency, minor_units)) * (100 if currency == "JPY" else 1)

    return sent


def _another_amount_back(read: Any) -> Any:
    def found(currency: str, amount: int) -> int:
        return int(read(currency, amount)) // (100 if currency == "JPY" else 1)

    return found


def _accepted_is_done(send: Any) -> Any:
    def sent(self: Any, instruction: Instruction) -> Outcome:
        outcome: Outcome = send(self, instruction)
        if isinstance(outcome, Accepted):
            return Accepted(found=replace(outcome.found, status=Status.DONE))
        return outcome

    return sent


def _half(undo: Any) -> Any:
    def undone(self: Any, instruction: Instruction, transfer: str) -> Outcome:
        payout = replace(instruction.payout, minor_units=max(1, instruction.payout.minor_units // 2))
        outcome: Outcome = undo(self, replace(instruction, payout=payout), transfer)
        return outcome

    return undone


def _undone_without_asking(_self: Any, instruction: Instruction, transfer: str) -> Outcome:
    payout, attempt = instruction.payout, instruction.attempt
    return Accepted(
        found=ProviderObject(
            id=f"trr_of_{transfer}",
            key=attempt.key,
            account=instruction.account,
            currency=payout.currency,
            minor_units=payout.minor_units,
            status=Status.DONE,
        )
    )


def _any_object(find: Any) -> Any:
    def found(self: Any, instruction: Instruction) -> Any:
        there = find(self, instruction)
        return there if isinstance(there, Unknown) else list(self._all_of(instruction))

    return found


def _dollars(transfer: Any) -> Any:
    def made(self: Any, instruction: Instruction) -> Any:
        return transfer(self, replace(instruction, payout=replace(instruction.payout, currency="USD")))

    return made


def _key_of(attempt: Attempt) -> str:
    return f"{attempt.payout}:{attempt.leg}:{attempt.ordinal}"


def _key_without_ordinal(attempt: Attempt) -> str:
    return f"{attempt.payout}:{'undo-' if attempt.undoes else ''}{attempt.leg}"


_CONNECTION, _API = stripe.APIConnectionError, stripe.APIError
BUGS = (
    Bug(name="a key per try of a transfer", plant=_with_options("transfers", _key_per_try)),
    Bug(name="a key per try of a payout to the bank", plant=_with_options("payouts", _key_per_try)),
    Bug(name="no key for a transfer", plant=_with_options("transfers", _key_of_the_day)),
    Bug(name="no key for a payout to the bank", plant=_with_options("payouts", _key_of_the_day)),
    Bug(name="a payout from the platform's own account", plant=_with_options("payouts", _platform_instead)),
    Bug(name="a timeout is taken for a refusal", plant=_taken_for(_CONNECTION)),
    Bug(name="a 500 is taken for a refusal", plant=_taken_for(_API, status=500)),
    Bug(name="a key in use is taken for a refusal", plant=_taken_for(_API, status=409)),
    Bug(name="keys are thought to be kept for ever", plant=swap(StripeConnect, "key_retention", None)),
    Bug(
        name="keys are thought to be kept for a week",
        plant=swap(StripeConnect, "key_retention", timedelta(days=7)),
    ),
    Bug(name="asked again past the retention without looking", plant=swap(next_step, "_asking", _asked_for_ever)),
    Bug(
        name="the retention counts from the last try",
        plant=around(next_step, "_asking", _retention_of_the_last_try),
    ),
    Bug(name="begun anew past the retention without looking", plant=swap(StripeConnect, "find", _nothing_there)),
    Bug(name="what isn't there yet is taken for absent", plant=around(next_step, "_asking", _conclusive_at_once)),
    Bug(name="whatever is found is taken for the attempt's", plant=around(StripeConnect, "find", _any_object)),
    Bug(name="the key doesn't tell undoing from doing", plant=swap(Attempt, "key", property(_key_of))),
    Bug(name="the key has no ordinal", plant=swap(Attempt, "key", property(_key_without_ordinal))),
    Bug(
        name="yen are counted in hundredths",
        plant=both(
            around(provider, "to_stripe", _another_amount), around(objects, "from_stripe", _another_amount_back)
        ),
    ),
    Bug(name="all is paid in dollars", plant=around(StripeConnect, "_transfer", _dollars)),
    Bug(name="what is accepted is taken for done", plant=around(StripeConnect, "send", _accepted_is_done)),
    Bug(name="half of a transfer is reversed", plant=around(StripeConnect, "_undo", _half)),
    Bug(name="a reversal is lost", plant=swap(StripeConnect, "_undo", _undone_without_asking)),
)

"""When a delivery is tried again: ever later, never at the same moment for all, and not for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from provenance.kernel.canonical import sha256_hex

# After the first try at once: as Standard Webhooks recommends, a little over two days in all.
WAITS = tuple(
    timedelta(seconds=s) for s in (5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600)
)
ATTEMPTS_MAX = len(WAITS) + 1
JITTER_PERCENT = 20
RETRY_AFTER_MAX = timedelta(hours=24)
# What wasn't taken by then isn't tried any more, as where its endpoint was disabled; it can be told again.
KEPT_FOR = timedelta(days=30)

_A_MICROSECOND = timedelta(microseconds=1)


def next_try(attempts: int, *, at: datetime, seed: str, retry_after: timedelta | None = None) -> datetime | None:
    """When to try again after ``attempts`` that failed, the last one ``at``; None where it is given up.

    Up to `JITTER_PERCENT` is added, by a number that follows from ``seed``. What a receiver asks for is kept to, up to
    `RETRY_AFTER_MAX`.
    """
    assert attempts >= 1, "something failed"
    if attempts >= ATTEMPTS_MAX:
        return None
    wait = WAITS[attempts - 1]
    part = int(sha256_hex(f"{seed}:{attempts}".encode())[:8], 16)  # of 2**32
    jitter = wait // _A_MICROSECOND * JITTER_PERCENT * part // (100 * 2**32)
    jittered = wait + jitter * _A_MICROSECOND
    asked = min(retry_after, RETRY_AFTER_MAX) if retry_after is not None else timedelta()
    return at + max(jittered, asked)

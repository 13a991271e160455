"""Decides whether and when a failed attempt is made again. It makes no request and sleeps not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from lauren_ai._exceptions import TransportError

MAX_WAIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryNotice:
    """Tells a person why they wait: attempt `attempt` of `attempts` comes in `delay` seconds."""

    error: TransportError
    delay: float
    attempt: int
    attempts: int


OnRetry = Callable[[RetryNotice], None]


def get_retry_delay(error: TransportError, *, attempt: int, retries: int) -> float | None:
    """Seconds before attempt number `attempt` (from 1) is repeated, or None to give up.

    The provider's own `retry-after` rules; over 60 s it is an answer for the person, not a wait.
    Without one: exponential from 0.5 s to 8 s, less up to a quarter at random.
    A request that our own limit ended is never sent again by itself: it is billed.
    """
    if not error.retryable or error.is_out_of_time or attempt > retries:
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= MAX_WAIT_S else None
    return float(min(0.5 * 2 ** (attempt - 1), 8.0) * (1 - 0.25 * random.random()))

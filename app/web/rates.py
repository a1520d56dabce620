"""How often one connection may ask: a bucket of tokens that refills with time."""

from __future__ import annotations

import threading
import time


class RateLimit:
    """`burst` events at once, `rate` events a second in the long run, by key; thread-safe."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def admits(self, key: str) -> bool:
        """Take one token of this key's bucket; False when it is empty."""
        now = time.monotonic()
        with self._lock:
            tokens, then = self._buckets.get(key, (self._burst, now))
            tokens = min(self._burst, tokens + (now - then) * self._rate)
            admitted = tokens >= 1
            self._buckets[key] = (tokens - admitted, now)
        return admitted

    def forget(self, key: str) -> None:
        """Drop the bucket of a connection that is gone."""
        with self._lock:
            self._buckets.pop(key, None)

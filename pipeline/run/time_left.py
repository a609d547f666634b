"""How long a run will still take, from what it has done so far: no figure without ground, and none that jumps about."""

from __future__ import annotations

import math
from collections import deque

_WINDOW = 60.0  # seconds that a pace is taken over; a book is many seconds of work, and is counted in few steps
_FEWEST_SECONDS = 3.0  # of work, before there is a pace
_SETTLING = 10.0  # seconds in which a shown figure comes two thirds nearer to a lower estimate
_FAR_OFF, _FAR_OFF_SECONDS = 1.5, 5.0  # how much longer than shown an estimate is, in shares and beyond, to be believed
_PATIENCE = 20.0  # seconds that it has to stay so


class Throughput:
    """How much is done in a second, over the last minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()

    def add(self, done: float, now: float) -> None:
        """Takes how much is done in all at a time; the first one starts the clock."""
        if self._seen and now - self._seen[-1][0] < 1.0:
            return
        self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _WINDOW:
            self._seen.popleft()

    def per_second(self, done: float, now: float) -> float | None:
        """done: in all, now. None where it is too early to tell, or nothing was done."""
        if not self._seen or now - self._seen[0][0] < _FEWEST_SECONDS:
            return None
        at, then = self._seen[0]
        return (done - then) / (now - at) if done > then else None


class Countdown:
    """Time left as it is shown: it falls by itself, stands still where it was too low, and rises only when it was so
    for long and by far."""

    def __init__(self) -> None:
        self._left: float | None = None
        self._at = 0.0
        self._late_since: float | None = None

    @property
    def left(self) -> float | None:
        """Seconds shown last."""
        return self._left

    def show(self, estimate: float | None, now: float) -> float | None:
        """Seconds to show for an estimate of seconds left; None until there is a first one."""
        if self._left is None:
            self._left, self._at = estimate, now
            return estimate
        passed, self._at = max(0.0, now - self._at), now
        falling = max(0.0, self._left - passed)
        if estimate is None:
            self._left = falling
            return falling
        if estimate <= _FAR_OFF * self._left + _FAR_OFF_SECONDS:
            self._late_since = None
        elif self._late_since is None:
            self._late_since = now
        elif now - self._late_since >= _PATIENCE:
            self._left, self._late_since = estimate, None
            return estimate
        nearer = (estimate - falling) * -math.expm1(-passed / _SETTLING)
        self._left = min(self._left, falling + nearer)
        return self._left

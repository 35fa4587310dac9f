"""Failures ordered beforehand, and Slack's rate limits."""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

# "Rate limits": about one message a second in a channel; chat.update is Tier 3.
SECONDS_BETWEEN_POSTS = 1.0
UPDATES_PER_MINUTE = 50
MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to a call instead of, or on top of, what it asks for.

    `error` answers {"ok": false, "error": ...}; `status` answers with that HTTP status; `retry_after` answers 429 with
    that many seconds; `drop` does what was asked and then answers 504, as when the answer is lost on its way; `delay`
    waits that many seconds first and goes with any of the others. Only calls that mention the text `containing` meet
    it, by default all.
    """

    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    delay: float = 0
    drop: bool = False
    containing: str = ""

    def __post_init__(self) -> None:
        kinds = [self.error is not None, self.status is not None, self.retry_after is not None, self.drop]
        if sum(kinds) > 1:
            raise ValueError("a fault is one of error, status, retry_after and drop")
        if not any(kinds) and not self.delay > 0:
            raise ValueError("a fault needs one of error, status, retry_after, drop and delay")


ANY_METHOD = "*"


class FaultQueue:
    """The faults waiting for each method, first in, first out; those for ANY_METHOD meet calls that none else meets,
    and what a method is always refused with meets what is left."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._lasting: defaultdict[str, list[Fault]] = defaultdict(list)

    def add_lasting(self, method: str, fault: Fault) -> None:
        """Let every call of a method meet this fault from now on."""
        self._lasting[method].append(fault)

    def add(self, method: str, fault: Fault, times: int) -> None:
        """Let the next `times` calls of a method meet this fault."""
        if times < 1:
            raise ValueError("times starts at 1")
        self._waiting[method].extend([fault] * times)

    def take(self, method: str, said: str) -> Fault | None:
        """The first fault a call of a method that says this meets, if any; used up, unless it is lasting."""
        for waiting in (self._waiting[method], self._waiting[ANY_METHOD]):
            if met := next((fault for fault in waiting if fault.containing in said), None):
                waiting.remove(met)
                return met
        return next((fault for fault in self._lasting[method] if fault.containing in said), None)

    @property
    def waiting(self) -> int:
        """How many faults no call has met yet."""
        return sum(map(len, self._waiting.values()))

    def clear(self) -> None:
        """Forget all that is waiting, and all that lasts."""
        self._waiting.clear()
        self._lasting.clear()


class RateLimits:
    """Counts the calls that were let through; a refused one does not count."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last_post: dict[str, float] = {}
        self._updates: deque[float] = deque()

    def seconds_to_wait(self, method: str, channel: str) -> int:
        """0 when the call may pass, else whole seconds for the Retry-After header."""
        wait = {"chat.postMessage": self._wait_to_post, "chat.update": self._wait_to_update}.get(method)
        return math.ceil(wait(channel)) if wait else 0

    def _wait_to_post(self, channel: str) -> float:
        now = self._now()
        wait = self._last_post.get(channel, -math.inf) + SECONDS_BETWEEN_POSTS - now
        if wait <= 0:
            self._last_post[channel] = now
        return max(0.0, wait)

    def _wait_to_update(self, channel: str) -> float:
        now = self._now()
        while self._updates and self._updates[0] + MINUTE <= now:
            self._updates.popleft()
        if len(self._updates) >= UPDATES_PER_MINUTE:
            return self._updates[0] + MINUTE - now
        self._updates.append(now)
        return 0.0

"""Failures ordered beforehand, and Slack's rate limits."""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

# "Rate limits": about one message a second in a channel; methods of Tier 3 are called 50 times a minute, each.
SECONDS_BETWEEN_POSTS = 1.0
TIER_3 = ("chat.update", "users.lookupByEmail")
CALLS_PER_MINUTE = 50
MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to a call instead of, or on top of, what it asks for.

    `error` answers {"ok": false, "error": ...}; `status` answers with that HTTP status; `retry_after` answers 429 with
    that many seconds; `drop` does what was asked and then answers 504, as when the answer is lost on its way; `delay`
    waits that many seconds first and goes with any of the others. Only calls about this `channel` that mention the text
    `containing` meet it, by default all.
    """

    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    delay: float = 0
    drop: bool = False
    containing: str = ""
    channel: str = ""

    def __post_init__(self) -> None:
        kinds = [self.error is not None, self.status is not None, self.retry_after is not None, self.drop]
        if sum(kinds) > 1:
            raise ValueError("a fault is one of error, status, retry_after and drop")
        if not any(kinds) and not self.delay > 0:
            raise ValueError("a fault needs one of error, status, retry_after, drop and delay")

    def meets(self, said: str, channel: str) -> bool:
        """Whether a call about a channel, which says this, is meant."""
        return self.containing in said and self.channel in ("", channel)


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

    def take(self, method: str, said: str, channel: str) -> Fault | None:
        """The first fault a call of a method about a channel meets, if any; used up, unless it is lasting."""
        for waiting in (self._waiting[method], self._waiting[ANY_METHOD]):
            if met := next((fault for fault in waiting if fault.meets(said, channel)), None):
                waiting.remove(met)
                return met
        return next((fault for fault in self._lasting[method] if fault.meets(said, channel)), None)

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
        self._held_until: dict[str, float] = {}
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def hold(self, channel: str, seconds: float) -> None:
        """Let no post into a channel for so long, as when it had too many."""
        self._held_until[channel] = self._now() + seconds

    def seconds_held(self, method: str, channel: str) -> int:
        """Whole seconds for the Retry-After header of a post into a channel that is held; else 0."""
        wait = self._held_until.get(channel, -math.inf) - self._now() if method == "chat.postMessage" else 0
        return math.ceil(max(0.0, wait))

    def seconds_to_wait(self, method: str, channel: str) -> int:
        """0 when the call may pass, else whole seconds for the Retry-After header."""
        if method == "chat.postMessage":
            return math.ceil(self._wait_to_post(channel))
        return math.ceil(self._wait_to_call(self._calls[method])) if method in TIER_3 else 0

    def _wait_to_post(self, channel: str) -> float:
        now = self._now()
        wait = self._last_post.get(channel, -math.inf) + SECONDS_BETWEEN_POSTS - now
        if wait <= 0:
            self._last_post[channel] = now
        return max(0.0, wait)

    def _wait_to_call(self, calls: deque[float]) -> float:
        now = self._now()
        while calls and calls[0] + MINUTE <= now:
            calls.popleft()
        if len(calls) >= CALLS_PER_MINUTE:
            return calls[0] + MINUTE - now
        calls.append(now)
        return 0.0

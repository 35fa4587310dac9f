"""How much fails and is hidden: the least important part of a digest, which it does without rather than be late."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum

from shared.aws.scan import Position, Scan
from shared.digest.hidden import HiddenCount, Hiding
from shared.digest.open_list import OpenList
from shared.errors import ScanIncompleteError
from shared.pipeline.gathering import seconds_to_read
from shared.policy.selection import Policy
from shared.telemetry import Telemetry

MOST_COUNTED = 30_000  # in one way: 300 requests, and half a megabyte for the next digest to remember
SECONDS_TO_COUNT = 180
GONE_ON = "counting_gone_on"
SECONDS_SPENT = "counting_seconds"


class _End(StrEnum):
    """How counting ended."""

    WHOLE = "whole"
    BOUND = "bound"  # there are more than anybody counts
    UNKNOWN = "unknown"


class Counting:
    """Counts what is hidden."""

    def __init__(self, *, scan: Scan, telemetry: Telemetry, clock: Callable[[], datetime]) -> None:
        self._scan = scan
        self._telemetry = telemetry
        self._clock = clock

    def count(self, open_list: OpenList, policy: Policy, seconds_left: Callable[[], float]) -> None:
        """Note what is hidden, from where an earlier part ended, once the list itself is whole.

        Whatever keeps Security Hub from answering is logged; nothing is raised.
        """
        began, before = self._clock(), open_list.noted(SECONDS_SPENT) or 0

        def spent() -> float:
            return float(before) + (self._clock() - began).total_seconds()

        def invocation() -> float:
            return seconds_to_read(seconds_left, open_list)

        def own() -> float:
            return SECONDS_TO_COUNT - spent()

        open_list.hide_lowered(MOST_COUNTED + 1)
        for hiding in Hiding:
            if _end(hiding, open_list) is not None:
                continue
            end: _End | None = None
            try:
                end = self._count(hiding, open_list, policy, lambda: min(invocation(), own()))
            except ScanIncompleteError as error:
                is_short = error.problem is None and invocation() < own()  # another invocation would have more
                if not is_short:
                    end = _End.UNKNOWN
                self._telemetry.log.warning("digest counted not all", extra={"hiding": hiding.value, "why": str(error)})
            open_list.note(f"{hiding}_end", end)
        open_list.note(SECONDS_SPENT, spent())

    def goes_on(self, open_list: OpenList) -> bool:
        """Whether another invocation is to count what this one had no time for: it gets one, and no third."""
        has_gone_on = open_list.noted(GONE_ON)
        open_list.note(GONE_ON, True)
        return not has_gone_on and any(_end(hiding, open_list) is None for hiding in Hiding)

    def counted(self, open_list: OpenList) -> dict[Hiding, HiddenCount]:
        """What was counted; what was not, or not to its end, is not known."""
        return {hiding: _counted(hiding, open_list) for hiding in Hiding}

    def _count(self, hiding: Hiding, open_list: OpenList, policy: Policy, seconds_left: Callable[[], float]) -> _End:
        """Raises ScanIncompleteError where an answer is missing."""
        name = f"{hiding}_position"
        position = Position(**(open_list.noted(name) or {}))
        if open_list.hidden_count(hiding) > MOST_COUNTED:
            return _End.BOUND
        for page in self._scan.hidden(hiding, policy, seconds_left, position):
            for why in page.unreadable:
                self._telemetry.log.error("finding unreadable", extra={"why": why})
            open_list.hide(hiding, page.violations)
            position = page.position
            open_list.note(name, asdict(position))
            if open_list.hidden_count(hiding) > MOST_COUNTED:
                return _End.BOUND
        return _End.UNKNOWN if position.unreadable else _End.WHOLE


def _end(hiding: Hiding, open_list: OpenList) -> _End | None:
    noted = open_list.noted(f"{hiding}_end")
    return _End(noted) if noted else None


def _counted(hiding: Hiding, open_list: OpenList) -> HiddenCount:
    end = _end(hiding, open_list)
    if end is _End.WHOLE:
        return HiddenCount(count=open_list.hidden_count(hiding), since=open_list.hidden_since(hiding))
    return HiddenCount(count=MOST_COUNTED, is_more=True) if end is _End.BOUND else HiddenCount(count=None)

"""Which violations a team asked for."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from shared.finding.violation import Severity, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The controls (ids or patterns in which * stands for anything; case doesn't matter) and the lowest severity.

    Unless `honors_lowered`, a severity that was lowered by hand or by a rule counts as the one it was.
    """

    target_control_ids: tuple[str, ...]
    min_severity: Severity
    honors_lowered: bool = True

    def targets(self, control_id: str) -> bool:
        return any(matches(pattern, control_id) for pattern in self.target_control_ids)

    def selects(self, violation: Violation) -> bool:
        return self.rejection(violation) is None

    def rejection(self, violation: Violation) -> "Rejection | None":
        """Why the violation isn't selected; None if it is.

        A violation that no longer fails is never rejected for its severity: Security Hub makes that INFORMATIONAL.
        """
        if not self.targets(violation.control_id):
            return Rejection.CONTROL
        severity = violation.severity if self.honors_lowered else violation.lowered_from or violation.severity
        if severity < self.min_severity and not violation.state.is_closed:
            return Rejection.SEVERITY
        return None


class Rejection(Enum):
    """What a violation was not selected for."""

    CONTROL = "control"
    SEVERITY = "severity"


def matches(pattern: str, control_id: str) -> bool:
    """Whether a control is meant; in time linear in its id, whatever the pattern."""
    first, *others = _literals(pattern)
    text = control_id.casefold()
    if not others:
        return text == first
    *inner, last = others
    start, end = len(first), len(text) - len(last)
    if start > end or not (text.startswith(first) and text.endswith(last)):
        return False
    for literal in inner:  # each where it first stands: a later place would only leave less room for the next
        found = text.find(literal, start, end)
        if found < 0:
            return False
        start = found + len(literal)
    return True


@lru_cache
def _literals(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.casefold().split("*"))

"""Which violations a team asked for."""

import re
from dataclasses import dataclass
from functools import lru_cache

from shared.finding.violation import Severity, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The controls (ids or patterns in which * stands for anything; case doesn't matter) and the lowest severity."""

    target_control_ids: tuple[str, ...]
    min_severity: Severity

    def selects(self, violation: Violation) -> bool:
        return self.rejection(violation) is None

    def rejection(self, violation: Violation) -> str | None:
        """Why the violation isn't selected, for the log; None if it is.

        A violation that no longer fails is never rejected for its severity: Security Hub makes that INFORMATIONAL.
        """
        if not any(matches(pattern, violation.control_id) for pattern in self.target_control_ids):
            return f"control {violation.control_id} is not in TargetControlIds"
        if violation.severity < self.min_severity and not violation.state.is_closed:
            return f"severity {violation.severity.name} is below MinSeverity {self.min_severity.name}"
        return None


def matches(pattern: str, control_id: str) -> bool:
    return _compiled(pattern).fullmatch(control_id) is not None


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    literals = (re.escape(part) for part in pattern.split("*"))
    return re.compile(".*".join(literals), re.IGNORECASE | re.DOTALL)

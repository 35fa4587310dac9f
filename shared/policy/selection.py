"""Which violations a team asked for."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from shared.finding.account import Account
from shared.finding.violation import Severity, Violation
from shared.policy.condition import Condition
from shared.policy.pattern import matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What a team accepts for a reason, to the end of a day (UTC): an entry of the routes' `exceptions`."""

    condition: Condition
    reason: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The controls (ids or patterns in which * stands for anything; case doesn't matter) and the lowest severity.

    Unless `honors_lowered`, a severity that was lowered by hand or by a rule counts as the one it was. What one of the
    `acceptances`, all of which are in force, applies to is not announced.
    """

    target_control_ids: tuple[str, ...]
    min_severity: Severity
    honors_lowered: bool = True
    acceptances: tuple[Acceptance, ...] = ()

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
        return Rejection.ACCEPTED if self.acceptance_of(violation) else None

    def acceptance_of(self, violation: Violation) -> Acceptance | None:
        """Why a violation is accepted; None if it isn't, or fails no longer."""
        if violation.state.is_closed:
            return None
        return next((one for one in self.acceptances if one.condition.holds(violation, Account())), None)


class Rejection(Enum):
    """What a violation was not selected for."""

    CONTROL = "control"
    SEVERITY = "severity"
    ACCEPTED = "accepted"

"""What becomes of an event: filtered, or what its violation's life asks for."""

from shared.alert.entry import Entry
from shared.alert.lifecycle import Action, Decision, decide
from shared.alert.why import Reason, Why
from shared.finding.violation import Violation
from shared.policy.selection import Policy, Rejection


def judge(violation: Violation | None, policy: Policy, entry: Entry | None) -> Decision:
    """The decision about an event, given its violation (None if it carries none) and that violation's ledger entry."""
    if violation is None:
        return Decision(action=Action.FILTER, why=Why(Reason.NO_CONTROL))
    return reject(violation, policy) or decide(violation, entry)


def reject(violation: Violation, policy: Policy) -> Decision | None:
    """The decision about a violation that nobody asked for; None about any other."""
    rejection = policy.rejection(violation)
    return Decision(action=Action.FILTER, why=_why(rejection, violation, policy)) if rejection else None


def _why(rejection: Rejection, violation: Violation, policy: Policy) -> Why:
    if rejection is Rejection.CONTROL:
        return Why(Reason.NOT_TARGETED, {"control": violation.control_id})
    return Why(Reason.TOO_LOW, {"severity": violation.severity.name, "min_severity": policy.min_severity.name})

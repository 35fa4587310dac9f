"""What becomes of an event: filtered, or what its violation's life asks for."""

from dataclasses import replace

from shared.alert.entry import Entry
from shared.alert.lifecycle import Action, Decision, Told, decide
from shared.alert.why import Reason, Why
from shared.finding.violation import State, Violation
from shared.policy.selection import Policy, Rejection


def judge(
    violation: Violation | None, policy: Policy, entry: Entry | None, *, is_found_by_digest: bool = False
) -> Decision:
    """The decision about an event, given its violation (None if it carries none) and that violation's ledger entry.

    What a digest found, and Security Hub did not send, ends what is still shown as open. It was found later than it
    happened, and moves no end that is known: an event of a new failure in between would count as older than that.
    """
    if violation is None:
        return Decision(action=Action.FILTER, why=Why(Reason.NO_CONTROL))
    decision = decide(violation, entry)
    if is_found_by_digest and (entry is None or not entry.is_open):
        return replace(decision, action=Action.NOTHING, entry=None)
    rejected = reject(violation, policy)
    return rejected if rejected and _opens(decision, entry) else decision


def reject(violation: Violation, policy: Policy) -> Decision | None:
    """The decision about a violation that nobody asked for, unless it was announced before; None about any other."""
    rejection = policy.rejection(violation)
    return Decision(action=Action.FILTER, why=_why(rejection, violation, policy)) if rejection else None


def needs_entry(violation: Violation, policy: Policy) -> bool:
    """Whether the decision may depend on the ledger: what was announced gets its end, and its severity shown, whatever
    the settings say by now."""
    if violation.state is State.OPEN:
        return policy.rejection(violation) is not Rejection.CONTROL
    return violation.state.is_closed


def is_announcement(decision: Decision) -> bool:
    """Whether a decision asks for a message of its own, which goes where the routes say."""
    return decision.action in {Action.ANNOUNCE, Action.REOPEN} and decision.told is Told.ALOUD


def drop(reason: str) -> Decision:
    """The decision about an announcement that a line of the routes drops, for a reason."""
    return Decision(action=Action.FILTER, why=Why(Reason.DROPPED, {"reason": reason}))


def _opens(decision: Decision, entry: Entry | None) -> bool:
    """Whether a decision begins something, or concerns what nobody was told of."""
    return entry is None or entry.announcements == 0 or decision.action in {Action.ANNOUNCE, Action.REOPEN}


def _why(rejection: Rejection, violation: Violation, policy: Policy) -> Why:
    if rejection is Rejection.CONTROL:
        return Why(Reason.NOT_TARGETED, {"control": violation.control_id})
    if rejection is Rejection.ACCEPTED and (accepted := policy.acceptance_of(violation)):
        return Why(Reason.ACCEPTED, {"reason": accepted.reason, "until": accepted.until.isoformat()})
    facts = {"severity": violation.severity.name, "min_severity": policy.min_severity.name}
    if violation.lowered_from and violation.lowered_from >= policy.min_severity:
        return Why(Reason.LOWERED, {**facts, "lowered_from": violation.lowered_from.name})
    return Why(Reason.TOO_LOW, facts)

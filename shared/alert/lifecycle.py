"""The life of an alert: what an event means, given what the ledger remembers.

Events arrive more than once, late and out of order, so nothing here trusts the order of arrival. A violation's checks
are ordered by their episode (`episode_started_at`, when the check's answer last changed), what people and Security Hub
do to a finding besides by the time its event was sent (`reported_at`).
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from shared.alert.entry import Closing, Entry, Sighting
from shared.alert.why import Reason, Why
from shared.finding.violation import UNDECIDED, State, Violation

# The archival reason of every finding there is when consolidated control findings are switched on or off (Security Hub
# User Guide, "Consolidated control findings").
CONSOLIDATION = "CONSOLIDATED_CONTROL_FINDINGS_UPDATE"

# Security Hub's checks send their event within seconds of updating the finding; BatchUpdateFindings leaves UpdatedAt
# alone (Security Hub User Guide, "BatchUpdateFindings"), so an event sent much later tells of a change by hand.
BY_HAND_AFTER = timedelta(minutes=2)


class Action(StrEnum):
    """What to do about an event."""

    FILTER = "filtered"
    ANNOUNCE = "announce"
    REOPEN = "reopen"
    CLOSE = "close"
    REMEMBER = "remember"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do, why, and the entry to write once it is done (None where nothing is to be written)."""

    action: Action
    why: Why
    entry: Entry | None = None


def decide(violation: Violation, entry: Entry | None) -> Decision:
    """What an event of a violation asks for, given the violation's ledger entry (None if there is none)."""
    if violation.state is State.OPEN:
        return _decide_open(violation, entry)
    if violation.state.is_closed:
        return _decide_closed(violation, entry)
    facts = {"workflow_status": violation.workflow_status, "compliance_status": violation.compliance_status}
    return _nothing(Why(Reason.NOTHING_TO_TELL, facts))


def _decide_open(violation: Violation, entry: Entry | None) -> Decision:
    if entry is None:
        return _announce(violation, None, Why(Reason.NEW))
    if entry.closing is None:
        return _decide_still_open(violation, entry)
    if _is_after_closing(violation, entry.closing):
        return _announce(violation, entry, Why.ended(Reason.BACK, entry.closing.state))
    return _nothing(Why.ended(Reason.BEFORE_ITS_END, entry.closing.state))


def _is_after_closing(violation: Violation, closing: Closing) -> bool:
    if closing.state is State.PASSED:
        return violation.episode_started_at > closing.at
    if closing.finding_id == violation.finding_id:
        return violation.reported_at > closing.at
    # What somebody suppressed or resolved by hand stays so for all its findings; a resource that was deleted and made
    # anew gets a new finding, whose episode begins after the old one was archived.
    return closing.state is State.ARCHIVED and violation.episode_started_at > closing.at


def _decide_still_open(violation: Violation, entry: Entry) -> Decision:
    known = entry.findings.get(violation.finding_id)
    if known is None:
        return _remember(violation, entry, Why(Reason.KNOWN_ELSEWHERE))
    if violation.episode_started_at > known.episode_started_at:
        if _is_missed_recovery(violation, known, entry):
            return _announce(violation, entry, Why(Reason.RECOVERY_MISSED))
        return _remember(violation, entry, Why(Reason.KNOWN_UNDECIDED))
    if violation.reported_at > known.reported_at and _may_undo_a_closing(violation, known, entry):
        return _remember(violation, entry, Why(Reason.KNOWN))
    return _nothing(Why(Reason.KNOWN))


def _may_undo_a_closing(violation: Violation, known: Sighting, entry: Entry) -> bool:
    """Whether a closing that arrives later, but was sent before this event, has to be recognised as outdated."""
    attempted_at = entry.closing_attempted_at
    is_after_attempt = attempted_at is not None and known.reported_at <= attempted_at < violation.reported_at
    return not known.is_open or is_after_attempt or _is_by_hand(violation, known)


def _is_missed_recovery(violation: Violation, known: Sighting, entry: Entry) -> bool:
    # A finding last heard of before the announcement lags behind a sibling that has told of the new episode already.
    is_current = known.is_open and known.episode_started_at >= entry.episode_started_at
    return is_current and violation.previous_compliance_status not in UNDECIDED


def _is_by_hand(violation: Violation, known: Sighting) -> bool:
    is_old = violation.reported_at - violation.updated_at > BY_HAND_AFTER
    return is_old or violation.updated_at == known.updated_at


def _decide_closed(violation: Violation, entry: Entry | None) -> Decision:
    if violation.state is State.ARCHIVED and violation.archival_reason == CONSOLIDATION:
        return _decide_replaced(violation, entry)
    if entry is None:
        return _remember_closing(violation, None, Why(Reason.NEVER_ANNOUNCED))
    if entry.closing is not None:
        return _decide_closed_again(violation, entry, entry.closing)
    if _is_before_opening(violation, entry):
        return _nothing(Why(Reason.BEFORE_ITS_ANNOUNCEMENT))
    if violation.state is not State.PASSED and entry.is_open_elsewhere(violation.finding_id):
        return _remember(violation, entry, Why.ended(Reason.OPEN_ELSEWHERE, violation.state))
    return _close(violation, entry)


def _decide_replaced(violation: Violation, entry: Entry | None) -> Decision:
    known = entry.findings.get(violation.finding_id) if entry else None
    why = Why(Reason.REPLACED)
    if entry is None or known is None or not known.is_open:
        return _nothing(why)
    return _remember(violation, entry, why)


def _decide_closed_again(violation: Violation, entry: Entry, closing: Closing) -> Decision:
    why = Why.ended(Reason.ENDED_BEFORE, closing.state)
    return _remember_closing(violation, entry, why) if _closing(violation).at > closing.at else _nothing(why)


def _is_before_opening(violation: Violation, entry: Entry) -> bool:
    known = entry.findings.get(violation.finding_id)
    if violation.state is State.PASSED:
        return violation.episode_started_at < (known or entry).episode_started_at or (
            violation.episode_started_at < entry.episode_started_at
        )
    return known is not None and violation.reported_at < known.reported_at


def _announce(violation: Violation, entry: Entry | None, why: Why) -> Decision:
    announcements = entry.announcements + 1 if entry else 1
    opened = Entry(
        severity=violation.severity,
        episode_started_at=violation.episode_started_at,
        announcements=announcements,
        message=entry.message if entry else None,
        membership=entry.membership if entry else None,
        findings=_seen(violation, entry),
    )
    return Decision(action=Action.REOPEN if announcements > 1 else Action.ANNOUNCE, why=why, entry=opened)


def _close(violation: Violation, entry: Entry) -> Decision:
    closed = replace(entry, closing=_closing(violation), closing_attempted_at=None, findings=_seen(violation, entry))
    return Decision(action=Action.CLOSE, why=Why.ended(Reason.ENDED, violation.state), entry=closed)


def _remember(violation: Violation, entry: Entry, why: Why) -> Decision:
    return Decision(action=Action.REMEMBER, why=why, entry=replace(entry, findings=_seen(violation, entry)))


def _remember_closing(violation: Violation, entry: Entry | None, why: Why) -> Decision:
    entry = entry or Entry(severity=violation.severity, episode_started_at=violation.episode_started_at)
    closed = replace(entry, closing=_closing(violation), findings=_seen(violation, entry))
    return Decision(action=Action.REMEMBER, why=why, entry=closed)


def _nothing(why: Why) -> Decision:
    return Decision(action=Action.NOTHING, why=why)


def _closing(violation: Violation) -> Closing:
    at = violation.episode_started_at if violation.state is State.PASSED else violation.reported_at
    return Closing(state=violation.state, finding_id=violation.finding_id, at=at)


def _seen(violation: Violation, entry: Entry | None) -> dict[str, Sighting]:
    sighting = Sighting(
        is_open=violation.state is State.OPEN,
        episode_started_at=violation.episode_started_at,
        updated_at=violation.updated_at,
        reported_at=violation.reported_at,
    )
    others = dict(entry.findings) if entry else {}
    if violation.state is State.PASSED:
        others = {finding_id: _passed_too(other, violation) for finding_id, other in others.items()}
    return {**others, violation.finding_id: sighting}


def _passed_too(sighting: Sighting, violation: Violation) -> Sighting:
    # All findings of a violation come from the same check.
    return replace(sighting, is_open=sighting.is_open and sighting.episode_started_at > violation.episode_started_at)

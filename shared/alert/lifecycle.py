"""The life of an alert: what an event means, given what the ledger remembers.

Events arrive more than once, late and out of order, so nothing here trusts the order of arrival. A violation's checks
are ordered by their episode (`episode_started_at`, when the check's answer last changed) and, since nobody can promise
that this time moves, by their finding's update (`updated_at`); what people and Security Hub do to a finding besides is
ordered by the time its event was sent (`reported_at`).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.alert.entry import Closing, Entry, Flapping, HeldClosing, Sighting
from shared.alert.sightings import seen
from shared.alert.why import Reason, Why
from shared.finding.violation import UNDECIDED, State, Violation
from shared.finding.violation_json import encode

# Security Hub's checks send their event within seconds of updating the finding; BatchUpdateFindings leaves UpdatedAt
# alone (Security Hub User Guide, "BatchUpdateFindings"), so an event sent much later tells of a change by hand.
BY_HAND_AFTER = timedelta(minutes=2)

# Security Hub archives findings and creates them anew within minutes, while a database is backed up for instance.
ARCHIVE_IS_HELD_FOR = timedelta(hours=1)


class Action(StrEnum):
    """What to do about an event."""

    FILTER = "filtered"
    ANNOUNCE = "announce"
    REOPEN = "reopen"
    CLOSE = "close"
    HOLD = "wait"
    RERATE = "rerate"
    REMEMBER = "remember"
    NOTHING = "nothing"


class Told(StrEnum):
    """How loudly: as usual; as an edit that the message's thread is told of; or as the edit alone."""

    ALOUD = "aloud"
    IN_THREAD = "in thread"
    SILENTLY = "silently"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do, why, how loudly, and the entry to write once it is done (None where nothing is to be written)."""

    action: Action
    why: Why
    told: Told = Told.ALOUD
    entry: Entry | None = None


def decide(violation: Violation, entry: Entry | None) -> Decision:
    """What an event of a violation asks for, given the violation's ledger entry (None if there is none)."""
    violation = _in_its_episode(violation, entry)
    if violation.state is State.OPEN:
        return _decide_open(violation, entry)
    if violation.state.is_closed:
        return _decide_closed(violation, entry)
    facts = {"workflow_status": violation.workflow_status, "compliance_status": violation.compliance_status}
    return _nothing(Why(Reason.NOTHING_TO_TELL, facts))


def _in_its_episode(violation: Violation, entry: Entry | None) -> Violation:
    """The violation with the episode that is known of its finding, unless its own has begun since the last update.

    A finding that lacks FirstObservedAt has CreatedAt instead, which may be later or earlier than what others said.
    """
    known = entry.findings.get(violation.finding_id) if entry else None
    if known is None or violation.updated_at < known.updated_at or violation.episode_started_at > known.updated_at:
        return violation
    return replace(violation, episode_started_at=known.episode_started_at)


def _decide_open(violation: Violation, entry: Entry | None) -> Decision:
    if entry is None:
        return _announce(violation, None, Why(Reason.NEW))
    if entry.closing is None:
        return _decide_still_open(violation, entry)
    if _is_after_closing(violation, entry, entry.closing):
        return _announce(violation, entry, Why.ended(Reason.BACK, entry.closing.state))
    return _nothing(Why.ended(Reason.BEFORE_ITS_END, entry.closing.state))


def _is_after_closing(violation: Violation, entry: Entry, closing: Closing) -> bool:
    if closing.state is State.PASSED:
        return violation.episode_started_at > closing.at or _failed_after_passing(violation, entry, closing)
    if closing.state is State.VANISHED or closing.finding_id == violation.finding_id:
        return violation.reported_at > closing.at
    # What somebody suppressed or resolved by hand stays so for all its findings; a resource that was deleted and made
    # anew gets a new finding, whose episode begins after the old one was archived.
    return closing.state is State.ARCHIVED and violation.episode_started_at > closing.at


def _failed_after_passing(violation: Violation, entry: Entry, closing: Closing) -> bool:
    """Whether the updates tell so, where the episode doesn't."""
    if violation.updated_at <= closing.at:
        return False
    known = entry.findings.get(violation.finding_id)
    if known and (known.has_passed or closing.finding_id == violation.finding_id):
        return violation.updated_at > known.updated_at
    return violation.previous_compliance_status == State.PASSED.name


def _decide_still_open(violation: Violation, entry: Entry) -> Decision:
    known = entry.findings.get(violation.finding_id)
    if known is None:
        return _remember(violation, entry, Why(Reason.KNOWN_ELSEWHERE))
    if _is_later_episode(violation, known):
        if _is_missed_recovery(violation, known, entry):
            return _announce(violation, entry, Why(Reason.RECOVERY_MISSED))
        return _remember(violation, entry, Why(Reason.KNOWN_UNDECIDED))
    if violation.reported_at > known.reported_at:
        if violation.severity is not (known.severity or entry.severity):
            return _rerate(violation, entry)
        if entry.held or _may_undo_a_closing(violation, known, entry):
            return _remember(violation, entry, Why(Reason.KNOWN))
    return _nothing(Why(Reason.KNOWN))


def _is_later_episode(violation: Violation, known: Sighting) -> bool:
    has_passed_before = violation.previous_compliance_status == State.PASSED.name
    is_updated = known.is_open and has_passed_before and violation.updated_at > known.updated_at
    return violation.episode_started_at > known.episode_started_at or is_updated


def _may_undo_a_closing(violation: Violation, known: Sighting, entry: Entry) -> bool:
    """Whether a closing that arrives later, but was sent before this event, has to be recognised as outdated."""
    attempted_at = entry.closing_attempted_at
    is_after_attempt = attempted_at is not None and known.reported_at <= attempted_at < violation.reported_at
    return not known.is_open or is_after_attempt or _is_by_hand(violation, known)


def _is_missed_recovery(violation: Violation, known: Sighting, entry: Entry) -> bool:
    # A finding last heard of before the announcement lags behind a sibling that has told of the new episode already.
    has_episode = known.episode_started_at >= entry.episode_started_at
    is_current = has_episode or (entry.opened_at is not None and known.updated_at >= entry.opened_at)
    return known.is_open and is_current and violation.previous_compliance_status not in UNDECIDED


def _is_by_hand(violation: Violation, known: Sighting) -> bool:
    is_old = violation.reported_at - violation.updated_at > BY_HAND_AFTER
    return is_old or violation.updated_at == known.updated_at


def _decide_closed(violation: Violation, entry: Entry | None) -> Decision:
    if violation.state is State.ARCHIVED and violation.is_replaced:
        return _decide_replaced(violation, entry)
    if entry is None:
        return _decide_closed_unknown(violation)
    if entry.closing is not None:
        return _decide_closed_again(violation, entry, entry.closing)
    if _is_before_opening(violation, entry):
        return _nothing(Why(Reason.BEFORE_ITS_ANNOUNCEMENT))
    if violation.state is not State.PASSED and entry.is_open_elsewhere(violation.finding_id):
        return _remember(violation, entry, Why.ended(Reason.OPEN_ELSEWHERE, violation.state))
    if violation.state is State.ARCHIVED:
        return _hold(violation, entry)
    return _close(violation, entry)


def _decide_closed_unknown(violation: Violation) -> Decision:
    why = Why(Reason.NEVER_ANNOUNCED)
    if violation.state is State.PASSED and violation.previous_compliance_status is None:
        return _nothing(why)  # most of these never failed, and every check of every resource says so daily
    return _remember_closing(violation, None, why)


def decide_due(entry: Entry | None, now: datetime) -> Decision:
    """What is to be done about a closing that was held, once its time has come."""
    if entry is None or entry.held is None or entry.held.due_at > now:
        return _nothing(Why(Reason.NOTHING_HELD))
    closing = entry.held.closing
    told, flapping = _told(entry.flapping, closing.at)
    closed = replace(entry, closing=closing, held=None, closing_attempted_at=None, flapping=flapping)
    return Decision(action=Action.CLOSE, why=Why.ended(Reason.ENDED, closing.state), told=told, entry=closed)


def decide_vanished(violation: Violation, entry: Entry | None) -> Decision:
    """What is to be done about a violation of which Security Hub shows no finding any more, as reported then."""
    if entry is None:
        return _nothing(Why(Reason.NEVER_ANNOUNCED))
    if entry.closing is not None:
        return _nothing(Why.ended(Reason.ENDED_BEFORE, entry.closing.state))
    if any(sighting.reported_at > violation.reported_at for sighting in entry.findings.values()):
        return _nothing(Why(Reason.SEEN_SINCE))
    closing = Closing(state=State.VANISHED, finding_id=violation.finding_id, at=violation.reported_at)
    told, flapping = _told(entry.flapping, closing.at)
    findings = {finding_id: replace(sighting, is_open=False) for finding_id, sighting in entry.findings.items()}
    closed = replace(entry, closing=closing, held=None, closing_attempted_at=None, flapping=flapping, findings=findings)
    return Decision(action=Action.CLOSE, why=Why.ended(Reason.ENDED, closing.state), told=told, entry=closed)


def _decide_replaced(violation: Violation, entry: Entry | None) -> Decision:
    known = entry.findings.get(violation.finding_id) if entry else None
    why = Why(Reason.REPLACED)
    if entry is None or known is None or not known.is_open:
        return _nothing(why)
    return _remember(violation, entry, why)


def _decide_closed_again(violation: Violation, entry: Entry, closing: Closing) -> Decision:
    why = Why.ended(Reason.ENDED_BEFORE, closing.state)
    return _remember_closing(violation, entry, why) if _closing(violation, entry).at > closing.at else _nothing(why)


def _is_before_opening(violation: Violation, entry: Entry) -> bool:
    known = entry.findings.get(violation.finding_id)
    if violation.state is not State.PASSED:
        return known is not None and violation.reported_at < known.reported_at
    if known is None or entry.opened_at is None:
        return violation.episode_started_at < max((known or entry).episode_started_at, entry.episode_started_at)
    is_earlier_episode = violation.episode_started_at < known.episode_started_at
    return is_earlier_episode or violation.updated_at < max(entry.opened_at, known.updated_at)


def _announce(violation: Violation, entry: Entry | None, why: Why) -> Decision:
    announcements = entry.announcements + 1 if entry else 1
    told, flapping = _told_return(entry, violation) if entry and announcements > 1 else (Told.ALOUD, Flapping())
    opened = Entry(
        severity=violation.severity,
        episode_started_at=violation.episode_started_at,
        opened_at=violation.updated_at,
        announcements=announcements,
        message=entry.message if entry else None,
        earlier=entry.earlier if entry else None,
        membership=entry.membership if entry else None,
        flapping=flapping,
        findings=seen(violation, entry),
    )
    return Decision(action=Action.REOPEN if announcements > 1 else Action.ANNOUNCE, why=why, told=told, entry=opened)


def _told_return(entry: Entry, violation: Violation) -> tuple[Told, Flapping]:
    """How loudly to tell that a violation is back, or worse; and what to remember of that."""
    return _told(entry.flapping.after_return(violation.reported_at), violation.reported_at)


def _told(flapping: Flapping, at: datetime) -> tuple[Told, Flapping]:
    if not flapping.is_on(at):
        return Told.ALOUD, flapping
    return Told.IN_THREAD if flapping.may_tell(at) else Told.SILENTLY, flapping.after_telling(at)


def _rerate(violation: Violation, entry: Entry) -> Decision:
    """The worst severity of all its findings counts; they may differ from standard to standard."""
    findings = seen(violation, entry)
    severity = max(sighting.severity or violation.severity for sighting in findings.values() if sighting.is_open)
    if severity is entry.severity:
        return _remember(violation, entry, Why(Reason.KNOWN))
    facts = {"before": entry.severity.name, "now": severity.name}
    told = Told.SILENTLY if entry.flapping.is_on(violation.reported_at) else Told.ALOUD
    flapping = entry.flapping
    if severity > entry.severity:
        told, flapping = _told_return(entry, violation)
    rerated = replace(entry, severity=severity, findings=findings, held=None, flapping=flapping)
    return Decision(action=Action.RERATE, why=Why(Reason.RERATED, facts), told=told, entry=rerated)


def _close(violation: Violation, entry: Entry) -> Decision:
    told, flapping = _told(entry.flapping, violation.reported_at)
    closed = replace(
        entry,
        closing=_closing(violation, entry),
        held=None,
        closing_attempted_at=None,
        flapping=flapping,
        findings=seen(violation, entry),
    )
    return Decision(action=Action.CLOSE, why=Why.ended(Reason.ENDED, violation.state), told=told, entry=closed)


def _hold(violation: Violation, entry: Entry) -> Decision:
    if entry.held:
        return _nothing(Why(Reason.HELD))
    closing = _closing(violation, entry)
    held = HeldClosing(closing=closing, due_at=closing.at + ARCHIVE_IS_HELD_FOR, content=encode(violation))
    waiting = replace(entry, held=held, findings=seen(violation, entry))
    return Decision(action=Action.HOLD, why=Why(Reason.HELD), entry=waiting)


def _remember(violation: Violation, entry: Entry, why: Why) -> Decision:
    held = None if violation.state is State.OPEN else entry.held
    known = replace(entry, held=held, findings=seen(violation, entry))
    return Decision(action=Action.REMEMBER, why=why, entry=known)


def _remember_closing(violation: Violation, entry: Entry | None, why: Why) -> Decision:
    entry = entry or Entry(severity=violation.severity, episode_started_at=violation.episode_started_at)
    closed = replace(entry, closing=_closing(violation, entry), findings=seen(violation, entry))
    return Decision(action=Action.REMEMBER, why=why, entry=closed)


def _nothing(why: Why) -> Decision:
    return Decision(action=Action.NOTHING, why=why)


def _closing(violation: Violation, entry: Entry) -> Closing:
    return Closing(state=violation.state, finding_id=violation.finding_id, at=_closed_at(violation, entry))


def _closed_at(violation: Violation, entry: Entry) -> datetime:
    """When the check passed, by its episode, or by the update where that time has not moved; or else when the event of
    an archived, suppressed or resolved finding was sent."""
    if violation.state is not State.PASSED:
        return violation.reported_at
    known = entry.findings.get(violation.finding_id)
    has_moved = known is not None and violation.episode_started_at > known.episode_started_at
    if has_moved or not (known is None or known.is_open):
        return violation.episode_started_at
    return violation.updated_at

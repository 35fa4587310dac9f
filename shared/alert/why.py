"""Why an event is told of, or not: facts, which become a sentence where somebody reads them (shared/view)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.finding.violation import State


class Reason(StrEnum):
    """What decided; behind each the facts that belong to it."""

    NO_CONTROL = "no_control"
    NOT_TARGETED = "not_targeted"  # control
    TOO_LOW = "too_low"  # severity, min_severity
    LOWERED = "lowered"  # severity, lowered_from, min_severity
    ACCEPTED = "accepted"  # reason, until
    DROPPED = "dropped"  # reason
    NOTHING_TO_TELL = "nothing_to_tell"  # workflow_status, compliance_status
    NEW = "new"
    BACK = "back"  # ended
    RECOVERY_MISSED = "recovery_missed"
    KNOWN = "known"
    KNOWN_ELSEWHERE = "known_elsewhere"
    KNOWN_UNDECIDED = "known_undecided"
    BEFORE_ITS_END = "before_its_end"  # ended
    BEFORE_ITS_ANNOUNCEMENT = "before_its_announcement"
    NEVER_ANNOUNCED = "never_announced"
    REPLACED = "replaced"
    ENDED = "ended"  # ended
    ENDED_BEFORE = "ended_before"  # ended
    OPEN_ELSEWHERE = "open_elsewhere"  # ended
    SEEN_SINCE = "seen_since"
    HELD = "held"
    NOTHING_HELD = "nothing_held"
    RERATED = "rerated"  # before, now


@dataclass(frozen=True, slots=True)
class Why:
    """A reason with its facts; the fact `ended` is the State in which the violation ended."""

    reason: Reason
    facts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def ended(cls, reason: Reason, state: State) -> "Why":
        return cls(reason, {"ended": state.value})

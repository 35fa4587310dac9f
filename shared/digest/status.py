"""What became of a violation since an earlier digest."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.digest.fate import Fate
from shared.digest.placement import Placement, Standing
from shared.finding.violation import UNDECIDED, State, Violation


class Change(StrEnum):
    """What became of a violation since the last digest. Reopened: it was listed before, and had ended in between."""

    NEW = "new"
    OPEN = "open"
    REOPENED = "reopened"
    MOVED = "moved"  # it was listed for another channel
    TOLD_AGAIN = "told_again"  # an exception accepted it until now


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What the last digest knew of a violation: the finding that was listed, None if that ended; and where only an
    earlier digest listed it, what the last one found instead. `placement` is where it was told; None where no routes
    were in use."""

    finding_id: str | None
    episode_started_at: datetime | None
    fate: Fate | None = None
    placement: Placement | None = None

    @property
    def has_ended(self) -> bool:
        return self.finding_id is None or (self.fate is not None and self.fate.is_end)


def change_of(
    violation: Violation, listed: Listed | None, *, lists_all: bool, channel: str | None = None
) -> Change | None:
    """What became of a violation that is told in this channel now (None if no routes are in use); None if the last
    digest, which may not have listed all, doesn't know it.

    Reopened as an alert would be (shared/alert/lifecycle.py): the same finding began to fail later than when it was
    listed, and not because the check couldn't decide for a while. Another finding of the same violation tells nothing.
    What was merely not listed for a while has to say that it passed meanwhile.
    """
    if listed is None:
        return Change.NEW if lists_all else None
    if listed.has_ended or _failed_anew(violation, listed):
        return Change.REOPENED
    return _change_of_place(listed.placement, channel) if listed.placement else Change.OPEN


def _change_of_place(before: Placement, channel: str | None) -> Change:
    if before.standing is Standing.ACCEPTED:
        return Change.TOLD_AGAIN
    if before.standing is Standing.DROPPED:
        return Change.NEW
    return Change.OPEN if channel in (None, before.channel) else Change.MOVED


def _failed_anew(violation: Violation, listed: Listed) -> bool:
    if listed.episode_started_at is None or violation.finding_id != listed.finding_id:
        return False
    began_later = violation.episode_started_at > listed.episode_started_at
    if listed.fate:
        return began_later and violation.previous_compliance_status == State.PASSED.name
    return began_later and violation.previous_compliance_status not in UNDECIDED

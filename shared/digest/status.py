"""What became of a violation since an earlier digest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.finding.violation import Violation


class Status(StrEnum):
    """What became of a violation since the last digest. Reopened: it was listed before, and was gone in between."""

    NEW = "new"
    OPEN = "open"
    REOPENED = "reopened"


# As long as a closed alert (CLOSED_ENTRY_LIFETIME): one that comes back later is new.
GONE_IS_REMEMBERED_FOR = timedelta(days=90)

_UNDECIDED = frozenset({"WARNING", "NOT_AVAILABLE"})  # neither passed nor failed: nothing was fixed in between


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the last digest knew of a violation: the finding that it listed; None if only an earlier digest did."""

    finding_id: str | None
    episode_started_at: datetime | None

    @property
    def is_gone(self) -> bool:
        return self.finding_id is None


def status_of(violation: Violation, known: Known | None, *, lists_all: bool) -> Status | None:
    """New, open or reopened; None if the last digest, which may not have listed all, doesn't know the violation.

    Reopened as an alert would be (shared/alert/lifecycle.py): the same finding began to fail later than when it was
    listed, and not because the check couldn't decide for a while. Another finding of the same violation tells nothing.
    """
    if known is None:
        return Status.NEW if lists_all else None
    if known.is_gone or _failed_anew(violation, known):
        return Status.REOPENED
    return Status.OPEN


def _failed_anew(violation: Violation, known: Known) -> bool:
    if known.episode_started_at is None or violation.finding_id != known.finding_id:
        return False
    began_later = violation.episode_started_at > known.episode_started_at
    return began_later and violation.previous_compliance_status not in _UNDECIDED

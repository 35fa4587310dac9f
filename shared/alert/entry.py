"""What the ledger remembers of a violation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.finding.violation import Severity, State
from shared.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The last that is known of one finding of a violation."""

    is_open: bool
    episode_started_at: datetime
    updated_at: datetime
    reported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a violation ended: the state that ended it, the finding that said so, and when.

    `at` is when the check passed, or when the event of an archived, suppressed or resolved finding was sent.
    """

    state: State
    finding_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """That a violation was counted in a burst's message, since when, and what that message and its file tell of it."""

    burst_id: str
    joined_at: datetime
    control_id: str
    account_id: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the ledger remembers of a violation: open if `closing` is None.

    It was announced by its own `message`, by the message of the burst in `membership`, or by both in turn.
    `closing_attempted_at` is when a closing was reported that could not be told in Slack so far.
    """

    severity: Severity
    episode_started_at: datetime
    announcements: int = 0
    message: Message | None = None
    membership: Membership | None = None
    closing: Closing | None = None
    closing_attempted_at: datetime | None = None
    findings: Mapping[str, Sighting] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.closing is None

    def is_open_elsewhere(self, finding_id: str) -> bool:
        """Whether a finding other than the given one is still open."""
        return any(sighting.is_open for other, sighting in self.findings.items() if other != finding_id)

"""What the ledger remembers of a violation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.finding.violation import Severity, State
from shared.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The last that is known of one finding of a violation; `severity` is the one it failed with.

    `has_passed` says that it passed itself, and not only a sibling of it (another standard's, of the same check).
    """

    is_open: bool
    episode_started_at: datetime
    updated_at: datetime
    reported_at: datetime
    severity: Severity | None = None
    has_passed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a violation ended: the state that ended it, the finding that said so, and when.

    `at` is when the check passed, or when the event of an archived, suppressed or resolved finding was sent.
    """

    state: State
    finding_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldClosing:
    """A closing that is carried out at `due_at`, unless the violation is reported again before; `content` is the
    violation as JSON, to tell of it then."""

    closing: Closing
    due_at: datetime
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """That a violation was counted in a burst's message, since when, and what that message and its file tell of it."""

    burst_id: str
    joined_at: datetime
    control_id: str
    account_id: str
    content: str


MOST_RETURNS_A_DAY = 3  # that are told aloud
QUIET_DAY = timedelta(days=1)
TOLD_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flapping:
    """How often a violation came back of late, or worse: the times of the last few `returns`.

    After three in a day it is flapping, until a day has passed without one: its message is kept true, and its thread is
    told at most hourly, `told_at` the last time.
    """

    returns: tuple[datetime, ...] = ()
    until: datetime | None = None
    told_at: datetime | None = None

    def is_on(self, at: datetime) -> bool:
        return self.until is not None and at < self.until

    def may_tell(self, at: datetime) -> bool:
        return not self.is_on(at) or self.told_at is None or at - self.told_at >= TOLD_EVERY

    def after_return(self, at: datetime) -> "Flapping":
        is_often = len(self.returns) == MOST_RETURNS_A_DAY and at - self.returns[0] < QUIET_DAY
        returns = (*self.returns, at)[-MOST_RETURNS_A_DAY:]
        if self.is_on(at) or is_often:
            return Flapping(returns=returns, until=at + QUIET_DAY, told_at=self.told_at)
        return Flapping(returns=returns)

    def after_telling(self, at: datetime) -> "Flapping":
        return replace(self, told_at=at) if self.is_on(at) and self.may_tell(at) else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the ledger remembers of a violation: open if `closing` is None.

    It was announced by its own `message`, by the message of the burst in `membership`, or by both in turn; `earlier` is
    the message of the announcement before. `meant_for` is the channel that refused the message, where it stands in the
    default one instead. `opened_at` is when the finding that was announced had been updated.
    `held` is a closing that waits, and `closing_attempted_at` when a closing was reported that could not be told in
    Slack so far.
    """

    severity: Severity
    episode_started_at: datetime
    opened_at: datetime | None = None
    announcements: int = 0
    message: Message | None = None
    earlier: Message | None = None
    meant_for: str | None = None
    membership: Membership | None = None
    closing: Closing | None = None
    held: HeldClosing | None = None
    closing_attempted_at: datetime | None = None
    flapping: Flapping = Flapping()
    findings: Mapping[str, Sighting] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.closing is None

    def is_open_elsewhere(self, finding_id: str) -> bool:
        """Whether a finding other than the given one is still open."""
        return any(sighting.is_open for other, sighting in self.findings.items() if other != finding_id)

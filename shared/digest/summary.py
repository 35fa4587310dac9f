"""What a digest says at a glance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.digest.fate import Caveat, Fate
from shared.digest.hidden import HiddenCount, Hiding
from shared.digest.placement import Exemption
from shared.errors import ArchiveFault
from shared.finding.violation import Severity

DIGESTS_IN_TREND = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlCount:
    """How many open violations a control has; `title` and `severity` are those of its worst one."""

    control_id: str
    title: str
    severity: Severity
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCount:
    """How many open violations an account has."""

    account_id: str
    account_name: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LongOpen:
    """A violation that has been open for long, since `since`."""

    control_id: str
    title: str
    severity: Severity
    resource_name: str
    account: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedCount:
    """How many violations an exception of the routes accepts, and which it is."""

    exemption: Exemption
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOwner:
    """A name that tags or accounts bear, whom neither the routes nor Slack know, and how many violations bear it."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What has changed since the digest of `since`.

    `resolved` is how many have ended, None where that can't be told; `left` what became of all that left the list, the
    ended ones among them. `moved` are told in another channel than then, `moved_away` no longer in the one that the
    digest is for, and `told_again` are accepted no longer.
    """

    since: datetime
    new: int
    reopened: int
    resolved: int | None
    left: Mapping[Fate, int] = field(default_factory=dict)
    moved: int = 0
    moved_away: int = 0
    told_again: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """How many violations were open at a digest."""

    scheduled_time: datetime
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Why a list of findings is not all: `problem` is the name of an error, None if there was no time left.

    `unfinished` of `queries` queries were not read to the end, which asked for `controls` (ids and patterns; empty if
    for all).
    """

    problem: str | None
    findings_read: int
    queries: int
    unfinished: int
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveProblem:
    """What is wrong with the archive: `subject` is a key, or the date of a digest that was incomplete."""

    fault: ArchiveFault
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A digest in numbers: how many violations are open per severity, and how many findings could not be read.

    `incomplete` is why reading ended early, if it did; `controls`, `accounts` and `longest_open` begin with the most,
    or the oldest, and need not be all; `control_count` and `account_count` are how many there are. `comparison` is None
    if there is nothing to compare with: at the first digest, or for the `archive_problems`. `trend` has the last
    digests, this one at its end. `caveats` speak of an empty list. `hidden` is what fails and is shown as less; earlier
    releases' summaries have nothing there.

    Of routes: `channel` is the one whose own digest it is, None for the whole; `channels` how many are open in each
    that gets one. `accepted` begins with the exceptions that accept the most, `unknown_owners` with the most frequent;
    `dropped` is how many the routes tell nowhere.
    """

    scheduled_time: datetime
    counts: Mapping[Severity, int]
    unreadable: int = 0
    incomplete: Shortfall | None = None
    controls: tuple[ControlCount, ...] = ()
    control_count: int = 0
    accounts: tuple[AccountCount, ...] = ()
    account_count: int = 0
    longest_open: tuple[LongOpen, ...] = ()
    comparison: Comparison | None = None
    archive_problems: tuple[ArchiveProblem, ...] = ()
    trend: tuple[TrendPoint, ...] = field(default=())
    caveats: tuple[Caveat, ...] = ()
    hidden: Mapping[Hiding, HiddenCount] = field(default_factory=dict)
    channel: str | None = None
    channels: Mapping[str, int] = field(default_factory=dict)
    accepted: tuple[AcceptedCount, ...] = ()
    dropped: int = 0
    unknown_owners: tuple[UnknownOwner, ...] = ()
    unknown_owner_count: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def accepted_total(self) -> int:
        return sum(one.count for one in self.accepted)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing that may be a violation."""
        return self.incomplete is None and not self.unreadable

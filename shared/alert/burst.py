"""Storms: which announcements go out one by one, and which are counted together in one burst message."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.finding.violation import Severity, fingerprint
from shared.message import Message

WINDOW = timedelta(minutes=5)  # within which a limited number of announcements go out one by one
CALM_AFTER = timedelta(minutes=5)  # without another violation, a burst is over
REFRESH_EVERY = timedelta(seconds=3)  # Slack takes 50 updates a minute ("Rate limits", tier 3)
FOLLOW_UP_AFTER = timedelta(seconds=5)  # when a member has come or gone
WRITTEN_WITHIN = timedelta(seconds=3)

# Reading a burst's members takes about a second for so many; what comes after them begins another burst.
MOST_MEMBERS = 20_000


class News(StrEnum):
    """What a burst's message comes to say, and what has to be told beside it where it can't be changed."""

    CALM = "calm"
    GONE = "gone"


class Lane(StrEnum):
    """What shares a limit. A flood of lower violations leaves the critical ones theirs."""

    CRITICAL = "critical"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What went out one by one of late, as fingerprints and their times, and the burst that is going on, if one is.

    `lanes` are those that the burst has taken in.
    """

    singles: Mapping[Lane, Mapping[str, datetime]] = field(default_factory=dict)
    burst_id: str | None = None
    lanes: frozenset[Lane] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One violation of a burst, as far as its message tells of it."""

    key: str
    severity: Severity
    control_id: str
    account_id: str
    is_open: bool
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A burst's members counted: `accounts` is the number of different ones, `still_open` how many are not gone yet."""

    severities: Mapping[Severity, int]
    controls: Mapping[str, int]
    accounts: int
    last_joined_at: datetime
    still_open: int

    @property
    def total(self) -> int:
        return sum(self.severities.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What is remembered of a burst: where its message stands, and, once it is over, since when and its last tally.

    `follow_up_at` is when somebody looks after it next, `lease_until` until when nobody else may write its message;
    `told` are the news that were told beside the message.
    """

    burst_id: str
    started_at: datetime
    message: Message | None = None
    follow_up_at: datetime | None = None
    lease_until: datetime | None = None
    concluded_at: datetime | None = None
    tally: Tally | None = None
    told: frozenset[News] = frozenset()


def admit(traffic: Traffic, key: str, severity: Severity, *, limit: int, now: datetime, new_burst_id: str) -> Traffic:
    """The traffic once the violation is announced: its lane is in `lanes` if it has to join the burst.

    A second attempt at the same announcement takes no second place.
    """
    lane = lane_of(severity)
    if lane in traffic.lanes:
        return traffic
    recent = {name: at for name, at in traffic.singles.get(lane, {}).items() if now - at < WINDOW}
    if fingerprint(key) in recent or len(recent) < limit:
        return replace(traffic, singles={**traffic.singles, lane: {**recent, fingerprint(key): now}})
    return replace(traffic, burst_id=traffic.burst_id or new_burst_id, lanes=traffic.lanes | {lane})


def lane_of(severity: Severity) -> Lane:
    return Lane.CRITICAL if severity is Severity.CRITICAL else Lane.OTHER


def count(members: Iterable[Member]) -> Tally | None:
    """The members counted; None if there are none."""
    listed = list(members)
    if not listed:
        return None
    return Tally(
        severities=Counter(member.severity for member in listed),
        controls=Counter(member.control_id for member in listed),
        accounts=len({member.account_id for member in listed}),
        last_joined_at=max(member.joined_at for member in listed),
        still_open=sum(member.is_open for member in listed),
    )


def tally_of(burst: Burst, members: Iterable[Member]) -> Tally | None:
    """What the burst's message has to tell; None if nothing was counted yet.

    Once it is over its numbers stay, also when a member comes back in a later burst, or is forgotten; what changes is
    how many are still open.
    """
    now = count(members)
    if burst.tally and (now is None or is_concluded(burst, now)):
        return replace(burst.tally, still_open=now.still_open if now else 0)
    return now


def calm_at(burst: Burst, tally: Tally | None) -> datetime:
    """When the burst is over, if nothing more joins it."""
    return (tally.last_joined_at if tally else burst.started_at) + CALM_AFTER


def is_concluded(burst: Burst, tally: Tally) -> bool:
    """Whether the burst is over, and nothing has joined it since."""
    return burst.concluded_at is not None and tally.last_joined_at <= burst.concluded_at


def news_of(burst: Burst, tally: Tally) -> News | None:
    """What is to be told of it by now, even where its message can't be changed; None while it merely grows."""
    if not is_concluded(burst, tally):
        return None
    return News.CALM if tally.still_open else News.GONE


def is_followed_up(burst: Burst, now: datetime) -> bool:
    """Whether somebody looks after it soon, but not before what happens now has been written down."""
    return burst.follow_up_at is not None and now + WRITTEN_WITHIN <= burst.follow_up_at <= now + 2 * FOLLOW_UP_AFTER


def worst_first(member: Member) -> tuple[int, str, str]:
    return (-member.severity, member.control_id, member.key)

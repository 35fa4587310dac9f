"""Storms: which announcements go out one by one, and which are counted together in one burst message."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.finding.violation import Severity, Violation, fingerprint
from shared.message import Message

WINDOW = timedelta(minutes=5)  # within which a limited number of announcements go out one by one
CALM_AFTER = timedelta(minutes=5)  # without another first announcement, a burst is over
LONGEST = timedelta(minutes=30)  # whatever goes on: what it counted is told by then
PROLONGED_EVERY = timedelta(seconds=10)  # of a storm's thousands, not each is a write
REFRESH_EVERY = timedelta(seconds=3)  # Slack takes 50 updates a minute ("Rate limits", tier 3)
FOLLOW_UP_AFTER = timedelta(seconds=5)  # when a member has come or gone
WRITTEN_WITHIN = timedelta(seconds=3)

# Reading a burst's members takes about a second for so many; what comes after them begins another burst.
MOST_MEMBERS = 20_000
MOST_OWNERS = 20  # of a burst that are counted by name: each is on its item


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
    """What went out one by one of late, and the burst that is going on, if one is.

    `singles` has the times by account and fingerprint, "111122223333/5f0c…"; `joining` is what the burst has taken in:
    a whole lane, "critical", or what one account adds to it, "critical/111122223333". `rung` has the times of the
    messages that rang somebody, by a name of each.
    """

    singles: Mapping[Lane, Mapping[str, datetime]] = field(default_factory=dict)
    burst_id: str | None = None
    joining: frozenset[str] = frozenset()
    rung: Mapping[str, datetime] = field(default_factory=dict)

    def takes_in(self, severity: Severity, account_id: str) -> bool:
        lane = lane_of(severity)
        return lane.value in self.joining or _in_lane(lane, account_id) in self.joining


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
    """What is remembered of a burst: its channel (None of one that an earlier release began), where its message stands,
    and, once it is over, since when and its last tally.

    `prolonged_at` is about when the last first announcement joined it, `follow_up_at` when somebody looks after it
    next, `lease_until` until when nobody else may write its message; `told` are the news that were told beside it;
    `owners` has how many joined by the name of whoever looks after them, "" for those of further ones.
    """

    burst_id: str
    started_at: datetime
    channel: str | None = None
    prolonged_at: datetime | None = None
    message: Message | None = None
    follow_up_at: datetime | None = None
    lease_until: datetime | None = None
    concluded_at: datetime | None = None
    tally: Tally | None = None
    told: frozenset[News] = frozenset()
    owners: Mapping[str, int] = field(default_factory=dict)


def admit(traffic: Traffic, violation: Violation, *, limit: int, now: datetime, new_burst_id: str) -> Traffic:
    """The traffic once the violation is announced, which `takes_in` the violation if it has to join the burst.

    An account alone may go up to the limit. Of what it spent, no more than half of the limit counts where others come
    to it, so that no account, whatever it does, leaves the others without a share. A second attempt at the same
    announcement takes no second place.
    """
    lane, account_id = lane_of(violation.severity), violation.account_id
    if traffic.takes_in(violation.severity, account_id):
        return traffic
    recent = {name: at for name, at in traffic.singles.get(lane, {}).items() if now - at < WINDOW}
    name = f"{account_id}/{fingerprint(violation.key)}"
    spent = Counter(single.partition("/")[0] for single in recent)
    is_full = sum(min(number, share_of(limit)) for number in spent.values()) >= limit
    if name in recent or (not is_full and spent[account_id] < limit):
        return replace(traffic, singles={**traffic.singles, lane: {**recent, name: now}})
    joining = lane.value if is_full else _in_lane(lane, account_id)
    return replace(traffic, burst_id=traffic.burst_id or new_burst_id, joining=traffic.joining | {joining})


def share_of(limit: int) -> int:
    """How much of a limit one account may spend where there are others."""
    return (limit + 1) // 2


def _in_lane(lane: Lane, account_id: str) -> str:
    return f"{lane.value}/{account_id}"


def lane_of(severity: Severity) -> Lane:
    return Lane.CRITICAL if severity is Severity.CRITICAL else Lane.OTHER


def owners_to_count(burst: Burst, names: Iterable[str]) -> frozenset[str]:
    """By which names a burst counts one more violation of these owners: "" for those that are too many to be named."""
    room = MOST_OWNERS - len(burst.owners.keys() - {""})
    new = [name for name in dict.fromkeys(names) if name not in burst.owners]
    known = [name for name in names if name in burst.owners]
    return frozenset([*known, *new[: max(room, 0)], *([""] if len(new) > room else [])])


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


def calm_at(burst: Burst) -> datetime:
    """When the burst is over, if no first announcement joins it any more."""
    return min((burst.prolonged_at or burst.started_at) + CALM_AFTER, burst.started_at + LONGEST)


def is_prolonged(burst: Burst, now: datetime) -> bool:
    """Whether it is known that somebody joined just now."""
    return now < (burst.prolonged_at or burst.started_at) + PROLONGED_EVERY


def is_concluded(burst: Burst, tally: Tally) -> bool:
    """Whether the burst is over, and nothing has joined it since."""
    return burst.concluded_at is not None and tally.last_joined_at <= burst.concluded_at


def is_calm(burst: Burst) -> bool:
    """Whether it is over because nothing more comes, and not for its length."""
    return calm_at(burst) < burst.started_at + LONGEST


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

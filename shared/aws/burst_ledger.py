"""What is remembered of bursts, in the ledger's table.

It holds one item a channel with what was announced there of late, one a burst, and an index of the violations of each
burst.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from shared.alert.bell import Bell, ring
from shared.alert.burst import REFRESH_EVERY, Burst, Member, News, Tally, Traffic, admit
from shared.aws.burst_item import owner_attributes, to_burst, to_member, to_tally_item, to_traffic, to_traffic_item
from shared.aws.mention_ledger import MentionLedger
from shared.aws.table import Table, epoch
from shared.errors import ClaimHeldError
from shared.finding.violation import Violation
from shared.finding.violation_json import decode
from shared.message import Message
from shared.policy.owner import Mention
from shared.retry import LEASE

MEMBERS_INDEX = "burst"
LIFETIME = timedelta(days=400)  # open members may need their burst's message for long
ADMISSION_ATTEMPTS = 5

_IS_KNOWN = "attribute_exists(version)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The burst that a violation has to join, or None if it may be announced by itself; and whom its message rings."""

    burst_id: str | None
    mentions: tuple[Mention, ...] = ()


class BurstLedger:
    """Reads and writes what is remembered of bursts."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._mentions = MentionLedger(table)

    def admit(
        self, violation: Violation, channel: str, *, limit: int, now: datetime, bell: Bell | None = None
    ) -> Admission:
        """Whether a violation may be announced by itself in a channel, and whom of those that its bell is to ring it
        rings. Raises ClaimHeldError if too many others ask at the same time."""
        new_burst_id = f"{now:%Y-%m-%dT%H:%M:%SZ}-{uuid4().hex[:8]}"

        def admitted(before: Traffic) -> tuple[Traffic, str | None]:
            after = admit(before, violation, limit=limit, now=now, new_burst_id=new_burst_id)
            return after, after.burst_id if after.takes_in(violation.severity, violation.account_id) else None

        return self._change_traffic(channel, admitted, bell, now)

    def ring(self, channel: str, bell: Bell, now: datetime) -> tuple[Mention, ...]:
        """Whom a message rings that is not announced, but told beside it. Raises ClaimHeldError as `admit` does."""
        return self._change_traffic(channel, lambda before: (before, None), bell, now).mentions

    def end(self, burst_id: str, channel: str | None) -> None:
        """Let later violations begin anew, one by one."""
        with suppress(ClaimHeldError):  # it has ended already
            self._table.update(
                traffic_key(channel),
                "SET lanes = :none, version = version + :one REMOVE going_on",
                "going_on = :burst",
                none=[],
                one=1,
                burst=burst_id,
            )

    def look_up(self, burst_id: str) -> Burst | None:
        item = self._table.get(_key(burst_id))
        return to_burst(burst_id, item) if item else None

    def members(self, burst_id: str) -> Iterator[Member]:
        """Every violation of a burst; what was written within the last second may be missing."""
        return map(to_member, self._table.query(MEMBERS_INDEX, "burst_id = :burst", burst=burst_id))

    def violations(self, members: Iterable[Member]) -> Iterator[tuple[Violation, datetime]]:
        """Each member's violation as it was reported, and when it joined; in the members' order."""
        joined_at = {member.key: member.joined_at for member in members}
        for key, content in self._table.get_all(joined_at, "content"):
            yield decode(content), joined_at[key]

    def note_follow_up(self, burst_id: str, due_at: datetime) -> None:
        """Remember when somebody looks after a burst next."""
        with suppress(ClaimHeldError):  # it is forgotten
            self._table.update(_key(burst_id), "SET follow_up_at = :at", _IS_KNOWN, at=due_at.isoformat())

    def count_owners(self, burst_id: str, names: Iterable[str]) -> None:
        """Remember that one more violation of these owners joined a burst."""
        named = {owner_attributes(name): name for name in names}
        if not named:
            return
        told = ", ".join(f"{attribute} = :{attribute}" for attribute, _ in named)
        counts = ", ".join(f"{count} :one" for _, count in named)
        values = {attribute: name for (attribute, _), name in named.items()}
        with suppress(ClaimHeldError):  # it is forgotten
            self._table.update(_key(burst_id), f"SET {told} ADD {counts}", _IS_KNOWN, one=1, **values)

    def prolong(self, burst_id: str, now: datetime) -> None:
        """Remember that a first announcement joined it."""
        with suppress(ClaimHeldError):  # it is forgotten
            self._table.update(_key(burst_id), "SET prolonged_at = :at", _IS_KNOWN, at=now.isoformat())

    @contextmanager
    def claim(self, burst_id: str, now: datetime) -> Iterator[bool]:
        """Keep others from writing a burst's message, until a moment after, or until the lease ends if this fails.

        Gives whether it was claimed before. Raises ClaimHeldError if somebody is at it, or was a moment ago.
        """
        attempt, key = uuid4().hex, _key(burst_id)
        is_free = f"{_IS_KNOWN} AND (attribute_not_exists(lease_until) OR lease_until <= :now) OR claimed_by = :attempt"
        before = self._table.update(
            key,
            "SET claimed_by = :attempt, lease_until = :until",
            is_free,
            answers="UPDATED_OLD",
            attempt=attempt,
            now=epoch(now),
            until=epoch(now + LEASE),
        )
        yield "claimed_by" in before
        with suppress(ClaimHeldError):  # the lease had run out
            until = epoch(now + REFRESH_EVERY)
            self._table.update(key, "SET lease_until = :until", "claimed_by = :attempt", attempt=attempt, until=until)

    def record_message(self, burst_id: str, message: Message) -> None:
        update = "SET channel = :channel, ts = :ts"
        self._table.update(_key(burst_id), update, _IS_KNOWN, channel=message.channel, ts=message.ts)

    def record_told(self, burst_id: str, told: Iterable[News]) -> None:
        """Remember which news were told beside a burst's message."""
        self._table.update(_key(burst_id), "SET told = :told", _IS_KNOWN, told=sorted(news.value for news in told))

    def conclude(self, burst_id: str, tally: Tally, now: datetime) -> None:
        """Remember that a burst is over, and its numbers."""
        update, at = "SET concluded_at = :at, tally = :tally", now.isoformat()
        self._table.update(_key(burst_id), update, _IS_KNOWN, at=at, tally=to_tally_item(tally))

    def _change_traffic(
        self, channel: str, change: Callable[[Traffic], tuple[Traffic, str | None]], bell: Bell | None, now: datetime
    ) -> Admission:
        """Change a channel's traffic as nobody else does at the same time, and ring those who may be rung, unless the
        change names a burst to join."""
        for _ in range(ADMISSION_ATTEMPTS):
            item = self._table.get(traffic_key(channel))
            before = to_traffic(item)
            after, burst_id = change(before)
            mentions = self._mentions.with_room(bell.mentions, now) if bell and burst_id is None else ()
            rung = ring(before.rung, bell.name, now) if bell and mentions else None
            if rung is None:
                mentions = ()
            else:
                after = replace(after, rung=rung)
            admission = Admission(burst_id=burst_id, mentions=mentions)
            version = int(item.get("version", 0))
            if after is before or self._write_traffic(after, channel, version, admission, bell, now):
                return admission
        raise ClaimHeldError(f"too many announcements at once in {channel}; it will be tried again")

    def _write_traffic(
        self, traffic: Traffic, channel: str, version: int, admission: Admission, bell: Bell | None, now: datetime
    ) -> bool:
        """Whether nobody had changed it in the meantime, and everybody may be rung; else nothing is written."""
        if traffic.burst_id:
            self._begin(traffic.burst_id, channel, now)
        item = to_traffic_item(traffic) | {"version": version + 1, "expires_at": epoch(now + LIFETIME)}
        unchanged = "attribute_not_exists(version) AND :version = :none OR version = :version"
        given = {"version": version, "none": 0}
        counted = [mention for mention in admission.mentions if mention.id]
        try:
            if not bell or not counted:
                self._table.put(traffic_key(channel), item, unchanged, **given)
                return True
            # In one request: an alert that rings somebody waits no longer than another.
            failed = self._table.write_all(
                [
                    self._table.a_put(traffic_key(channel), item, unchanged, **given),
                    *(self._mentions.count(mention, bell.name, now) for mention in counted),
                ]
            )
        except ClaimHeldError:
            return False
        self._mentions.note_full(mention for position, mention in enumerate(counted, 1) if position in failed)
        return not failed

    def _begin(self, burst_id: str, channel: str, now: datetime) -> None:
        item = {
            "version": 1,
            "started_at": now.isoformat(),
            "home": channel,  # "channel" is where its message stands
            "expires_at": epoch(now + LIFETIME),
        }
        with suppress(ClaimHeldError):  # it has begun already
            self._table.put(_key(burst_id), item, "attribute_not_exists(version)")


def traffic_key(channel: str | None) -> str:
    """The key of a channel's traffic; None: of an earlier release, which knew of one channel."""
    return f"burst/traffic/{channel}" if channel else "burst/traffic"


def _key(burst_id: str) -> str:
    return f"burst/{burst_id}"

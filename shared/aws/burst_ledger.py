"""What is remembered of bursts, in the ledger's table.

It holds one item with what was announced of late, one a burst, and an index of the violations of each burst.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from uuid import uuid4

from shared.alert.burst import REFRESH_EVERY, Burst, Member, News, Tally, Traffic, admit
from shared.aws.burst_item import to_burst, to_member, to_tally_item, to_traffic, to_traffic_item
from shared.aws.table import Table, epoch
from shared.errors import ClaimHeldError
from shared.finding.violation import Violation
from shared.finding.violation_json import decode
from shared.message import Message
from shared.retry import LEASE

TRAFFIC_KEY = "burst/traffic"
MEMBERS_INDEX = "burst"
LIFETIME = timedelta(days=400)  # open members may need their burst's message for long
ADMISSION_ATTEMPTS = 5

_IS_KNOWN = "attribute_exists(version)"


class BurstLedger:
    """Reads and writes what is remembered of bursts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def admit(self, violation: Violation, *, limit: int, now: datetime) -> str | None:
        """The burst that a violation has to join, or None if it may be announced by itself.

        Raises ClaimHeldError if too many others ask at the same time.
        """
        new_burst_id = f"{now:%Y-%m-%dT%H:%M:%SZ}-{uuid4().hex[:8]}"
        for _ in range(ADMISSION_ATTEMPTS):
            item = self._table.get(TRAFFIC_KEY)
            before = to_traffic(item)
            after = admit(before, violation, limit=limit, now=now, new_burst_id=new_burst_id)
            if after is before or self._write_traffic(after, int(item.get("version", 0)), now):
                return after.burst_id if after.takes_in(violation.severity, violation.account_id) else None
        raise ClaimHeldError(f"too many announcements at once to admit {violation.key}; it will be tried again")

    def end(self, burst_id: str) -> None:
        """Let later violations begin anew, one by one."""
        with suppress(ClaimHeldError):  # it has ended already
            self._table.update(
                TRAFFIC_KEY,
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

    def _write_traffic(self, traffic: Traffic, version: int, now: datetime) -> bool:
        """Whether nobody had changed it in the meantime."""
        if traffic.burst_id:
            self._begin(traffic.burst_id, now)
        item = to_traffic_item(traffic) | {"version": version + 1}
        unchanged = "attribute_not_exists(version) AND :version = :none OR version = :version"
        try:
            self._table.put(TRAFFIC_KEY, item, unchanged, version=version, none=0)
        except ClaimHeldError:
            return False
        return True

    def _begin(self, burst_id: str, now: datetime) -> None:
        item = {"version": 1, "started_at": now.isoformat(), "expires_at": epoch(now + LIFETIME)}
        with suppress(ClaimHeldError):  # it has begun already
            self._table.put(_key(burst_id), item, "attribute_not_exists(version)")


def _key(burst_id: str) -> str:
    return f"burst/{burst_id}"

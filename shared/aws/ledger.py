"""What was announced: one item a violation, keyed by `Violation.key`.

Every write is conditional on the version that was read, and carries the id of its attempt, so that a retry of a write
that had arrived after all still counts as done.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from shared.alert.entry import Entry
from shared.aws.entry_item import DUE, to_entry, to_entry_item
from shared.aws.table import KEY, Item, Table, epoch, to_time
from shared.errors import ClaimHeldError, SlackError
from shared.finding.violation import REMEMBERED_FOR
from shared.retry import LEASE

_UNCHANGED = "(attribute_not_exists(version) AND :version = :none OR version = :version)"
_UNCLAIMED = "(attribute_not_exists(claimed_until) OR claimed_until < :now)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What a look-up found: the entry (None if nothing was ever recorded) and its version (0 likewise).

    `attempted_at` is when an attempt to tell Slack of a change began, if nobody knows what became of it.
    """

    key: str
    version: int
    entry: Entry | None
    attempted_at: datetime | None = None


DUE_INDEX = "due"
FRESH_SECONDS = 1  # whoever changes an entry later than it was read is noticed when it is written


class Ledger:
    """Reads and writes entries."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.monotonic) -> None:
        self._table = table
        self._clock = clock
        self._read_ahead: dict[str, Item] = {}
        self._read_at = -inf

    def read_ahead(self, keys: Collection[str]) -> None:
        """Read in one request what is about to be looked up, within the next second and until it is changed; none:
        forget what was read so."""
        self._read_ahead, self._read_at = {}, self._clock()
        if not keys:
            return
        with suppress(ClientError, BotoCoreError):  # each look-up asks for itself, and tells of what is wrong
            self._read_ahead = self._table.get_some(keys)

    def look_up(self, key: str) -> Lookup:
        is_fresh = self._clock() - self._read_at < FRESH_SECONDS
        known = self._read_ahead.get(key) if is_fresh else None
        item = self._table.get(key) if known is None else known
        return Lookup(
            key=key,
            version=int(item.get("version", 0)),
            entry=to_entry(item),
            attempted_at=to_time(item.get("attempted_at")),
        )

    def due(self, now: datetime) -> Iterator[str]:
        """The keys of the violations whose held closing is due; what was written within the last second may be
        missing."""
        found = self._table.query(DUE_INDEX, "due = :due AND due_at <= :now", due=DUE, now=now.isoformat())
        return (item[KEY] for item in found)

    def put_off(self, key: str, until: datetime) -> None:
        """Let a closing that is being carried out not be due again before then."""
        with suppress(ClaimHeldError):  # it has been carried out, or dropped
            self._table.update(key, "SET due_at = :until", "due = :due", until=until.isoformat(), due=DUE)

    @contextmanager
    def claim(self, lookup: Lookup, now: datetime, closing_at: datetime | None = None) -> "Iterator[Claim]":
        """Hold the violation until it is recorded; given back at once if the attempt fails.

        A claim for a closing leaves a mark of when that was reported, whatever becomes of the attempt.
        Raises ClaimHeldError if another attempt holds it, or has changed the entry since it was looked up.
        """
        self._read_ahead.pop(lookup.key, None)
        claim = Claim(self._table, lookup, now)
        claim.take(closing_at)
        try:
            yield claim
        except BaseException as error:  # whatever ends the attempt, the next must not wait for its lease; raised on
            claim.give_back(is_settled=isinstance(error, SlackError) and not error.may_have_arrived)
            raise

    def remember(self, lookup: Lookup, entry: Entry, now: datetime) -> None:
        """Write an entry that nothing has to be posted for; raises ClaimHeldError as `claim` does."""
        self._read_ahead.pop(lookup.key, None)
        Claim(self._table, lookup, now).write(entry, f"({_UNCHANGED} AND {_UNCLAIMED}) OR recorded_by = :attempt")


class Claim:
    """One attempt's hold on a violation, good for LEASE."""

    def __init__(self, table: Table, lookup: Lookup, now: datetime) -> None:
        self._table = table
        self._lookup = lookup
        self._now = now
        self._values: dict[str, Any] = {
            "attempt": uuid4().hex,
            "version": lookup.version,
            "none": 0,
            "now": epoch(now),
        }

    @property
    def attempted_at(self) -> datetime | None:
        """When an earlier attempt began that may have posted."""
        return self._lookup.attempted_at

    def take(self, closing_at: datetime | None) -> None:
        update = "SET claimed_by = :attempt, claimed_until = :until, attempted_at = if_not_exists(attempted_at, :since)"
        if closing_at:
            update += ", closing_attempted_at = :closing"
        if self._lookup.version == 0:
            update += ", expires_at = :expiry"  # an attempt that is never finished leaves no litter
        self._table.update(
            self._lookup.key,
            update,
            f"({_UNCHANGED} AND {_UNCLAIMED}) OR claimed_by = :attempt",
            **self._values,
            until=epoch(self._now + LEASE),
            since=self._now.isoformat(),
            closing=closing_at.isoformat() if closing_at else None,
            expiry=epoch(self._now + REMEMBERED_FOR),
        )

    def record(self, entry: Entry) -> None:
        """Write what was done, and end the claim."""
        self.write(entry, "claimed_by = :attempt OR recorded_by = :attempt")

    def write(self, entry: Entry, condition: str) -> None:
        item = to_entry_item(entry, self._now)
        item |= {"version": self._lookup.version + 1, "recorded_by": self._values["attempt"]}
        self._table.put(self._lookup.key, item, condition, **self._values)

    def give_back(self, *, is_settled: bool) -> None:
        """End the claim; `is_settled` if it is certain that this attempt posted nothing."""
        # The lease ends by itself; what matters is the error that led here.
        with suppress(ClaimHeldError, ClientError, BotoCoreError):
            update = "REMOVE claimed_by, claimed_until"
            if is_settled and self.attempted_at is None:
                update += ", attempted_at"
            self._table.update(self._lookup.key, update, "claimed_by = :attempt", **self._values)

"""What is told in one channel, or in any: a part of the list of open violations, read for a digest."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.digest.fate import Absent, Away, Fate
from shared.digest.placement import Placement, Standing
from shared.digest.status import Listed
from shared.digest.summary import AccountCount, ControlCount, LongOpen, UnknownOwner
from shared.finding.violation import Severity, Violation
from shared.finding.violation_json import decode

# What no earlier digest's list that is `old` shares with this one.
UNLISTED = "NOT EXISTS (SELECT 1 FROM violation WHERE violation.key = old.key)"

# The worst first, and else by what doesn't change from day to day, so that two days' files compare line by line.
_ORDER = "severity DESC, control_id, account_id, region, resource_id, key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A violation of the list, as JSON, where it is told (None without routes), and what the last digest knew of it."""

    content: str
    placement: Placement | None
    listed: Listed | None


class Section:
    """The part of a list that is told in a channel, or all of it; where no routes are in use, all of it is open."""

    def __init__(self, database: sqlite3.Connection, channel: str | None) -> None:
        self._database = database
        self._values = {"channel": channel, "open": Standing.OPEN}
        self._is_here = "" if channel is None else "AND placement.channel = :channel"
        self._open = self._violations(Standing.OPEN)

    def rows(self, standing: Standing = Standing.OPEN) -> Iterator[Row]:
        """Each violation of this standing, in the list's order."""
        query = f"""
            SELECT violation.content, placement.standing, placement.channel, owners, acceptance,
                old.key, old.finding_id, old.episode, old.fate, before.standing, before.channel
            FROM {self._violations(standing)} LEFT JOIN placement USING (key)
                LEFT JOIN remembered AS old ON old.key = violation.key
                LEFT JOIN placed_before AS before ON before.key = violation.key
            ORDER BY {_qualified(_ORDER)}
        """  # noqa: S608 - of constants
        for content, *placed, key, finding_id, episode, fate, standing_before, channel_before in self._all(query):
            before = placement_before(standing_before, channel_before)
            listed = None if key is None else _listed(finding_id, episode, fate, before)
            yield Row(content=content, placement=_placement(*placed), listed=listed)

    def absent(self) -> Iterator[Absent]:
        """What an earlier digest listed and this one doesn't, unless it ended before; in the list's order. A channel's
        own are those that today's routes would tell there."""
        query = f"""
            SELECT content, old.fate, away_since, answer.fate, is_passed_on, before.standing, before.channel,
                placement.standing, placement.channel, owners, acceptance
            FROM remembered AS old LEFT JOIN answer ON answer.key = old.key
                LEFT JOIN placed_before AS before ON before.key = old.key
                LEFT JOIN placement ON placement.key = old.key
            WHERE {UNLISTED} AND gone_since IS NULL {self._is_here} ORDER BY {_ORDER.replace(" key", " old.key")}
        """  # noqa: S608 - of constants
        for row in self._all(query):
            yield _absent(*row)

    def counts(self) -> dict[Severity, int]:
        found = self._all(f"SELECT severity, count(*) FROM {self._open} GROUP BY severity ORDER BY 1 DESC")  # noqa: S608 - of constants
        return {Severity(severity): count for severity, count in found}

    def count(self, standing: Standing) -> int:
        return self._number(f"SELECT count(*) FROM {self._violations(standing)}")  # noqa: S608 - of constants

    def moved_away(self) -> int:
        """How many are told in another channel now that the last digest had for this one."""
        return self._number(
            "SELECT count(*) FROM placed_before AS old JOIN violation USING (key) JOIN placement USING (key)"
            " WHERE old.standing = :open AND old.channel = :channel"
            " AND placement.standing = :open AND placement.channel != :channel"
        )

    def controls(self, limit: int) -> tuple[ControlCount, ...]:
        """The controls with the most violations."""
        # Of the columns without an aggregate SQLite takes the row with the maximum ("SELECT", "Bare columns").
        found = self._all(
            f"SELECT control_id, title, max(severity), count(*) FROM {self._open} GROUP BY control_id"  # noqa: S608 - of constants
            " ORDER BY 4 DESC, 3 DESC, 1 LIMIT :limit",
            limit=limit,
        )
        return tuple(
            ControlCount(control_id=control_id, title=title, severity=Severity(severity), count=count)
            for control_id, title, severity, count in found
        )

    def control_count(self) -> int:
        return self._number(f"SELECT count(DISTINCT control_id) FROM {self._open}")  # noqa: S608 - of constants

    def accounts(self, limit: int) -> tuple[AccountCount, ...]:
        """The accounts with the most violations."""
        found = self._all(
            f"SELECT account_id, max(account_name), count(*) FROM {self._open} GROUP BY account_id"  # noqa: S608 - of constants
            " ORDER BY 3 DESC, 1 LIMIT :limit",
            limit=limit,
        )
        return tuple(AccountCount(account_id=id_, account_name=name, count=count) for id_, name, count in found)

    def account_count(self) -> int:
        return self._number(f"SELECT count(DISTINCT account_id) FROM {self._open}")  # noqa: S608 - of constants

    def longest_open(self, limit: int) -> tuple[LongOpen, ...]:
        """The violations that have been open longest."""
        query = f"SELECT content FROM {self._open} ORDER BY episode, {_ORDER} LIMIT :limit"  # noqa: S608 - of constants
        return tuple(_long_open(decode(content)) for (content,) in self._all(query, limit=limit))

    def accepted(self) -> dict[int, int]:
        """How many each exception accepts, by its position; those with the most first."""
        return dict(
            self._all(
                f"SELECT acceptance, count(*) FROM {self._violations(Standing.ACCEPTED)}"  # noqa: S608 - of constants
                " JOIN placement USING (key) GROUP BY acceptance ORDER BY 2 DESC, 1"
            )
        )

    def unknown_owners(self, limit: int) -> tuple[UnknownOwner, ...]:
        """The names whom nobody knows, and how many violations bear each; those with the most first."""
        found = self._all(
            f"SELECT name, count(*) FROM {self._open} JOIN unknown_owner USING (key) GROUP BY name"  # noqa: S608 - of constants
            " ORDER BY 2 DESC, 1 LIMIT :limit",
            limit=limit,
        )
        return tuple(UnknownOwner(name=name, count=count) for name, count in found)

    def unknown_owner_count(self) -> int:
        return self._number(f"SELECT count(DISTINCT name) FROM {self._open} JOIN unknown_owner USING (key)")  # noqa: S608 - of constants

    def _violations(self, standing: Standing) -> str:
        """The violations of this standing, as a table of that name."""
        return f"""(
            SELECT violation.* FROM violation LEFT JOIN placement USING (key)
            WHERE coalesce(placement.standing, '{Standing.OPEN}') = '{standing}' {self._is_here}
        ) AS violation"""  # noqa: S608 - of constants

    def _all(self, query: str, **values: Any) -> sqlite3.Cursor:
        return self._database.execute(query, self._values | values)

    def _number(self, query: str) -> int:
        return int(self._all(query).fetchone()[0])


def placement_before(standing: str | None, channel: str | None) -> Placement | None:
    """Where a violation was told, without what nobody needs of it any more."""
    return Placement(standing=Standing(standing), channel=channel) if standing else None


def _placement(standing: str | None, channel: str | None, owners: str, acceptance: int | None) -> Placement | None:
    if standing is None:
        return None
    names = (owners,) if owners else ()  # as they are shown, side by side
    return Placement(standing=Standing(standing), channel=channel, owners=names, acceptance=acceptance)


def _listed(finding_id: str | None, episode: str | None, fate: str | None, placement: Placement | None) -> Listed:
    started_at = datetime.fromisoformat(episode) if episode else None
    known = Fate(fate) if fate else None
    return Listed(finding_id=finding_id, episode_started_at=started_at, fate=known, placement=placement)


def _absent(
    content: str, before: str | None, since: str | None, fate: str | None, is_passed_on: int | None, *placed: Any
) -> Absent:
    violation = decode(content)
    away = (
        Away(violation=violation, fate=Fate(before), since=datetime.fromisoformat(since)) if before and since else None
    )
    return Absent(
        violation=violation,
        fate=Fate(fate) if fate else None,
        is_passed_on=bool(is_passed_on),
        before=away,
        placed_before=placement_before(*placed[:2]),
        placement=_placement(*placed[2:]),
    )


def _qualified(order: str) -> str:
    return ", ".join(f"violation.{column}" for column in order.split(", "))


def _long_open(violation: Violation) -> LongOpen:
    name = violation.account_name
    return LongOpen(
        control_id=violation.control_id,
        title=violation.title,
        severity=violation.severity,
        resource_name=violation.resource.name,
        account=f"{name} ({violation.account_id})" if name else violation.account_id,
        since=violation.episode_started_at,
    )

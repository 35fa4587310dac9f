"""The open violations while a digest is made, in a SQLite file, so that memory doesn't grow with their number."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.digest.memory import Gone
from shared.digest.status import Listed
from shared.digest.summary import AccountCount, ControlCount, LongOpen
from shared.finding.violation import Severity, Violation, union
from shared.finding.violation_json import decode, encode

_COLUMNS = """
    key TEXT PRIMARY KEY, severity INTEGER, control_id TEXT, account_id TEXT, region TEXT, resource_id TEXT,
    account_name TEXT, title TEXT, episode TEXT, finding_id TEXT, content TEXT
"""
_TABLES = f"""
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS violation ({_COLUMNS});
    CREATE TABLE IF NOT EXISTS known ({_COLUMNS}, gone_since TEXT);
    CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT);
    BEGIN;
"""
_PUT = "INSERT OR REPLACE INTO violation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PUT_KNOWN = "INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

# The worst first, and else by what doesn't change from day to day, so that two days' files compare line by line.
_ORDER = "severity DESC, control_id, account_id, region, resource_id, key"


class OpenList:
    """The list in one file, which may be put aside and opened again; `close` before that.

    It also holds what the last digest knew, to compare with, and notes of whoever fills it.
    """

    def __init__(self, path: Path) -> None:
        """Raises ValueError if the file is there and is no such list."""
        self._database = sqlite3.connect(path, isolation_level=None)
        try:
            self._database.executescript(_TABLES)
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise ValueError(f"it is no list of violations: {error}") from error
        self._count = self._number("SELECT count(*) FROM violation")

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Write all of it; nothing happens if it is closed already."""
        with suppress(sqlite3.ProgrammingError):
            self._database.execute("COMMIT")
        self._database.close()

    def add(self, violation: Violation) -> None:
        """Add what one finding says; a violation that is there already is merged with it."""
        known = self._database.execute("SELECT content FROM violation WHERE key = ?", [violation.key]).fetchone()
        self._database.execute(_PUT, _row(union(decode(known[0]), violation) if known else violation))
        self._count += not known

    def note(self, name: str, value: object) -> None:
        """Keep something that JSON can say."""
        self._database.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", [name, json.dumps(value)])

    def noted(self, name: str) -> Any:
        """What was kept under a name, None if nothing was."""
        found = self._database.execute("SELECT value FROM note WHERE name = ?", [name]).fetchone()
        return json.loads(found[0]) if found else None

    # ---- what the last digest knew

    def remember(self, entries: Iterable[Violation | Gone]) -> None:
        """Take what the last digest knew; all of it is forgotten again if the entries end in an error."""
        self._database.execute("DELETE FROM known")
        try:
            self._database.executemany(_PUT_KNOWN, map(_known_row, entries))
        except BaseException:
            self._database.execute("DELETE FROM known")
            raise

    def listed(self) -> Iterator[tuple[str, Listed | None]]:
        """Each violation, as JSON, with what the last digest knew of it; in the list's order."""
        query = f"""
            SELECT violation.content, known.key, known.finding_id, known.episode
            FROM violation LEFT JOIN known ON known.key = violation.key ORDER BY {_qualified(_ORDER)}
        """  # noqa: S608 - of constants
        for content, key, finding_id, episode in self._database.execute(query):
            yield content, None if key is None else _known(finding_id, episode)

    def contents(self) -> Iterator[str]:
        """Each violation, as JSON, in no order."""
        yield from (content for (content,) in self._database.execute("SELECT content FROM violation"))

    def no_longer_listed(self) -> Iterator[Violation]:
        """What the last digest listed and this one doesn't; in the list's order."""
        for (content,) in self._database.execute(f"{_MISSING} AND gone_since IS NULL ORDER BY {_ORDER}"):
            yield decode(content)

    def still_gone(self) -> Iterator[Gone]:
        """What was gone at the last digest, and still is."""
        query = _MISSING.replace("content", "key, gone_since")
        for key, since in self._database.execute(f"{query} AND gone_since IS NOT NULL ORDER BY key"):
            yield Gone(key=key, since=datetime.fromisoformat(since))

    # ---- at a glance

    def counts(self) -> dict[Severity, int]:
        found = self._database.execute("SELECT severity, count(*) FROM violation GROUP BY severity ORDER BY 1 DESC")
        return {Severity(severity): count for severity, count in found}

    def controls(self, limit: int) -> tuple[ControlCount, ...]:
        """The controls with the most violations."""
        # Of the columns without an aggregate SQLite takes the row with the maximum ("SELECT", "Bare columns").
        found = self._database.execute(
            "SELECT control_id, title, max(severity), count(*) FROM violation GROUP BY control_id"
            " ORDER BY 4 DESC, 3 DESC, 1 LIMIT ?",
            [limit],
        )
        return tuple(
            ControlCount(control_id=control_id, title=title, severity=Severity(severity), count=count)
            for control_id, title, severity, count in found
        )

    def control_count(self) -> int:
        return self._number("SELECT count(DISTINCT control_id) FROM violation")

    def accounts(self, limit: int) -> tuple[AccountCount, ...]:
        """The accounts with the most violations."""
        found = self._database.execute(
            "SELECT account_id, max(account_name), count(*) FROM violation GROUP BY account_id"
            " ORDER BY 3 DESC, 1 LIMIT ?",
            [limit],
        )
        return tuple(AccountCount(account_id=id_, account_name=name, count=count) for id_, name, count in found)

    def account_count(self) -> int:
        return self._number("SELECT count(DISTINCT account_id) FROM violation")

    def longest_open(self, limit: int) -> tuple[LongOpen, ...]:
        """The violations that have been open longest."""
        query = f"SELECT content FROM violation ORDER BY episode, {_ORDER} LIMIT ?"  # noqa: S608 - of constants
        found = self._database.execute(query, [limit])
        return tuple(_long_open(decode(content)) for (content,) in found)

    def _number(self, query: str) -> int:
        return int(self._database.execute(query).fetchone()[0])


_MISSING = "SELECT content FROM known WHERE NOT EXISTS (SELECT 1 FROM violation WHERE violation.key = known.key)"


def _row(violation: Violation) -> tuple[Any, ...]:
    return (
        violation.key,
        int(violation.severity),
        violation.control_id,
        violation.account_id,
        violation.region,
        violation.resource.id,
        violation.account_name,
        violation.title,
        violation.episode_started_at.isoformat(timespec="microseconds"),
        violation.finding_id,
        encode(violation),
    )


def _known_row(entry: Violation | Gone) -> tuple[Any, ...]:
    if isinstance(entry, Violation):
        return (*_row(entry), None)
    return (entry.key, *[None] * 10, entry.since.isoformat())


def _known(finding_id: str | None, episode: str | None) -> Listed:
    return Listed(finding_id=finding_id, episode_started_at=datetime.fromisoformat(episode) if episode else None)


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

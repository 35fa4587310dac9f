"""The open violations while a digest is made, in a SQLite file, so that memory doesn't grow with their number."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.digest.fate import Absent, Away, Fate
from shared.digest.hidden import Hiding
from shared.digest.memory import Gone
from shared.digest.status import Listed
from shared.digest.summary import AccountCount, ControlCount, LongOpen
from shared.finding.violation import REMEMBERED_FOR, Severity, Violation, fingerprint, union
from shared.finding.violation_json import decode, encode

_COLUMNS = """
    key TEXT PRIMARY KEY, severity INTEGER, control_id TEXT, account_id TEXT, region TEXT, resource_id TEXT,
    account_name TEXT, title TEXT, episode TEXT, finding_id TEXT, content TEXT
"""
_TABLES = f"""
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS violation ({_COLUMNS});
    CREATE TABLE IF NOT EXISTS remembered ({_COLUMNS}, gone_since TEXT, fate TEXT, away_since TEXT);
    CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, fate TEXT, is_passed_on INTEGER);
    CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE IF NOT EXISTS hidden (hiding TEXT, fingerprint TEXT, PRIMARY KEY (hiding, fingerprint));
    CREATE TABLE IF NOT EXISTS hidden_before (hiding TEXT, fingerprint TEXT, PRIMARY KEY (hiding, fingerprint));
    BEGIN;
"""
_PUT = "INSERT OR REPLACE INTO violation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_REMEMBER = "INSERT OR REPLACE INTO remembered VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

# The worst first, and else by what doesn't change from day to day, so that two days' files compare line by line.
_ORDER = "severity DESC, control_id, account_id, region, resource_id, key"


class OpenList:
    """The list in one file, which may be put aside and opened again; `close` before that.

    It also holds what the last digest knew, to compare with, what became of that, and notes of whoever fills it.
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

    def save(self) -> None:
        """Write all of it, and stay open."""
        self._database.execute("COMMIT")
        self._database.execute("BEGIN")

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

    def remember(self, entries: Iterable[Violation | Gone | Away]) -> None:
        """Take what the last digest knew; all of it is forgotten again if the entries end in an error."""
        self._database.execute("DELETE FROM remembered")
        try:
            self._database.executemany(_REMEMBER, map(_remembered_row, entries))
        except BaseException:  # whatever ends it, half of a memory would pass for the whole; raised on
            self._database.execute("DELETE FROM remembered")
            raise

    def listed(self) -> Iterator[tuple[str, Listed | None]]:
        """Each violation, as JSON, with what the last digest knew of it; in the list's order."""
        query = f"""
            SELECT violation.content, old.key, old.finding_id, old.episode, old.fate
            FROM violation LEFT JOIN remembered AS old ON old.key = violation.key ORDER BY {_qualified(_ORDER)}
        """  # noqa: S608 - of constants
        for content, key, *known in self._database.execute(query):
            yield content, None if key is None else _listed(*known)

    def contents(self) -> Iterator[str]:
        """Each violation, as JSON, in no order."""
        yield from (content for (content,) in self._database.execute("SELECT content FROM violation"))

    def no_longer_listed(self) -> Iterator[Absent]:
        """What an earlier digest listed and this one doesn't, unless it ended before; in the list's order."""
        query = f"""
            SELECT content, old.fate, away_since, answer.fate, is_passed_on
            FROM remembered AS old LEFT JOIN answer ON answer.key = old.key
            WHERE {_UNLISTED} AND gone_since IS NULL ORDER BY {_ORDER.replace(" key", " old.key")}
        """  # noqa: S608 - of constants
        for row in self._database.execute(query):
            yield _absent(*row)

    def next_unlisted(self, after: str, count: int) -> list[Violation]:
        """The next such violations behind a key, by their keys."""
        query = f"""
            SELECT content FROM remembered AS old
            WHERE {_UNLISTED} AND gone_since IS NULL AND key > ? ORDER BY key LIMIT ?
        """  # noqa: S608 - of constants
        return [decode(content) for (content,) in self._database.execute(query, [after, count])]

    def answer(self, key: str, fate: Fate, *, is_passed_on: bool) -> None:
        """Keep what became of one of them."""
        self._database.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", [key, fate.value, is_passed_on])

    def is_lost(self, key: str, due: datetime) -> bool:
        """Whether one of them has been out of sight for as long as it is remembered."""
        query = "SELECT away_since FROM remembered WHERE key = ? AND fate = ?"
        found = self._database.execute(query, [key, Fate.OUT_OF_SIGHT.value]).fetchone()
        return found is not None and due - datetime.fromisoformat(found[0]) >= REMEMBERED_FOR

    def still_gone(self) -> Iterator[Gone]:
        """What was gone at the last digest, and still is."""
        query = f"SELECT key, gone_since FROM remembered AS old WHERE {_UNLISTED} AND gone_since IS NOT NULL"  # noqa: S608 - of constants
        for key, since in self._database.execute(f"{query} ORDER BY key"):
            yield Gone(key=key, since=datetime.fromisoformat(since))

    # ---- what fails and is hidden

    def hide(self, hiding: Hiding, violations: Iterable[Violation]) -> None:
        """Keep that these are hidden in a way, except those that are listed."""
        unlisted = (one for one in violations if not self._lists(one.key))
        self._hide("hidden", hiding, (fingerprint(one.key) for one in unlisted))

    def hide_lowered(self, limit: int) -> None:
        """Keep so many of those that are listed with a severity that was lowered."""
        # Whatever compares with null, as where the provider's severity is not told, is not true in SQL.
        found = self._database.execute(
            "SELECT key FROM violation WHERE json_extract(content, '$.severity') <"
            " json_extract(content, '$.provider_severity') LIMIT ?",
            [limit],
        ).fetchall()
        self._hide("hidden", Hiding.LOWERED, (fingerprint(key) for (key,) in found))

    def hidden_count(self, hiding: Hiding) -> int:
        return self._number("SELECT count(*) FROM hidden WHERE hiding = ?", hiding.value)

    def hidden_since(self, hiding: Hiding) -> int | None:
        """How many of them the last digest did not know as that; None if it knew of none in this way."""
        if hiding.value not in (self.noted(_HIDDEN_BEFORE) or ()):
            return None
        return self._number(
            "SELECT count(*) FROM hidden LEFT JOIN hidden_before AS old USING (hiding, fingerprint)"
            " WHERE hiding = ? AND old.fingerprint IS NULL",
            hiding.value,
        )

    def hidden(self, hiding: Hiding) -> list[str]:
        """Their fingerprints."""
        return self._fingerprints("hidden", hiding)

    def remember_hidden(self, hidden: Mapping[Hiding, Iterable[str]]) -> None:
        """Take the fingerprints that the last digest knew, of each way in which it knew all."""
        self._database.execute("DELETE FROM hidden_before")
        for hiding, fingerprints in hidden.items():
            self._hide("hidden_before", hiding, fingerprints)
        self.note(_HIDDEN_BEFORE, [hiding.value for hiding in hidden])

    def remembered_hidden(self) -> dict[Hiding, list[str]]:
        """What `remember_hidden` took."""
        known = [Hiding(name) for name in self.noted(_HIDDEN_BEFORE) or ()]
        return {hiding: self._fingerprints("hidden_before", hiding) for hiding in known}

    def _lists(self, key: str) -> bool:
        return self._database.execute("SELECT 1 FROM violation WHERE key = ?", [key]).fetchone() is not None

    def _hide(self, table: str, hiding: Hiding, fingerprints: Iterable[str]) -> None:
        rows = ((hiding.value, one) for one in fingerprints)
        self._database.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", rows)  # noqa: S608 - of constants

    def _fingerprints(self, table: str, hiding: Hiding) -> list[str]:
        query = f"SELECT fingerprint FROM {table} WHERE hiding = ? ORDER BY fingerprint"  # noqa: S608 - of constants
        return [found for (found,) in self._database.execute(query, [hiding.value])]

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

    def _number(self, query: str, *values: str) -> int:
        return int(self._database.execute(query, values).fetchone()[0])


_HIDDEN_BEFORE = "hidden_before"  # the ways of hiding of which the last digest knew all
_UNLISTED = "NOT EXISTS (SELECT 1 FROM violation WHERE violation.key = old.key)"


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


def _remembered_row(entry: Violation | Gone | Away) -> tuple[Any, ...]:
    if isinstance(entry, Violation):
        return (*_row(entry), None, None, None)
    if isinstance(entry, Away):
        return (*_row(entry.violation), None, entry.fate.value, entry.since.isoformat())
    return (entry.key, *[None] * 10, entry.since.isoformat(), None, None)


def _listed(finding_id: str | None, episode: str | None, fate: str | None) -> Listed:
    started_at = datetime.fromisoformat(episode) if episode else None
    return Listed(finding_id=finding_id, episode_started_at=started_at, fate=Fate(fate) if fate else None)


def _absent(content: str, before: str | None, since: str | None, fate: str | None, is_passed_on: int | None) -> Absent:
    violation = decode(content)
    away = (
        Away(violation=violation, fate=Fate(before), since=datetime.fromisoformat(since)) if before and since else None
    )
    return Absent(violation=violation, fate=Fate(fate) if fate else None, is_passed_on=bool(is_passed_on), before=away)


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

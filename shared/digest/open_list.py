"""The open violations while a digest is made, in a SQLite file, so that memory doesn't grow with their number."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.digest.fate import Away, Fate
from shared.digest.hidden import Hiding
from shared.digest.memory import Gone, Placed
from shared.digest.placement import Exemption, Placement, Standing
from shared.digest.section import UNLISTED, Section, placement_before
from shared.finding.violation import REMEMBERED_FOR, Violation, fingerprint, union
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
    CREATE TABLE IF NOT EXISTS placed_before (key TEXT PRIMARY KEY, standing TEXT, channel TEXT);
    CREATE TABLE IF NOT EXISTS placement (
        key TEXT PRIMARY KEY, standing TEXT, channel TEXT, owners TEXT, acceptance INTEGER
    );
    CREATE INDEX IF NOT EXISTS placement_of_channel ON placement (channel);
    CREATE TABLE IF NOT EXISTS unknown_owner (key TEXT, name TEXT, PRIMARY KEY (key, name));
    BEGIN;
"""
_PUT = "INSERT OR REPLACE INTO violation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_REMEMBER = "INSERT OR REPLACE INTO remembered VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


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

    def remember(self, entries: Iterable[Violation | Gone | Away | Placed]) -> None:
        """Take what the last digest knew; all of it is forgotten again if the entries end in an error."""
        self._forget()
        try:
            self._database.executemany(_REMEMBER, map(_remembered_row, map(self._unplaced, entries)))
        except BaseException:  # whatever ends it, half of a memory would pass for the whole; raised on
            self._forget()
            raise

    def _forget(self) -> None:
        self._database.execute("DELETE FROM remembered")
        self._database.execute("DELETE FROM placed_before")

    def _unplaced(self, entry: Violation | Gone | Away | Placed) -> Violation | Gone | Away:
        """The entry itself, once its place is taken, too."""
        if not isinstance(entry, Placed):
            return entry
        violation = entry.entry.violation if isinstance(entry.entry, Away) else entry.entry
        values = [violation.key, entry.placement.standing, entry.placement.channel]
        self._database.execute("INSERT OR REPLACE INTO placed_before VALUES (?, ?, ?)", values)
        return entry.entry

    def placed_before(self, key: str) -> Placement | None:
        """Where the last digest told a violation; None if it told it nowhere, or no routes were in use."""
        found = self._database.execute("SELECT standing, channel FROM placed_before WHERE key = ?", [key]).fetchone()
        return placement_before(*found) if found else None

    # ---- where each is told

    @property
    def is_placed(self) -> bool:
        """Whether the routes have said where each is told."""
        return bool(self.noted(_PLACED))

    @property
    def exemptions(self) -> tuple[Exemption, ...]:
        """What `place` took."""
        return tuple(Exemption(**one) for one in self.noted(_EXEMPTIONS) or ())

    def place(self, placements: Iterable[tuple[str, Placement]], exemptions: Iterable[Exemption]) -> None:
        """Keep where each is told that is listed, or no longer listed, by its key; `exemptions` are in force."""
        for table in ("placement", "unknown_owner"):
            self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - of constants
        for key, one in placements:
            row = [key, one.standing, one.channel, ", ".join(one.owners), one.acceptance]
            self._database.execute("INSERT INTO placement VALUES (?, ?, ?, ?, ?)", row)
            for name in one.unknown:
                self._database.execute("INSERT OR IGNORE INTO unknown_owner VALUES (?, ?)", [key, name])
        self.note(_EXEMPTIONS, [asdict(one) for one in exemptions])
        self.note(_PLACED, True)

    def account_ids(self) -> list[str]:
        """The accounts of what is listed, and of what was."""
        query = "SELECT account_id FROM violation UNION SELECT account_id FROM remembered WHERE account_id IS NOT NULL"
        return [account_id for (account_id,) in self._database.execute(query)]

    def told_again(self) -> Iterator[Violation]:
        """What an exception accepted at the last digest, and none does any more."""
        found = self._database.execute(
            "SELECT content FROM violation JOIN placement USING (key) JOIN placed_before AS old USING (key)"
            " WHERE placement.standing = ? AND old.standing = ? ORDER BY key",
            [Standing.OPEN, Standing.ACCEPTED],
        )
        yield from (decode(content) for (content,) in found)

    def section(self, channel: str | None = None) -> Section:
        """What is told in a channel, or, if none is given, in any."""
        return Section(self._database, channel)

    def channels(self) -> dict[str, int]:
        """How many are told in each channel, those included that only the last digest had any for."""
        found = self._database.execute(
            "SELECT channel, sum(is_now) FROM ("
            " SELECT channel, 1 AS is_now FROM violation JOIN placement USING (key) WHERE standing = :open"
            " UNION ALL SELECT old.channel, 0 FROM placed_before AS old JOIN remembered USING (key)"
            " WHERE old.standing = :open AND fate IS NULL"
            ") WHERE channel IS NOT NULL GROUP BY channel ORDER BY channel",
            {"open": Standing.OPEN},
        )
        return dict(found.fetchall())

    def keep_accepted(self) -> None:
        """Let the next digest take what is told again for accepted until then: nobody could be told."""
        self.note(_KEEPS_ACCEPTED, True)

    def contents(self) -> Iterator[tuple[str, Placement | None]]:
        """Each violation, as JSON, with the standing and channel that the next digest is to know, if the routes have
        said them; in no order."""
        query = """
            SELECT content, CASE WHEN :keeps AND old.standing = :accepted THEN :accepted ELSE placement.standing END,
                placement.channel
            FROM violation LEFT JOIN placement USING (key) LEFT JOIN placed_before AS old USING (key)
        """
        values = {"keeps": bool(self.noted(_KEEPS_ACCEPTED)), "accepted": Standing.ACCEPTED}
        for content, standing, channel in self._database.execute(query, values):
            yield content, placement_before(standing, channel)

    def next_unlisted(self, after: str, count: int) -> list[Violation]:
        """The next such violations behind a key, by their keys."""
        query = f"""
            SELECT content FROM remembered AS old
            WHERE {UNLISTED} AND gone_since IS NULL AND key > ? ORDER BY key LIMIT ?
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
        query = f"SELECT key, gone_since FROM remembered AS old WHERE {UNLISTED} AND gone_since IS NOT NULL"  # noqa: S608 - of constants
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

    def _number(self, query: str, *values: str) -> int:
        return int(self._database.execute(query, values).fetchone()[0])


_HIDDEN_BEFORE = "hidden_before"  # the ways of hiding of which the last digest knew all
_PLACED, _EXEMPTIONS, _KEEPS_ACCEPTED = "placed", "exemptions", "keeps_accepted"  # notes


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

"""The files of a stack's archive, each written anew without a person."""

import gzip
import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copyfile
from typing import Any

from local.forget.person import Person, compact
from shared.aws.settings import ROUTES
from shared.digest import summary_json
from shared.finding.violation_json import decode

_BROKEN = (ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile, zlib.error, sqlite3.DatabaseError)
OWN_FOLDERS = ("digests/", "work/", "bursts/")


class UnreadableFileError(Exception):
    """Raised when a file that the person may be in can't be written without them; says why."""


def write_without(person: Person, key: str, file: Path, target: Path) -> bool:
    """Write the file that the archive has under a key into another, without the person; whether they were in it.

    Raises UnreadableFileError if they may be in it and can't be taken out.
    """
    write = next((write for end, write in _WRITERS.items() if key.endswith(end)), None)
    if write is None or not key.startswith(OWN_FOLDERS):
        if person.is_in(file.read_bytes().decode(errors="replace")):
            # The word in the place of an address would make the routes wrong, and whoever writes them bring it back.
            problem = "is made of your routes.yaml, which names them" if key == ROUTES else "is no file of shirase's"
            raise UnreadableFileError(problem)
        return False
    try:
        return write(person, file, target)
    except _BROKEN as error:
        raise UnreadableFileError("is broken") from error


def _write_csv(person: Person, file: Path, target: Path) -> bool:
    """The first line names the columns."""
    is_changed = False
    with file.open(encoding="utf-8", newline="") as lines, target.open("w", encoding="utf-8", newline="") as written:
        for number, line in enumerate(lines):
            changed = person.without_in_row(line) if number else line
            is_changed |= changed != line
            written.write(changed)
    return is_changed


def _write_summary(person: Person, file: Path, target: Path) -> bool:
    content = json.loads(file.read_text(encoding="utf-8"))
    changed = person.without(content)
    text = json.dumps(changed, ensure_ascii=False, indent=1)
    if changed != content:
        summary_json.decode(text)
    target.write_text(text, encoding="utf-8")
    return bool(changed != content)


def _write_memory(person: Person, file: Path, target: Path) -> bool:
    """What is about the person is left out: by another name nothing would ever be found again."""
    is_changed = False
    with gzip.open(file, "rt", encoding="utf-8") as lines, gzip.open(target, "wt", 4, encoding="utf-8") as written:
        for line in lines:
            changed = _memory_line(person, line)
            is_changed |= changed != line
            written.write(changed)
    return is_changed


def _memory_line(person: Person, line: str) -> str:
    content = json.loads(line)
    changed = person.without(content)
    if changed == content:
        return line
    if "gone" in content or _key(changed) != _key(content):
        return ""
    return f"{compact(changed)}\n"


def _key(content: dict[str, Any]) -> str:
    entry = content.get("entry", content)
    return decode(compact(entry.get("violation", entry))).key


def _write_part(person: Person, file: Path, target: Path) -> bool:
    """A scan that goes on, or has ended: a list as shared/digest/open_list.py keeps it."""
    copyfile(file, target)
    with closing(sqlite3.connect(target, isolation_level=None)) as database:
        database.create_function("without", 1, person.without)
        before = database.total_changes
        for table in ("violation", "remembered", "answer", *_placing_tables(database)):
            database.execute(f"DELETE FROM {table} WHERE key != without(key)")  # noqa: S608 - of constants
        for table in ("violation", "remembered"):
            database.execute(
                f"UPDATE {table} SET content = without(content),"  # noqa: S608 - of constants
                " account_name = without(account_name)"
                " WHERE content != without(content) OR account_name != without(account_name)"
            )
        for table, column in {**_placing_tables(database), "note": "value"}.items():
            database.execute(f"UPDATE {table} SET {column} = without({column}) WHERE {column} != without({column})")  # noqa: S608 - of constants
        is_changed = database.total_changes != before
        database.execute("VACUUM")  # what was deleted would still stand in the file
    return is_changed


def _placing_tables(database: sqlite3.Connection) -> dict[str, str]:
    """Of what says whose a violation is, which no list of an earlier release has: the column that names people."""
    found = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {table: column for table, column in _NAMING_PEOPLE.items() if table in found}


_NAMING_PEOPLE = {"placement": "owners", "unknown_owner": "name", "placed_before": "channel"}
_WRITERS: dict[str, Callable[[Person, Path, Path], bool]] = {
    ".csv": _write_csv,
    ".json": _write_summary,
    ".jsonl.gz": _write_memory,
    ".sqlite": _write_part,
}

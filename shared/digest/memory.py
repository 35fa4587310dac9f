"""What a digest remembers for the next one, as a file: every violation it listed, and those that are gone for a while.

JSON lines, gzipped: {"schema", "lists_all"} first, then a violation each, or {"gone": key, "since": ISO 8601}.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.finding.violation import Violation
from shared.finding.violation_json import decode
from shared.text import quoted

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A violation that an earlier digest listed, and the digest of `since` no longer did."""

    key: str
    since: datetime


def write_memory(path: Path, entries: Iterable[str | Gone], *, lists_all: bool) -> None:
    """Write the violations, as JSON, and what is gone; `lists_all` says whether nothing that was open is missing."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as file:
        file.write(json.dumps({"schema": SCHEMA, "lists_all": lists_all}) + "\n")
        for entry in entries:
            file.write((_gone_line(entry) if isinstance(entry, Gone) else entry) + "\n")


class Memory:
    """Such a file, read line by line; raises ValueError if it is anything else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lists_all = self._read_header()

    def entries(self) -> Iterator[Violation | Gone]:
        lines = self._lines()
        next(lines)
        for line in lines:
            yield _gone(line) if line.startswith('{"gone"') else decode(line)

    def _read_header(self) -> bool:
        header = json.loads(next(self._lines(), ""))
        if not isinstance(header, dict) or header.get("schema") != SCHEMA:
            raise ValueError(f"it is not of schema {SCHEMA}")
        return header.get("lists_all") is True

    def _lines(self) -> Iterator[str]:
        try:
            with gzip.open(self._path, "rt", encoding="utf-8") as file:
                yield from file
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"it is no whole gzip file: {error}") from error


def _gone_line(gone: Gone) -> str:
    return json.dumps({"gone": gone.key, "since": gone.since.isoformat()}, ensure_ascii=False)


def _gone(line: str) -> Gone:
    content = json.loads(line)
    try:
        return Gone(key=str(content["gone"]), since=datetime.fromisoformat(content["since"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"it holds no time: {quoted(error)}") from error

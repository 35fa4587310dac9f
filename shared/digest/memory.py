"""What a digest remembers for the next one, as a file: every violation it listed, those that left the list, and those
that fail and are hidden.

JSON lines, gzipped: {"schema", "lists_all", "hidden"?: {hiding: [fingerprint, …]}} first, then a violation each; or, of
one that ended, {"gone": key, "since": ISO 8601}; or {"away": fate, "since", "violation"} of one that is not listed and
not known to have ended.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.digest.fate import Away, Fate
from shared.digest.hidden import Hiding
from shared.finding.violation import Violation
from shared.finding.violation_json import decode, encode
from shared.text import quoted

SCHEMA = 2
OLDER_SCHEMAS = {1}  # which took whatever left the list for gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A violation that an earlier digest listed, and that had ended by the digest of `since`."""

    key: str
    since: datetime


def write_memory(
    path: Path,
    entries: Iterable[str | Gone | Away],
    *,
    lists_all: bool,
    hidden: Mapping[Hiding, Sequence[str]],
) -> None:
    """Write the violations, as JSON, and what left the list; `lists_all` says whether nothing open is missing.

    `hidden` has the fingerprints of all that were hidden in a way when they were last counted.
    """
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as file:
        file.write(json.dumps({"schema": SCHEMA, "lists_all": lists_all, "hidden": dict(hidden)}) + "\n")
        for entry in entries:
            file.write((entry if isinstance(entry, str) else _line(entry)) + "\n")


class Memory:
    """Such a file, read line by line; raises ValueError if it is anything else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        header = self._read_header()
        self.lists_all = header.get("lists_all") is True
        self.hidden = _hidden(header.get("hidden"))

    def entries(self) -> Iterator[Violation | Gone | Away]:
        lines = self._lines()
        next(lines)
        for line in lines:
            yield _left(line) if line.startswith(('{"gone"', '{"away"')) else decode(line)

    def _read_header(self) -> dict[str, Any]:
        header = json.loads(next(self._lines(), ""))
        if not isinstance(header, dict) or header.get("schema") not in {SCHEMA, *OLDER_SCHEMAS}:
            raise ValueError(f"it is not of schema {SCHEMA}")
        return header

    def _lines(self) -> Iterator[str]:
        try:
            with gzip.open(self._path, "rt", encoding="utf-8") as file:
                yield from file
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"it is no whole gzip file: {error}") from error


def _hidden(content: object) -> dict[Hiding, list[str]]:
    """What the first line says of the hidden ones; nothing, as an earlier release's does, if that can't be read: a
    digest compares with all else even so."""
    if not isinstance(content, dict):
        return {}
    known = {hiding: content.get(hiding.value) for hiding in Hiding}
    return {hiding: [str(one) for one in found] for hiding, found in known.items() if isinstance(found, list)}


def _line(entry: Gone | Away) -> str:
    since = json.dumps(entry.since.isoformat())
    if isinstance(entry, Gone):
        return f'{{"gone": {json.dumps(entry.key, ensure_ascii=False)}, "since": {since}}}'
    return f'{{"away": {json.dumps(entry.fate)}, "since": {since}, "violation": {encode(entry.violation)}}}'


def _left(line: str) -> Gone | Away:
    content = json.loads(line)
    try:
        since = datetime.fromisoformat(content["since"])
        if "gone" in content:
            return Gone(key=str(content["gone"]), since=since)
        return Away(violation=decode(json.dumps(content["violation"])), fate=Fate(content["away"]), since=since)
    except (KeyError, TypeError) as error:
        raise ValueError(f"it holds no time: {quoted(error)}") from error

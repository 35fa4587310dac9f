"""What a digest remembers for the next one, as a file: every violation it listed, those that left the list, and those
that fail and are hidden.

JSON lines, gzipped: {"schema", "lists_all", "hidden"?: {hiding: [fingerprint, …]}} first, then a violation each; or, of
one that ended, {"gone": key, "since": ISO 8601}; or {"away": fate, "since", "violation"} of one that is not listed and
not known to have ended. Where routes are in use, {"placed": standing, "channel": ID or null, "entry"} has one of these
with where it was told; only then the schema is 3, which earlier releases can't read.
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
from shared.digest.placement import Placement, Standing
from shared.finding.violation import Violation
from shared.finding.violation_json import decode, encode
from shared.text import quoted

SCHEMA = 3
UNPLACED_SCHEMA = 2
OLDER_SCHEMAS = {1, UNPLACED_SCHEMA}  # 1 took whatever left the list for gone


_PLACED = '{"placed"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A violation that an earlier digest listed, and that had ended by the digest of `since`."""

    key: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What was on the list, or is away, and where it was told."""

    entry: Violation | Away
    placement: Placement


def write_memory(
    path: Path,
    entries: Iterable[tuple[str | Gone | Away, Placement | None]],
    *,
    lists_all: bool,
    hidden: Mapping[Hiding, Sequence[str]],
    is_placed: bool = False,
) -> None:
    """Write the violations, as JSON, and what left the list, each with its place, if it has one, which only what
    `is_placed` may have; `lists_all` says whether nothing open is missing.

    `hidden` has the fingerprints of all that were hidden in a way when they were last counted.
    """
    schema = SCHEMA if is_placed else UNPLACED_SCHEMA
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as file:
        file.write(json.dumps({"schema": schema, "lists_all": lists_all, "hidden": dict(hidden)}) + "\n")
        for entry, placement in entries:
            line = entry if isinstance(entry, str) else _line(entry)
            file.write((_placed_line(line, placement) if placement else line) + "\n")


class Memory:
    """Such a file, read line by line; raises ValueError if it is anything else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        header = self._read_header()
        self.lists_all = header.get("lists_all") is True
        self.hidden = _hidden(header.get("hidden"))

    def entries(self) -> Iterator[Violation | Gone | Away | Placed]:
        lines = self._lines()
        next(lines)
        yield from map(_entry, lines)

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


def _placed_line(line: str, placement: Placement) -> str:
    standing, channel = json.dumps(placement.standing), json.dumps(placement.channel)
    return f'{{"placed": {standing}, "channel": {channel}, "entry": {line}}}'


def _entry(line: str) -> Violation | Gone | Away | Placed:
    if line.startswith(_PLACED):
        content = json.loads(line)
        entry = _unplaced(json.dumps(content.get("entry")))
        if isinstance(entry, Gone):
            return entry
        placement = Placement(standing=Standing(content["placed"]), channel=content.get("channel"))
        return Placed(entry=entry, placement=placement)
    return _unplaced(line)


def _unplaced(line: str) -> Violation | Gone | Away:
    return _left(line) if line.startswith(('{"gone"', '{"away"')) else decode(line)


def _left(line: str) -> Gone | Away:
    content = json.loads(line)
    try:
        since = datetime.fromisoformat(content["since"])
        if "gone" in content:
            return Gone(key=str(content["gone"]), since=since)
        return Away(violation=decode(json.dumps(content["violation"])), fate=Fate(content["away"]), since=since)
    except (KeyError, TypeError) as error:
        raise ValueError(f"it holds no time: {quoted(error)}") from error

"""Violations as rows of a CSV file that spreadsheets open as it is written."""

import csv
import io
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from shared.digest.placement import Placement
from shared.finding.violation import Resource, Violation
from shared.view.auto_conversion import is_converted
from shared.view.english import ENGLISH
from shared.view.wording import Wording

BYTE_ORDER_MARK = "\ufeff"  # tells Excel that the file is UTF-8
COMMA = ","
SEMICOLON = ";"
_FORMULA_STARTS = "=+-@＝＋－＠"
_UNSAFE_STARTS = (*_FORMULA_STARTS, "\t", "\r", "\n")  # OWASP, "CSV Injection"


def write_csv(path: Path, rows: Iterable[str], columns: Iterable[str], *, delimiter: str = COMMA) -> int:
    """Write a CSV file (RFC 4180; UTF-8 with a byte order mark) of what `csv_rows` made with the same delimiter;
    answers how many were made."""
    made = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(_csv([columns], delimiter))
        for lines in rows:
            file.write(lines)
            made += 1
    return made


def csv_file(rows: Iterable[str], wording: Wording, *, delimiter: str = COMMA) -> bytes:
    """A whole CSV file of what `csv_rows` made with the same delimiter and without a status."""
    return "".join([BYTE_ORDER_MARK, _csv([wording.columns], delimiter), *rows]).encode()


def csv_rows(
    violation: Violation,
    now: datetime,
    status: str | None = None,
    placement: Placement | None = None,
    *,
    delimiter: str = COMMA,
    wording: Wording = ENGLISH,
) -> str:
    """A violation's lines of the CSV, one for each of its resources; with a status they have `digest_columns` too, and
    with a placement the owners that it names, and `channel_column`."""
    text = partial(as_text, delimiter=delimiter)

    def last_cells(resource: Resource) -> list[str | int]:
        if status is None:
            return []
        if placement is None:
            return [status, text(resource.owner or "")]
        return [text(status), text(", ".join(placement.owners)), placement.channel or ""]

    return _csv(
        (_row(violation, resource, now, text, wording) + last_cells(resource) for resource in violation.resources),
        delimiter,
    )


def as_text(cell: str, delimiter: str = COMMA) -> str:
    """A cell that a spreadsheet shows as it is written, without characters that CSV readers stumble over.

    A tab in front keeps a text from being converted: Excel, LibreOffice and Google Sheets keep the cell as text and
    draw no tab. They all show an apostrophe or ="…" somewhere (LibreOffice evaluates no formula unless it is told to).
    A formula gets the apostrophe all the same: a file split at its tabs must not have one begin there. Where a file is
    split at another character than its delimiter, quotes hold no cell together: none may begin inside of one either.
    """
    printable = cell.replace("\0", "")
    if is_converted(printable):
        return f"\t{printable}"
    defused = _inner_starts(delimiter).sub(_defused, printable)
    return f"'{defused}" if defused.startswith(_UNSAFE_STARTS) else defused


@cache
def _inner_starts(delimiter: str) -> re.Pattern[str]:
    """Where a cell of its own would begin, and what a formula begins with if it is one: any match consumes the whole
    run of blanks, so that all of them take time linear in the text."""
    other = COMMA if delimiter == SEMICOLON else SEMICOLON
    return re.compile(rf'([{other}|\t\r\n][\s"]*+)([{re.escape(_FORMULA_STARTS)}]?)')


def _defused(start: re.Match[str]) -> str:
    return f"{start[1]}'{start[2]}" if start[2] else start[1]


def _csv(rows: Iterable[Iterable[str | int]], delimiter: str) -> str:
    text = io.StringIO(newline="")
    # Texts are quoted, for some readers trim what isn't and split at tabs, too; numbers aren't, for they are ours.
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows(rows)
    return text.getvalue()


def _row(
    violation: Violation, resource: Resource, now: datetime, text: Callable[[str], str], wording: Wording
) -> list[str | int]:
    return [
        text(wording.name_of(resource.name)),
        text(violation.title),
        text(violation.control_id),
        violation.severity.name,
        text(resource.id),
        text(violation.account_id),
        text(violation.account_name or ""),
        text(violation.region),
        violation.episode_started_at.isoformat(timespec="seconds"),
        max(0, (now - violation.episode_started_at).days),
        text(violation.workflow_status),
        text("; ".join(violation.standards)),
        text(violation.remediation_url or ""),
        text(violation.finding_id),
    ]

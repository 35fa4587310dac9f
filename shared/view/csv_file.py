"""Violations as rows of a CSV file that spreadsheets open as it is written."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from shared.finding.violation import Resource, Violation
from shared.view.auto_conversion import is_converted
from shared.view.wording import Wording

BYTE_ORDER_MARK = "\ufeff"  # tells Excel that the file is UTF-8
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # OWASP, "CSV Injection"
COMMA = ","


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


def csv_rows(violation: Violation, now: datetime, status: str | None = None, *, delimiter: str = COMMA) -> str:
    """A violation's lines of the CSV, one for each of its resources; with a status they have `digest_columns` too."""
    return _csv(
        (
            _row(violation, resource, now) + ([] if status is None else [status, as_text(resource.owner or "")])
            for resource in violation.resources
        ),
        delimiter,
    )


def as_text(cell: str) -> str:
    """A cell that a spreadsheet shows as it is written, without characters that CSV readers stumble over.

    A tab in front keeps a text from being converted: Excel, LibreOffice and Google Sheets keep the cell as text and
    draw no tab. They all show an apostrophe or ="…" somewhere (LibreOffice evaluates no formula unless it is told to).
    A formula gets the apostrophe all the same: a file split at its tabs must not have one begin there.
    """
    printable = cell.replace("\0", "")
    if is_converted(printable):
        return f"\t{printable}"
    return f"'{printable}" if printable.startswith(FORMULA_STARTS) else printable


def _csv(rows: Iterable[Iterable[str | int]], delimiter: str) -> str:
    text = io.StringIO(newline="")
    # Texts are quoted, for some readers trim what isn't and split at tabs, too; numbers aren't, for they are ours.
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows(rows)
    return text.getvalue()


def _row(violation: Violation, resource: Resource, now: datetime) -> list[str | int]:
    return [
        as_text(resource.name),
        as_text(violation.title),
        as_text(violation.control_id),
        violation.severity.name,
        as_text(resource.id),
        as_text(violation.account_id),
        as_text(violation.account_name or ""),
        as_text(violation.region),
        violation.episode_started_at.isoformat(timespec="seconds"),
        max(0, (now - violation.episode_started_at).days),
        as_text(violation.workflow_status),
        as_text("; ".join(violation.standards)),
        as_text(violation.remediation_url or ""),
        as_text(violation.finding_id),
    ]

"""Violations as rows of a CSV file, and one violation out of all findings that report it."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from shared.finding.violation import Resource, Violation
from shared.view.wording import Wording

BYTE_ORDER_MARK = "\ufeff"  # tells Excel that the file is UTF-8
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # OWASP, "CSV Injection"
# Leading zeros are dropped, beyond 15 digits all become 0, and 1E5 becomes 100000 (Microsoft Support, "Keeping leading
# zeros and large numbers").
FRAGILE_DIGITS = re.compile(r"0[0-9]+|[0-9]{16,}|[0-9]+[eE][0-9]+")


def write_csv(path: Path, rows: Iterable[str], columns: Iterable[str]) -> int:
    """Write a CSV file (RFC 4180; UTF-8 with a byte order mark) of what `csv_rows` made; answers how many were made."""
    made = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(_csv([columns]))
        for lines in rows:
            file.write(lines)
            made += 1
    return made


def csv_file(rows: Iterable[str], wording: Wording) -> bytes:
    """A whole CSV file of what `csv_rows` made without a status."""
    return "".join([BYTE_ORDER_MARK, _csv([wording.columns]), *rows]).encode()


def csv_rows(violation: Violation, now: datetime, status: str | None = None) -> str:
    """A violation's lines of the CSV, one for each of its resources; with a status they have `digest_columns` too."""
    return _csv(
        _row(violation, resource, now) + ([] if status is None else [status, defuse(resource.owner or "")])
        for resource in violation.resources
    )


def defuse(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, or for a number that it would round or cut, and without
    characters that CSV readers stumble over."""
    printable = cell.replace("\0", "")
    is_in_danger = printable.startswith(FORMULA_STARTS) or FRAGILE_DIGITS.fullmatch(printable)
    return f"'{printable}" if is_in_danger else printable


def _csv(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _row(violation: Violation, resource: Resource, now: datetime) -> list[str]:
    cells = [
        resource.name,
        violation.title,
        violation.control_id,
        violation.severity.name,
        resource.id,
        violation.account_id,
        violation.account_name or "",
        violation.region,
        violation.episode_started_at.isoformat(timespec="seconds"),
        str(max(0, (now - violation.episode_started_at).days)),
        violation.workflow_status,
        "; ".join(violation.standards),
        violation.remediation_url or "",
        violation.finding_id,
    ]
    return [defuse(cell) for cell in cells]

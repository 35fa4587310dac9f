"""The digest of open violations: rows, CSV and counts."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from shared.errors import ScanIncompleteError
from shared.summary import Summary
from shared.violation import Resource, Violation
from shared.wording import Wording

BYTE_ORDER_MARK = "\ufeff"  # tells Excel that the file is UTF-8
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # OWASP, "CSV Injection"


def merge(violations: Iterable[Violation]) -> list[Violation]:
    """One violation for each key, with the standards and the worst severity of all findings that report it.

    Worst first, in a stable order.
    """
    merged: dict[str, Violation] = {}
    for violation in violations:
        known = merged.get(violation.key)
        merged[violation.key] = _union(known, violation) if known else violation
    return sorted(merged.values(), key=_worst_first)


def summarize(
    violations: Iterable[Violation],
    scheduled_time: datetime,
    unreadable: int = 0,
    incomplete: ScanIncompleteError | None = None,
) -> Summary:
    counts = Counter(violation.severity for violation in violations)
    return Summary(scheduled_time=scheduled_time, counts=dict(counts), unreadable=unreadable, incomplete=incomplete)


def to_csv(violations: Iterable[Violation], wording: Wording, now: datetime) -> bytes:
    """The violations as CSV (RFC 4180), a row per violation and resource; UTF-8 with a byte order mark."""
    return csv_file((csv_rows(violation, now) for violation in violations), wording)


def csv_file(rows: Iterable[str], wording: Wording) -> bytes:
    """A whole CSV file of what `csv_rows` made."""
    return "".join([BYTE_ORDER_MARK, _csv([wording.columns]), *rows]).encode()


def csv_rows(violation: Violation, now: datetime) -> str:
    """A violation's lines of the CSV, one for each of its resources."""
    return _csv(_row(violation, resource, now) for resource in violation.resources)


def defuse(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, and without characters that CSV readers stumble over."""
    printable = cell.replace("\0", "")
    return f"'{printable}" if printable.startswith(FORMULA_STARTS) else printable


def _union(known: Violation, other: Violation) -> Violation:
    first = min(known, other, key=lambda violation: (violation.episode_started_at, violation.finding_id))
    standards = tuple(sorted({*known.standards, *other.standards}))
    return replace(first, severity=max(known.severity, other.severity), standards=standards)


def _worst_first(violation: Violation) -> tuple[int, str, str, str, str]:
    return (-violation.severity, violation.control_id, violation.account_id, violation.region, violation.resource.id)


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

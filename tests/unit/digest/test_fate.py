"""What the findings of a violation say of it, once it is no longer listed: the whole table."""

from typing import Any

import pytest

from shared.digest.fate import Fate, fate_of
from shared.finding.violation import CONSOLIDATION, Severity
from shared.policy.selection import Policy
from tests.findings import violation

HIGH = Policy(target_control_ids=("*",), min_severity=Severity.HIGH)
INFORMATIONAL = {"Severity.Label": "INFORMATIONAL"}
LISTED: dict[str, Any] = {}
NOTIFIED = {"Workflow.Status": "NOTIFIED"}
PASSED = {"Compliance.Status": "PASSED", "Workflow.Status": "RESOLVED", **INFORMATIONAL}
ARCHIVED = {"RecordState": "ARCHIVED"}
DELETED = {"RecordState": "ARCHIVED", "Compliance.Status": "NOT_AVAILABLE", **INFORMATIONAL}
SUPPRESSED = {"Workflow.Status": "SUPPRESSED"}
RESOLVED = {"Workflow.Status": "RESOLVED"}
RERATED = {"Severity.Label": "MEDIUM"}
WARNING = {"Compliance.Status": "WARNING", **INFORMATIONAL}
NOT_AVAILABLE = {"Compliance.Status": "NOT_AVAILABLE", **INFORMATIONAL}
REPLACED = {**ARCHIVED, "ProductFields.ArchivalReasons:0/ReasonCode": CONSOLIDATION}


@pytest.mark.parametrize(
    ("findings", "fate"),
    [
        ([LISTED], None),
        ([NOTIFIED], None),
        ([PASSED], Fate.PASSED),
        ([{**PASSED, **ARCHIVED}], Fate.PASSED),
        ([ARCHIVED], Fate.ARCHIVED),
        ([DELETED], Fate.ARCHIVED),
        ([SUPPRESSED], Fate.SUPPRESSED),
        ([{**SUPPRESSED, **RERATED}], Fate.SUPPRESSED),
        ([RESOLVED], Fate.RESOLVED),
        ([RERATED], Fate.RERATED),
        ([WARNING], Fate.UNDECIDED),
        ([NOT_AVAILABLE], Fate.UNDECIDED),
        ([REPLACED], Fate.UNDECIDED),
        ([], Fate.OUT_OF_SIGHT),
        # several findings of one violation
        ([PASSED, LISTED], None),
        ([PASSED, RERATED], Fate.RERATED),
        ([PASSED, SUPPRESSED, WARNING], Fate.PASSED),
        ([SUPPRESSED, WARNING], Fate.UNDECIDED),
        ([ARCHIVED, NOT_AVAILABLE], Fate.UNDECIDED),
        ([ARCHIVED, RESOLVED, SUPPRESSED], Fate.SUPPRESSED),
        ([ARCHIVED, RESOLVED], Fate.RESOLVED),
    ],
)
def test_only_what_says_so_itself_has_ended(findings: list[dict[str, Any]], fate: Fate | None) -> None:
    read = [violation(**changes) for changes in findings]
    assert fate_of(read, HIGH) is fate
    assert fate_of(read[::-1], HIGH) is fate


def test_what_cannot_be_read_may_say_anything() -> None:
    assert fate_of([], HIGH, unreadable=1) is Fate.UNVERIFIED
    assert fate_of([violation(**ARCHIVED)], HIGH, unreadable=1) is Fate.UNVERIFIED
    assert fate_of([violation(**PASSED)], HIGH, unreadable=1) is Fate.PASSED


def test_four_ways_are_an_end() -> None:
    assert [fate for fate in Fate if fate.is_end] == [Fate.PASSED, Fate.ARCHIVED, Fate.SUPPRESSED, Fate.RESOLVED]

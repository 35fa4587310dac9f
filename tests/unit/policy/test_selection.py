"""Which violations a team asked for."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.finding.violation import Severity
from shared.policy.pattern import matches
from shared.policy.selection import Policy, Rejection
from tests.findings import ABSENT, violation
from tests.unit.wild import texts


def policy(*controls: str, min_severity: Severity = Severity.INFORMATIONAL) -> Policy:
    return Policy(target_control_ids=controls or ("*",), min_severity=min_severity)


@pytest.mark.parametrize(
    ("pattern", "control_id", "does_match"),
    [
        ("*", "S3.8", True),
        ("S3.8", "S3.8", True),
        ("s3.8", "S3.8", True),
        ("S3.8", "S3.88", False),
        ("S3.1", "S3X1", False),
        ("S3.*", "S3.8", True),
        ("S3.*", "S3", False),
        ("iam.*", "IAM.4", True),
        ("IAM.*", "PCI.IAM.4", False),
        ("*.1", "GuardDuty.1", True),
        ("*.1", "GuardDuty.11", False),
        ("EC2.1*", "EC2.18", True),
        ("EC2.1*", "EC2.2", False),
        ("*Trail*", "CloudTrail.2", True),
        ("S3*", "s3.8", True),
    ],
)
def test_a_pattern_selects_the_controls_it_stands_for(pattern: str, control_id: str, does_match: bool) -> None:
    assert matches(pattern, control_id) is does_match


def test_one_matching_pattern_of_several_is_enough() -> None:
    assert policy("IAM.*", "S3.8").selects(violation())


def test_a_control_nobody_asked_for_is_rejected() -> None:
    assert policy("IAM.*").rejection(violation()) is Rejection.CONTROL


def test_no_pattern_takes_longer_than_its_text_is_long() -> None:
    policy = Policy(target_control_ids=("*a" * 1000 + "*b",), min_severity=Severity.INFORMATIONAL)
    started = time.perf_counter()
    assert not policy.selects(violation(**{"Compliance.SecurityControlId": "a" * 240_000}))
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("lowest", list(Severity))
@pytest.mark.parametrize("severity", list(Severity))
def test_a_violation_is_selected_from_the_lowest_severity_on(severity: Severity, lowest: Severity) -> None:
    rejection = policy(min_severity=lowest).rejection(violation(**{"Severity.Label": severity.name}))
    assert rejection is (None if severity.value >= lowest.value else Rejection.SEVERITY)


LOWERED = {"Severity.Label": "LOW", "FindingProviderFields.Severity": {"Label": "CRITICAL"}}


def test_a_severity_that_was_lowered_counts_unless_it_is_not_honored() -> None:
    asked = policy(min_severity=Severity.HIGH)
    assert violation(**LOWERED).lowered_from is Severity.CRITICAL
    assert asked.rejection(violation(**LOWERED)) is Rejection.SEVERITY
    assert replace(asked, honors_lowered=False).rejection(violation(**LOWERED)) is None


@pytest.mark.parametrize("provided", [ABSENT, {"Label": "LOW"}, {"Original": "9"}, {"Label": "SEVERE"}])
def test_a_severity_that_was_raised_or_is_all_that_is_known_was_not_lowered(provided: object) -> None:
    reported = violation(**{"Severity.Label": "LOW", "FindingProviderFields.Severity": provided})
    assert reported.lowered_from is None
    strict = Policy(target_control_ids=("*",), min_severity=Severity.HIGH, honors_lowered=False)
    assert strict.rejection(reported) is Rejection.SEVERITY


@pytest.mark.parametrize(
    "end", [{"Compliance.Status": "PASSED"}, {"RecordState": "ARCHIVED"}, {"Workflow.Status": "SUPPRESSED"}]
)
def test_the_end_of_a_violation_is_selected_although_it_has_become_informational(end: dict[str, str]) -> None:
    gone = violation(**{"Severity.Label": "INFORMATIONAL"}, **end)
    assert policy(min_severity=Severity.HIGH).selects(gone)
    assert not policy("IAM.*").selects(gone)


@given(texts)
def test_the_star_selects_every_control(control_id: str) -> None:
    assert matches("*", control_id)


@given(st.from_regex(r"[A-Za-z0-9]{1,12}\.[0-9]{1,3}", fullmatch=True))
def test_a_control_selects_itself_in_any_case(control_id: str) -> None:
    assert matches(control_id.lower(), control_id.upper())

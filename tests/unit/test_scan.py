"""How Security Hub is asked for open violations, and at what pace."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.errors import MalformedEventError
from shared.policy import Policy
from shared.scan import MAX_FILTER_VALUES, SERVICES, Filters, open_violations, queries
from shared.violation import Severity, Violation
from tests.unit.findings import ABSENT, finding

CONTROLS = [f"{service}.{number}" for service in SERVICES.values() for number in (1, 2, 10, 11, 100)]


def policy(*patterns: str, min_severity: Severity = Severity.INFORMATIONAL) -> Policy:
    return Policy(target_control_ids=patterns, min_severity=min_severity)


def asked_controls(*patterns: str) -> list[tuple[str, str]] | None:
    """The values and comparisons asked with, of all queries; None if controls aren't asked for."""
    asked = [query.get("ComplianceSecurityControlId") for query in queries(policy(*patterns))]
    if asked == [None]:
        return None
    return [(value["Value"], value["Comparison"]) for values in asked for value in values or []]


class RecordingHub:
    """Answers with the given pages, each after a while, and records what it was asked and when."""

    def __init__(self, *pages: list[dict[str, Any]], seconds: float = 0.1) -> None:
        self.time = 1000.0
        self.requests: list[dict[str, Any]] = []
        self.times: list[float] = []
        self._pages = pages
        self._seconds = seconds

    def get_findings(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        self.times.append(self.time)
        self.time += self._seconds
        position = int(request.get("NextToken", 0))
        more = {"NextToken": str(position + 1)} if position + 1 < len(self._pages) else {}
        return {"Findings": self._pages[position], **more}

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.time += seconds


def scan(hub: RecordingHub, asked: Policy, monkeypatch: pytest.MonkeyPatch) -> list[Violation | MalformedEventError]:
    monkeypatch.setattr("shared.scan.time", SimpleNamespace(monotonic=lambda: hub.time))
    return list(open_violations(hub, asked, hub.sleep))


# ---- what is asked for


def test_only_what_fails_and_nobody_dealt_with_is_asked_for() -> None:
    assert queries(policy("*")) == [
        {
            "ComplianceStatus": [{"Value": "FAILED", "Comparison": "EQUALS"}],
            "RecordState": [{"Value": "ACTIVE", "Comparison": "EQUALS"}],
            "WorkflowStatus": [
                {"Value": "NEW", "Comparison": "EQUALS"},
                {"Value": "NOTIFIED", "Comparison": "EQUALS"},
            ],
        }
    ]


def test_severities_from_the_lowest_on_are_asked_for() -> None:
    (query,) = queries(policy("*", min_severity=Severity.HIGH))
    assert [value["Value"] for value in query["SeverityLabel"]] == ["HIGH", "CRITICAL"]


@pytest.mark.parametrize(
    ("pattern", "value", "comparison"),
    [
        ("S3.1", "S3.1", "EQUALS"),
        ("s3.1", "S3.1", "EQUALS"),
        ("cloudtrail.2", "CloudTrail.2", "EQUALS"),
        ("DYNAMODB.1", "DynamoDB.1", "EQUALS"),
        ("IAM.*", "IAM.", "PREFIX"),
        ("iam.*", "IAM.", "PREFIX"),
        ("EC2.1*", "EC2.1", "PREFIX"),
    ],
)
def test_controls_are_asked_for_as_security_hub_writes_them(pattern: str, value: str, comparison: str) -> None:
    assert asked_controls(pattern) == [(value, comparison)]


@pytest.mark.parametrize("pattern", ["*", "*.1", "S3*", "S*.1", "S3.*1", "NewService.1", "Storage.1"])
def test_what_a_filter_cannot_say_is_asked_for_without_one(pattern: str) -> None:
    assert asked_controls(pattern) is None
    assert asked_controls("S3.1", pattern) is None


def test_a_pattern_that_another_covers_is_not_asked_for_again() -> None:
    assert asked_controls("S3.1", "s3.1", "S3.*", "S3.1*", "IAM.4") == [("S3.", "PREFIX"), ("IAM.4", "EQUALS")]


@pytest.mark.parametrize(("count", "sizes"), [(20, [20]), (21, [20, 1]), (60, [20, 20, 20])])
def test_no_query_asks_for_more_controls_than_a_filter_takes(count: int, sizes: list[int]) -> None:
    asked = queries(policy(*(f"EC2.{number}" for number in range(count))))
    assert [len(query["ComplianceSecurityControlId"]) for query in asked] == sizes


_patterns = st.one_of(
    st.sampled_from(CONTROLS).map(str.lower),
    st.sampled_from(sorted(SERVICES)).map(lambda service: f"{service}.*"),
    st.sampled_from(["*", "**", "*.1", "S3*", "s3.1*", "S3.**", "EC2.1*1", "S3.*1", "Unheard.1"]),
)


@given(st.lists(_patterns, min_size=1, max_size=60).map(tuple))
@example(("*", "**"))
@example(("S3.*", "S3.**"))
def test_every_selected_control_is_asked_for_exactly_once(patterns: tuple[str, ...]) -> None:
    asked = queries(policy(*patterns))
    selected = [control for control in CONTROLS if any(_selects(pattern, control) for pattern in patterns)]
    assert {control: sum(_asks(query, control) for query in asked) for control in selected} == dict.fromkeys(
        selected, 1
    )
    assert all(len(query.get("ComplianceSecurityControlId", [])) <= MAX_FILTER_VALUES for query in asked)


def _selects(pattern: str, control: str) -> bool:
    return policy(pattern).selects(_violations[control])


def _asks(query: Filters, control: str) -> bool:
    values = query.get("ComplianceSecurityControlId")
    return values is None or any(
        control == value["Value"] or (value["Comparison"] == "PREFIX" and control.startswith(value["Value"]))
        for value in values
    )


# ---- what comes back


def test_all_pages_of_all_queries_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub([finding(Id="a"), finding(Id="b")], [finding(Id="c")])
    controls = [f"EC2.{number}" for number in range(20)]
    found = scan(hub, policy("S3.8", *controls), monkeypatch)
    assert [one.finding_id for one in found if isinstance(one, Violation)] == ["a", "b", "c"] * 2
    assert [request.get("NextToken") for request in hub.requests] == [None, "1", None, "1"]
    assert {request["MaxResults"] for request in hub.requests} == {100}
    assert [hub.requests[n]["Filters"] == hub.requests[n + 1]["Filters"] for n in range(3)] == [True, False, True]


@pytest.mark.parametrize(
    "changes",
    [
        {"Workflow.Status": "SUPPRESSED"},
        {"Workflow.Status": "RESOLVED"},
        {"RecordState": "ARCHIVED"},
        {"Compliance.Status": "PASSED"},
        {"Compliance.SecurityControlId": "IAM.4"},
        {"Severity.Label": "LOW"},
        {"ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/guardduty"},
    ],
)
def test_what_was_not_asked_for_is_not_listed(changes: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub([finding(**changes), finding(Id="listed")])
    (listed,) = scan(hub, policy("S3.*", min_severity=Severity.MEDIUM), monkeypatch)
    assert isinstance(listed, Violation)
    assert listed.finding_id == "listed"


def test_a_finding_that_cannot_be_read_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub([finding(Title=ABSENT), finding(Id="listed")])
    error, listed = scan(hub, policy("*"), monkeypatch)
    assert isinstance(error, MalformedEventError)
    assert isinstance(listed, Violation)


def test_no_second_sees_more_than_three_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(*([[]] * 9))
    scan(hub, policy("S3.1", *(f"EC2.{number}" for number in range(20))), monkeypatch)
    assert len(hub.times) == 18
    assert hub.times == pytest.approx([1000 + number / 3 for number in range(18)])


def test_a_slow_security_hub_is_not_waited_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub([], [], [], seconds=2)
    scan(hub, policy("*"), monkeypatch)
    assert hub.times == [1000, 1002, 1004]


def _violation_of(control: str) -> Violation:
    (found,) = open_violations(
        RecordingHub([finding(**{"Compliance.SecurityControlId": control})]), policy("*"), lambda _: None
    )
    assert isinstance(found, Violation)
    return found


_violations = {control: _violation_of(control) for control in CONTROLS}

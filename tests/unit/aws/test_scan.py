"""How Security Hub is asked for open violations, and at what pace."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from math import inf
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from hypothesis import example, given
from hypothesis import strategies as st

from local.security_hub.hub import TokenBucket
from shared.aws.query import MAX_FILTER_VALUES, Filters, hidden, queries
from shared.aws.scan import MAX_ATTEMPTS, Page, Position, Scan, shortfall
from shared.digest.fate import Caveat
from shared.digest.hidden import Hiding
from shared.digest.summary import Shortfall
from shared.errors import ScanIncompleteError
from shared.finding.control import SERVICES
from shared.finding.violation import Severity, Violation
from shared.policy.selection import Policy
from tests.findings import ABSENT, finding, violation

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
    """Answers with the given pages, each after a while, and records what it was asked and when.

    Of its answers, the ones numbered in `failures` are errors, and those in `slow` take so many seconds.
    """

    def __init__(
        self,
        *pages: list[dict[str, Any]],
        seconds: float = 0.1,
        slow: dict[int, float] | None = None,
        failures: dict[int, Exception] | None = None,
    ) -> None:
        self.time = 1000.0
        self.requests: list[dict[str, Any]] = []
        self.times: list[float] = []
        self._pages = pages
        self._seconds = seconds
        self._slow = slow or {}
        self._failures = failures or {}
        self.last_error: BaseException | None = None

    @property
    def pauses(self) -> list[float]:
        """The seconds from one request to the next."""
        return [later - earlier for earlier, later in pairwise(self.times)]

    def get_findings(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        self.times.append(self.time)
        self.time += self._slow.get(len(self.requests), self._seconds)
        if failure := self._failures.get(len(self.requests)):
            raise failure
        position = int(request.get("NextToken", 0))
        more = {"NextToken": str(position + 1)} if position + 1 < len(self._pages) else {}
        return {"Findings": self._pages[position], **more}

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.time += seconds


def scan(
    hub: RecordingHub, asked: Policy, monkeypatch: pytest.MonkeyPatch, until: float = inf
) -> list[Violation | str]:
    """All that a scan finds, which is to be through at a given time."""
    return list(scanning(hub, asked, monkeypatch, until))


def scanning(
    hub: RecordingHub, asked: Policy, monkeypatch: pytest.MonkeyPatch, until: float = inf
) -> Iterator[Violation | str]:
    for page in pages_of(hub, asked, monkeypatch, until):
        yield from (*page.unreadable, *page.violations)


def pages_of(
    hub: RecordingHub, asked: Policy, monkeypatch: pytest.MonkeyPatch, until: float, position: Position | None = None
) -> Iterator[Page]:
    monkeypatch.setattr("shared.aws.scan.time", SimpleNamespace(monotonic=lambda: hub.time))
    return Scan(hub, hub.sleep).pages(asked, lambda: until - hub.time, position)


def cut_short(
    hub: RecordingHub, asked: Policy, monkeypatch: pytest.MonkeyPatch, until: float = inf
) -> tuple[list[str], Shortfall]:
    """The ids of the findings that a scan found before it ended early, and what is missing."""
    found: list[str] = []
    position = Position()
    try:
        for page in pages_of(hub, asked, monkeypatch, until):
            found += [violation.finding_id for violation in page.violations]
            position = page.position
    except ScanIncompleteError as error:
        hub.last_error = error.__cause__
        return found, shortfall(error, asked, position)
    raise AssertionError("the scan is complete")


def refusal(status: int, code: str) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetFindings")


STALE = refusal(400, "InvalidInputException")


def always(error: Exception, since: int = 1) -> dict[int, Exception]:
    """Every request fails from a certain one on."""
    return dict.fromkeys(range(since, since + 1000), error)


def pages(*ids: str) -> list[list[dict[str, Any]]]:
    return [[finding(Id=one)] for one in ids]


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


def test_what_was_lowered_below_the_lowest_severity_is_asked_for_where_that_does_not_hide_it() -> None:
    asked = replace(policy("S3.*", min_severity=Severity.HIGH), honors_lowered=False)
    high, lowered = queries(asked)
    assert [value["Value"] for value in high["SeverityLabel"]] == ["HIGH", "CRITICAL"]
    assert [value["Value"] for value in lowered["SeverityLabel"]] == ["INFORMATIONAL", "LOW", "MEDIUM"]
    assert [value["Value"] for value in lowered["FindingProviderFieldsSeverityLabel"]] == ["HIGH", "CRITICAL"]
    assert lowered["ComplianceSecurityControlId"] == high["ComplianceSecurityControlId"]
    assert len(queries(replace(asked, min_severity=Severity.INFORMATIONAL))) == 1


def statuses(query: Filters) -> list[str]:
    return [value["Value"] for value in query["WorkflowStatus"]]


def test_what_is_hidden_is_asked_for_by_its_own_severity_and_by_the_one_it_was_lowered_from() -> None:
    asked = policy("S3.*", min_severity=Severity.HIGH)
    listed = queries(asked)[0]
    suppressed, both = hidden(Hiding.SUPPRESSED, asked)
    (lowered,) = hidden(Hiding.LOWERED, asked)
    assert suppressed == listed | {"WorkflowStatus": suppressed["WorkflowStatus"]}
    assert statuses(suppressed) == statuses(both) == ["SUPPRESSED", "RESOLVED"]
    assert statuses(lowered) == ["NEW", "NOTIFIED"]
    assert both == lowered | {"WorkflowStatus": both["WorkflowStatus"]}
    assert [value["Value"] for value in lowered["FindingProviderFieldsSeverityLabel"]] == ["HIGH", "CRITICAL"]


def test_what_the_list_has_in_any_case_is_not_asked_for_again() -> None:
    assert hidden(Hiding.LOWERED, policy("*")) == []
    assert len(hidden(Hiding.SUPPRESSED, policy("*"))) == 1
    assert hidden(Hiding.LOWERED, replace(policy("*", min_severity=Severity.HIGH), honors_lowered=False)) == []


def test_a_count_makes_no_request_that_there_is_no_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub([])
    monkeypatch.setattr("shared.aws.scan.time", SimpleNamespace(monotonic=lambda: hub.time))
    pages = Scan(hub, hub.sleep).hidden(Hiding.SUPPRESSED, policy("*"), lambda: 0, Position())
    with pytest.raises(ScanIncompleteError) as raised:
        next(pages)
    assert raised.value.problem is None
    assert hub.requests == []


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
    unreadable, listed = scan(hub, policy("*"), monkeypatch)
    assert unreadable == "Title is missing"
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


def test_what_slow_answers_took_too_long_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(*[[]] * 300, slow=dict.fromkeys(range(5, 300, 10), 0.9))
    scan(hub, policy("*"), monkeypatch)
    assert hub.times[-1] - hub.times[0] < 299 / 3 / 0.95
    bucket = TokenBucket(3, 6)
    assert all(bucket.take(at) for at in hub.times)


def test_after_a_long_silence_security_hub_is_not_flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(*[[]] * 20, slow={2: 60})
    scan(hub, policy("*"), monkeypatch)
    bucket = TokenBucket(3, 6)
    assert all(bucket.take(at) for at in hub.times)


# ---- over several scans


def test_a_scan_that_ran_out_of_time_is_continued_where_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = policy("S3.8", *(f"EC2.{number}" for number in range(24)))
    hub = RecordingHub(*pages("a", "b", "c"))
    position, found = Position(), []
    for _ in range(3):
        with suppress(ScanIncompleteError):
            for page in pages_of(hub, asked, monkeypatch, hub.time + 0.5, position):
                found += [violation.finding_id for violation in page.violations]
                position = page.position
    assert found == ["a", "b", "c", "a", "b", "c"]
    assert len(hub.requests) == 6
    assert (position.queries_finished, position.findings_read) == (2, 6)


def test_a_query_whose_place_is_no_longer_known_begins_anew_and_nothing_counts_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unreadable = finding(Id="b", Resources=[])
    hub = RecordingHub([finding(Id="a")], [unreadable], [finding(Id="c")], failures={3: STALE})
    read = list(pages_of(hub, policy("S3.8", *(f"EC2.{number}" for number in range(24))), monkeypatch, inf))
    assert [one.finding_id for page in read for one in page.violations] == ["a", "a", "c", "a", "c"]
    assert [request.get("NextToken") for request in hub.requests] == [None, "1", "2", None, "1", "2", None, "1", "2"]
    last = read[-1].position
    assert (last.queries_finished, last.findings_read, last.unreadable) == (2, 6, 2)


def test_every_query_may_begin_anew_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = policy("S3.8", *(f"EC2.{number}" for number in range(24)))
    hub = RecordingHub(*pages("a", "b"), failures={2: STALE, 6: STALE})
    assert len(scan(hub, asked, monkeypatch)) == 6
    hub = RecordingHub(*pages("a", "b"), failures={2: STALE, 4: STALE})
    found, missing = cut_short(hub, asked, monkeypatch)
    assert (found, missing.findings_read, missing.problem) == (["a", "a"], 1, "InvalidInputException")


def test_a_first_request_that_is_refused_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(failures={1: STALE})
    with pytest.raises(ClientError):
        scan(hub, policy("*"), monkeypatch)
    assert len(hub.requests) == 1


def test_a_place_that_is_never_known_makes_a_scan_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub([], failures=always(STALE))
    begun = Position(next_token="old", findings_read=100)
    with pytest.raises(ScanIncompleteError) as raised:
        list(pages_of(hub, policy("*"), monkeypatch, inf, begun))
    assert raised.value.problem == "InvalidInputException"


# ---- when Security Hub doesn't answer

THROTTLED = refusal(429, "TooManyRequestsException")
DENIED = refusal(403, "AccessDeniedException")
PASSING = {
    "throttled": THROTTLED,
    "throttled, as other services say it": refusal(400, "ThrottlingException"),
    "its own failure": refusal(500, "InternalException"),
    "unavailable": refusal(503, "ServiceUnavailable"),
    "unreachable": EndpointConnectionError(endpoint_url="https://securityhub.invalid"),
    "silent": ReadTimeoutError(endpoint_url="https://securityhub.invalid"),
}


@pytest.mark.parametrize("trouble", PASSING)
@pytest.mark.parametrize("request_number", [1, 2])
def test_a_page_that_fails_for_now_is_asked_for_again(
    trouble: str, request_number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = RecordingHub(*pages("a", "b"), failures={request_number: PASSING[trouble]})
    found = scan(hub, policy("*"), monkeypatch)
    assert [one.finding_id for one in found if isinstance(one, Violation)] == ["a", "b"]
    assert hub.requests[request_number - 1] == hub.requests[request_number]


def test_the_pace_slows_with_every_refusal_and_comes_back_little_by_little(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(*[[]] * 20, failures=dict.fromkeys((3, 4, 5), THROTTLED))
    scan(hub, policy("*"), monkeypatch)
    assert hub.pauses[:5] == pytest.approx([1 / 3, 1 / 3, 2 / 3, 4 / 3, 8 / 3])
    assert hub.pauses[5:9] == pytest.approx([2, 1.5, 1.125, 0.84375])
    assert hub.pauses[-5:] == pytest.approx([1 / 3] * 5)


def test_a_page_that_keeps_failing_is_given_up_and_what_was_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(*pages("a", "b", "c"), failures=always(THROTTLED, since=3))
    found, incomplete = cut_short(hub, policy("*"), monkeypatch)
    assert found == ["a", "b"]
    assert (incomplete.problem, incomplete.findings_read) == ("TooManyRequestsException", 2)
    assert (incomplete.queries, incomplete.unfinished, incomplete.controls) == (1, 1, ())
    assert len(hub.requests) == 2 + MAX_ATTEMPTS
    assert max(hub.pauses) <= 30
    assert hub.time - 1000 < 180
    assert hub.last_error is THROTTLED


def test_failures_of_different_pages_do_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = range(2, 1 + MAX_ATTEMPTS), range(MAX_ATTEMPTS + 2, 1 + 2 * MAX_ATTEMPTS)
    hub = RecordingHub(*pages("a", "b", "c"), failures=dict.fromkeys([*first, *second], THROTTLED))
    assert len(scan(hub, policy("*"), monkeypatch)) == 3
    assert len(hub.requests) == 3 + 2 * (MAX_ATTEMPTS - 1)


def test_a_refusal_for_good_ends_a_scan_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(*pages("a", "b"), failures={2: DENIED})
    found, incomplete = cut_short(hub, policy("*"), monkeypatch)
    assert (found, incomplete.problem, len(hub.requests)) == (["a"], "AccessDeniedException", 2)


@pytest.mark.parametrize(("error", "attempts"), [(DENIED, 1), (THROTTLED, MAX_ATTEMPTS)])
def test_a_scan_that_reads_nothing_is_no_incomplete_one(
    error: ClientError, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = RecordingHub([], failures=always(error))
    with pytest.raises(ClientError) as raised:
        scan(hub, policy("*"), monkeypatch)
    assert raised.value is error
    assert len(hub.requests) == attempts


def test_an_error_without_a_code_is_named_after_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(*pages("a", "b"), failures=always(PASSING["silent"], since=2))
    assert cut_short(hub, policy("*"), monkeypatch)[1].problem == "ReadTimeoutError"


def test_a_scan_ends_when_its_time_does(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(*pages(*"abcdef"), seconds=2)
    found, incomplete = cut_short(hub, policy("*"), monkeypatch, until=1005)
    assert (found, hub.times) == (["a", "b", "c"], [1000, 1002, 1004])
    assert (incomplete.problem, incomplete.findings_read) == (None, 3)


def test_a_scan_that_has_hardly_any_time_asks_at_least_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = cut_short(RecordingHub(*pages("a", "b")), policy("*"), monkeypatch, until=0)
    assert found == ["a"]


def test_no_time_is_spent_on_waiting_that_is_needed_for_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub(*pages("a", "b"), failures=always(THROTTLED, since=2))
    found, incomplete = cut_short(hub, policy("*"), monkeypatch, until=1010)
    assert (found, incomplete.problem) == (["a"], "TooManyRequestsException")
    assert 1005 < hub.time < 1010


def test_a_scan_without_time_that_reads_nothing_tells_what_was_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub([], failures=always(THROTTLED))
    with pytest.raises(ClientError):
        scan(hub, policy("*"), monkeypatch, until=1010)
    assert hub.time < 1010


def test_an_incomplete_scan_names_the_controls_that_it_has_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    controls = [f"EC2.{number}" for number in range(39)]
    hub = RecordingHub(*pages("a", "b"), failures={4: DENIED})
    found, incomplete = cut_short(hub, policy("iam.*", "S3.8", *controls), monkeypatch)
    assert found == ["a", "b", "a"]
    assert (incomplete.findings_read, incomplete.queries, incomplete.unfinished) == (3, 3, 2)
    asked = [value for query in queries(policy("iam.*", "S3.8", *controls)) for value in _names(query)]
    assert "IAM.*" in asked
    assert list(incomplete.controls) == asked[20:]


def _names(query: Filters) -> list[str]:
    values = query["ComplianceSecurityControlId"]
    return [value["Value"] + ("*" if value["Comparison"] == "PREFIX" else "") for value in values]


def _violation_of(control: str) -> Violation:
    return violation(**{"Compliance.SecurityControlId": control})


_violations = {control: _violation_of(control) for control in CONTROLS}


# ---- looking findings up by their ids


def look_up(
    hub: RecordingHub, groups: list[list[str]], monkeypatch: pytest.MonkeyPatch, until: float = inf
) -> Iterator[list[dict[str, Any]]]:
    monkeypatch.setattr("shared.aws.scan.time", SimpleNamespace(monotonic=lambda: hub.time))
    return Scan(hub, hub.sleep).look_up(groups, lambda: until - hub.time)


def test_ten_thousand_findings_are_looked_up_in_five_hundred_requests_within_three_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = RecordingHub([finding()])
    groups = [[f"{number}-{each}" for each in range(MAX_FILTER_VALUES)] for number in range(500)]
    assert len(list(look_up(hub, groups, monkeypatch))) == 500
    assert [len(request["Filters"]["Id"]) for request in hub.requests] == [MAX_FILTER_VALUES] * 500
    assert hub.times[-1] - hub.times[0] < 180
    assert all(later - earlier >= 0.99 for earlier, later in zip(hub.times, hub.times[3:], strict=False))


def test_a_violation_of_many_findings_takes_several_requests_and_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub([], [finding(1)])  # an empty page is not the last
    assert list(look_up(hub, [[str(number) for number in range(21)]], monkeypatch)) == [[finding(1)] * 2]
    asked = [(len(request["Filters"]["Id"]), request.get("NextToken")) for request in hub.requests]
    assert asked == [(20, None), (20, "1"), (1, None), (1, "1")]


def test_a_look_up_that_is_refused_tells_what_was_wrong_and_is_tried_again_where_that_may_help(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = RecordingHub(
        [], failures={1: refusal(429, "TooManyRequestsException"), 3: refusal(403, "AccessDeniedException")}
    )
    answers = look_up(hub, [["a"], ["b"]], monkeypatch)
    assert next(answers) == []
    with pytest.raises(ScanIncompleteError) as raised:
        next(answers)
    assert raised.value.problem == "AccessDeniedException"


def test_a_look_up_ends_when_its_time_does_but_asks_at_least_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = RecordingHub([])
    answers = look_up(hub, [["a"], ["b"]], monkeypatch, until=0)
    assert next(answers) == []
    with pytest.raises(ScanIncompleteError) as raised:
        next(answers)
    assert raised.value.problem is None


@pytest.mark.parametrize(
    ("pages", "caveat", "requests"),
    [
        ([[]], None, 1),
        ([[finding()]], Caveat.UNDECIDED, 1),
        ([[], [], [finding()]], Caveat.UNDECIDED, 3),
        ([[finding(ProductArn="arn:aws:securityhub:eu-west-1:111122223333:product/x/y")]], None, 1),
        ([[finding(Resources=[])]], Caveat.UNDECIDED, 1),
        ([[]] * 30, Caveat.UNKNOWN, 10),
    ],
)
def test_whether_a_check_could_not_decide_is_one_cheap_question(
    pages: list[list[dict[str, Any]]], caveat: Caveat | None, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = RecordingHub(*pages)
    monkeypatch.setattr("shared.aws.scan.time", SimpleNamespace(monotonic=lambda: hub.time))
    assert Scan(hub, hub.sleep).undecided(policy("*", min_severity=Severity.HIGH)) == caveat
    assert len(hub.requests) == requests
    assert {request["MaxResults"] for request in hub.requests} == {1}
    asked = hub.requests[-1]["Filters"]
    assert [value["Value"] for value in asked["ComplianceStatus"]] == ["NOT_AVAILABLE", "WARNING"]
    assert "SeverityLabel" not in asked

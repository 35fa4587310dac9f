"""The Security Hub stand-in, reached by a real boto3 client over loopback."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.routing import Mount

from local.security_hub.control_finding import REQUIRED_FIELDS
from local.security_hub.hub import SecurityHub, TokenBucket
from local.security_hub.query import STRING_ATTRIBUTES, ApiError
from local.stack.serving import serve
from tests.findings import ACCOUNT, PRODUCT_ARN, REGION, finding

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FOUND = {"Comparison": "EQUALS", "Value": "FAILED"}


class Clock:
    """Time stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class Bench:
    """One hub, the events it emitted, its clock, and a client that talks to it."""

    def __init__(self, hub: SecurityHub, events: list[dict[str, Any]], clock: Clock, client: Any) -> None:
        self.hub, self.events, self.clock, self.client = hub, events, clock, client

    def ids(self, **filters: Any) -> list[str]:
        return [finding["Id"] for finding in self.client.get_findings(Filters=filters)["Findings"]]

    def recheck(self, stored: dict[str, Any], status: str) -> dict[str, Any]:
        """What the next check stores, a minute later."""
        self.clock.advance(minutes=1)
        return self.hub.import_finding({**stored, "Compliance": {**stored["Compliance"], "Status": status}})

    def set_workflow(self, stored: dict[str, Any], status: str) -> None:
        self.client.batch_update_findings(FindingIdentifiers=[identifier(stored)], Workflow={"Status": status})

    def stored(self, finding: dict[str, Any]) -> dict[str, Any]:
        (found,) = self.client.get_findings(Filters={"Id": [equals(finding["Id"])]})["Findings"]
        return dict(found)


@pytest.fixture(scope="module")
def street() -> Iterator[tuple[Starlette, str]]:
    """One server for the whole file; each test mounts its own hub, because stopping a server takes 0.2 seconds."""
    app = Starlette()
    with serve(app) as url:
        yield app, url


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session("test", "test", region_name=REGION)


@pytest.fixture
def make_bench(street: tuple[Starlette, str], session: boto3.Session) -> Callable[..., Bench]:
    app, url = street

    def make(check_parameters: bool = True, **settings: Any) -> Bench:
        events: list[dict[str, Any]] = []
        clock, path = Clock(), f"/{len(app.routes)}"
        hub = SecurityHub(on_event=events.append, now=clock, **settings)
        app.routes.append(Mount(path, hub.asgi()))
        config = Config(retries={"total_max_attempts": 1}, parameter_validation=check_parameters)
        return Bench(hub, events, clock, session.client("securityhub", endpoint_url=url + path, config=config))

    return make


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(requests_per_second=None)


def equals(value: str) -> dict[str, str]:
    return {"Comparison": "EQUALS", "Value": value}


def identifier(finding: dict[str, Any]) -> dict[str, str]:
    return {"Id": finding["Id"], "ProductArn": finding["ProductArn"]}


def error_of(call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return dict(refused.value.response["Error"])


def import_buckets(bench: Bench, *buckets: dict[str, Any]) -> None:
    for number, changes in enumerate(buckets, 1):
        bench.hub.import_finding(finding(number, **changes) | {"Id": str(number)})


# --- filters


def test_attributes_are_anded_and_equal_values_are_ored(bench: Bench) -> None:
    import_buckets(bench, {"AwsAccountId": "1" * 12}, {"AwsAccountId": "2" * 12}, {"AwsAccountId": "3" * 12})
    bench.recheck(bench.hub.get_findings({})["Findings"][1], "PASSED")

    accounts = [equals("1" * 12), equals("2" * 12)]

    assert bench.ids(AwsAccountId=accounts) == ["1", "2"]
    assert bench.ids(AwsAccountId=accounts, ComplianceStatus=[FOUND]) == ["1"]


def test_prefixes_are_ored_and_exclusions_are_anded(bench: Bench) -> None:
    types = ("AwsIamRole", "AwsIamPolicy", "AwsEc2Vpc", "AwsEc2Subnet", "AwsS3Bucket")
    import_buckets(bench, *({"Resources": [{"Type": each, "Id": each}]} for each in types))

    starts = [{"Comparison": "PREFIX", "Value": each} for each in ("AwsIam", "AwsEc2")]
    others = [{"Comparison": "NOT_EQUALS", "Value": each} for each in ("AwsIamPolicy", "AwsEc2Vpc")]

    assert bench.ids(ResourceType=starts) == ["1", "2", "3", "4"]
    assert bench.ids(ResourceType=others) == ["1", "4", "5"]
    assert bench.ids(ResourceType=[*starts, *others]) == ["1", "4"]
    assert bench.ids(ResourceType=[{"Comparison": "PREFIX_NOT_EQUALS", "Value": "AwsIam"}]) == ["3", "4", "5"]


def test_values_are_case_sensitive(bench: Bench) -> None:
    import_buckets(bench, {})

    assert bench.ids(ComplianceSecurityControlId=[equals("S3.8")]) == ["1"]
    assert bench.ids(ComplianceSecurityControlId=[equals("s3.8")]) == []


def test_an_exclusion_looks_at_every_resource(bench: Bench) -> None:
    role, bucket = {"Type": "AwsIamRole", "Id": "role"}, {"Type": "AwsS3Bucket", "Id": "bucket"}
    import_buckets(bench, {"Resources": [role, bucket]}, {"Resources": [role]})

    assert bench.ids(ResourceId=[{"Comparison": "NOT_EQUALS", "Value": "bucket"}]) == ["2"]


def test_standards_are_found_inside_a_list(bench: Bench) -> None:
    cis = "standards/cis-aws-foundations-benchmark/v/5.0.0"
    standards = [{"StandardsId": "standards/pci-dss/v/4.0.1"}, {"StandardsId": cis}]
    compliance = {"Status": "FAILED", "SecurityControlId": "S3.8", "AssociatedStandards": standards}
    import_buckets(bench, {"Compliance": compliance}, {})

    assert bench.ids(ComplianceAssociatedStandardsId=[equals(cis)]) == ["1"]


def test_maps_are_compared_by_key(bench: Bench) -> None:
    tagged = [[{"Type": "AwsS3Bucket", "Id": "b", "Tags": {"team": team}}] for team in ("red", "blue")]
    import_buckets(bench, *({"Resources": resources} for resources in tagged), {"ProductFields": {"team": "red"}})

    assert bench.ids(ResourceTags=[{"Key": "team", **equals("red")}]) == ["1"]
    assert bench.ids(ResourceTags=[{"Key": "team", "Comparison": "NOT_EQUALS", "Value": "red"}]) == ["2", "3"]
    assert bench.ids(ProductFields=[{"Key": "team", **equals("red")}]) == ["3"]


def test_dates_are_compared_by_range_and_by_age(bench: Bench) -> None:
    days = ("2026-11-10T00:00:00Z", "2026-11-20T00:00:00.500Z", "2026-11-23T20:00:00+09:00")
    import_buckets(bench, *({"CreatedAt": day} for day in days))

    within = {"DateRange": {"Value": 7, "Unit": "DAYS"}}
    older = {"DateRange": {"Value": 7, "Unit": "DAYS", "Comparison": "OLDER_THAN"}}

    assert bench.ids(CreatedAt=[within]) == ["2", "3"]
    assert bench.ids(CreatedAt=[older]) == ["1"]
    assert bench.ids(CreatedAt=[{"Start": "2026-11-20T00:00:00Z", "End": "2026-11-23T10:59:59Z"}]) == ["2"]
    assert bench.ids(CreatedAt=[{"End": "2026-11-11T00:00:00Z"}, {"Start": "2026-11-23T11:00:00Z"}]) == ["1", "3"]


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"Title": [{"Comparison": "CONTAINS", "Value": "S3"}]}, "Title"),
        ({"Title": [equals("a"), {"Comparison": "NOT_EQUALS", "Value": "b"}]}, "Title"),
        ({"ResourceTags": [{"Key": "team", "Comparison": "CONTAINS", "Value": "r"}]}, "ResourceTags"),
        ({"Keyword": [{"Value": "bucket"}]}, "Keyword"),
        ({"CreatedAt": [{"Start": "last week"}]}, "last week"),
        ({"CreatedAt": [{}]}, "CreatedAt"),
        ({"Id": [equals(str(n)) for n in range(21)]}, "Id has 21 values"),
        ({name: [equals("x")] for name in list(STRING_ATTRIBUTES)[:11]}, "11 attributes"),
    ],
)
def test_a_wrong_filter_is_refused_by_name(bench: Bench, filters: dict[str, Any], named: str) -> None:
    error = error_of(bench.client.get_findings, Filters=filters)

    assert error["Code"] == "InvalidInputException"
    assert named in error["Message"]


def test_twenty_values_of_ten_attributes_are_accepted(bench: Bench) -> None:
    import_buckets(bench, {})
    others = [{"Comparison": "NOT_EQUALS", "Value": str(-n)} for n in range(1, 21)]

    assert bench.ids(**dict.fromkeys(list(STRING_ATTRIBUTES)[:10], others)) == ["1"]


# --- order and pages


def test_findings_are_sorted_by_each_criterion_in_turn(bench: Bench) -> None:
    days = ("2026-11-02T00:00:00Z", "2026-11-01T00:00:00.500Z", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z")
    import_buckets(bench, *({"UpdatedAt": day, "Title": title} for day, title in zip(days, "abac", strict=True)))

    criteria = [{"Field": "UpdatedAt", "SortOrder": "asc"}, {"Field": "Title", "SortOrder": "desc"}]
    page = bench.client.get_findings(SortCriteria=criteria)

    assert [finding["Id"] for finding in page["Findings"]] == ["4", "3", "2", "1"]
    assert error_of(bench.client.get_findings, SortCriteria=[{"Field": "Mood"}])["Code"] == "InvalidInputException"


def test_250_findings_come_in_three_pages(bench: Bench) -> None:
    findings = [finding(number) for number in range(250)]
    for start in (0, 100, 200):
        assert bench.client.batch_import_findings(Findings=findings[start : start + 100])["FailedCount"] == 0

    pages = list(bench.client.get_paginator("get_findings").paginate(Filters={"ComplianceStatus": [FOUND]}))

    assert [len(page["Findings"]) for page in pages] == [100, 100, 50]
    assert {finding["Id"] for page in pages for finding in page["Findings"]} == {each["Id"] for each in findings}
    assert "NextToken" not in pages[-1]


def test_an_exactly_full_page_is_the_last(bench: Bench) -> None:
    import_buckets(bench, {}, {})

    assert "NextToken" not in bench.client.get_findings(MaxResults=2)


@pytest.mark.parametrize("size", [-1, 0, 101])
def test_a_page_has_1_to_100_findings(make_bench: Callable[..., Bench], size: int) -> None:
    client = make_bench(check_parameters=False).client

    assert error_of(client.get_findings, MaxResults=size)["Code"] == "InvalidInputException"


def test_a_token_serves_only_the_query_it_came_from(bench: Bench) -> None:
    import_buckets(bench, {}, {})
    failed = {"ComplianceStatus": [FOUND]}
    token = bench.client.get_findings(Filters=failed, MaxResults=1)["NextToken"]

    assert bench.client.get_findings(Filters=failed, NextToken=token)["Findings"][0]["Id"] == "2"
    for misuse in ({"NextToken": token}, {"Filters": failed, "NextToken": "garbage"}, {"NextToken": "W10="}):
        assert error_of(bench.client.get_findings, **misuse)["Code"] == "InvalidInputException"


# --- limits and faults


def test_calls_beyond_the_burst_are_throttled(make_bench: Callable[..., Bench]) -> None:
    client = make_bench(requests_per_second=0.001, burst=6).client
    for _ in range(6):
        client.get_findings()

    with pytest.raises(ClientError) as refused:
        client.get_findings()

    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert refused.value.response["ResponseMetadata"]["RequestId"]


def test_a_token_bucket_fills_up_to_its_burst() -> None:
    bucket = TokenBucket(rate=3, burst=6)

    assert [bucket.take(at=1000.0) for _ in range(7)] == [True] * 6 + [False]
    assert [bucket.take(at=1000.34) for _ in range(2)] == [True, False]
    assert [bucket.take(at=2000.0) for _ in range(7)] == [True] * 6 + [False]


def test_only_the_next_calls_fail(bench: Bench) -> None:
    bench.hub.fail_next(2, 500, "InternalException")

    assert error_of(bench.client.get_findings)["Code"] == "InternalException"
    assert error_of(bench.client.batch_import_findings, Findings=[finding()])["Code"] == "InternalException"
    assert bench.client.get_findings()["Findings"] == []


def test_calls_may_pass_before_one_fails(bench: Bench) -> None:
    bench.hub.fail_next(1, 429, "TooManyRequestsException", after=2)

    assert [bench.client.get_findings()["Findings"] for _ in range(2)] == [[], []]
    assert error_of(bench.client.get_findings)["Code"] == "TooManyRequestsException"
    assert bench.client.get_findings()["Findings"] == []


# --- imports


def test_a_new_failed_finding_is_new(bench: Bench) -> None:
    bare = {field: finding()[field] for field in (*REQUIRED_FIELDS, "Compliance")}
    history = {"ProductFields": {"PreviousComplianceStatus": "PASSED"}, "Workflow": {"Status": "RESOLVED"}}
    bench.client.batch_import_findings(Findings=[bare | history])

    stored = bench.stored(finding())

    assert (stored["Workflow"]["Status"], stored["RecordState"], stored["Region"]) == (
        "NEW",
        "ACTIVE",
        REGION,
    )
    assert (stored["FirstObservedAt"], stored["ProcessedAt"]) == (stored["CreatedAt"], "2026-11-23T12:00:00.000Z")
    assert "PreviousComplianceStatus" not in stored["ProductFields"]


def test_each_import_emits_one_complete_event(bench: Bench) -> None:
    bench.client.batch_import_findings(Findings=[finding(1), finding(2)])

    assert len(bench.events) == 2
    event = bench.events[0]
    assert event == {
        "version": "0",
        "id": event["id"],
        "detail-type": "Security Hub Findings - Imported",
        "source": "aws.securityhub",
        "account": ACCOUNT,
        "time": "2026-11-23T12:00:00Z",
        "region": REGION,
        "resources": [f"{PRODUCT_ARN}/{finding(1)['Id']}"],
        "detail": {"findings": [bench.hub.get_findings({})["Findings"][0]]},
    }
    assert bench.events[1]["id"] != event["id"]


def test_an_unchanged_check_only_moves_the_times(bench: Bench) -> None:
    first = bench.hub.import_finding(finding())
    bench.set_workflow(first, "NOTIFIED")

    second = bench.recheck(first, "FAILED")

    assert second["FirstObservedAt"] == first["FirstObservedAt"]
    assert second["Workflow"] == {"Status": "NOTIFIED"}
    assert second["ProductFields"]["PreviousComplianceStatus"] == "FAILED"
    moved = {"UpdatedAt", "LastObservedAt", "ProcessedAt"}
    assert {second[field] for field in moved} == {"2026-11-23T12:01:00.000Z"}
    assert len(bench.events) == 3


def test_a_pass_resolves_and_a_new_failure_reopens(bench: Bench) -> None:
    failed = bench.hub.import_finding(finding())

    passed = bench.recheck(failed, "PASSED")
    again = bench.recheck(passed, "FAILED")

    assert [event["detail"]["findings"][0]["Compliance"]["Status"] for event in bench.events] == [
        "FAILED",
        "PASSED",
        "FAILED",
    ]
    assert [each["Workflow"]["Status"] for each in (failed, passed, again)] == ["NEW", "RESOLVED", "NEW"]
    assert [each["Severity"]["Label"] for each in (failed, passed, again)] == ["HIGH", "INFORMATIONAL", "HIGH"]
    assert [each["ProductFields"]["PreviousComplianceStatus"] for each in (passed, again)] == ["FAILED", "PASSED"]
    assert passed["FirstObservedAt"] == "2026-11-23T12:01:00.000Z"
    assert again["FirstObservedAt"] == "2026-11-23T12:02:00.000Z"
    assert again["CreatedAt"] == failed["CreatedAt"]


@pytest.mark.parametrize(("decided", "reopened"), [("NOTIFIED", "NEW"), ("RESOLVED", "NEW"), ("SUPPRESSED",) * 2])
def test_a_failure_after_a_pass_resets_all_but_suppressed(bench: Bench, decided: str, reopened: str) -> None:
    passed = bench.hub.import_finding(finding(Compliance={"Status": "PASSED", "SecurityControlId": "S3.8"}))
    bench.set_workflow(passed, decided)

    assert bench.recheck(passed, "FAILED")["Workflow"]["Status"] == reopened


@pytest.mark.parametrize(("decided", "reopened"), [("NOTIFIED", "NEW"), ("RESOLVED", "NEW"), ("SUPPRESSED",) * 2])
def test_a_return_from_the_archive_resets_all_but_suppressed(bench: Bench, decided: str, reopened: str) -> None:
    archived = bench.hub.import_finding(finding(RecordState="ARCHIVED"))
    bench.set_workflow(archived, decided)

    assert bench.hub.import_finding({**archived, "RecordState": "ACTIVE"})["Workflow"]["Status"] == reopened


def test_an_import_never_overwrites_what_a_customer_wrote(bench: Bench) -> None:
    bench.hub.import_finding(finding())
    bench.client.batch_update_findings(
        FindingIdentifiers=[identifier(finding())],
        Note={"Text": "on it", "UpdatedBy": "mori"},
        UserDefinedFields={"ticket": "OPS-1"},
    )

    stored = bench.recheck({**finding(), "Note": {"Text": "overwritten"}}, "FAILED")

    assert stored["Note"] == {"Text": "on it", "UpdatedBy": "mori", "UpdatedAt": "2026-11-23T12:00:00.000Z"}
    assert stored["UserDefinedFields"] == {"ticket": "OPS-1"}


@pytest.mark.parametrize("field", ["ProductArn", "Severity", "Resources"])
def test_an_incomplete_finding_fails_alone(make_bench: Callable[..., Bench], field: str) -> None:
    bench = make_bench(check_parameters=False)
    broken = {key: value for key, value in finding(1).items() if key != field}

    answer = bench.client.batch_import_findings(Findings=[broken, finding(2)])

    assert (answer["SuccessCount"], answer["FailedCount"]) == (1, 1)
    assert answer["FailedFindings"][0]["Id"] == broken["Id"]
    assert field in answer["FailedFindings"][0]["ErrorMessage"]
    assert len(bench.events) == 1


def test_a_batch_has_at_most_100_findings(bench: Bench) -> None:
    findings = [finding(number) for number in range(101)]
    identifiers = [identifier(finding) for finding in findings]

    assert error_of(bench.client.batch_import_findings, Findings=findings)["Code"] == "InvalidInputException"
    update = bench.client.batch_update_findings
    assert error_of(update, FindingIdentifiers=identifiers)["Code"] == "InvalidInputException"
    assert bench.events == []


def test_what_a_caller_holds_is_not_what_is_stored(bench: Bench) -> None:
    given = finding()
    returned = bench.hub.import_finding(given)
    for mine in (given, returned, bench.events[0]["detail"]["findings"][0]):
        mine["Resources"][0]["Id"] = "changed"

    assert bench.stored(finding())["Resources"][0]["Id"] == finding()["Resources"][0]["Id"]


# --- updates


@pytest.mark.parametrize(
    "told",
    [
        {"Workflow.Status": "SUPPRESSED", "Note": {"Text": "accepted"}},
        {"Workflow.Status": "RESOLVED"},
        {"RecordState": "ARCHIVED", "Compliance.Status": "NOT_AVAILABLE"},
        {"FindingProviderFields.Severity.Label": "CRITICAL"},
    ],
)
def test_what_an_event_tells_is_held_as_it_is(bench: Bench, told: dict[str, Any]) -> None:
    found = finding(**told)
    bench.hub.hold(found, NOON)
    assert bench.stored(found) == found
    assert bench.events == []


def test_an_event_that_comes_late_undoes_nothing(bench: Bench) -> None:
    bench.hub.hold(finding(**{"Workflow.Status": "SUPPRESSED"}), NOON - timedelta(hours=1))
    bench.hub.hold(finding(), NOON - timedelta(hours=2))
    assert bench.stored(finding())["Workflow"] == {"Status": "SUPPRESSED"}
    bench.recheck(bench.stored(finding()), "PASSED")
    bench.hub.hold(finding(), NOON)
    assert bench.stored(finding())["Compliance"]["Status"] == "PASSED"


@pytest.mark.parametrize("broken", [{"Workflow": {"Status": "DONE"}}, {"RecordState": "GONE"}, {"Title": ""}])
def test_what_security_hub_could_not_hold_is_refused(bench: Bench, broken: dict[str, Any]) -> None:
    with pytest.raises(ApiError):
        bench.hub.hold(finding(**broken), NOON)
    assert bench.ids() == []


def test_an_update_emits_an_event_and_keeps_updated_at(bench: Bench) -> None:
    before = bench.hub.import_finding(finding())
    bench.clock.advance(hours=1)

    answer = bench.client.batch_update_findings(
        FindingIdentifiers=[identifier(before)], Workflow={"Status": "NOTIFIED"}, Severity={"Label": "LOW"}
    )

    after = bench.stored(before)
    assert answer["ProcessedFindings"] == [identifier(before)]
    assert (after["Workflow"]["Status"], after["Severity"]) == ("NOTIFIED", {"Label": "LOW", "Normalized": 1})
    assert after["UpdatedAt"] == before["UpdatedAt"]
    assert len(bench.events) == 2
    assert bench.events[1]["time"] == "2026-11-23T13:00:00Z"
    assert bench.events[1]["detail"] == {"findings": bench.hub.get_findings({})["Findings"]}


def test_an_update_names_the_findings_it_left_out(bench: Bench) -> None:
    known = identifier(bench.hub.import_finding(finding(1)))
    twice = identifier(bench.hub.import_finding(finding(2)))
    missing, elsewhere = identifier(finding(3)), {**known, "ProductArn": "arn:aws:securityhub:::product/other/x"}

    answer = bench.client.batch_update_findings(
        FindingIdentifiers=[known, twice, twice, missing, elsewhere], Workflow={"Status": "NOTIFIED"}
    )

    assert answer["ProcessedFindings"] == [known]
    assert [(each["FindingIdentifier"], each["ErrorCode"]) for each in answer["UnprocessedFindings"]] == [
        (twice, "DuplicatedFindingIdentifier"),
        (twice, "DuplicatedFindingIdentifier"),
        (missing, "FindingNotFound"),
        (elsewhere, "FindingNotFound"),
    ]
    assert len(bench.events) == 3


@pytest.mark.parametrize(
    "change", [{"Workflow": {"Status": "DONE"}}, {"Note": {"Text": "x" * 513, "UpdatedBy": "mori"}}]
)
def test_an_invalid_update_changes_nothing(bench: Bench, change: dict[str, Any]) -> None:
    bench.hub.import_finding(finding())

    error = error_of(bench.client.batch_update_findings, FindingIdentifiers=[identifier(finding())], **change)

    assert error["Code"] == "InvalidInputException"
    assert len(bench.events) == 1


def test_a_listener_may_call_the_api_back(street: tuple[Starlette, str], session: boto3.Session) -> None:
    app, url = street

    def mark_notified(event: dict[str, Any]) -> None:
        (finding,) = event["detail"]["findings"]
        if finding["Workflow"]["Status"] == "NEW":
            update = {"FindingIdentifiers": [identifier(finding)], "Workflow": {"Status": "NOTIFIED"}}
            client.batch_update_findings(**update)

    hub = SecurityHub(on_event=mark_notified)
    app.routes.append(Mount("/listener", hub.asgi()))
    client = session.client("securityhub", endpoint_url=f"{url}/listener")

    client.batch_import_findings(Findings=[finding()])

    assert client.get_findings()["Findings"][0]["Workflow"]["Status"] == "NOTIFIED"


def test_the_environment_points_a_client_here(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = SecurityHub()
    hub.import_finding(finding())
    with serve(hub.asgi()) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECURITYHUB", url)
        client = boto3.client("securityhub", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")

        assert len(client.get_findings()["Findings"]) == 1

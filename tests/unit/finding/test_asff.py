"""Findings of every shape that Security Hub sends, and what they are to us."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given

from shared.errors import MalformedEventError
from shared.finding.asff import parse_finding
from shared.finding.event import parse_event
from shared.finding.violation import MAX_KEY_BYTES, Severity, State, Violation
from tests.findings import ABSENT, ACCOUNT, event, finding, resource, sample, violation
from tests.unit.wild import examples, json_values, spoilt_events

ANOTHER_CONTROL = {"Compliance.SecurityControlId": "EC2.7"}
ACCOUNT_RESOURCE = [resource(f"AWS::::Account:{ACCOUNT}", Type="AwsAccount")]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


# ---- shapes of findings


def test_a_consolidated_finding_is_read() -> None:
    read = violation()
    assert read.finding_id.endswith("finding/8d0b1f6e")
    assert (read.account_id, read.account_name, read.region) == (ACCOUNT, "payments", "eu-west-1")
    assert (read.control_id, read.severity) == ("S3.8", Severity.HIGH)
    assert read.title == "S3 general purpose buckets should block public access"
    assert read.reason == "The bucket is public."
    assert read.standards == ("AWS Foundational Security Best Practices v1.0.0",)
    assert read.remediation_url == "https://docs.aws.amazon.com/console/securityhub/S3.8/remediation"
    assert read.episode_started_at == utc(2026, 11, 20, 1, 2, 3, 456000)
    assert (read.resource.name, read.resource.type) == ("payroll", "AwsS3Bucket")


@pytest.mark.parametrize(
    ("generator_id", "control_id"),
    [
        ("security-control/CloudTrail.2", "CloudTrail.2"),
        ("aws-foundational-security-best-practices/v/1.0.0/CloudTrail.2", "CloudTrail.2"),
        ("arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/2.7", "2.7"),
        ("cis-aws-foundations-benchmark/v/5.0.0/5.1.1", "5.1.1"),
        ("pci-dss/v/3.2.1/PCI.CloudTrail.1", "PCI.CloudTrail.1"),
        ("nist-800-53/v/5.0.0/CloudTrail.2", "CloudTrail.2"),
        ("nist-800-171/v/2.0.0/CloudTrail.2", "CloudTrail.2"),
        ("service-managed-aws-control-tower/v/1.0.0/CloudTrail.2", "CloudTrail.2"),
        ("CloudTrail.2", "CloudTrail.2"),
    ],
)
def test_a_finding_without_security_control_id_has_the_id_of_its_generator(generator_id: str, control_id: str) -> None:
    old = violation(GeneratorId=generator_id, **{"Compliance.SecurityControlId": ABSENT})
    assert old.control_id == control_id


def test_the_security_control_id_goes_before_the_id_of_the_standard() -> None:
    assert violation(GeneratorId="cis-aws-foundations-benchmark/v/5.0.0/5.1.1", **ANOTHER_CONTROL).control_id == "EC2.7"


@pytest.mark.parametrize("name", ["Security Hub", "Security Hub CSPM", ABSENT])
def test_a_finding_of_a_control_is_known_whatever_the_product_is_called(name: object) -> None:
    assert violation(ProductName=name).control_id == "S3.8"


@pytest.mark.parametrize("count", [1, 60])
def test_every_resource_of_a_finding_is_kept(count: int) -> None:
    many = violation(Resources=[resource(f"arn:aws:s3:::bucket-{number}") for number in range(count)])
    assert [one.name for one in many.resources] == [f"bucket-{number}" for number in range(count)]
    assert many.resource.name == "bucket-0"


@pytest.mark.parametrize(
    ("partition", "region"), [("aws", "eu-west-1"), ("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")]
)
def test_findings_of_every_partition_are_read(partition: str, region: str) -> None:
    read = violation(ProductArn=f"arn:{partition}:securityhub:{region}::product/aws/securityhub", Region=ABSENT)
    assert (read.partition, read.region) == (partition, region)


def test_a_finding_of_240_kb_is_read() -> None:
    details = {"Other": {f"field-{number}": "x" * 1000 for number in range(240)}}
    large = finding(Resources=[resource("arn:aws:s3:::payroll", Details=details)])
    assert len(json.dumps(large)) > 240_000
    read = parse_finding(large)
    assert read is not None
    assert read.resource.name == "payroll"


def test_fields_that_asff_does_not_require_may_be_absent() -> None:
    names = ("AwsAccountName", "Region", "FirstObservedAt", "Remediation", "ProductFields", "Workflow", "RecordState")
    bare = violation(**dict.fromkeys(names, ABSENT), **{"Compliance.AssociatedStandards": ABSENT})
    assert bare.state is State.OPEN
    assert (bare.account_name, bare.region, bare.reason, bare.remediation_url) == (None, "eu-west-1", None, None)
    assert bare.standards == ()
    assert bare.episode_started_at == utc(2026, 11, 20, 1, 2, 10)  # CreatedAt


@pytest.mark.parametrize(
    "product_arn",
    [
        f"arn:aws:securityhub:eu-west-1:{ACCOUNT}:product/{ACCOUNT}/default",
        "arn:aws:securityhub:eu-west-1::product/aws/guardduty",
        "arn:aws:securityhub:eu-west-1::productv2/aws/securityhub",
    ],
)
def test_findings_of_other_products_are_no_violations(product_arn: str) -> None:
    assert parse_finding(finding(ProductArn=product_arn)) is None


def test_a_finding_without_compliance_status_is_no_violation() -> None:
    assert parse_finding(finding(Compliance=ABSENT)) is None
    assert parse_finding(finding(**{"Compliance.Status": ABSENT})) is None


@pytest.mark.parametrize("name", ["insight_results", "findings_imported_v2", "guardduty_finding", "inspector_finding"])
def test_events_about_other_things_carry_no_violation(name: str) -> None:
    assert parse_event(sample(name)) is None


def test_a_custom_action_carries_its_finding() -> None:
    read = parse_event(event(finding(), **{"detail-type": "Security Hub Findings - Custom Action"}))
    assert read is not None
    assert read.control_id == "S3.8"


def test_an_event_tells_when_it_was_reported() -> None:
    read = parse_event(event(finding(), time="2026-11-20T01:05:00Z"))
    assert read is not None
    assert read.reported_at == utc(2026, 11, 20, 1, 5)
    assert violation().reported_at == violation().updated_at


@pytest.mark.parametrize(
    "text", ["2026-11-20T01:02:03Z", "2026-11-20T01:02:03.000Z", "2026-11-20T10:02:03+09:00", "2026-11-20T01:02:03"]
)
def test_times_are_utc_however_they_are_written(text: str) -> None:
    time = violation(FirstObservedAt=text).episode_started_at
    assert (time, time.tzinfo) == (utc(2026, 11, 20, 1, 2, 3), UTC)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://example.com", "docs", ""])
def test_a_remediation_that_is_no_https_address_is_left_out(url: str) -> None:
    assert violation(**{"Remediation.Recommendation.Url": url}).remediation_url is None


# ---- names


@pytest.mark.parametrize(
    ("title", "fields", "shown"),
    [
        ("5.1.1 EBS default encryption", {"ControlId": "5.1.1"}, "EBS default encryption"),
        ("2.7 Ensure logs are encrypted", {"RuleId": "2.7"}, "Ensure logs are encrypted"),
        ("PCI.CloudTrail.1 CloudTrail logs", {"ControlId": "PCI.CloudTrail.1"}, "CloudTrail logs"),
        ("CT.CloudTrail.2 CloudTrail should", {"ControlId": "CT.CloudTrail.2"}, "CloudTrail should"),
        ("5.1.10 Another control", {"ControlId": "5.1.1"}, "5.1.10 Another control"),
        ("2 factors should be required", {}, "2 factors should be required"),
        ("5.1.1 ", {"ControlId": "5.1.1"}, "5.1.1 "),
    ],
)
def test_a_title_loses_the_number_of_its_standard(title: str, fields: dict[str, str], shown: str) -> None:
    assert violation(Title=title, ProductFields=fields).title == shown


@pytest.mark.parametrize(
    ("resource_id", "name"),
    [
        ("AWS::::Account:111122223333", "Account 111122223333"),
        ("arn:aws:s3:::payroll", "payroll"),
        ("arn:aws:s3:::payroll/2026/november.csv", "payroll/2026/november.csv"),
        ("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0b7d3e91", "sg-0b7d3e91"),
        ("arn:aws:rds:eu-west-1:111122223333:db:orders", "orders"),
        ("arn:aws:sqs:eu-west-1:111122223333:intake", "intake"),
        ("arn:aws:sns:eu-west-1:111122223333:refunds", "refunds"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:ingest", "ingest"),
        ("arn:aws:iam::111122223333:root", "root"),
        ("arn:aws:iam::111122223333:role/service-role/deploy", "service-role/deploy"),
        ("arn:aws:ecs:eu-west-1:111122223333:service/prod/api", "prod/api"),
        ("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/ingest:*", "/aws/lambda/ingest"),
        ("arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod", "restapis/a1b2c3/stages/prod"),
        ("arn:aws-cn:kms:cn-north-1:333344445555:key/8e61", "8e61"),
        ("arn:aws-us-gov:rds:us-gov-west-1:555566667777:db:case-intake", "case-intake"),
        ("/subscriptions/b35c/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/lake", "lake"),
        ("i-0a3f7e92", "i-0a3f7e92"),
        ("arn:aws:s3:::", "arn:aws:s3:::"),
        ("arn:aws", "arn:aws"),
        ("/", "/"),
    ],
)
def test_a_resource_has_the_name_people_know_it_by(resource_id: str, name: str) -> None:
    assert violation(Resources=[resource(resource_id)]).resource.name == name


def test_the_name_tag_stands_before_the_id() -> None:
    instance = "arn:aws:ec2:eu-west-1:111122223333:instance/i-06c9"
    assert violation(Resources=[resource(instance, Tags={"Name": "web-1"})]).resource.name == "web-1 (i-06c9)"
    assert violation(Resources=[resource(instance, Tags={"Name": " "})]).resource.name == "i-06c9"
    assert violation(Resources=[resource("arn:aws:s3:::web", Tags={"Name": "web"})]).resource.name == "web"


@pytest.mark.parametrize(
    ("standard_id", "name"),
    [
        (
            "standards/aws-foundational-security-best-practices/v/1.0.0",
            "AWS Foundational Security Best Practices v1.0.0",
        ),
        ("standards/aws-foundation-best-practices/v/1.0.0", "AWS Foundational Security Best Practices v1.0.0"),
        ("ruleset/cis-aws-foundations-benchmark/v/1.2.0", "CIS AWS Foundations Benchmark v1.2.0"),
        ("arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0", "CIS AWS Foundations Benchmark v1.2.0"),
        ("standards/cis-aws-foundations-benchmark/v/5.0.0", "CIS AWS Foundations Benchmark v5.0.0"),
        ("standards/nist-800-53/v/5.0.0", "NIST SP 800-53 v5.0.0"),
        ("standards/nist-800-171/v/2.0.0", "NIST SP 800-171 v2.0.0"),
        ("standards/pci-dss/v/4.0.1", "PCI DSS v4.0.1"),
        ("standards/aws-resource-tagging-standard/v/1.0.0", "AWS Resource Tagging Standard v1.0.0"),
        ("standards/service-managed-aws-control-tower/v/1.0.0", "AWS Control Tower v1.0.0"),
        ("standards/brand-new/v/1.0.0", "brand-new v1.0.0"),
        ("something else", "something else"),
    ],
)
def test_a_standard_has_its_name(standard_id: str, name: str) -> None:
    assert violation(**{"Compliance.AssociatedStandards": [{"StandardsId": standard_id}]}).standards == (name,)


# ---- what identifies a violation


def test_findings_of_two_standards_are_one_violation() -> None:
    standards = ("ebs_encryption_unconsolidated_fsbp", "ebs_encryption_unconsolidated_cis5")
    first, second = (parse_event(sample(name)) for name in standards)
    assert first is not None
    assert second is not None
    assert first.finding_id != second.finding_id
    assert first.key == second.key


@pytest.mark.parametrize("control_id", ["IAM.4", "Account.1", "CloudFront.1", "Route53.2", "S3.1", "iam.4"])
def test_a_global_control_is_one_violation_in_all_regions(control_id: str) -> None:
    here, there = (in_region(region, control_id) for region in ("eu-west-1", "us-east-1"))
    assert here.key == there.key


@pytest.mark.parametrize("control_id", ["EC2.7", "GuardDuty.1", "S3.11", "IAMX.1"])
def test_a_regional_control_of_an_account_is_a_violation_in_each_region(control_id: str) -> None:
    here, there = (in_region(region, control_id) for region in ("eu-west-1", "us-east-1"))
    assert here.key != there.key


def in_region(region: str, control_id: str) -> Violation:
    return violation(Region=region, Resources=ACCOUNT_RESOURCE, **{"Compliance.SecurityControlId": control_id})


def test_an_arn_is_the_same_violation_whichever_region_reports_it() -> None:
    assert violation(Region="eu-west-1").key == violation(Region="us-east-1").key


def test_another_account_control_or_resource_is_another_violation() -> None:
    others = [
        violation(),
        violation(AwsAccountId="444455556666"),
        violation(**ANOTHER_CONTROL),
        violation(Resources=[resource("arn:aws:s3:::invoices")]),
    ]
    assert len({other.key for other in others}) == 4


def test_a_key_fits_the_ledger_however_long_the_resource_id_is() -> None:
    keys = [violation(Resources=[resource("漢" * 600 + end)]).key for end in ("a", "b")]
    assert all(len(key.encode()) <= MAX_KEY_BYTES for key in keys)
    assert keys[0] != keys[1]


# ---- states


@pytest.mark.parametrize(
    ("compliance", "record", "workflow", "state"),
    [
        ("FAILED", "ACTIVE", "NEW", State.OPEN),
        ("FAILED", "ACTIVE", "NOTIFIED", State.OTHER),
        ("FAILED", "ACTIVE", "SUPPRESSED", State.SUPPRESSED),
        ("FAILED", "ACTIVE", "RESOLVED", State.RESOLVED),
        ("FAILED", "ACTIVE", "SOMETHING_NEW", State.OTHER),
        ("FAILED", "ARCHIVED", "NEW", State.ARCHIVED),
        ("FAILED", "ARCHIVED", "SUPPRESSED", State.ARCHIVED),
        ("PASSED", "ACTIVE", "RESOLVED", State.PASSED),
        ("PASSED", "ACTIVE", "NEW", State.PASSED),
        ("PASSED", "ARCHIVED", "RESOLVED", State.PASSED),
        ("WARNING", "ACTIVE", "NEW", State.OTHER),
        ("WARNING", "ACTIVE", "RESOLVED", State.OTHER),
        ("NOT_AVAILABLE", "ACTIVE", "NEW", State.OTHER),
        ("NOT_AVAILABLE", "ARCHIVED", "NEW", State.ARCHIVED),
    ],
)
def test_a_finding_has_a_state(compliance: str, record: str, workflow: str, state: State) -> None:
    statuses = {"Compliance.Status": compliance, "RecordState": record, "Workflow.Status": workflow}
    assert violation(**statuses).state is state


def test_open_and_undecided_findings_are_not_closed() -> None:
    assert {state for state in State if not state.is_closed} == {State.OPEN, State.OTHER}


@pytest.mark.parametrize(
    ("changes", "is_listed"),
    [
        ({}, True),
        ({"Workflow.Status": "NOTIFIED"}, True),
        ({"Workflow.Status": "SUPPRESSED"}, False),
        ({"Workflow.Status": "RESOLVED"}, False),
        ({"RecordState": "ARCHIVED"}, False),
        ({"Compliance.Status": "PASSED"}, False),
        ({"Compliance.Status": "WARNING"}, False),
    ],
)
def test_what_fails_and_nobody_dealt_with_is_listed(changes: dict[str, str], is_listed: bool) -> None:
    assert violation(**changes).is_listed is is_listed


# ---- malformed input


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"Id": ABSENT}, "Id is missing"),
        ({"Id": ""}, "Id is empty"),
        ({"ProductArn": ABSENT}, "ProductArn is missing"),
        ({"AwsAccountId": 111122223333}, "AwsAccountId is 111122223333, not text"),
        ({"Title": ABSENT}, "Title is missing"),
        ({"UpdatedAt": ABSENT}, "UpdatedAt is missing"),
        ({"UpdatedAt": "yesterday"}, "UpdatedAt is 'yesterday', not an ISO 8601 time"),
        ({"FirstObservedAt": "0001-01-01T00:00:00+14:00"}, "FirstObservedAt is '0001-01-01T00:00:00+14:00'"),
        ({"FirstObservedAt": ABSENT, "CreatedAt": ABSENT}, "CreatedAt is missing"),
        ({"Severity": ABSENT}, "Severity.Label is missing"),
        ({"Severity": "HIGH"}, "Severity is text, not an object"),
        ({"Severity": {"Normalized": "70"}}, "Severity.Normalized is text, not a number"),
        ({"Severity.Label": "SEVERE"}, "Severity.Label is 'SEVERE', which is none of"),
        ({"Resources": ABSENT}, "Resources is missing"),
        ({"Resources": []}, "Resources is empty"),
        ({"Resources": {}}, "Resources is an object, not a list"),
        ({"Resources": [{"Type": "Other"}]}, "Id is missing"),
        ({"Resources": [{"Id": "i-1"}]}, "Type is missing"),
        ({"Resources": ["i-1"]}, "the input is text, not an object"),
        ({"Compliance": []}, "Compliance is a list, not an object"),
        ({"Compliance.Status": 1}, "Compliance.Status is 1, not text"),
        ({"Compliance.SecurityControlId": ABSENT, "GeneratorId": ABSENT}, "GeneratorId is missing"),
        ({"Compliance.AssociatedStandards": [{}]}, "StandardsId is missing"),
        ({"Workflow": "NEW"}, "Workflow is text, not an object"),
        ({"RecordState": True}, "RecordState is True, not text"),
        ({"ProductFields": []}, "ProductFields is a list, not an object"),
    ],
)
def test_a_malformed_finding_is_told_by_its_field(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(MalformedEventError) as told:
        parse_event(event(finding(**changes)))
    assert complaint in str(told.value)


@pytest.mark.parametrize(
    ("malformed", "complaint"),
    [
        (None, "detail-type is missing"),
        ([], "the input is a list, not an object"),
        ("hello", "the input is text, not an object"),
        ({}, "detail-type is missing"),
        ({"detail-type": "Security Hub Findings - Imported"}, "detail is missing"),
        (event(finding(), detail={}), "detail.findings is missing"),
        (event(finding(), detail={"findings": []}), "detail.findings holds 0 findings"),
        (event(finding(), detail={"findings": [finding(), finding()]}), "detail.findings holds 2 findings"),
        (event(None), "ProductArn is missing"),
        (event(finding(), time=None), "time is missing"),
        (event(finding(), time="now"), "time is 'now'"),
    ],
)
def test_a_malformed_event_is_told_by_its_field(malformed: object, complaint: str) -> None:
    with pytest.raises(MalformedEventError) as told:
        parse_event(malformed)
    assert complaint in str(told.value)


def is_refused_or_read(event: object) -> bool:
    try:
        parsed = parse_event(event)
    except MalformedEventError as error:
        return str(error) != ""
    return parsed is None or (isinstance(parsed, Violation) and len(parsed.key.encode()) <= MAX_KEY_BYTES)


def test_no_text_of_a_finding_is_obeyed_by_a_terminal_or_turns_another() -> None:
    wild = "a\x1b[2Jb\u202ec\ud800\u0007d"
    read = violation(
        Title=wild,
        AwsAccountName=wild,
        Resources=[resource(wild, Tags={"Name": wild, "Owner": wild})],
        **{"Compliance.SecurityControlId": wild, "ProductFields.aws/securityhub/annotation": wild},
    )
    tame = "a\ufffd[2Jb\ufffdc\ufffd\ufffdd"
    assert (read.title, read.account_name, read.reason, read.control_id) == (tame, tame, tame, tame)
    assert (read.resource.id, read.resource.owner, read.resource.name) == (tame, tame, tame)


def test_a_severity_of_240_kilobytes_is_told_in_short() -> None:
    with pytest.raises(MalformedEventError) as raised:
        violation(**{"Severity.Label": "A" * 240_000})
    assert len(str(raised.value)) < 300


@given(json_values)
def test_any_json_is_read_or_refused_as_malformed(anything: object) -> None:
    assert is_refused_or_read(anything)
    assert is_refused_or_read(event(anything))


@examples(500)
@given(spoilt_events())
@example(event(finding(Title="\ud800")))
def test_a_spoilt_event_is_read_or_refused_as_malformed(spoilt: object) -> None:
    assert is_refused_or_read(spoilt)


@pytest.mark.parametrize(
    ("tags", "owner"),
    [
        ({"Owner": "alice"}, "alice"),
        ({"owner": " alice "}, "alice"),
        ({"OWNER": "alice", "Team": "web"}, "alice"),
        ({"Owner-Email": "alice@example.com"}, "alice@example.com"),
        ({"owner_email": "alice@example.com"}, "alice@example.com"),
        ({"Owner": " ", "team": "web"}, "web"),
        ({"Owner": 5, "Team": "web"}, "web"),
        ({"Name": "logs"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_owner_is_what_a_tag_says(tags: dict[str, Any], owner: str | None) -> None:
    parsed = parse_finding(finding(Resources=[resource("arn:aws:s3:::logs", Tags=tags)]))
    assert parsed
    assert parsed.resource.owner == owner


@pytest.mark.parametrize(
    ("normalized", "severity"),
    [(0, "INFORMATIONAL"), (1, "LOW"), (39, "LOW"), (40, "MEDIUM"), (69, "MEDIUM"), (70, "HIGH"), (90, "CRITICAL")],
)
def test_a_severity_without_a_label_is_told_by_its_number(normalized: int, severity: str) -> None:
    assert violation(Severity={"Normalized": normalized}).severity is Severity[severity]

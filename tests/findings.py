"""Findings as AWS writes them, the events that carry them, and the violations they become.

Each is about a bucket: the one of that name, "bucket-7" for 7, or "payroll" if none is given. Changes are fields of the
finding; a name may be a dotted path, and the value ABSENT takes the field away.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

from shared.finding.asff import parse_finding
from shared.finding.violation import Violation

Event = dict[str, Any]
Finding = dict[str, Any]
Bucket = str | int | None

EVENTS = Path(__file__).parents[1] / "events"
ABSENT = object()

ACCOUNT = "111122223333"
REGION = "eu-west-1"
PRODUCT_ARN = f"arn:aws:securityhub:{REGION}::product/aws/securityhub"
IDS = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:security-control/S3.8/finding"
TYPE = "Software and Configuration Checks/Industry and Regulatory Standards"

FINDING: Finding = {
    "SchemaVersion": "2018-10-08",
    "Id": f"{IDS}/8d0b1f6e",
    "ProductArn": PRODUCT_ARN,
    "ProductName": "Security Hub CSPM",
    "CompanyName": "AWS",
    "Region": REGION,
    "GeneratorId": "security-control/S3.8",
    "AwsAccountId": ACCOUNT,
    "AwsAccountName": "payments",
    "Types": [TYPE],
    "FirstObservedAt": "2026-11-20T01:02:03.456Z",
    "LastObservedAt": "2026-11-20T01:02:03.456Z",
    "CreatedAt": "2026-11-20T01:02:10.000Z",
    "UpdatedAt": "2026-11-20T01:02:11.000Z",
    "Severity": {"Label": "HIGH", "Normalized": 70, "Original": "HIGH"},
    "Title": "S3 general purpose buckets should block public access",
    "Description": "This control checks whether an Amazon S3 general purpose bucket blocks public access at the bucket "
    "level. The control fails if any of the following settings are set to false: ignorePublicAcls, blockPublicPolicy, "
    "blockPublicAcls, restrictPublicBuckets.",
    "Remediation": {
        "Recommendation": {
            "Text": "For information on how to correct this issue, consult the controls documentation.",
            "Url": "https://docs.aws.amazon.com/console/securityhub/S3.8/remediation",
        }
    },
    "ProductFields": {
        "RelatedAWSResources:0/name": "securityhub-s3-bucket-level-public-access-prohibited-605c12db",
        "RelatedAWSResources:0/type": "AWS::Config::ConfigRule",
        "aws/securityhub/ProductName": "Security Hub CSPM",
        "aws/securityhub/CompanyName": "AWS",
        "aws/securityhub/annotation": "The bucket is public.",
    },
    "Resources": [
        {
            "Type": "AwsS3Bucket",
            "Id": "arn:aws:s3:::payroll",
            "Partition": "aws",
            "Region": REGION,
            "Details": {"AwsS3Bucket": {"OwnerId": "38a4ae192072a803", "CreatedAt": "2024-07-03T01:22:46.000Z"}},
        }
    ],
    "Compliance": {
        "Status": "FAILED",
        "SecurityControlId": "S3.8",
        "RelatedRequirements": ["NIST.800-53.r5 AC-3", "NIST.800-53.r5 SC-7", "PCI DSS v4.0.1/1.4.4"],
        "AssociatedStandards": [{"StandardsId": "standards/aws-foundational-security-best-practices/v/1.0.0"}],
    },
    "Workflow": {"Status": "NEW"},
    "WorkflowState": "NEW",
    "RecordState": "ACTIVE",
    "FindingProviderFields": {"Types": [TYPE], "Severity": {"Label": "HIGH", "Original": "HIGH"}},
    "ProcessedAt": "2026-11-20T01:02:12.000Z",
}
ENDED_AT = "2026-11-22T05:41:30.000Z"
PASSED = {
    "Compliance.Status": "PASSED",
    "ProductFields.PreviousComplianceStatus": "FAILED",
    "Severity": {"Label": "INFORMATIONAL", "Normalized": 0, "Original": "INFORMATIONAL"},
    "FindingProviderFields.Severity": {"Label": "INFORMATIONAL", "Original": "INFORMATIONAL"},
    "Workflow.Status": "RESOLVED",
    **dict.fromkeys(("FirstObservedAt", "LastObservedAt", "UpdatedAt", "ProcessedAt"), ENDED_AT),
}


def finding(bucket: Bucket = None, /, **changes: Any) -> Finding:
    """The finding that a bucket is public."""
    changed = deepcopy(FINDING)
    if bucket is not None:
        name = name_of(bucket)
        changed["Id"] = f"{IDS}/{name}"
        changed["Resources"][0]["Id"] = f"arn:aws:s3:::{name}"
    for path, value in changes.items():
        *above, last = path.split(".")
        owner: dict[str, Any] = changed
        for field in above:
            owner = owner.setdefault(field, {})
        if value is ABSENT:
            del owner[last]
        else:
            owner[last] = deepcopy(value)
    return changed


def violation(bucket: Bucket = None, /, **changes: Any) -> Violation:
    """What the changed finding becomes."""
    parsed = parse_finding(finding(bucket, **changes))
    assert parsed is not None, "not the finding of a control"
    return parsed


def event(finding: Any, **changes: Any) -> Event:
    """The event that carries a finding; these changes are the event's."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Security Hub Findings - Imported",
        "source": "aws.securityhub",
        "account": ACCOUNT,
        "time": "2026-11-20T01:02:12Z",
        "region": REGION,
        "resources": [],
        "detail": {"findings": [finding]},
    } | changes


def opened(bucket: Bucket = None, /, **changes: Any) -> Event:
    """The event that tells that a bucket is public."""
    return event(finding(bucket, **changes))


def passed(bucket: Bucket = None, /, **changes: Any) -> Event:
    """The event that tells, two days later, that it is so no more."""
    return event(finding(bucket, **PASSED | changes), time=ENDED_AT)


def name_of(bucket: str | int) -> str:
    return f"bucket-{bucket}" if isinstance(bucket, int) else bucket


def new_bucket() -> str:
    """The name of a bucket that no other test speaks of."""
    return f"bucket-{uuid4().hex[:12]}"


def bucket_of(event: Event) -> str:
    """The name of the bucket that an event is about."""
    return str(event["detail"]["findings"][0]["Resources"][0]["Id"]).rpartition(":")[2]


def resource(resource_id: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Other", "Id": resource_id} | fields


def sample(name: str) -> Event:
    """The event in events/<name>.json."""
    found: Event = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def sample_names() -> list[str]:
    return sorted(path.stem for path in EVENTS.glob("*.json"))

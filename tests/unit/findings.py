"""Findings as AWS writes them, and the violations they become, for tests that change a field or two."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from shared.finding.asff import parse_finding
from shared.finding.violation import Violation

EVENTS = Path(__file__).parents[2] / "events"
ABSENT = object()

ACCOUNT = "111122223333"
BUCKET = {"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::payroll", "Partition": "aws", "Region": "eu-west-1"}
FINDING = {
    "SchemaVersion": "2018-10-08",
    "Id": f"arn:aws:securityhub:eu-west-1:{ACCOUNT}:security-control/S3.8/finding/8d0b1f6e",
    "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
    "ProductName": "Security Hub CSPM",
    "CompanyName": "AWS",
    "Region": "eu-west-1",
    "GeneratorId": "security-control/S3.8",
    "AwsAccountId": ACCOUNT,
    "AwsAccountName": "payments",
    "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
    "FirstObservedAt": "2026-11-20T01:02:03.456Z",
    "LastObservedAt": "2026-11-20T01:02:03.456Z",
    "CreatedAt": "2026-11-20T01:02:10.000Z",
    "UpdatedAt": "2026-11-20T01:02:11.000Z",
    "Severity": {"Label": "HIGH", "Normalized": 70, "Original": "HIGH"},
    "Title": "S3 general purpose buckets should block public access",
    "Description": "This control checks whether a bucket blocks public access.",
    "Remediation": {
        "Recommendation": {
            "Text": "For information on how to correct this issue, consult the controls documentation.",
            "Url": "https://docs.aws.amazon.com/console/securityhub/S3.8/remediation",
        }
    },
    "ProductFields": {"aws/securityhub/annotation": "The bucket is public."},
    "Resources": [BUCKET],
    "Compliance": {
        "Status": "FAILED",
        "SecurityControlId": "S3.8",
        "AssociatedStandards": [{"StandardsId": "standards/aws-foundational-security-best-practices/v/1.0.0"}],
    },
    "Workflow": {"Status": "NEW"},
    "RecordState": "ACTIVE",
}


def finding(**changes: Any) -> dict[str, Any]:
    """A valid finding; a name may be a dotted path, and the value ABSENT takes the field away."""
    changed = deepcopy(FINDING)
    for path, value in changes.items():
        *above, last = path.split(".")
        owner: dict[str, Any] = changed
        for name in above:
            owner = owner.setdefault(name, {})
        if value is ABSENT:
            del owner[last]
        else:
            owner[last] = value
    return changed


def violation(**changes: Any) -> Violation:
    """What the changed finding becomes."""
    parsed = parse_finding(finding(**changes))
    assert parsed is not None, "not the finding of a control"
    return parsed


def event(finding: Any, **changes: Any) -> dict[str, Any]:
    """The event that carries a finding."""
    return {
        "version": "0",
        "id": "3f1d1c52-5c6e-4a36-9a30-6f0a3f6d7c11",
        "detail-type": "Security Hub Findings - Imported",
        "source": "aws.securityhub",
        "account": ACCOUNT,
        "time": "2026-11-20T01:02:12Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {"findings": [finding]},
    } | changes


def resource(resource_id: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Other", "Id": resource_id} | fields


def sample(name: str) -> dict[str, Any]:
    """The event in events/<name>.json."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def sample_names() -> list[str]:
    return sorted(path.stem for path in EVENTS.glob("*.json"))

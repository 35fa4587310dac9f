"""Events like a sample's, of violations that nobody has reported yet."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from local.security_hub.control_finding import timestamp
from local.stack.events import Event, imported_event

MAX_STORM = 500

# What a new standard tends to find: control, its title, severity, how often, and its kind of resource.
STORM = (
    ("S3.8", "S3 general purpose buckets should block public access", "HIGH", 4, "AwsS3Bucket"),
    ("EC2.8", "EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)", "HIGH", 4, "AwsEc2Instance"),
    ("Lambda.2", "Lambda functions should use supported runtimes", "MEDIUM", 3, "AwsLambdaFunction"),
    ("RDS.11", "RDS instances should have automatic backups enabled", "MEDIUM", 3, "AwsRdsDbInstance"),
    ("SQS.2", "SQS queues should be tagged", "LOW", 2, "AwsSqsQueue"),
)
ARNS = {
    "AwsS3Bucket": "arn:aws:s3:::{name}",
    "AwsEc2Instance": "arn:aws:ec2:{region}:{account}:instance/i-{name}",
    "AwsLambdaFunction": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AwsRdsDbInstance": "arn:aws:rds:{region}:{account}:db:{name}",
    "AwsSqsQueue": "arn:aws:sqs:{region}:{account}:{name}",
}
ACCOUNTS = {
    "111122223333": "payments-production",
    "444455556666": "search-production",
    "777788889999": "data-platform",
}
ACCOUNT = "AWS::::Account:"  # the id of an account as a resource begins so
TEAMS = ("orders", "billing", "search", "reports", "media", "events")


def fresh(event: Event, now: datetime) -> Event:
    """The event with an id, a resource and a finding of its own, as if it had been noticed just now.

    What isn't shaped like an event with findings only gets a new id and time.
    """
    renewed = copy.deepcopy(event)
    renewed |= {"id": str(uuid4()), "time": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    detail = renewed.get("detail")
    for finding in detail.get("findings", []) if isinstance(detail, dict) else []:
        if isinstance(finding, dict) and "SchemaVersion" in finding:
            _renew(finding, now)
    return renewed


def _renew(finding: dict[str, Any], now: datetime) -> None:
    finding["Id"] = f"{str(finding.get('Id', '')).rpartition('/')[0]}/{uuid4()}".lstrip("/")
    _move_times(finding, now)
    resource = next(iter(finding.get("Resources") or []), None)
    if not isinstance(resource, dict):
        return
    if str(resource.get("Id", "")).startswith(ACCOUNT):
        finding["AwsAccountId"] = f"{uuid4().int % 10**12:012}"
        resource["Id"] = f"{ACCOUNT}{finding['AwsAccountId']}"
    else:
        resource["Id"] = f"{resource.get('Id', '')}-{uuid4().hex[:6]}"


def _move_times(finding: dict[str, Any], now: datetime) -> None:
    """Let it have begun a minute ago, and been told of now."""
    began = timestamp(now - timedelta(minutes=1))
    finding |= {name: began for name in ("CreatedAt", "FirstObservedAt") if name in finding}
    finding |= {name: timestamp(now) for name in ("LastObservedAt", "UpdatedAt", "ProcessedAt") if name in finding}


def storm(count: int, now: datetime, random: Random) -> list[Event]:
    """So many violations that begin within seconds, over several controls and accounts."""
    return [imported_event(finding) for finding in _findings(count, now, random)]


def _findings(count: int, now: datetime, random: Random) -> Iterator[dict[str, Any]]:
    weights = [often for _, _, _, often, _ in STORM]
    for control, title, severity, _, kind in random.choices(STORM, weights, k=count):
        account, region = random.choice(list(ACCOUNTS)), "ap-northeast-1"
        number = uuid4().hex[:17]
        name = number if kind == "AwsEc2Instance" else f"{random.choice(TEAMS)}-{number[:8]}"
        arn = ARNS[kind].format(name=name, region=region, account=account)
        yield _finding(control, title, severity, {"Type": kind, "Id": arn, "Region": region}, account, now)


def _finding(
    control: str, title: str, severity: str, resource: dict[str, Any], account: str, now: datetime
) -> dict[str, Any]:
    region, stamp = resource["Region"], timestamp(now)
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:{region}:{account}:security-control/{control}/finding/{uuid4()}",
        "ProductArn": f"arn:aws:securityhub:{region}::product/aws/securityhub",
        "GeneratorId": f"security-control/{control}",
        "AwsAccountId": account,
        "AwsAccountName": ACCOUNTS[account],
        "Region": region,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        **dict.fromkeys(("CreatedAt", "FirstObservedAt", "LastObservedAt", "UpdatedAt"), stamp),
        "Severity": {"Label": severity, "Original": severity},
        "Title": title,
        "Description": f"This control checks one thing: {title}.",
        "Remediation": {
            "Recommendation": {"Url": f"https://docs.aws.amazon.com/console/securityhub/{control}/remediation"}
        },
        "Resources": [resource | {"Partition": "aws"}],
        "Compliance": {
            "Status": "FAILED",
            "SecurityControlId": control,
            "AssociatedStandards": [{"StandardsId": "standards/aws-foundational-security-best-practices/v/1.0.0"}],
        },
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }

"""Open violations out of Security Hub, page by page."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from shared.errors import MalformedEventError
from shared.policy import Policy, matches
from shared.violation import Severity, Violation, parse_finding

# Limits of GetFindings: Security Hub API Reference, "AwsSecurityFindingFilters" and "GetFindings"; its rate: Security
# Hub User Guide, "Security Hub quotas".
MAX_FILTER_VALUES = 20
PAGE_SIZE = 100
SECONDS_BETWEEN_REQUESTS = 1 / 3

# Filter values are case sensitive. An id of a service that isn't listed is compared in code instead.
SERVICE_NAMES = """
    Account ACM Amplify APIGateway AppConfig AppFlow AppRunner AppSync Athena AutoScaling Backup Batch Bedrock
    BedrockAgentCore CloudFormation CloudFront CloudTrail CloudWatch CodeArtifact CodeBuild CodeGuruProfiler
    CodeGuruReviewer Cognito Config Connect DataFirehose DataSync Detective DMS DocumentDB DynamoDB EC2 ECR
    ECS EFS EKS ElastiCache ElasticBeanstalk ELB EMR ES EventBridge FraudDetector FSx GlobalAccelerator Glue
    GuardDuty IAM Inspector IoT IoTEvents IoTSiteWise IoTTwinMaker IoTWireless IVS Keyspaces Kinesis KMS
    Lambda Macie MQ MSK Neptune NetworkFirewall Opensearch PCA RDS Redshift RedshiftServerless Route53 S3
    SageMaker SecretsManager ServiceCatalog SES SNS SQS SSM StepFunctions Transfer WAF WorkSpaces
"""
SERVICES = {name.upper(): name for name in SERVICE_NAMES.split()}
WORKFLOW_STATUSES = ("NEW", "NOTIFIED")  # neither suppressed nor resolved by hand

Filters = dict[str, list[dict[str, str]]]


def open_violations(
    client: Any, policy: Policy, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Violation | MalformedEventError]:
    """Every selected violation that fails and that nobody suppressed or resolved; the error in place of a finding that
    can't be read. One violation may come several times, once per finding that reports it.

    `client` is boto3's Security Hub client. From the aggregation Region it sees all linked Regions, from the
    administrator account all members.
    """
    for finding in _findings(client, policy, sleep):
        try:
            violation = parse_finding(finding)
        except MalformedEventError as error:
            yield error
            continue
        if violation is not None and violation.is_listed and policy.selects(violation):
            yield violation


def queries(policy: Policy) -> list[Filters]:
    """The filters to ask with, one set a query; no finding matches two of them."""
    filters = {
        "ComplianceStatus": [_equals("FAILED")],
        "RecordState": [_equals("ACTIVE")],
        "WorkflowStatus": [_equals(status) for status in WORKFLOW_STATUSES],
    }
    if policy.min_severity > Severity.INFORMATIONAL:
        filters["SeverityLabel"] = [_equals(severity.name) for severity in Severity if severity >= policy.min_severity]
    controls = _control_filters(policy.target_control_ids)
    if controls is None:
        return [filters]
    return [filters | {"ComplianceSecurityControlId": chunk} for chunk in _chunks(controls, MAX_FILTER_VALUES)]


def _findings(client: Any, policy: Policy, sleep: Callable[[float], None]) -> Iterator[dict[str, Any]]:
    last_request: float | None = None
    for filters in queries(policy):
        position: dict[str, str] = {}
        while True:
            if last_request is not None:
                sleep(max(0.0, last_request + SECONDS_BETWEEN_REQUESTS - time.monotonic()))
            last_request = time.monotonic()
            page = client.get_findings(Filters=filters, MaxResults=PAGE_SIZE, **position)
            yield from page["Findings"]
            if not page.get("NextToken"):
                break
            position = {"NextToken": page["NextToken"]}


def _control_filters(patterns: tuple[str, ...]) -> list[dict[str, str]] | None:
    """The patterns as filter values; None if one of them is more than an id or the beginning of one."""
    filters = [_control_filter(pattern) for pattern in _broadest(patterns)]
    return None if None in filters else [one for one in filters if one is not None]


def _broadest(patterns: tuple[str, ...]) -> list[str]:
    """The patterns without those that another one covers."""
    kept: list[str] = []
    for pattern in sorted(patterns, key=lambda pattern: len(pattern.replace("*", ""))):  # the broader come first
        if not any(matches(other, pattern) for other in kept):
            kept.append(pattern)
    return kept


def _control_filter(pattern: str) -> dict[str, str] | None:
    service, _, number = pattern.partition(".")
    name = SERVICES.get(service.upper())
    if name is None or "*" in number[:-1]:
        return None
    if number.endswith("*"):
        return {"Value": f"{name}.{number[:-1]}", "Comparison": "PREFIX"}
    return _equals(f"{name}.{number}")


def _equals(value: str) -> dict[str, str]:
    return {"Value": value, "Comparison": "EQUALS"}


def _chunks(values: list[dict[str, str]], size: int) -> Iterator[list[dict[str, str]]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]

"""A finding in AWS's format becomes a violation.

The Security Hub User Guide describes the ASFF in "AWS Security Finding Format (ASFF)", and what findings of controls
hold in "Generating and updating control findings".
"""

import re
from datetime import datetime

from shared.errors import MalformedEventError
from shared.finding.reader import optional, required, utc_time
from shared.finding.tag import OWNER_TAGS, Tags, first_value
from shared.finding.violation import Resource, Severity, Violation
from shared.text import harmless, quoted

CONTROL_PRODUCT_ARN = re.compile(r"arn:[^:]+:securityhub:[^:]+::product/aws/securityhub")

BY_HAND = {"SUPPRESSED", "RESOLVED"}  # workflow statuses for which a note says why

_STANDARD_NAMES = {
    "aws-foundational-security-best-practices": "AWS Foundational Security Best Practices",
    "aws-foundation-best-practices": "AWS Foundational Security Best Practices",
    "aws-resource-tagging-standard": "AWS Resource Tagging Standard",
    "cis-aws-foundations-benchmark": "CIS AWS Foundations Benchmark",
    "nist-800-53": "NIST SP 800-53",
    "nist-800-171": "NIST SP 800-171",
    "pci-dss": "PCI DSS",
    "service-managed-aws-control-tower": "AWS Control Tower",
}
_STANDARD_ID = re.compile(r"(?:standards|ruleset)/(?P<name>[^/]+)/v/(?P<version>[^/]+)$")


def parse_finding(finding: object, reported_at: datetime | None = None) -> Violation | None:
    """The violation an ASFF finding describes; None if it isn't the finding of a Security Hub control.

    `reported_at` is when Security Hub said so, by default when the finding was updated.
    Raises MalformedEventError naming the field that is missing or of the wrong shape.
    """
    if not _is_control_finding(finding):
        return None
    updated_at = utc_time(finding, "UpdatedAt")
    resources = _resources(finding)
    workflow_status = optional(finding, "Workflow.Status", str) or "NEW"
    product_arn = required(finding, "ProductArn", str)
    return Violation(
        finding_id=required(finding, "Id", str),
        product_arn=product_arn,
        account_id=required(finding, "AwsAccountId", str),
        account_name=optional(finding, "AwsAccountName", str),
        region=optional(finding, "Region", str) or product_arn.split(":")[3],
        control_id=_control_id(finding),
        title=_title(finding),
        severity=_severity(finding),
        reason=optional(finding, "ProductFields.aws/securityhub/annotation", str),
        standards=_standards(finding),
        resources=resources,
        remediation_url=_remediation_url(finding),
        compliance_status=required(finding, "Compliance.Status", str),
        previous_compliance_status=optional(finding, "ProductFields.PreviousComplianceStatus", str),
        record_state=optional(finding, "RecordState", str) or "ACTIVE",
        workflow_status=workflow_status,
        archival_reason=optional(finding, "ProductFields.ArchivalReasons:0/ReasonCode", str),
        episode_started_at=utc_time(finding, "FirstObservedAt", "CreatedAt"),
        updated_at=updated_at,
        reported_at=reported_at or updated_at,
        provider_severity=_provider_severity(finding),
        note=optional(finding, "Note.Text", str) if workflow_status in BY_HAND else None,
    )


def _is_control_finding(finding: object) -> bool:
    # ProductName is no help: the docs' samples say both "Security Hub" and "Security Hub CSPM".
    product_arn = required(finding, "ProductArn", str)
    from_control = CONTROL_PRODUCT_ARN.fullmatch(product_arn) is not None
    return from_control and optional(finding, "Compliance.Status", str) is not None


def _control_id(finding: object) -> str:
    """The control's id; older findings name it only in GeneratorId ("…/v/1.0.0/CloudTrail.2", "…/rule/2.7")."""
    if named := (optional(finding, "Compliance.SecurityControlId", str) or "").strip():
        return named
    generator_id = required(finding, "GeneratorId", str)
    last = generator_id.rstrip("/").rsplit("/", 1)[-1].strip()
    if not last:
        raise MalformedEventError(f"GeneratorId is {generator_id[:40]!r}, which names no control")
    return last


def _title(finding: object) -> str:
    """The control's title, without the number that findings of a single standard put before it."""
    title = required(finding, "Title", str)
    for name in ("ControlId", "RuleId"):
        number = optional(finding, f"ProductFields.{name}", str)
        if number and title.startswith(f"{number} "):
            return title[len(number) + 1 :].strip() or title
    return title


def _severity(finding: object) -> Severity:
    normalized = optional(finding, "Severity.Normalized", int)
    if normalized is not None and optional(finding, "Severity.Label", str) is None:
        return _normalized_severity(normalized)
    label = required(finding, "Severity.Label", str)
    try:
        return Severity[label]
    except KeyError as error:
        known = ", ".join(Severity.__members__)
        raise MalformedEventError(f"Severity.Label is {quoted(label)}, which is none of {known}") from error


def _provider_severity(finding: object) -> Severity | None:
    """What nobody but the product itself can change (Security Hub User Guide, "Using FindingProviderFields")."""
    return Severity.__members__.get(optional(finding, "FindingProviderFields.Severity.Label", str) or "")


def _normalized_severity(normalized: int) -> Severity:
    """The label that belongs to a number from 0 to 100 (Security Hub API Reference, "Severity")."""
    least = ((90, Severity.CRITICAL), (70, Severity.HIGH), (40, Severity.MEDIUM), (1, Severity.LOW))
    return next((severity for number, severity in least if normalized >= number), Severity.INFORMATIONAL)


def _standards(finding: object) -> tuple[str, ...]:
    listed = optional(finding, "Compliance.AssociatedStandards", list) or []
    ids = [required(standard, "StandardsId", str) for standard in listed]
    return tuple(sorted({_standard_name(standard_id) for standard_id in ids}))


def _standard_name(standard_id: str) -> str:
    match = _STANDARD_ID.search(standard_id)
    if not match:
        return standard_id
    return f"{_STANDARD_NAMES.get(match['name'], match['name'])} v{match['version']}"


def _remediation_url(finding: object) -> str | None:
    url = optional(finding, "Remediation.Recommendation.Url", str)
    return url if url and url.startswith("https://") else None


def _resources(finding: object) -> tuple[Resource, ...]:
    resources = required(finding, "Resources", list)
    if not resources:
        raise MalformedEventError("Resources is empty; a finding names at least one resource")
    return tuple(_resource(resource) for resource in resources)


def _resource(resource: object) -> Resource:
    resource_id = required(resource, "Id", str)
    short = _short_name(resource_id)
    tag = (optional(resource, "Tags.Name", str) or "").strip()
    name = f"{tag} ({short})" if tag and tag != short else short
    tags = _tags(resource)
    owner = first_value(tags, OWNER_TAGS)
    return Resource(
        id=resource_id,
        type=required(resource, "Type", str),
        name=name,
        owner=owner[1].strip() if owner else None,
        tags=tags,
    )


def _tags(resource: object) -> Tags:
    tags = optional(resource, "Tags", dict) or {}
    return tuple((harmless(str(key)), harmless(value)) for key, value in tags.items() if isinstance(value, str))


def _short_name(resource_id: str) -> str:
    """What the resource's console page would be headed: the id without service, Region, account and type."""
    if resource_id.startswith("AWS::::Account:"):
        return f"Account {resource_id.removeprefix('AWS::::Account:')}"
    segments = resource_id.split(":", 5)
    if segments[0] != "arn" or len(segments) < 6:
        return resource_id.rstrip("/").rsplit("/", 1)[-1] or resource_id
    service, path = segments[2], segments[5].removesuffix(":*")
    if service == "s3" or path.startswith("/"):
        return path.lstrip("/") or resource_id
    return re.split("[:/]", path, maxsplit=1)[-1] or resource_id

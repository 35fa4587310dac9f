"""A finding of AWS becomes one of ours: ASFF in, frozen dataclasses out.

The Security Hub User Guide describes the ASFF in "AWS Security Finding Format (ASFF)", and what findings of controls
hold in "Generating and updating control findings".
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from hashlib import sha256

from shared.errors import MalformedEventError
from shared.field import optional, required, utc_time, well_formed

CONTROL_PRODUCT_ARN = re.compile(r"arn:[^:]+:securityhub:[^:]+::product/aws/securityhub")
FINDING_DETAIL_TYPES = frozenset({"Security Hub Findings - Imported", "Security Hub Findings - Custom Action"})

# Checks of these look at one thing per account, whichever Region runs them (Security Hub User Guide, "Suggested
# controls to disable"; S3 User Guide, "Blocking public access": the account's setting applies to all Regions).
GLOBAL_CONTROL_PREFIXES = ("ACCOUNT.", "CLOUDFRONT.", "GLOBALACCELERATOR.", "IAM.", "ROUTE53.")
GLOBAL_CONTROLS = frozenset({"S3.1"})

MAX_KEY_BYTES = 1024  # half of what a DynamoDB partition key may hold
_KEY_HASH_CHARACTERS = 16

# Tag keys that name who looks after a resource, the first that is there counts; case and separators don't matter.
OWNER_TAGS = ("owner", "owneremail", "team")
_TAG_SEPARATORS = re.compile(r"[-_ ]")

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


class Severity(IntEnum):
    """Severity labels of ASFF, ordered so that `>=` reads well."""

    INFORMATIONAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class State(StrEnum):
    """What a finding says about its violation."""

    OPEN = "open"
    PASSED = "passed"
    ARCHIVED = "archived"
    SUPPRESSED = "suppressed"
    RESOLVED = "resolved"
    OTHER = "other"  # nothing to tell anyone: workflow NOTIFIED, or a check that could not decide

    @property
    def is_closed(self) -> bool:
        return self not in {State.OPEN, State.OTHER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of a finding; `id` is AWS's string, `name` what a person would call it, `owner` what a tag says."""

    id: str
    type: str
    name: str
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One failed (or no longer failed) check of one control on one resource, as one finding reports it."""

    finding_id: str
    product_arn: str
    account_id: str
    account_name: str | None
    region: str
    control_id: str
    title: str
    severity: Severity
    reason: str | None
    standards: tuple[str, ...]
    resources: tuple[Resource, ...]
    remediation_url: str | None
    compliance_status: str
    previous_compliance_status: str | None
    record_state: str
    workflow_status: str
    archival_reason: str | None
    episode_started_at: datetime
    updated_at: datetime
    reported_at: datetime

    @property
    def resource(self) -> Resource:
        """The resource the control was checked on; findings of controls list it first."""
        return self.resources[0]

    @property
    def partition(self) -> str:
        """aws, aws-us-gov or aws-cn."""
        return self.product_arn.split(":")[1]

    @property
    def key(self) -> str:
        """What identifies the violation, whichever standard, account or Region reports it: account/control/resource,
        and the Region where neither the resource's id nor the control is free of it. At most MAX_KEY_BYTES bytes."""
        parts = [self.account_id, self.control_id, self.resource.id]
        if not (self.resource.id.startswith("arn:") or _is_global(self.control_id)):
            parts.append(self.region)
        return _fit("/".join(parts))

    @property
    def is_listed(self) -> bool:
        """Whether it belongs on the list of open violations: it fails, and nobody suppressed or resolved it."""
        is_failed = self.compliance_status == "FAILED" and self.record_state == "ACTIVE"
        return is_failed and self.workflow_status in {"NEW", "NOTIFIED"}

    @property
    def state(self) -> State:
        if self.compliance_status == "PASSED":
            return State.PASSED
        if self.record_state == "ARCHIVED":
            return State.ARCHIVED
        if self.compliance_status != "FAILED":
            return State.OTHER
        by_workflow = {"NEW": State.OPEN, "SUPPRESSED": State.SUPPRESSED, "RESOLVED": State.RESOLVED}
        return by_workflow.get(self.workflow_status, State.OTHER)


def parse_event(event: object) -> Violation | None:
    """The violation an EventBridge event of Security Hub carries; None if it carries no control finding.

    Raises MalformedEventError if it isn't an event, or its finding lacks what ASFF requires.
    """
    detail_type = required(event, "detail-type", str)
    detail = required(event, "detail", dict)
    if detail_type not in FINDING_DETAIL_TYPES:
        return None
    findings = required({"detail": detail}, "detail.findings", list)
    if len(findings) != 1:
        raise MalformedEventError(f"detail.findings holds {len(findings)} findings; Security Hub sends exactly one")
    return parse_finding(findings[0], reported_at=utc_time(event, "time"))


def parse_finding(finding: object, reported_at: datetime | None = None) -> Violation | None:
    """The violation an ASFF finding describes; None if it isn't the finding of a Security Hub control.

    `reported_at` is when Security Hub said so, by default when the finding was updated.
    Raises MalformedEventError naming the field that is missing or of the wrong shape.
    """
    if not _is_control_finding(finding):
        return None
    updated_at = utc_time(finding, "UpdatedAt")
    resources = _resources(finding)
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
        workflow_status=optional(finding, "Workflow.Status", str) or "NEW",
        archival_reason=optional(finding, "ProductFields.ArchivalReasons:0/ReasonCode", str),
        episode_started_at=utc_time(finding, "FirstObservedAt", "CreatedAt"),
        updated_at=updated_at,
        reported_at=reported_at or updated_at,
    )


def _is_control_finding(finding: object) -> bool:
    # ProductName is no help: the docs' samples say both "Security Hub" and "Security Hub CSPM".
    product_arn = required(finding, "ProductArn", str)
    from_control = CONTROL_PRODUCT_ARN.fullmatch(product_arn) is not None
    return from_control and optional(finding, "Compliance.Status", str) is not None


def _is_global(control_id: str) -> bool:
    control = control_id.upper()
    return control in GLOBAL_CONTROLS or control.startswith(GLOBAL_CONTROL_PREFIXES)


def _fit(key: str) -> str:
    encoded = key.encode()
    if len(encoded) <= MAX_KEY_BYTES:
        return key
    kept = encoded[: MAX_KEY_BYTES - _KEY_HASH_CHARACTERS - 1].decode(errors="ignore")
    return f"{kept}#{sha256(encoded).hexdigest()[:_KEY_HASH_CHARACTERS]}"


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
    label = required(finding, "Severity.Label", str)
    try:
        return Severity[label]
    except KeyError as error:
        known = ", ".join(Severity.__members__)
        raise MalformedEventError(f"Severity.Label is {label!r}, which is none of {known}") from error


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
    return Resource(id=resource_id, type=required(resource, "Type", str), name=name, owner=_owner(resource))


def _owner(resource: object) -> str | None:
    tags = optional(resource, "Tags", dict) or {}
    named = {_TAG_SEPARATORS.sub("", str(key)).lower(): value for key, value in tags.items()}
    owners = (well_formed(value).strip() for tag in OWNER_TAGS if isinstance(value := named.get(tag), str))
    return next((owner for owner in owners if owner), None)


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

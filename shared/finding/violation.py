"""One failed check of one control on one resource: what the rest of shirase calls a violation."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from hashlib import sha256

from shared.finding.control import is_global
from shared.finding.tag import Tags, kept

# After its end: one that comes back later is new. So long, too, Security Hub keeps a finding that nobody updates
# (Security Hub User Guide, "Reviewing finding details and history").
REMEMBERED_FOR = timedelta(days=90)
# The archival reason of every finding there is when consolidated control findings are switched on or off (Security Hub
# User Guide, "Consolidated control findings").
CONSOLIDATION = "CONSOLIDATED_CONTROL_FINDINGS_UPDATE"
UNDECIDED = frozenset({"WARNING", "NOT_AVAILABLE"})  # compliance: neither passed nor failed
MAX_KEY_BYTES = 1024  # half of what a DynamoDB partition key may hold
_KEY_HASH_CHARACTERS = 16


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
    VANISHED = "vanished"  # no finding says so: Security Hub has shown none for as long as it keeps one
    OTHER = "other"  # nothing to tell anyone: workflow NOTIFIED, or a check that could not decide

    @property
    def is_closed(self) -> bool:
        return self not in {State.OPEN, State.OTHER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of a finding; `id` is AWS's string, `name` what a person would call it, `owner` what a tag says, and
    `tags` are those that the finding tells, as far as somebody asks for them."""

    id: str
    type: str
    name: str
    owner: str | None = None
    tags: Tags = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One failed (or no longer failed) check of one control on one resource, as one finding reports it.

    `severity` is what holds, `provider_severity` what Security Hub's check says, if it is told; `note` is what somebody
    wrote on a finding that was suppressed or resolved by hand; `other_findings` has the ids of further findings that
    are known to report the same.
    """

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
    provider_severity: Severity | None = None
    note: str | None = None
    other_findings: tuple[str, ...] = ()

    @property
    def lowered_from(self) -> Severity | None:
        """The severity that Security Hub gave it, where a person or a rule has lowered that since."""
        is_lowered = self.provider_severity is not None and self.severity < self.provider_severity
        return self.provider_severity if is_lowered else None

    @property
    def resource(self) -> Resource:
        """The resource the control was checked on; findings of controls list it first."""
        return self.resources[0]

    def with_tags(self, names: frozenset[str]) -> "Violation":
        """The same with no other tags than those of these names, as `tag_name` gives them."""
        resources = tuple(replace(resource, tags=kept(resource.tags, names)) for resource in self.resources)
        return replace(self, resources=resources)

    @property
    def partition(self) -> str:
        """aws, aws-us-gov or aws-cn."""
        return self.product_arn.split(":")[1]

    @property
    def key(self) -> str:
        """What identifies the violation, whichever standard, account or Region reports it: account/control/resource,
        and the Region where neither the resource's id nor the control is free of it. At most MAX_KEY_BYTES bytes."""
        parts = [self.account_id, self.control_id, self.resource.id]
        if not (self.resource.id.startswith("arn:") or is_global(self.control_id)):
            parts.append(self.region)
        return _fit("/".join(parts))

    @property
    def finding_ids(self) -> tuple[str, ...]:
        """The ids of all findings that are known to report it."""
        return (self.finding_id, *self.other_findings)

    @property
    def is_replaced(self) -> bool:
        """Whether another finding is about to take this one's place."""
        return self.record_state == "ARCHIVED" and self.archival_reason == CONSOLIDATION

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


def _fit(key: str) -> str:
    encoded = key.encode()
    if len(encoded) <= MAX_KEY_BYTES:
        return key
    kept = encoded[: MAX_KEY_BYTES - _KEY_HASH_CHARACTERS - 1].decode(errors="ignore")
    return f"{kept}#{sha256(encoded).hexdigest()[:_KEY_HASH_CHARACTERS]}"


def fingerprint(key: str) -> str:
    """A violation's key in few characters, and without what it says of an account."""
    return sha256(key.encode()).hexdigest()[:16]


def union(known: Violation, other: Violation) -> Violation:
    """One violation out of two findings that report it: as old as the older, with both's standards and the worse
    severity, and knowing both."""
    first = min(known, other, key=lambda violation: (violation.episode_started_at, violation.finding_id))
    standards = tuple(sorted({*known.standards, *other.standards}))
    severity = max(known.severity, other.severity)
    provided = max((one.provider_severity for one in (known, other) if one.provider_severity is not None), default=None)
    others = tuple(sorted({*known.finding_ids, *other.finding_ids} - {first.finding_id}))
    return replace(first, severity=severity, provider_severity=provided, standards=standards, other_findings=others)

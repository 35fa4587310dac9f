"""How a control finding changes: when a check writes it again, and when a customer updates it.

Findings are dicts in AWS's finding format. Rules are those of the user guide, page "Generating and updating control
findings", and of the Security Hub API Reference, pages "Workflow", "Severity" and "BatchImportFindings".
"""

import copy
from datetime import UTC, datetime
from typing import Any

from local.security_hub.query import DATE_ATTRIBUTES, ApiError, Finding, parse_time
from shared.text import quoted

Severity = dict[str, Any]

MAX_NOTE_LENGTH = 512
MAX_USER_DEFINED_FIELDS = 50
REQUIRED_FIELDS = (
    "SchemaVersion",
    "Id",
    "ProductArn",
    "GeneratorId",
    "AwsAccountId",
    "CreatedAt",
    "UpdatedAt",
    "Severity",
    "Title",
    "Description",
    "Resources",
)
CUSTOMER_FIELDS = ("Note", "UserDefinedFields", "Workflow")  # an import never writes these
COMPLIANCE_STATUSES = ("PASSED", "FAILED", "WARNING", "NOT_AVAILABLE", None)  # None: not a control's finding
RECORD_STATES = ("ACTIVE", "ARCHIVED")
WORKFLOW_STATUSES = ("NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED")
LOWEST_SCORES = {"CRITICAL": 90, "HIGH": 70, "MEDIUM": 40, "LOW": 1, "INFORMATIONAL": 0}


def check_finding(finding: Finding) -> None:
    """Raise ApiError unless this can be imported."""
    if missing := [field for field in REQUIRED_FIELDS if not finding.get(field)]:
        raise ApiError(f"The finding lacks {', '.join(missing)}")
    if finding["ProductArn"].count(":") < 5:
        raise ApiError(f"ProductArn {quoted(finding['ProductArn'])} is not an ARN")
    for field in DATE_ATTRIBUTES.keys() & finding.keys():
        parse_time(finding[field])
    _require_one_of(COMPLIANCE_STATUSES, compliance_status(finding), "Compliance.Status")
    _require_one_of(RECORD_STATES, record_state(finding), "RecordState")
    complete_severity(finding["Severity"])


def next_version(finding: Finding, before: Finding | None, failing_severity: Severity, now: datetime) -> Finding:
    """The finding as stored once a check wrote it: new, or on top of the version `before`.

    One id lives on through passes and failures. `failing_severity` is what its control gives it while it fails.
    """
    written = _create(finding) if before is None else _recheck(finding, before, timestamp(now))
    severity = _severity(finding, failing_severity)
    product = {"ProductName": "Security Hub CSPM", "CompanyName": "AWS", "Region": finding["ProductArn"].split(":")[3]}
    return copy.deepcopy(
        {
            **product,
            "WorkflowState": "NEW",
            **written,
            "ProcessedAt": timestamp(now),
            "RecordState": record_state(finding),
            "Severity": severity,
            "FindingProviderFields": {**finding.get("FindingProviderFields", {}), "Severity": severity},
        }
    )


def as_told(finding: Finding) -> Finding:
    """The finding as an event tells of it, with what Security Hub fills in where that is missing.

    Raises ApiError if its workflow status is none.
    """
    severity = complete_severity(finding["Severity"])
    workflow_status = finding.get("Workflow", {}).get("Status", _first_workflow_status(finding))
    _require_one_of(WORKFLOW_STATUSES, workflow_status, "Workflow.Status")
    return copy.deepcopy(
        {
            "FirstObservedAt": finding["CreatedAt"],
            "LastObservedAt": finding["UpdatedAt"],
            **finding,
            "Workflow": {"Status": workflow_status},
            "RecordState": record_state(finding),
            "Severity": severity,
            "FindingProviderFields": {"Severity": severity, **finding.get("FindingProviderFields", {})},
        }
    )


def customer_changes(request: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The top-level fields that a BatchUpdateFindings request sets on each of its findings."""
    changes: dict[str, Any] = {}
    if workflow := request.get("Workflow"):
        _require_one_of(WORKFLOW_STATUSES, workflow.get("Status"), "Workflow.Status")
        changes["Workflow"] = {"Status": workflow["Status"]}
    if note := request.get("Note"):
        changes["Note"] = {**_check_note(note), "UpdatedAt": timestamp(now)}
    if severity := request.get("Severity"):
        changes["Severity"] = complete_severity(severity)
    if fields := request.get("UserDefinedFields"):
        changes["UserDefinedFields"] = _check_user_defined(fields)
    return changes


def complete_severity(severity: Severity) -> Severity:
    """Label and Normalized, each out of the other where one is missing."""
    if "Label" not in severity:
        score = severity.get("Normalized", 0)
        return {"Label": next(label for label, lowest in LOWEST_SCORES.items() if score >= lowest), **severity}
    _require_one_of(tuple(LOWEST_SCORES), severity["Label"], "Severity.Label")
    return {"Normalized": LOWEST_SCORES[severity["Label"]], **severity}


def compliance_status(finding: Finding) -> str | None:
    status: str | None = finding.get("Compliance", {}).get("Status")
    return status


def record_state(finding: Finding) -> str:
    return str(finding.get("RecordState", "ACTIVE"))


def finding_arn(finding: Finding) -> str:
    return f"{finding['ProductArn']}/{finding['Id']}"


def timestamp(moment: datetime) -> str:
    """As findings write it: "2026-11-23T00:00:00.000Z"."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _create(finding: Finding) -> Finding:
    """A template's own history doesn't count: a new finding has no previous status and no customer's decision."""
    fields = {k: v for k, v in finding.get("ProductFields", {}).items() if k != "PreviousComplianceStatus"}
    return {
        "FirstObservedAt": finding["CreatedAt"],
        "LastObservedAt": finding["UpdatedAt"],
        **_without_customer_fields(finding),
        "ProductFields": {**fields, "aws/securityhub/FindingId": finding_arn(finding)},
        "Workflow": {"Status": _first_workflow_status(finding)},
    }


def _first_workflow_status(finding: Finding) -> str:
    return "RESOLVED" if compliance_status(finding) == "PASSED" else "NEW"


def _recheck(finding: Finding, before: Finding, stamp: str) -> Finding:
    status, previous = compliance_status(finding), compliance_status(before)
    fields = {**finding.get("ProductFields", {}), "aws/securityhub/FindingId": finding_arn(finding)}
    return {
        **_without_customer_fields(finding),
        **{field: before[field] for field in CUSTOMER_FIELDS if field in before},
        "CreatedAt": before["CreatedAt"],
        "FirstObservedAt": before["FirstObservedAt"] if status == previous else stamp,
        **dict.fromkeys(("LastObservedAt", "UpdatedAt"), stamp),
        "ProductFields": {**fields, "PreviousComplianceStatus": previous} if previous else fields,
        "Workflow": {"Status": _next_workflow_status(finding, before)},
    }


def _next_workflow_status(finding: Finding, before: Finding) -> str:
    """NEW again after a pass or an archive, RESOLVED by a pass; what a person suppressed stays so."""
    status: str = before["Workflow"]["Status"]
    was, now = compliance_status(before), compliance_status(finding)
    returned = record_state(before) == "ARCHIVED" and record_state(finding) == "ACTIVE"
    if status == "SUPPRESSED" or not (returned or was != now):
        return status
    if now == "PASSED":
        return "RESOLVED"
    return "NEW" if returned or was == "PASSED" else status


def _severity(finding: Finding, failing_severity: Severity) -> Severity:
    """A control's finding that doesn't fail is INFORMATIONAL."""
    if compliance_status(finding) in ("FAILED", None):
        return failing_severity
    return {"Label": "INFORMATIONAL", "Normalized": 0, "Original": "INFORMATIONAL"}


def _without_customer_fields(finding: Finding) -> Finding:
    return {field: value for field, value in finding.items() if field not in CUSTOMER_FIELDS}


def _check_note(note: dict[str, str]) -> dict[str, str]:
    if not note.get("UpdatedBy") or not 1 <= len(note.get("Text", "")) <= MAX_NOTE_LENGTH:
        raise ApiError(f"Note needs UpdatedBy and a Text of 1 to {MAX_NOTE_LENGTH} characters")
    return note


def _check_user_defined(fields: dict[str, str]) -> dict[str, str]:
    if len(fields) > MAX_USER_DEFINED_FIELDS:
        raise ApiError(f"UserDefinedFields has {len(fields)} pairs; the most is {MAX_USER_DEFINED_FIELDS}")
    return fields


def _require_one_of(allowed: tuple[str | None, ...], value: str | None, field: str) -> None:
    if value not in allowed:
        raise ApiError(f"{field} is {quoted(value)}; it must be one of {', '.join(map(str, allowed))}")

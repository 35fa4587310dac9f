"""What to ask Security Hub for, as filters of GetFindings."""

from collections.abc import Iterator

from shared.finding.control import SERVICES
from shared.finding.violation import Severity
from shared.policy.selection import Policy, matches

MAX_FILTER_VALUES = 20  # Security Hub API Reference, "AwsSecurityFindingFilters"
WORKFLOW_STATUSES = ("NEW", "NOTIFIED")  # neither suppressed nor resolved by hand

Filters = dict[str, list[dict[str, str]]]


def queries(policy: Policy) -> list[Filters]:
    """The filters to ask with, one set a query; no finding matches two of them."""
    filters = {
        "ComplianceStatus": [_equals("FAILED")],
        "RecordState": [_equals("ACTIVE")],
        "WorkflowStatus": [_equals(status) for status in WORKFLOW_STATUSES],
    }
    return [
        filters | severities | controls
        for severities in _severity_filters(policy)
        for controls in _control_filters(policy.target_control_ids)
    ]


def controls_of(filters: Filters) -> list[str]:
    """The ids, and patterns, of the controls that a query asks for; empty if for all."""
    values = filters.get("ComplianceSecurityControlId", [])
    return [value["Value"] + "*" * (value["Comparison"] == "PREFIX") for value in values]


def _severity_filters(policy: Policy) -> list[Filters]:
    if policy.min_severity is Severity.INFORMATIONAL:
        return [{}]
    high = [_equals(severity.name) for severity in Severity if severity >= policy.min_severity]
    low = [_equals(severity.name) for severity in Severity if severity < policy.min_severity]
    lowered = {"SeverityLabel": low, "FindingProviderFieldsSeverityLabel": high}
    return [{"SeverityLabel": high}] + ([] if policy.honors_lowered else [lowered])


def _control_filters(patterns: tuple[str, ...]) -> list[Filters]:
    """The patterns as filters; a single empty one if one of them is more than an id or the beginning of one."""
    filters = [_control_filter(pattern) for pattern in _broadest(patterns)]
    values = [one for one in filters if one is not None]
    if len(values) < len(filters):
        return [{}]
    return [{"ComplianceSecurityControlId": chunk} for chunk in _chunks(values, MAX_FILTER_VALUES)]


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

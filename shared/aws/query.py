"""What to ask Security Hub for, as filters of GetFindings."""

from collections.abc import Iterator, Sequence

from shared.digest.fate import Caveat
from shared.finding.control import SERVICES
from shared.finding.violation import UNDECIDED, Severity
from shared.policy.selection import Policy, matches

MAX_FILTER_VALUES = 20  # Security Hub API Reference, "AwsSecurityFindingFilters"
WORKFLOW_STATUSES = ("NEW", "NOTIFIED")  # neither suppressed nor resolved by hand
SETTLED_STATUSES = ("SUPPRESSED", "RESOLVED")

Filters = dict[str, list[dict[str, str]]]


def queries(policy: Policy) -> list[Filters]:
    """The filters to ask for what is open with, one set a query; no finding matches two of them."""
    return _for_controls(_failing(WORKFLOW_STATUSES, policy), policy)


def doubts(policy: Policy) -> dict[Caveat, list[Filters]]:
    """The filters to ask with for what keeps a selected control from passing although nothing is open."""
    undecided = {
        "ComplianceStatus": [_equals(status) for status in sorted(UNDECIDED)],
        "RecordState": [_equals("ACTIVE")],
    }
    return {
        Caveat.SUPPRESSED: _for_controls(_failing(SETTLED_STATUSES, policy), policy),
        Caveat.UNDECIDED: _for_controls([undecided], policy),  # whatever their severity: it tells nothing then
    }


def identified(finding_ids: Sequence[str]) -> list[Filters]:
    """The filters to ask for these findings with, whatever they say."""
    return [{"Id": chunk} for chunk in _chunks([_equals(each) for each in finding_ids], MAX_FILTER_VALUES)]


def controls_of(filters: Filters) -> list[str]:
    """The ids, and patterns, of the controls that a query asks for; empty if for all."""
    values = filters.get("ComplianceSecurityControlId", [])
    return [value["Value"] + "*" * (value["Comparison"] == "PREFIX") for value in values]


def _failing(workflow_statuses: Sequence[str], policy: Policy) -> list[Filters]:
    filters = {
        "ComplianceStatus": [_equals("FAILED")],
        "RecordState": [_equals("ACTIVE")],
        "WorkflowStatus": [_equals(status) for status in workflow_statuses],
    }
    return [filters | severities for severities in _severity_filters(policy)]


def _severity_filters(policy: Policy) -> list[Filters]:
    if policy.min_severity is Severity.INFORMATIONAL:
        return [{}]
    high = [_equals(severity.name) for severity in Severity if severity >= policy.min_severity]
    low = [_equals(severity.name) for severity in Severity if severity < policy.min_severity]
    lowered = {"SeverityLabel": low, "FindingProviderFieldsSeverityLabel": high}
    return [{"SeverityLabel": high}] + ([] if policy.honors_lowered else [lowered])


def _for_controls(asked: Sequence[Filters], policy: Policy) -> list[Filters]:
    controls = _control_filters(policy.target_control_ids)
    return [filters | chosen for filters in asked for chosen in controls]


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

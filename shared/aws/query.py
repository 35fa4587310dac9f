"""What to ask Security Hub for, as filters of GetFindings."""

from collections.abc import Iterator, Sequence

from shared.digest.hidden import Hiding
from shared.finding.control import SERVICES
from shared.finding.violation import UNDECIDED, Severity
from shared.policy.pattern import matches
from shared.policy.selection import Policy

MAX_FILTER_VALUES = 20  # Security Hub API Reference, "AwsSecurityFindingFilters"
WORKFLOW_STATUSES = ("NEW", "NOTIFIED")  # neither suppressed nor resolved by hand
SETTLED_STATUSES = ("SUPPRESSED", "RESOLVED")

Filters = dict[str, list[dict[str, str]]]


def queries(policy: Policy) -> list[Filters]:
    """The filters to ask for what is open with, one set a query; no finding matches two of them."""
    severities = _severities(policy)
    chosen = severities[:1] if policy.honors_lowered else severities
    return _for_controls([_failing(WORKFLOW_STATUSES) | each for each in chosen], policy)


def undecided(policy: Policy) -> list[Filters]:
    """The filters to ask with for checks that could not decide, whatever their severity: it tells nothing then."""
    asked = {
        "ComplianceStatus": [_equals(status) for status in sorted(UNDECIDED)],
        "RecordState": [_equals("ACTIVE")],
    }
    return _for_controls([asked], policy)


def hidden(hiding: Hiding, policy: Policy) -> list[Filters]:
    """The filters to ask with for what fails and is hidden in this way; none where `queries` finds all of it."""
    severities = _severities(policy)
    if hiding is Hiding.SUPPRESSED:
        asked = [_failing(SETTLED_STATUSES) | chosen for chosen in severities]
    else:
        asked = [_failing(WORKFLOW_STATUSES) | chosen for chosen in severities[1:] if policy.honors_lowered]
    return _for_controls(asked, policy)


def identified(finding_ids: Sequence[str]) -> list[Filters]:
    """The filters to ask for these findings with, whatever they say."""
    return [{"Id": chunk} for chunk in _chunks([_equals(each) for each in finding_ids], MAX_FILTER_VALUES)]


def controls_of(filters: Filters) -> list[str]:
    """The ids, and patterns, of the controls that a query asks for; empty if for all."""
    values = filters.get("ComplianceSecurityControlId", [])
    return [value["Value"] + "*" * (value["Comparison"] == "PREFIX") for value in values]


def _failing(workflow_statuses: Sequence[str]) -> Filters:
    return {
        "ComplianceStatus": [_equals("FAILED")],
        "RecordState": [_equals("ACTIVE")],
        "WorkflowStatus": [_equals(status) for status in workflow_statuses],
    }


def _severities(policy: Policy) -> list[Filters]:
    """The filters for what is severe enough; then, if anything can be too low, for what was until it was lowered."""
    if policy.min_severity is Severity.INFORMATIONAL:
        return [{}]
    high = [_equals(severity.name) for severity in Severity if severity >= policy.min_severity]
    low = [_equals(severity.name) for severity in Severity if severity < policy.min_severity]
    return [{"SeverityLabel": high}, {"SeverityLabel": low, "FindingProviderFieldsSeverityLabel": high}]


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

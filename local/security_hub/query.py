"""Answers GetFindings: which findings a query matches, in what order, one page at a time.

Queries and findings are dicts as the API carries them. Rules are those of the Security Hub API Reference, pages
"GetFindings", "AwsSecurityFindingFilters", "StringFilter", "MapFilter" and "DateFilter".
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.text import quoted

Finding = dict[str, Any]
Filter = dict[str, Any]
Predicate = Callable[[Finding], bool]

MAX_ATTRIBUTES = 10
MAX_VALUES_PER_ATTRIBUTE = 20
MAX_PAGE_SIZE = 100

# Filter attribute → where a finding holds it; a dot steps into a dict, or into every dict of a list.
STRING_ATTRIBUTES = {
    "AwsAccountId": "AwsAccountId",
    "AwsAccountName": "AwsAccountName",
    "ComplianceAssociatedStandardsId": "Compliance.AssociatedStandards.StandardsId",
    "ComplianceSecurityControlId": "Compliance.SecurityControlId",
    "ComplianceStatus": "Compliance.Status",
    "GeneratorId": "GeneratorId",
    "Id": "Id",
    "ProductArn": "ProductArn",
    "ProductName": "ProductName",
    "RecordState": "RecordState",
    "Region": "Region",
    "ResourceId": "Resources.Id",
    "ResourceType": "Resources.Type",
    "SeverityLabel": "Severity.Label",
    "FindingProviderFieldsSeverityLabel": "FindingProviderFields.Severity.Label",
    "Title": "Title",
    "WorkflowStatus": "Workflow.Status",
}
DATE_ATTRIBUTES = {name: name for name in ("CreatedAt", "FirstObservedAt", "LastObservedAt", "UpdatedAt")}
MAP_ATTRIBUTES = {"ProductFields": "ProductFields", "ResourceTags": "Resources.Tags"}

# The words with CONTAINS serve automation rules and the V2 API only.
STRING_COMPARISONS = {"EQUALS", "PREFIX", "NOT_EQUALS", "PREFIX_NOT_EQUALS"}
MAP_COMPARISONS = {"EQUALS", "NOT_EQUALS"}


class ApiError(Exception):
    """Raised for an answer other than success: a sentence, the HTTP status and AWS's name for the error."""

    def __init__(self, message: str, status: int = 400, code: str = "InvalidInputException") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def find_all(findings: Iterable[Finding], request: dict[str, Any], now: datetime) -> list[Finding]:
    """Every match, sorted; raises ApiError for whatever is wrong with the request."""
    filters, criteria = request.get("Filters") or {}, request.get("SortCriteria") or []
    _read_token(request.get("NextToken"), filters, criteria)
    _page_size(request.get("MaxResults"))
    matches = _compile(filters, now)
    return _sort([finding for finding in findings if matches(finding)], criteria)


def cut_page(found: list[Finding], request: dict[str, Any]) -> dict[str, Any]:
    """Answer {"MaxResults", "NextToken"}, each optional, with {"Findings", "NextToken"?} out of every match.

    A token is a place in the sorted matches, so what changes between two pages may shift them.
    """
    filters, criteria = request.get("Filters") or {}, request.get("SortCriteria") or []
    start, size = _read_token(request.get("NextToken"), filters, criteria), _page_size(request.get("MaxResults"))
    page: dict[str, Any] = {"Findings": found[start : start + size]}
    if start + size < len(found):
        page["NextToken"] = _write_token(start + size, filters, criteria)
    return page


def question(request: dict[str, Any]) -> str | None:
    """What tells a query from others, whichever page it asks for; None if its answer depends on the clock."""
    filters = request.get("Filters") or {}
    if filters.keys() & DATE_ATTRIBUTES.keys():
        return None
    return _fingerprint(filters, request.get("SortCriteria") or [])


def parse_time(text: str) -> datetime:
    """Read a timestamp like "2026-11-23T00:00:00.000Z"; one without an offset is refused, as Security Hub does."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as cause:
        raise ApiError(f"{quoted(text)} is not an ISO 8601 timestamp") from cause
    if moment.tzinfo is None:
        raise ApiError(f"{quoted(text)} has no UTC offset")
    return moment


def _compile(filters: dict[str, list[Filter]], now: datetime) -> Predicate:
    """One predicate out of all attributes, which are AND-ed; every mistake shows here, before any finding is read."""
    if len(filters) > MAX_ATTRIBUTES:
        raise ApiError(f"Filters has {len(filters)} attributes; the most is {MAX_ATTRIBUTES}")
    predicates = [_predicate(attribute, values, now) for attribute, values in filters.items()]
    return lambda finding: all(matches(finding) for matches in predicates)


def _predicate(attribute: str, filters: list[Filter], now: datetime) -> Predicate:
    if len(filters) > MAX_VALUES_PER_ATTRIBUTE:
        raise ApiError(f"{attribute} has {len(filters)} values; the most is {MAX_VALUES_PER_ATTRIBUTE}")
    if path := STRING_ATTRIBUTES.get(attribute):
        _require(attribute, filters, "Value")
        _check_comparisons(attribute, filters, STRING_COMPARISONS)
        return _compare(path, filters, _string_holds)
    if path := MAP_ATTRIBUTES.get(attribute):
        _require(attribute, filters, "Key", "Value")
        _check_comparisons(attribute, filters, MAP_COMPARISONS)
        return _compare(path, filters, _map_holds)
    if path := DATE_ATTRIBUTES.get(attribute):
        return _fall_within(path, [_window(attribute, each, now) for each in filters])
    raise ApiError(f"{attribute} is not a filter attribute known here")


def _require(attribute: str, filters: list[Filter], *keys: str) -> None:
    for key in keys:
        if not all(each.get(key) for each in filters):
            raise ApiError(f"{attribute} has a filter without {key}")


def _check_comparisons(attribute: str, filters: list[Filter], allowed: set[str]) -> None:
    used = {each.get("Comparison") for each in filters}
    if refused := used - allowed:
        raise ApiError(f"{attribute} can't be compared with {', '.join(map(str, refused))}")
    if "EQUALS" in used and used & {"NOT_EQUALS", "PREFIX_NOT_EQUALS"}:
        raise ApiError(f"{attribute} can't have EQUALS together with NOT_EQUALS or PREFIX_NOT_EQUALS")


def _compare(path: str, filters: list[Filter], holds: Callable[[Any, Filter], bool]) -> Predicate:
    """Positive comparisons are OR-ed, negative ones AND-ed, and a finding must satisfy both groups."""
    wanted = [each for each in filters if not each["Comparison"].endswith("NOT_EQUALS")]
    unwanted = [each for each in filters if each["Comparison"].endswith("NOT_EQUALS")]

    def matches(finding: Finding) -> bool:
        values = _values(finding, path)
        found, excluded = (any(holds(v, each) for v in values for each in group) for group in (wanted, unwanted))
        return (found or not wanted) and not excluded

    return matches


def _string_holds(value: str, filter_: Filter) -> bool:
    if filter_["Comparison"].startswith("PREFIX"):
        return value.startswith(filter_["Value"])
    return bool(value == filter_["Value"])


def _map_holds(value: dict[str, str], filter_: Filter) -> bool:
    return bool(value.get(filter_["Key"]) == filter_["Value"])


def _window(attribute: str, filter_: Filter, now: datetime) -> tuple[datetime, datetime]:
    """The first and last moment meant by {"Start"?, "End"?} or {"DateRange": {"Value", "Unit", "Comparison"?}}."""
    earliest, latest = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    if span := filter_.get("DateRange"):
        if span.get("Unit") != "DAYS" or span.get("Comparison", "WITHIN") not in ("WITHIN", "OLDER_THAN"):
            raise ApiError(f"{attribute} has a DateRange that is not WITHIN or OLDER_THAN a number of DAYS")
        edge = now - timedelta(days=span.get("Value", 0))
        return (earliest, edge) if span.get("Comparison") == "OLDER_THAN" else (edge, latest)
    if not filter_.keys() & {"Start", "End"}:
        raise ApiError(f"{attribute} needs Start, End or DateRange")
    start, end = filter_.get("Start"), filter_.get("End")
    return parse_time(start) if start else earliest, parse_time(end) if end else latest


def _fall_within(path: str, windows: list[tuple[datetime, datetime]]) -> Predicate:
    def matches(finding: Finding) -> bool:
        moments = [parse_time(text) for text in _values(finding, path)]
        return not windows or any(start <= moment <= end for moment in moments for start, end in windows)

    return matches


def _values(finding: Finding, path: str) -> list[Any]:
    """Everything a finding holds at a dotted path: none, one, or one for each resource or standard."""
    nodes: list[Any] = [finding]
    for key in path.split("."):
        held = [node[key] for node in nodes if key in node]
        nodes = [item for node in held for item in (node if isinstance(node, list) else [node])]
    return nodes


def _sort(findings: list[Finding], criteria: list[dict[str, str]]) -> list[Finding]:
    """Order by [{"Field", "SortOrder": "asc" | "desc"}], the first criterion first; without any, as first imported."""
    for criterion in reversed(criteria):
        key = _sort_key(criterion.get("Field", ""))
        findings = sorted(findings, key=key, reverse=criterion.get("SortOrder") == "desc")
    return findings


def _sort_key(field: str) -> Callable[[Finding], tuple[Any, ...]]:
    path = (STRING_ATTRIBUTES | DATE_ATTRIBUTES).get(field)
    if path is None:
        raise ApiError(f"{field} is not a sort field known here")
    read: Callable[[str], Any] = parse_time if field in DATE_ATTRIBUTES else str
    return lambda finding: tuple(read(value) for value in _values(finding, path)[:1])


def _page_size(wanted: int | None) -> int:
    size = MAX_PAGE_SIZE if wanted is None else wanted
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise ApiError(f"MaxResults is {size}; it must be 1 to {MAX_PAGE_SIZE}")
    return size


def _write_token(start: int, filters: dict[str, Any], criteria: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, _fingerprint(filters, criteria)]).encode()).decode()


def _read_token(token: str | None, filters: dict[str, Any], criteria: list[Any]) -> int:
    if not token:
        return 0
    try:
        start, fingerprint = json.loads(base64.urlsafe_b64decode(token))
    except (TypeError, ValueError) as cause:
        raise ApiError("NextToken is not one this API gave") from cause
    if fingerprint != _fingerprint(filters, criteria):
        raise ApiError("NextToken belongs to other Filters or SortCriteria")
    return int(start)


def _fingerprint(filters: dict[str, Any], criteria: list[Any]) -> str:
    return hashlib.sha256(json.dumps([filters, criteria], sort_keys=True).encode()).hexdigest()

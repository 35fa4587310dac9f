"""A stand-in for AWS Security Hub CSPM: unmodified boto3 clients talk to it, and it emits what EventBridge delivers.

It keeps one account's control findings and answers GetFindings, BatchImportFindings and BatchUpdateFindings.
Point a client at it with AWS_ENDPOINT_URL_SECURITYHUB; `local.stack.serving.serve(hub.asgi())` gives the url.
"""

import copy
import json
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.clock import utc_now
from local.security_hub.control_finding import (
    as_told,
    check_finding,
    complete_severity,
    customer_changes,
    next_version,
)
from local.security_hub.gaps import with_gaps
from local.security_hub.query import ApiError, Finding, cut_page, find_all, parse_time, question
from local.stack.events import Event, imported_event

Operation = Callable[[dict[str, Any]], dict[str, Any]]

MAX_FINDINGS_PER_CALL = 100


class TokenBucket:
    """Lets `burst` calls through at once, and `rate` more each second."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._filled_at = float(burst), 0.0

    def take(self, at: float) -> bool:
        """Spend a token at a moment of a steady clock, in seconds; false when none is left."""
        self._tokens = min(self._burst, self._tokens + (at - self._filled_at) * self._rate)
        self._filled_at = at
        allowed = self._tokens >= 1
        self._tokens -= allowed
        return allowed


class SecurityHub:
    """One account's findings, by id; safe to use from several threads.

    `on_event` receives every "Security Hub Findings - Imported" envelope, in the thread that caused it and after the
    change is visible, so it may call back; it should not raise. `requests_per_second` None lifts GetFindings' limit.
    Nobody knows whether FirstObservedAt moves with the answer of a check: `moves_first_observed` says whether here.
    Where `leaves_out` is a source of chance, what events and GetFindings tell lacks optional fields, each time others.
    """

    def __init__(
        self,
        *,
        on_event: Callable[[Event], None] | None = None,
        now: Callable[[], datetime] = utc_now,
        moves_first_observed: bool = True,
        requests_per_second: float | None = 3,  # API Reference, "Welcome": GetFindings 3 a second, burst of 6
        burst: int = 6,
    ) -> None:
        self.leaves_out: Random | None = None
        self._on_event = on_event
        self._moves_first_observed = moves_first_observed
        self._now = now
        self._bucket = None if requests_per_second is None else TokenBucket(requests_per_second, burst)
        self._findings: dict[str, Finding] = {}  # a stored finding is replaced, never changed in place
        self._failing_severities: dict[str, dict[str, Any]] = {}
        self._told_at: dict[str, datetime] = {}  # by a finding's id: when it became what it is
        self._faults: list[tuple[int, str] | None] = []
        self._answered: tuple[str, list[Finding]] | None = None  # the last question, until a finding changes
        self._lock = threading.Lock()

    def asgi(self) -> Starlette:
        """The HTTP API, at the paths boto3 uses."""
        return Starlette(
            routes=[
                Route("/findings", self._endpoint(self._paced_get_findings), methods=["POST"]),
                Route("/findings/import", self._endpoint(self.batch_import_findings), methods=["POST"]),
                Route("/findings/batchupdate", self._endpoint(self.batch_update_findings), methods=["PATCH"]),
            ]
        )

    def fail_next(self, times: int, status: int = 500, code: str = "InternalException", after: int = 0) -> None:
        """Let `after` HTTP calls through, and answer the next `times`, whichever they are, with this error."""
        with self._lock:
            self._faults += [None] * after + [(status, code)] * times

    def reset(self) -> None:
        """Forget every finding."""
        with self._lock:
            self._findings.clear()
            self._failing_severities.clear()
            self._told_at.clear()
            self._answered = None

    def forget(self, finding_id: str) -> None:
        """Let a finding go out of sight, as those of an account that leaves do: nothing tells of it."""
        with self._lock:
            self._findings.pop(finding_id, None)
            self._told_at.pop(finding_id, None)
            self._answered = None

    def import_finding(self, finding: Finding) -> Finding:
        """Write what a check found, the whole finding each time, and return it as stored; an event follows.

        The next check of a stored finding is `{**stored, "Compliance": {**stored["Compliance"], "Status": "PASSED"}}`.
        """
        check_finding(finding)
        with self._lock:
            severity = self._failing_severity(finding)
            before = self._findings.get(finding["Id"])
            stored = next_version(finding, before, severity, self._now())
            if before and not self._moves_first_observed:
                stored["FirstObservedAt"] = before["FirstObservedAt"]
            self._keep(stored, self._now())
        self._emit(stored)
        return copy.deepcopy(stored)

    def hold(self, finding: Finding, told_at: datetime) -> None:
        """Hold a finding just as an event of that time tells of it, people's decisions too; no other event follows.

        What became of it later stays. Raises ApiError if it isn't a finding that Security Hub could hold.
        """
        check_finding(finding)
        with self._lock:
            if told_at < self._told_at.get(finding["Id"], told_at):
                return
            self._failing_severity(finding)
            self._keep(as_told(finding), told_at)

    def hear(self, event: Event) -> None:
        """Hold what an event tells of, if it carries findings in AWS's finding format. Raises ApiError like `hold`."""
        for finding in event["detail"].get("findings", []):
            if "SchemaVersion" in finding:
                self.hold(finding, parse_time(event["time"]))

    def get_findings(self, request: dict[str, Any]) -> dict[str, Any]:
        """{"Filters"?, "SortCriteria"?, "MaxResults"?, "NextToken"?} → {"Findings", "NextToken"?}, without pacing."""
        with self._lock:
            if self._answered is None or self._answered[0] != question(request):
                found = find_all(list(self._findings.values()), request, self._now())
                asked = question(request)
                self._answered = (asked, found) if asked else None
            else:
                found = self._answered[1]
        page = cut_page(found, request)
        return {**page, "Findings": [self._told(finding) for finding in page["Findings"]]}

    def batch_import_findings(self, request: dict[str, Any]) -> dict[str, Any]:
        """{"Findings": [ASFF, …]} → {"SuccessCount", "FailedCount", "FailedFindings": [{"Id", "ErrorCode", …}]}."""
        findings = _some("Findings", request)
        failed = [failure for finding in findings if (failure := self._try_import(finding))]
        return {"SuccessCount": len(findings) - len(failed), "FailedCount": len(failed), "FailedFindings": failed}

    def batch_update_findings(self, request: dict[str, Any]) -> dict[str, Any]:
        """{"FindingIdentifiers": [{"Id", "ProductArn"}], "Workflow"?, "Note"?, "Severity"?, "UserDefinedFields"?}
        → {"ProcessedFindings": [identifier, …], "UnprocessedFindings": [{"FindingIdentifier", "ErrorCode", …}]}.

        Each changed finding emits an event and keeps its UpdatedAt: user guide, "BatchUpdateFindings for customers".
        """
        identifiers = _some("FindingIdentifiers", request)
        changes = customer_changes(request, self._now())
        failures = [self._try_update(each, changes, identifiers.count(each) > 1) for each in identifiers]
        return {
            "ProcessedFindings": [each for each, failed in zip(identifiers, failures, strict=True) if not failed],
            "UnprocessedFindings": [failed for failed in failures if failed],
        }

    def _paced_get_findings(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            # Real seconds even when `now` is a fixed clock: the limit is about the wire, not about findings.
            allowed = self._bucket is None or self._bucket.take(time.monotonic())
        if not allowed:
            raise ApiError("Too many requests", 429, "TooManyRequestsException")
        return self.get_findings(request)

    def _keep(self, stored: Finding, told_at: datetime) -> None:
        self._findings[stored["Id"]] = stored
        self._told_at[stored["Id"]] = told_at
        self._answered = None

    def _failing_severity(self, finding: Finding) -> dict[str, Any]:
        """The severity of the finding's control: a pass shows INFORMATIONAL, and the next failure has it back."""
        given = complete_severity(finding["Severity"])
        if given["Label"] != "INFORMATIONAL":
            self._failing_severities[finding["Id"]] = given
        return self._failing_severities.get(finding["Id"], given)

    def _try_import(self, finding: Finding) -> dict[str, str] | None:
        try:
            self.import_finding(finding)
        except ApiError as error:
            return {"Id": finding.get("Id") or "unknown", "ErrorCode": "InvalidInput", "ErrorMessage": str(error)}
        return None

    def _try_update(self, identifier: dict[str, str], changes: dict[str, Any], repeated: bool) -> dict[str, Any] | None:
        if repeated:
            return _unprocessed(identifier, "DuplicatedFindingIdentifier")
        with self._lock:
            before = self._findings.get(identifier["Id"])
            if before is None or before["ProductArn"] != identifier["ProductArn"]:
                return _unprocessed(identifier, "FindingNotFound")
            stored = {**before, **changes}
            self._keep(stored, self._now())
        self._emit(stored)
        return None

    def _emit(self, finding: Finding) -> None:
        if self._on_event:
            self._on_event(imported_event(self._told(finding), self._now()))

    def _told(self, finding: Finding) -> Finding:
        """A copy of a stored finding, as others get to see it."""
        return with_gaps(finding, self.leaves_out) if self.leaves_out else copy.deepcopy(finding)

    def _endpoint(self, operation: Operation) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            # In a thread, so that an `on_event` which calls this API again finds it free to answer.
            return await run_in_threadpool(self._answer, operation, await request.body())

        return endpoint

    def _answer(self, operation: Operation, body: bytes) -> Response:
        """A JSON response; an error has the shape of AWS's restJson1 protocol, from which boto3 makes a ClientError."""
        headers = {"x-amzn-RequestId": str(uuid.uuid4())}
        try:
            self._raise_fault()
            return _json(operation(_parse_body(body)), 200, headers)
        except ApiError as error:
            return _refusal(error, headers)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            problem = f"The request has no shape that can be read ({type(error).__name__}: {str(error)[:200]})"
            return _refusal(ApiError(problem), headers)

    def _raise_fault(self) -> None:
        with self._lock:
            fault = self._faults.pop(0) if self._faults else None
        if fault:
            raise ApiError("A failure that was asked for", *fault)


def _refusal(error: ApiError, headers: dict[str, str]) -> Response:
    body = {"Message": str(error), "Code": error.code}
    return _json(body, error.status, headers | {"x-amzn-ErrorType": error.code})


def _json(content: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    # In ASCII: a finding of a file may hold half of a surrogate pair, which UTF-8 can't.
    return Response(json.dumps(content), status, headers, media_type="application/json")


def _some(field: str, request: dict[str, Any]) -> list[Any]:
    """The 1 to 100 items of a batch request."""
    items: list[Any] = request.get(field) or []
    if not 1 <= len(items) <= MAX_FINDINGS_PER_CALL:
        raise ApiError(f"{field} has {len(items)} items; it must have 1 to {MAX_FINDINGS_PER_CALL}")
    return items


def _unprocessed(identifier: dict[str, str], code: str) -> dict[str, Any]:
    return {"FindingIdentifier": identifier, "ErrorCode": code, "ErrorMessage": f"{code}: {identifier['Id']}"}


def _parse_body(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except (ValueError, RecursionError) as cause:
        raise ApiError("The body is not JSON", code="SerializationException") from cause
    if not isinstance(parsed, dict):
        raise ApiError("The body is not a JSON object", code="SerializationException")
    return parsed

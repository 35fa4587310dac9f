"""Open violations out of Security Hub, page by page."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from shared.aws.query import Filters, controls_of, queries
from shared.errors import MalformedEventError, ScanIncompleteError
from shared.finding.asff import parse_finding
from shared.finding.violation import Violation
from shared.policy.selection import Policy

PAGE_SIZE = 100  # Security Hub API Reference, "GetFindings"
SECONDS_BETWEEN_REQUESTS = 1 / 3  # Security Hub User Guide, "Security Hub quotas"
REQUESTS_MADE_UP_FOR = 3  # of the six that Security Hub takes at once; others share the account's rate
MAX_ATTEMPTS = 10  # for a page: about two minutes
LONGEST_PAUSE_SECONDS = 30


@dataclass(slots=True, kw_only=True)
class Position:
    """How far a scan has come; it moves on whenever all findings of a page have been taken."""

    queries_finished: int = 0
    next_token: str | None = None
    findings_read: int = 0

    @property
    def has_begun(self) -> bool:
        return self.findings_read > 0 or self.queries_finished > 0 or self.next_token is not None

    def advance(self, page: dict[str, Any]) -> None:
        self.findings_read += len(page["Findings"])
        self.next_token = page.get("NextToken") or None
        self.queries_finished += not self.next_token


def open_violations(
    client: Any,
    policy: Policy,
    sleep: Callable[[float], None] = time.sleep,
    seconds_left: Callable[[], float] = lambda: inf,
    position: Position | None = None,
) -> Iterator[Violation | MalformedEventError]:
    """Every selected violation that fails and that nobody suppressed or resolved; the error in place of a finding that
    can't be read. One violation may come several times, once per finding that reports it.

    `client` is boto3's Security Hub client. From the aggregation Region it sees all linked Regions, from the
    administrator account all members. The scan begins, or goes on, at the position, which it moves. Raises
    ScanIncompleteError, after all that was read, if Security Hub stops answering or no seconds are left (and then
    another scan can go on from the position); if it never answered, the error of the client.
    """
    for finding in _findings(client, policy, sleep, seconds_left, position or Position()):
        try:
            violation = parse_finding(finding)
        except MalformedEventError as error:
            yield error
            continue
        if violation is not None and violation.is_listed and policy.selects(violation):
            yield violation


def _findings(
    client: Any,
    policy: Policy,
    sleep: Callable[[float], None],
    seconds_left: Callable[[], float],
    position: Position,
) -> Iterator[dict[str, Any]]:
    is_continued = position.has_begun
    reader = _Reader(client, sleep, seconds_left)
    asked = queries(policy)
    try:
        for filters in asked[position.queries_finished :]:
            yield from reader.findings(filters, position)
    except (ClientError, BotoCoreError, TimeoutError) as error:
        if not (reader.has_answered or is_continued):
            raise
        raise _incomplete(error, asked, position) from error


class _Reader:
    """Asks Security Hub for pages: at the pace it allows, slower after every failure, and not for ever."""

    def __init__(self, client: Any, sleep: Callable[[float], None], seconds_left: Callable[[], float]) -> None:
        self._client = client
        self._sleep = sleep
        self._seconds_left = seconds_left
        self._pause = SECONDS_BETWEEN_REQUESTS
        self._slot = time.monotonic() - self._pause
        self.has_answered = False

    def findings(self, filters: Filters, position: Position) -> Iterator[dict[str, Any]]:
        """The findings of one query from the position on; raises TimeoutError where no time is left for a page."""
        is_finished = False
        while not is_finished:
            if self.has_answered and self._is_time_short():
                raise TimeoutError("no time is left to read on")
            token = {"NextToken": position.next_token} if position.next_token else {}
            page = self._ask({"Filters": filters, "MaxResults": PAGE_SIZE, **token})
            yield from page["Findings"]
            position.advance(page)
            is_finished = position.next_token is None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        failures = 0
        while True:
            asked_at = self._wait()
            try:
                page: dict[str, Any] = self._client.get_findings(**request)
            except (ClientError, BotoCoreError) as error:
                failures += 1
                self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
                self._slot = asked_at
                if failures == MAX_ATTEMPTS or not _is_passing(error) or self._is_time_short():
                    raise
            else:
                # Little by little: others share the account's rate, and at full pace the next refusal would follow.
                self._pause = max(self._pause * 0.75, SECONDS_BETWEEN_REQUESTS)
                self.has_answered = True
                return page

    def _wait(self) -> float:
        """Wait for the next request's turn, and answer when it came.

        What a slow answer took too long is made up for by the next requests, or the rate would stay below the API's.
        """
        now = time.monotonic()
        self._slot = max(self._slot + self._pause, now - REQUESTS_MADE_UP_FOR * self._pause)
        self._sleep(max(0.0, self._slot - now))
        return time.monotonic()

    def _is_time_short(self) -> bool:
        return self._seconds_left() < self._pause


def _is_passing(error: ClientError | BotoCoreError) -> bool:
    """Whether asking again may help: a throttle, a failure of Security Hub's own, or of the way to it."""
    if not isinstance(error, ClientError):
        return isinstance(error, NoConnectionError | HTTPClientError)
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status == 429 or status >= 500 or "Throttl" in _name(error)


def _incomplete(error: Exception, asked: list[Filters], position: Position) -> ScanIncompleteError:
    finished, findings_read = position.queries_finished, position.findings_read
    return ScanIncompleteError(
        f"read {findings_read} findings and finished {finished} of {len(asked)} queries, then: {error}",
        problem=None if isinstance(error, TimeoutError) else _name(error),
        findings_read=findings_read,
        queries=len(asked),
        unfinished=len(asked) - finished,
        controls=tuple(control for filters in asked[finished:] for control in controls_of(filters)),
    )


def _name(error: Exception) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__

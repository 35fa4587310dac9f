"""Open violations out of Security Hub, page by page."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import inf
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from shared.aws.query import Filters, controls_of, hidden, identified, queries, undecided
from shared.digest.fate import Caveat
from shared.digest.hidden import Hiding, is_hidden
from shared.digest.summary import Shortfall
from shared.errors import MalformedEventError, ScanIncompleteError
from shared.finding.asff import parse_finding
from shared.finding.violation import Violation
from shared.policy.selection import Policy
from shared.text import excerpt

PAGE_SIZE = 100  # Security Hub API Reference, "GetFindings"
SECONDS_BETWEEN_REQUESTS = 1 / 3  # Security Hub User Guide, "Security Hub quotas"
REQUESTS_MADE_UP_FOR = 3  # of the six that Security Hub takes at once; others share the account's rate
MAX_ATTEMPTS = 10  # for a page: about two minutes
LONGEST_PAUSE_SECONDS = 30
MOST_FINDINGS_FOR_A_DOUBT = 10  # findings that aren't of a selected control, and empty pages, may come first
STALE_TOKEN = "InvalidInputException"  # noqa: S105 - what Security Hub answers to a NextToken that is minutes old

Finding = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a scan has come: by `next_token` within the query after those finished, and what it has counted.

    The counts `before` are those with which that query began; `begun_anew` is the query that was last begun anew.
    """

    queries_finished: int = 0
    next_token: str | None = None
    findings_read: int = 0
    unreadable: int = 0
    findings_read_before: int = 0
    unreadable_before: int = 0
    begun_anew: int | None = None

    @property
    def has_begun(self) -> bool:
        return self.findings_read > 0 or self.queries_finished > 0 or self.next_token is not None

    @property
    def may_begin_anew(self) -> bool:
        """Whether the query has got anywhere, and has not been begun anew yet."""
        return self.next_token is not None and self.begun_anew != self.queries_finished

    def anew(self) -> "Position":
        """The position at which the query began, so that nothing of it counts twice."""
        return replace(
            self,
            next_token=None,
            findings_read=self.findings_read_before,
            unreadable=self.unreadable_before,
            begun_anew=self.queries_finished,
        )

    def after(self, answer: dict[str, Any], unreadable: int) -> "Position":
        """The position once all findings of an answer, of which so many were unreadable, have been taken."""
        next_token = answer.get("NextToken") or None
        read = replace(
            self,
            next_token=next_token,
            findings_read=self.findings_read + len(answer["Findings"]),
            unreadable=self.unreadable + unreadable,
        )
        if next_token:
            return read
        return replace(
            read,
            queries_finished=self.queries_finished + 1,
            findings_read_before=read.findings_read,
            unreadable_before=read.unreadable,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one answer of Security Hub holds, as far as it was asked for, and the position behind it.

    One violation may come several times, once per finding that reports it. `unreadable` says of each finding that can't
    be read why.
    """

    violations: tuple[Violation, ...]
    unreadable: tuple[str, ...]
    position: Position


class Scan:
    """Reads findings: at the pace that Security Hub allows, slower after every failure, and not for ever.

    `client` is boto3's Security Hub client. From the aggregation Region it sees all linked Regions, from the
    administrator account all members.
    """

    def __init__(self, client: Any, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def pages(
        self, policy: Policy, seconds_left: Callable[[], float] = lambda: inf, position: Position | None = None
    ) -> Iterator[Page]:
        """Every selected violation that fails and that nobody suppressed or resolved, from the position on.

        A query whose place Security Hub no longer knows is begun anew, once, and its violations come again.
        Raises ScanIncompleteError, after all that was read, if Security Hub stops answering or no seconds are left; if
        it never answered, the error of the client.
        """
        position = position or Position()
        asked, is_continued, has_answered = queries(policy), position.has_begun, False
        try:
            for page in self._pages(asked, lambda one: one.is_listed and policy.selects(one), seconds_left, position):
                position, has_answered = page.position, True
                yield page
        except (ClientError, BotoCoreError, TimeoutError) as error:
            if not (has_answered or is_continued):
                raise
            raise _incomplete(error, asked, position) from error

    def hidden(
        self, hiding: Hiding, policy: Policy, seconds_left: Callable[[], float], position: Position
    ) -> Iterator[Page]:
        """Every violation of a selected control that fails and is hidden in this way, from the position on, as `pages`
        gives them; what is lowered and listed all the same is not among them.

        Raises ScanIncompleteError, after all that was read, if Security Hub doesn't answer or no seconds are left.
        """
        asked = hidden(hiding, policy)
        try:
            if position.queries_finished < len(asked) and seconds_left() <= 0:
                raise TimeoutError("no time is left to read at all")
            for page in self._pages(asked, lambda one: is_hidden(one, hiding, policy), seconds_left, position):
                position = page.position
                yield page
        except (ClientError, BotoCoreError, TimeoutError) as error:
            raise _incomplete(error, asked, position) from error

    def look_up(
        self, groups: Iterable[Sequence[str]], seconds_left: Callable[[], float] = lambda: inf
    ) -> Iterator[list[Finding]]:
        """What Security Hub has of the findings with these ids, group by group; one that it doesn't see is missing.

        Raises ScanIncompleteError, after the groups that were read, if Security Hub doesn't answer or no seconds are
        left; the first request is made in any case.
        """
        reader = _Reader(self._client, self._sleep, seconds_left)
        try:
            for finding_ids in groups:
                yield [finding for filters in identified(finding_ids) for finding in reader.read_all(filters)]
        except (ClientError, BotoCoreError, TimeoutError) as error:
            raise _not_looked_up(error) from error

    def undecided(self, policy: Policy, seconds_left: Callable[[], float] = lambda: inf) -> Caveat | None:
        """Whether some check of a selected control could not decide, or nobody can tell; None if all of them did."""
        reader = _Reader(self._client, self._sleep, seconds_left)
        try:
            return _undecided(policy, reader)
        except (ClientError, BotoCoreError, TimeoutError):
            return Caveat.UNKNOWN

    def _pages(
        self,
        asked: list[Filters],
        is_wanted: Callable[[Violation], bool],
        seconds_left: Callable[[], float],
        position: Position,
    ) -> Iterator[Page]:
        """What these queries find, from the position on; raises whatever keeps Security Hub from answering."""
        reader = _Reader(self._client, self._sleep, seconds_left)
        while position.queries_finished < len(asked):
            try:
                answer = reader.read(asked[position.queries_finished], position.next_token)
            except ClientError as error:
                if _name(error) != STALE_TOKEN or not position.may_begin_anew:
                    raise
                position = position.anew()
                continue
            page = _page(answer, is_wanted, position)
            position = page.position
            yield page


def _undecided(policy: Policy, reader: "_Reader") -> Caveat | None:
    found = None
    for filters in undecided(policy):
        for page, is_last in islice(reader.pages(filters, page_size=1), MOST_FINDINGS_FOR_A_DOUBT):
            if any(_is_of_selected_control(finding, policy) for finding in page):
                return Caveat.UNDECIDED
            if is_last:
                break
        else:
            found = Caveat.UNKNOWN
    return found


def _is_of_selected_control(finding: Finding, policy: Policy) -> bool:
    try:
        violation = parse_finding(finding)
    except MalformedEventError:
        return True  # perhaps
    return violation is not None and policy.targets(violation.control_id)


def _page(answer: dict[str, Any], is_wanted: Callable[[Violation], bool], before: Position) -> Page:
    violations, unreadable = [], []
    for finding in answer["Findings"]:
        try:
            violation = parse_finding(finding)
        except MalformedEventError as error:
            unreadable.append(str(error))
            continue
        if violation is not None and is_wanted(violation):
            violations.append(violation)
    position = before.after(answer, len(unreadable))
    return Page(violations=tuple(violations), unreadable=tuple(unreadable), position=position)


class _Reader:
    """Asks Security Hub for pages."""

    def __init__(self, client: Any, sleep: Callable[[float], None], seconds_left: Callable[[], float]) -> None:
        self._client = client
        self._sleep = sleep
        self._seconds_left = seconds_left
        self._pause = SECONDS_BETWEEN_REQUESTS
        self._slot = time.monotonic() - self._pause
        self.has_answered = False

    def read(self, filters: Filters, next_token: str | None, page_size: int = PAGE_SIZE) -> dict[str, Any]:
        """The next answer to a query; raises TimeoutError where no time is left for one."""
        if self.has_answered and self._is_time_short():
            raise TimeoutError("no time is left to read on")
        token = {"NextToken": next_token} if next_token else {}
        return self._ask({"Filters": filters, "MaxResults": page_size, **token})

    def pages(self, filters: Filters, page_size: int = PAGE_SIZE) -> Iterator[tuple[list[Finding], bool]]:
        """All answers to a query, each with whether it is the last; a page may be empty without being that."""
        next_token = None
        while True:
            answer = self.read(filters, next_token, page_size)
            next_token = answer.get("NextToken")
            yield answer["Findings"], not next_token
            if not next_token:
                return

    def read_all(self, filters: Filters) -> Iterator[Finding]:
        for page, _ in self.pages(filters):
            yield from page

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


def shortfall(error: ScanIncompleteError, policy: Policy, position: Position) -> Shortfall:
    """What is missing behind a position at which a scan ended early."""
    asked = queries(policy)
    unfinished = asked[position.queries_finished :]
    return Shortfall(
        problem=error.problem,
        findings_read=position.findings_read,
        queries=len(asked),
        unfinished=len(unfinished),
        controls=tuple(control for filters in unfinished for control in controls_of(filters)),
    )


def _incomplete(error: Exception, asked: list[Filters], position: Position) -> ScanIncompleteError:
    finished, findings_read = position.queries_finished, position.findings_read
    return ScanIncompleteError(
        f"read {findings_read} findings and finished {finished} of {len(asked)} queries, then: {excerpt(error)}",
        problem=None if isinstance(error, TimeoutError) else _name(error),
    )


def _not_looked_up(error: Exception) -> ScanIncompleteError:
    problem = None if isinstance(error, TimeoutError) else _name(error)
    return ScanIncompleteError(f"not all that is no longer listed was looked up: {error}", problem=problem)


def _name(error: Exception) -> str:
    return excerpt(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__

"""What became of the violations that are no longer listed: Security Hub is asked for each by its findings' ids."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from shared.aws.alert_queue import AlertQueue
from shared.aws.query import MAX_FILTER_VALUES
from shared.aws.scan import Finding, Scan
from shared.digest.fate import Caveat, Fate, fate_of
from shared.digest.open_list import OpenList
from shared.errors import MalformedEventError, NotQueuedError
from shared.finding.asff import parse_finding
from shared.finding.event import found_event, vanished_event
from shared.finding.violation import Violation
from shared.pipeline.gathering import Wanted, seconds_to_read
from shared.telemetry import Telemetry

POSITION = "looked_up_until"
Group = list[Violation]


class Inquiry:
    """Asks what became of them; without a `queue` what it finds is told to nobody but the digest's readers."""

    def __init__(
        self,
        *,
        scan: Scan,
        queue: AlertQueue | None,
        telemetry: Telemetry,
        clock: Callable[[], datetime],
    ) -> None:
        self._scan = scan
        self._queue = queue
        self._telemetry = telemetry
        self._clock = clock
        self._queue_answers = True

    def ask(self, open_list: OpenList, wanted: Wanted, due: datetime, seconds_left: Callable[[], float]) -> None:
        """Note what became of each by the digest due then, from where an earlier part ended; what is open still is
        listed after all.

        Every end is put on the alert queue, again if an attempt is repeated: there it changes only what is still shown
        as open. So is what has been out of sight for as long as it is remembered: nothing else would tell of it ever.
        Raises ScanIncompleteError where Security Hub can't be asked for all of them.
        """
        self._queue_answers = True
        groups: list[Group] = []  # what was asked for, and not yet answered

        def asked() -> Iterator[list[str]]:
            for group in _groups(open_list, wanted):
                groups.append(group)
                yield [finding_id for violation in group for finding_id in violation.finding_ids]

        for findings in self._scan.look_up(asked(), lambda: seconds_to_read(seconds_left, open_list)):
            group = groups.pop()
            self._take(group, findings, open_list, wanted, due)
            open_list.note(POSITION, group[-1].key)

    def undecided(self, open_list: OpenList, wanted: Wanted, seconds_left: Callable[[], float]) -> Caveat | None:
        """Whether a check could not decide, which the list doesn't show."""
        return self._scan.undecided(wanted.policy, lambda: seconds_to_read(seconds_left, open_list))

    def _take(self, group: Group, findings: list[Finding], open_list: OpenList, wanted: Wanted, due: datetime) -> None:
        for violation in group:
            own = [finding for finding in findings if finding.get("Id") in violation.finding_ids]
            self._judge(violation, own, open_list, wanted, due)

    def _judge(
        self, violation: Violation, findings: list[Finding], open_list: OpenList, wanted: Wanted, due: datetime
    ) -> None:
        read = [(finding, said) for finding in findings if (said := self._read(finding))]
        said_today = [said for _, said in read]
        fate = fate_of(said_today, wanted.policy, unreadable=len(findings) - len(read))
        if fate is None:
            for said in said_today:
                if said.is_listed and wanted.policy.selects(said):
                    open_list.add(said.with_tags(wanted.tag_names))
        elif fate is not Fate.UNVERIFIED:
            now = self._clock()
            ends = [found_event(finding, now) for finding, said in read if said.state.is_closed] if fate.is_end else []
            if fate is Fate.OUT_OF_SIGHT and open_list.is_lost(violation.key, due):
                ends = [vanished_event(violation, now)]
            open_list.answer(violation.key, fate, is_passed_on=self._pass_on(violation, ends))

    def _read(self, finding: Finding) -> Violation | None:
        try:
            return parse_finding(finding)
        except MalformedEventError as error:
            self._telemetry.log.error("finding unreadable", extra={"why": str(error)})
            return None

    def _pass_on(self, violation: Violation, events: list[dict[str, Any]]) -> bool:
        """Whether the queue has them all, if there is one; what it did not take the next digest passes on."""
        if self._queue is None:
            return True
        try:
            for event in events if self._queue_answers else []:
                self._queue.send(json.dumps(event, ensure_ascii=False, separators=(",", ":")), 0)
                told = {"violation": violation.key, "event_id": event.get("id")}
                self._telemetry.log.info("digest passed an end on", extra=told)
        except NotQueuedError as error:
            self._telemetry.log.error("digest could not pass an end on", extra={"why": str(error)})
            self._queue_answers = False  # thousands of ends may follow, and each would wait for it
        return self._queue_answers


def _groups(open_list: OpenList, wanted: Wanted) -> Iterator[Group]:
    """As many violations as one request can ask for, or a single one that many findings report; what the settings
    no longer ask for is left out."""
    group: Group = []
    for violation in _unlisted(open_list):
        if not wanted.policy.targets(violation.control_id):
            continue
        if group and _size(group) + len(violation.finding_ids) > MAX_FILTER_VALUES:
            yield group
            group = []
        group.append(violation)
    if group:
        yield group


def _unlisted(open_list: OpenList) -> Iterator[Violation]:
    """What is no longer listed, behind what was looked up already."""
    after = open_list.noted(POSITION) or ""
    while some := open_list.next_unlisted(after, MAX_FILTER_VALUES):
        yield from some
        after = some[-1].key


def _size(group: Group) -> int:
    return sum(len(violation.finding_ids) for violation in group)

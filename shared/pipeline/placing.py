"""The list of open violations → where each is told and whose it is, as the routes say at the digest's time."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from shared.aws.alert_queue import AlertQueue
from shared.digest.open_list import OpenList
from shared.digest.placement import Exemption, Placement, Standing
from shared.errors import NotQueuedError
from shared.finding.account import Account
from shared.finding.event import told_again_event
from shared.finding.violation import Violation
from shared.finding.violation_json import decode
from shared.pipeline.bounded_people import SECONDS_TO_LOOK_UP, BoundedPeople
from shared.pipeline.gathering import seconds_to_read
from shared.pipeline.router import Router
from shared.policy.condition import described
from shared.policy.condition_index import ConditionIndex
from shared.policy.owner import Ownership, Ring
from shared.policy.selection import Acceptance
from shared.telemetry import Telemetry

SECONDS_FOR_ACCOUNTS = 300  # AWS Organizations has to be asked for each once a day, two calls and more
_NOT_ASKED, _NOT_TOLD = Account(), Account(is_told=False)


class Placing:
    """Places lists; without a `queue` what is accepted no longer is told by the digest alone."""

    def __init__(
        self, *, router: Router, queue: AlertQueue | None, telemetry: Telemetry, clock: Callable[[], datetime]
    ) -> None:
        self._router = router
        self._queue = queue
        self._telemetry = telemetry
        self._clock = clock

    def place(self, open_list: OpenList, due: datetime, seconds_left: Callable[[], float]) -> None:
        """Keep where each violation is told by the digest due then, and let the channel hear what an exception accepted
        until now; nothing without routes."""
        if not self._router.is_routing(due):
            return
        accounts = self._accounts(open_list, due, seconds_left)
        ends_at = self._clock() + timedelta(seconds=SECONDS_TO_LOOK_UP)
        people = BoundedPeople(
            lambda email: self._router.person(email, self._clock()),
            lambda: (ends_at - self._clock()).total_seconds(),
        )
        acceptances = self._router.policy(due).acceptances
        index = ConditionIndex([one.condition for one in acceptances])

        def placements() -> Iterator[tuple[str, Placement]]:
            for violation in _all(open_list):
                account = accounts.get(violation.account_id, _NOT_ASKED)
                destination = self._router.destination(violation, due, people.find, account)
                channel = destination.channel
                is_uncertain = not account.is_told or _is_uncertain(destination.ownership)
                if is_uncertain and (before := open_list.placed_before(violation.key)):
                    channel = before.channel  # whoever it is, nothing says that it moved
                accepted_by = next(index.holding(violation, Account()), None)
                yield violation.key, _placement(channel, destination.ownership, accepted_by)

        open_list.place(placements(), map(_exemption, acceptances))
        self._tell_again(open_list)

    def _accounts(self, open_list: OpenList, due: datetime, seconds_left: Callable[[], float]) -> dict[str, Account]:
        """What is known of each account; empty if nothing depends on it."""
        if not self._router.asks_organization(due):
            return {}
        ends_at, account_ids = self._clock() + timedelta(seconds=SECONDS_FOR_ACCOUNTS), open_list.account_ids()
        found = dict.fromkeys(account_ids, _NOT_TOLD)
        for number, account_id in enumerate(account_ids):
            if self._clock() > ends_at or seconds_to_read(seconds_left, open_list) < 0:
                why = f"{number} of {len(account_ids)} accounts were looked up in time"
                self._telemetry.log.warning("digest looked up not all", extra={"why": why})
                break
            found[account_id] = self._router.account(account_id, self._clock())
        return found

    def channels(self, open_list: OpenList, due: datetime) -> dict[str, int]:
        """How many are open in each channel that gets a digest of its own: one that has any, or had any at the last
        digest and is named by the routes still. The default channel gets the whole."""
        if not self._router.digests_by_channel(due):
            return {}
        default, *named = self._router.channels(due)
        found = open_list.channels()
        return {
            channel: count for channel, count in found.items() if channel != default and (count or channel in named)
        }

    def _tell_again(self, open_list: OpenList) -> None:
        """Put on the alert queue what is accepted no longer; again if an attempt is repeated, for only what was not
        announced yet is announced. If the queue doesn't take it, the next digest tries again."""
        if self._queue is None:
            return
        try:
            for violation in open_list.told_again():
                event = told_again_event(violation, self._clock())
                self._queue.send(json.dumps(event, ensure_ascii=False, separators=(",", ":")), 0)
                self._telemetry.log.info("digest tells again", extra={"violation": violation.key})
        except NotQueuedError as error:
            self._telemetry.log.error("digest could not tell again", extra={"why": str(error)})
            open_list.keep_accepted()


def _placement(channel: str | None, ownership: Ownership, accepted_by: int | None) -> Placement:
    standing = Standing.OPEN if channel else Standing.DROPPED
    not_in_slack = (known.owner.name for known in ownership.owners if known.ring is Ring.UNKNOWN)
    return Placement(
        standing=standing if accepted_by is None else Standing.ACCEPTED,
        channel=channel,
        owners=ownership.names or ownership.unknown,
        unknown=tuple(dict.fromkeys((*ownership.unknown, *not_in_slack))),
        acceptance=accepted_by,
    )


def _all(open_list: OpenList) -> Iterator[Violation]:
    """What is on the list, and what is no longer."""
    listed = (decode(content) for content, _ in open_list.contents())
    return chain(listed, (absent.violation for absent in open_list.section().absent()))


def _is_uncertain(ownership: Ownership) -> bool:
    """Whether somebody is taken for the owner only because nobody could be asked: else another might be."""
    return any(known.ring is Ring.UNAVAILABLE and known.owner.name == known.owner.email for known in ownership.owners)


def _exemption(acceptance: Acceptance) -> Exemption:
    return Exemption(what=described(acceptance.condition), reason=acceptance.reason, until=acceptance.until.isoformat())

"""The DynamoDB table, as far as it is about bursts.

It holds one item with what was announced of late, one a burst, and an index of the violations of each burst.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

from shared.alert.burst import REFRESH_EVERY, Burst, Member, Tally, Traffic, admit, lane_of
from shared.aws.burst_item import to_burst, to_member, to_tally_item, to_traffic, to_traffic_item
from shared.aws.table import Item, conflict_as_held, decode, encode, epoch
from shared.errors import ClaimHeldError
from shared.finding.violation import Severity
from shared.message import Message
from shared.retry import LEASE

TRAFFIC_KEY = "burst/traffic"
MEMBERS_INDEX = "burst"
LIFETIME = timedelta(days=400)  # open members may need their burst's message for long
ADMISSION_ATTEMPTS = 5
BATCH_GET_LIMIT = 100  # DynamoDB API Reference, "BatchGetItem"


class BurstLedger:
    """Reads and writes what is remembered of bursts; `client` is boto3's DynamoDB client."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def admit(self, key: str, severity: Severity, *, limit: int, now: datetime) -> str | None:
        """The burst that a violation has to join, or None if it may be announced by itself.

        Raises ClaimHeldError if too many others ask at the same time.
        """
        new_burst_id = f"{now:%Y-%m-%dT%H:%M:%SZ}-{uuid4().hex[:8]}"
        for _ in range(ADMISSION_ATTEMPTS):
            item = self._read(TRAFFIC_KEY)
            before = to_traffic(item)
            after = admit(before, key, severity, limit=limit, now=now, new_burst_id=new_burst_id)
            if after is before or self._write_traffic(after, int(item.get("version", 0)), now):
                return after.burst_id if lane_of(severity) in after.lanes else None
        raise ClaimHeldError(f"too many announcements at once to admit {key}; the queue will try this event again")

    def end(self, burst_id: str) -> None:
        """Let later violations begin anew, one by one."""
        with suppress(ClaimHeldError):  # it has ended already
            self._update(
                TRAFFIC_KEY,
                "SET lanes = :none, version = version + :one REMOVE going_on",
                "going_on = :burst",
                none=[],
                one=1,
                burst=burst_id,
            )

    def look_up(self, burst_id: str) -> Burst | None:
        item = self._read(_key(burst_id))
        return to_burst(burst_id, item) if item else None

    def members(self, burst_id: str) -> Iterator[Member]:
        """Every violation of a burst; what was written within the last second may be missing."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=MEMBERS_INDEX,
            KeyConditionExpression="burst_id = :burst",
            ExpressionAttributeValues=encode({":burst": burst_id}),
        )
        return (to_member(decode(item)) for page in pages for item in page["Items"])

    def rows(self, members: Iterable[Member]) -> Iterator[str]:
        """The CSV rows of members, in their order."""
        remaining = iter(members)
        while keys := [member.key for member in islice(remaining, BATCH_GET_LIMIT)]:
            rows = self._rows(keys)
            yield from (rows[key] for key in keys if key in rows)

    def note_check(self, burst_id: str, due_at: datetime) -> None:
        """Remember when somebody looks after a burst next."""
        with suppress(ClaimHeldError):  # it is forgotten
            self._update(_key(burst_id), "SET check_due_at = :at", "attribute_exists(version)", at=due_at.isoformat())

    @contextmanager
    def turn(self, burst_id: str, now: datetime) -> Iterator[bool]:
        """Keep others from writing a burst's message, until a moment after, or until the lease ends if this fails.

        Gives whether there was a turn before. Raises ClaimHeldError if somebody is at it, or was a moment ago.
        """
        turn = uuid4().hex
        free = "attribute_exists(version) AND (attribute_not_exists(free_at) OR free_at <= :now) OR turn = :turn"
        update, until = "SET turn = :turn, free_at = :until", epoch(now + LEASE)
        before = self._update(_key(burst_id), update, free, turn=turn, now=epoch(now), until=until)
        yield "turn" in before
        with suppress(ClaimHeldError):  # the lease had run out
            free_at = epoch(now + REFRESH_EVERY)
            self._update(_key(burst_id), "SET free_at = :free", "turn = :turn", turn=turn, free=free_at)

    def record_message(self, burst_id: str, message: Message) -> None:
        place = {"channel": message.channel, "ts": message.ts}
        self._update(_key(burst_id), "SET channel = :channel, ts = :ts", "attribute_exists(version)", **place)

    def conclude(self, burst_id: str, tally: Tally, now: datetime) -> None:
        """Remember that a burst is over, and its numbers."""
        update = "SET concluded_at = :at, tally = :tally"
        at = now.isoformat()
        self._update(_key(burst_id), update, "attribute_exists(version)", at=at, tally=to_tally_item(tally))

    def _write_traffic(self, traffic: Traffic, version: int, now: datetime) -> bool:
        if traffic.burst_id:
            self._begin(traffic.burst_id, now)
        item = to_traffic_item(traffic) | {"violation": TRAFFIC_KEY, "version": version + 1}
        unchanged = "attribute_not_exists(version) AND :version = :none OR version = :version"
        return self._put(item, unchanged, version=version, none=0)

    def _begin(self, burst_id: str, now: datetime) -> None:
        item = {"violation": _key(burst_id), "version": 1, "started_at": now.isoformat()}
        self._put(item | {"expires_at": epoch(now + LIFETIME)}, "attribute_not_exists(version)")

    def _read(self, key: str) -> Item:
        answer = self._client.get_item(TableName=self._table, Key=encode({"violation": key}), ConsistentRead=True)
        return decode(answer.get("Item", {}))

    def _rows(self, keys: list[str]) -> dict[str, str]:
        asked: Any = {
            self._table: {
                "Keys": [encode({"violation": key}) for key in keys],
                "ProjectionExpression": "violation, csv_rows",
            }
        }
        found: dict[str, str] = {}
        while asked:
            answer = self._client.batch_get_item(RequestItems=asked)
            items = map(decode, answer["Responses"].get(self._table, []))
            found |= {item["violation"]: item["csv_rows"] for item in items if "csv_rows" in item}
            asked = answer.get("UnprocessedKeys")
        return found

    def _put(self, item: Item, condition: str, **values: Any) -> bool:
        """Whether the condition held, and the item was written."""
        try:
            with conflict_as_held(item["violation"]):
                self._client.put_item(
                    TableName=self._table, Item=encode(item), ConditionExpression=condition, **_given(values)
                )
        except ClaimHeldError:
            return False
        return True

    def _update(self, key: str, update: str, condition: str, **values: Any) -> Item:
        """The values that were changed, as they were before."""
        with conflict_as_held(key):
            answer = self._client.update_item(
                TableName=self._table,
                Key=encode({"violation": key}),
                UpdateExpression=update,
                ConditionExpression=condition,
                ReturnValues="UPDATED_OLD",
                **_given(values),
            )
        return decode(answer.get("Attributes", {}))


def _key(burst_id: str) -> str:
    return f"burst/{burst_id}"


def _given(values: Item) -> dict[str, Item]:
    # DynamoDB takes no empty set of values.
    named = {f":{name}": value for name, value in values.items()}
    return {"ExpressionAttributeValues": encode(named)} if values else {}

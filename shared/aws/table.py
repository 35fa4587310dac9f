"""The ledger's table: one way to read and write it, how values become items, and what a failed condition means."""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from shared.errors import ClaimHeldError
from shared.message import Message

KEY = "violation"  # what the table calls its key; bursts and digests have keys of their own there
BATCH_GET_LIMIT = 100  # DynamoDB API Reference, "BatchGetItem"

_CONFLICTS = {"ConditionalCheckFailedException", "TransactionConflictException"}
_PLACEHOLDER = re.compile(r":\w+")

Item = dict[str, Any]


class Table:
    """Items by key; `client` is boto3's DynamoDB client.

    Conditions and updates are DynamoDB's expressions; every value that one of them names as :name is given by name,
    and others may be given, too. A write whose condition fails raises ClaimHeldError.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def get(self, key: str) -> Item:
        """The item as it is now; empty if there is none."""
        answer = self._client.get_item(TableName=self._name, Key=encode({KEY: key}), ConsistentRead=True)
        return decode(answer.get("Item", {}))

    def get_some(self, keys: Collection[str]) -> dict[str, Item]:
        """The items as they are now, an empty one for each that isn't there; at most BATCH_GET_LIMIT, in one request.
        Those that DynamoDB has no capacity for just now are missing."""
        asked: Any = {self._name: {"Keys": [encode({KEY: key}) for key in keys], "ConsistentRead": True}}
        answer = self._client.batch_get_item(RequestItems=asked)
        found = {item[KEY]: item for item in map(decode, answer["Responses"].get(self._name, []))}
        left_out = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
        answered = set(keys) - {decode(key)[KEY] for key in left_out}
        return {key: found.get(key, {}) for key in answered}

    def get_all(self, keys: Iterable[str], attribute: str) -> Iterator[tuple[str, Any]]:
        """Each key whose item has the attribute, in the keys' order, with its value."""
        remaining = iter(keys)
        while batch := list(islice(remaining, BATCH_GET_LIMIT)):
            found = self._get_batch(batch, attribute)
            yield from ((key, found[key]) for key in batch if key in found)

    def query(self, index: str, condition: str, **values: Any) -> Iterator[Item]:
        """The items of an index; what was written within the last second may be missing."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name, IndexName=index, KeyConditionExpression=condition, **_given(values, condition)
        )
        return (decode(item) for page in pages for item in page["Items"])

    def put(self, key: str, item: Item, condition: str, **values: Any) -> None:
        """Write an item in the place of what is there."""
        with _conflict_as_held(key):
            self._client.put_item(**self.a_put(key, item, condition, **values)["Put"])

    def update(self, key: str, update: str, condition: str | None, *, answers: str = "NONE", **values: Any) -> Item:
        """Change an item; the attributes that `answers` asks for ("ReturnValues" of "UpdateItem")."""
        with _conflict_as_held(key):
            asked = self.an_update(key, update, condition, **values)["Update"]
            answer = self._client.update_item(**asked, ReturnValues=answers)
        return decode(answer.get("Attributes", {}))

    def a_put(self, key: str, item: Item, condition: str, **values: Any) -> Item:
        """As `put`, for `write_all`."""
        asked = {"TableName": self._name, "Item": encode(item | {KEY: key}), "ConditionExpression": condition}
        return {"Put": asked | _given(values, condition)}

    def an_update(self, key: str, update: str, condition: str | None, **values: Any) -> Item:
        """As `update`, for `write_all`."""
        asked = {"TableName": self._name, "Key": encode({KEY: key}), "UpdateExpression": update}
        conditions = {"ConditionExpression": condition} if condition else {}
        return {"Update": asked | conditions | _given(values, update, condition or "")}

    def write_all(self, writes: list[Item]) -> frozenset[int]:
        """Make all of these writes, each of another item, or none; the positions of those whose condition fails, which
        are none if all are made. Raises ClaimHeldError if somebody else is writing one of them just now."""
        try:
            self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            failed = frozenset(position for position, code in enumerate(codes) if code == "ConditionalCheckFailed")
            if failed:
                return failed
            if "TransactionConflict" in codes:
                raise ClaimHeldError("another attempt is at work on the same; it will be tried again") from error
            raise
        return frozenset()

    def _get_batch(self, keys: list[str], attribute: str) -> dict[str, Any]:
        asked: Any = {
            self._name: {"Keys": [encode({KEY: key}) for key in keys], "ProjectionExpression": f"{KEY}, {attribute}"}
        }
        found: dict[str, Any] = {}
        while asked:
            answer = self._client.batch_get_item(RequestItems=asked)
            items = map(decode, answer["Responses"].get(self._name, []))
            found |= {item[KEY]: item[attribute] for item in items if attribute in item}
            asked = answer.get("UnprocessedKeys")
        return found


@contextmanager
def _conflict_as_held(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in _CONFLICTS:
            raise
        raise ClaimHeldError(f"another attempt is at work on {key}; it will be tried again") from error


def _given(values: Item, *expressions: str) -> Item:
    # DynamoDB takes no value that no expression names, and no empty set of them.
    named = {name for expression in expressions for name in _PLACEHOLDER.findall(expression)}
    used = {f":{name}": value for name, value in values.items() if f":{name}" in named}
    return {"ExpressionAttributeValues": encode(used)} if used else {}


def encode(item: Item) -> Item:
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in item.items()}


def decode(item: Item) -> Item:
    deserializer = TypeDeserializer()
    return {name: deserializer.deserialize(value) for name, value in item.items()}


def epoch(time: datetime) -> int:
    return int(time.timestamp())


def from_epoch(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def to_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def to_message(item: Item) -> Message | None:
    return Message(channel=item["channel"], ts=item["ts"]) if "ts" in item else None

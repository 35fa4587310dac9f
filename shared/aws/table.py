"""How values become items of DynamoDB, and what a failed condition means, for all who use the ledger's table."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from shared.errors import ClaimHeldError
from shared.message import Message

Item = dict[str, Any]


def encode(item: Item) -> Item:
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in item.items()}


def decode(item: Item) -> Item:
    deserializer = TypeDeserializer()
    return {name: deserializer.deserialize(value) for name, value in item.items()}


def epoch(time: datetime) -> int:
    return int(time.timestamp())


@contextmanager
def conflict_as_held(key: str) -> Iterator[None]:
    """Turn a failed condition into ClaimHeldError."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise ClaimHeldError(f"another attempt is at work on {key}; the queue will try this event again") from error


def to_message(item: Item) -> Message | None:
    return Message(channel=item["channel"], ts=item["ts"]) if "ts" in item else None


def to_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def from_epoch(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)

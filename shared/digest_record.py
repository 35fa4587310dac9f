"""Which digests went out: one item a scheduled time, in the ledger's table."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import ClaimHeldError, NotRecordedError
from shared.item import Item, decode, encode, epoch

# Longer than the function may run, and over when Lambda tries again, a minute later, what timed out (Lambda Developer
# Guide, "How Lambda handles errors and retries with asynchronous invocation").
LEASE = timedelta(seconds=930)
LIFETIME = timedelta(days=90)
PREFIX = "digest/"  # no violation's key begins so

_FREE = "attribute_not_exists(posted) AND (attribute_not_exists(claimed_until) OR claimed_until < :now)"

Counts = dict[str, int]


class DigestRecord:
    """Keeps one scheduled time from becoming two digests; `client` is boto3's DynamoDB client."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def posted(self, scheduled_time: datetime) -> Counts | None:
        """What the digest of that time counted; None if none was posted."""
        key = encode({"violation": _key(scheduled_time)})
        item = decode(self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {}))
        return {name: int(count) for name, count in item["posted"].items()} if "posted" in item else None

    @contextmanager
    def claim(self, scheduled_time: datetime, now: datetime) -> "Iterator[DigestClaim]":
        """Hold a digest while it is made and posted; given back at once if that fails.

        Raises ClaimHeldError if another attempt holds it, or has just posted it. A claim that is neither given back nor
        recorded lasts for LEASE: nobody can tell then whether its attempt died before the post or after, and the next
        one posts, for a digest that comes twice is better than none.
        """
        claim = DigestClaim(self._client, self._table, scheduled_time, now)
        claim.take()
        try:
            yield claim
        except BaseException:
            claim.give_back()
            raise


class DigestClaim:
    """One attempt's hold on a digest."""

    def __init__(self, client: Any, table: str, scheduled_time: datetime, now: datetime) -> None:
        self._client = client
        self._table = table
        self._key = _key(scheduled_time)
        self._now = now
        self._attempt = uuid4().hex

    def take(self) -> None:
        values = {":now": epoch(self._now), ":until": epoch(self._now + LEASE), ":expiry": epoch(self._now + LIFETIME)}
        try:
            self._update(
                "SET claimed_by = :attempt, claimed_until = :until, expires_at = :expiry",
                {**values, ":attempt": self._attempt},
                ConditionExpression=f"{_FREE} OR claimed_by = :attempt",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            raise ClaimHeldError(f"another attempt is at work on the {_name(self._key)}; try again later") from error

    def record(self, counts: Counts) -> None:
        """Write that the digest is out, and what it counted; raises NotRecordedError if that can't be written."""
        try:
            self._update("SET posted = :counts REMOVE claimed_by, claimed_until", {":counts": counts})
        except (ClientError, BotoCoreError) as error:
            raise NotRecordedError(f"the {_name(self._key)} is out, but could not be recorded: {error}") from error

    def give_back(self) -> None:
        # The lease ends by itself; what matters is the error that led here.
        with suppress(ClientError, BotoCoreError):
            self._update(
                "REMOVE claimed_by, claimed_until",
                {":attempt": self._attempt},
                ConditionExpression="claimed_by = :attempt",
            )

    def _update(self, expression: str, values: Item, **condition: str) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=encode({"violation": self._key}),
            UpdateExpression=expression,
            ExpressionAttributeValues=encode(values),
            **condition,
        )


def _key(scheduled_time: datetime) -> str:
    return f"{PREFIX}{scheduled_time.astimezone(UTC).isoformat().replace('+00:00', 'Z')}"


def _name(key: str) -> str:
    return key.replace("/", " of ", 1)

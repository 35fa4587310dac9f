"""A person in a stack's ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from local.forget.person import Person
from shared.aws.table import KEY, Item, decode, encode, epoch, to_message
from shared.message import Message
from shared.pipeline.people import owner_key

# As the functions' own writes: nothing is taken from whoever is at work on it, and who has read it before notices.
_UNCLAIMED = "(attribute_not_exists(claimed_until) OR claimed_until < :now)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTrace:
    """An item that has the person in its key or in what it says; with its message in Slack, and its burst."""

    key: str
    is_named_so: bool
    message: Message | None
    burst_id: str | None


class Ledger:
    """Finds and forgets; `client` is boto3's DynamoDB client."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, person: Person) -> Iterator[LedgerTrace]:
        """Every item with a trace of the person."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
        for item in (decode(item) for page in pages for item in page["Items"]):
            is_named_so = person.without(item[KEY]) != item[KEY] or item[KEY] == owner_key(person.text)
            if is_named_so or _changes(item, person):
                yield LedgerTrace(
                    key=item[KEY], is_named_so=is_named_so, message=to_message(item), burst_id=item.get("burst_id")
                )

    def forget(self, trace: LedgerTrace, person: Person, now: datetime) -> str | None:
        """Take the person out of an item, or the item away if it is named so; the problem, if there is one."""
        key = encode({KEY: trace.key})
        item = decode(self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {}))
        changes = _changes(item, person)
        try:
            if item and trace.is_named_so:
                self._delete(key, item, now)
            elif changes:
                self._update(key, item, changes, now)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return "an entry of the ledger is being worked on"
        return None

    def _delete(self, key: Item, item: Item, now: datetime) -> None:
        condition, values = _unchanged(item, now)
        self._client.delete_item(
            TableName=self._table, Key=key, ConditionExpression=condition, ExpressionAttributeValues=encode(values)
        )

    def _update(self, key: Item, item: Item, changes: Item, now: datetime) -> None:
        condition, values = _unchanged(item, now)
        names = {f"#name{number}": name for number, name in enumerate(changes)}
        updates = [f"{placeholder} = :{placeholder[1:]}" for placeholder in names]
        if "version" in item:
            updates.append("version = version + :one")
            values[":one"] = 1
        conditions = [f"{placeholder} = :old{placeholder[1:]}" for placeholder in names]
        for placeholder, name in names.items():
            values |= {f":{placeholder[1:]}": changes[name], f":old{placeholder[1:]}": item[name]}
        self._client.update_item(
            TableName=self._table,
            Key=key,
            UpdateExpression=f"SET {', '.join(updates)}",
            ConditionExpression=" AND ".join([condition, *conditions]),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=encode(values),
        )


def _changes(item: Item, person: Person) -> Item:
    """The attributes that are to be written, without the person."""
    changed = person.without({name: value for name, value in item.items() if name != KEY})
    return {name: value for name, value in changed.items() if value != item[name]}


def _unchanged(item: Item, now: datetime) -> tuple[str, Item]:
    """The condition that nobody has written the item or is about to, and its values."""
    values: Item = {":now": epoch(now)}
    if "version" not in item:
        return f"attribute_not_exists(version) AND {_UNCLAIMED}", values
    return f"version = :version AND {_UNCLAIMED}", values | {":version": item["version"]}

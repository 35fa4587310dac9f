"""What is remembered, as items of DynamoDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from shared.burst import Burst, Lane, Member, Tally, Traffic
from shared.errors import ClaimHeldError
from shared.lifecycle import Closing, Entry, Membership, Message, Sighting
from shared.violation import Severity, State

CLOSED_ENTRY_LIFETIME = timedelta(days=90)

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


def to_entry_item(entry: Entry, now: datetime) -> Item:
    item: Item = {
        "state": entry.closing.state.value if entry.closing else State.OPEN.value,
        "severity": entry.severity.name,
        "episode_started_at": entry.episode_started_at.isoformat(),
        "announcements": entry.announcements,
        "findings": {finding_id: _to_sighting_item(sighting) for finding_id, sighting in entry.findings.items()},
    }
    if entry.message:
        item |= {"channel": entry.message.channel, "ts": entry.message.ts}
    if entry.membership:
        item |= _to_membership_item(entry.membership)
    if entry.closing_attempted_at:
        item |= {"closing_attempted_at": entry.closing_attempted_at.isoformat()}
    if entry.closing:
        closing = entry.closing
        item |= {"closed_at": closing.at.isoformat(), "closed_by": closing.finding_id}
        item |= {"expires_at": epoch(now + CLOSED_ENTRY_LIFETIME)}
    return item


def _to_membership_item(membership: Membership) -> Item:
    return {
        "burst_id": membership.burst_id,
        "joined_at": membership.joined_at.isoformat(),
        "control_id": membership.control_id,
        "account_id": membership.account_id,
        "csv_rows": membership.rows,
    }


def _to_sighting_item(sighting: Sighting) -> Item:
    return {
        "is_open": sighting.is_open,
        "episode_started_at": sighting.episode_started_at.isoformat(),
        "updated_at": sighting.updated_at.isoformat(),
        "reported_at": sighting.reported_at.isoformat(),
    }


def to_entry(item: Item) -> Entry | None:
    if "version" not in item:
        return None
    return Entry(
        severity=Severity[item["severity"]],
        episode_started_at=datetime.fromisoformat(item["episode_started_at"]),
        announcements=int(item["announcements"]),
        message=_to_message(item),
        membership=_to_membership(item),
        closing=_to_closing(item),
        closing_attempted_at=to_time(item.get("closing_attempted_at")),
        findings={finding_id: _to_sighting(sighting) for finding_id, sighting in item["findings"].items()},
    )


def _to_message(item: Item) -> Message | None:
    return Message(channel=item["channel"], ts=item["ts"]) if "ts" in item else None


def _to_membership(item: Item) -> Membership | None:
    if "burst_id" not in item:
        return None
    return Membership(
        burst_id=item["burst_id"],
        joined_at=datetime.fromisoformat(item["joined_at"]),
        control_id=item["control_id"],
        account_id=item["account_id"],
        rows=item["csv_rows"],
    )


def _to_closing(item: Item) -> Closing | None:
    if "closed_at" not in item:
        return None
    return Closing(
        state=State(item["state"]), finding_id=item["closed_by"], at=datetime.fromisoformat(item["closed_at"])
    )


def to_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _to_sighting(item: Item) -> Sighting:
    return Sighting(
        is_open=item["is_open"],
        episode_started_at=datetime.fromisoformat(item["episode_started_at"]),
        updated_at=datetime.fromisoformat(item["updated_at"]),
        reported_at=datetime.fromisoformat(item["reported_at"]),
    )


def to_traffic_item(traffic: Traffic) -> Item:
    singles = {lane.value: {name: epoch(at) for name, at in recent.items()} for lane, recent in traffic.singles.items()}
    item: Item = {"singles": singles, "lanes": [lane.value for lane in sorted(traffic.lanes)]}
    return item | ({"going_on": traffic.burst_id} if traffic.burst_id else {})


def to_traffic(item: Item) -> Traffic:
    singles = {
        Lane(lane): {name: _from_epoch(at) for name, at in recent.items()}
        for lane, recent in item.get("singles", {}).items()
    }
    lanes = frozenset(Lane(lane) for lane in item.get("lanes", []))
    return Traffic(singles=singles, burst_id=item.get("going_on"), lanes=lanes)


def to_member(item: Item) -> Member:
    return Member(
        key=item["violation"],
        severity=Severity[item["severity"]],
        control_id=item["control_id"],
        account_id=item["account_id"],
        is_open=item["state"] == State.OPEN.value,
        joined_at=datetime.fromisoformat(item["joined_at"]),
    )


def to_burst(burst_id: str, item: Item) -> Burst:
    return Burst(
        burst_id=burst_id,
        started_at=datetime.fromisoformat(item["started_at"]),
        message=_to_message(item),
        check_due_at=to_time(item.get("check_due_at")),
        free_at=_from_epoch(item["free_at"]) if "free_at" in item else None,
        concluded_at=to_time(item.get("concluded_at")),
        tally=_to_tally(item["tally"]) if "tally" in item else None,
    )


def to_tally_item(tally: Tally) -> Item:
    return {
        "severities": {severity.name: number for severity, number in tally.severities.items()},
        "controls": dict(tally.controls),
        "accounts": tally.accounts,
        "last_joined_at": tally.last_joined_at.isoformat(),
        "still_open": tally.still_open,
    }


def _to_tally(item: Item) -> Tally:
    return Tally(
        severities={Severity[name]: int(number) for name, number in item["severities"].items()},
        controls={control: int(number) for control, number in item["controls"].items()},
        accounts=int(item["accounts"]),
        last_joined_at=datetime.fromisoformat(item["last_joined_at"]),
        still_open=int(item["still_open"]),
    )


def _from_epoch(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)

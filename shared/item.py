"""What is remembered, as items of DynamoDB."""

from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from shared.lifecycle import Closing, Entry, Message, Sighting
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
    if entry.closing_attempted_at:
        item |= {"closing_attempted_at": entry.closing_attempted_at.isoformat()}
    if entry.closing:
        closing = entry.closing
        item |= {"closed_at": closing.at.isoformat(), "closed_by": closing.finding_id}
        item |= {"expires_at": epoch(now + CLOSED_ENTRY_LIFETIME)}
    return item


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
        message=Message(channel=item["channel"], ts=item["ts"]) if "ts" in item else None,
        closing=_to_closing(item),
        closing_attempted_at=_to_time(item.get("closing_attempted_at")),
        findings={finding_id: _to_sighting(sighting) for finding_id, sighting in item["findings"].items()},
    )


def _to_closing(item: Item) -> Closing | None:
    if "closed_at" not in item:
        return None
    return Closing(
        state=State(item["state"]), finding_id=item["closed_by"], at=datetime.fromisoformat(item["closed_at"])
    )


def _to_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _to_sighting(item: Item) -> Sighting:
    return Sighting(
        is_open=item["is_open"],
        episode_started_at=datetime.fromisoformat(item["episode_started_at"]),
        updated_at=datetime.fromisoformat(item["updated_at"]),
        reported_at=datetime.fromisoformat(item["reported_at"]),
    )

"""Ledger entries as items of DynamoDB."""

from datetime import datetime

from shared.alert.entry import Closing, Entry, Membership, Sighting
from shared.aws.table import Item, epoch, to_message, to_time
from shared.finding.violation import REMEMBERED_FOR, Severity, State


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
        item |= {"expires_at": epoch(now + REMEMBERED_FOR)}
    return item


def _to_membership_item(membership: Membership) -> Item:
    return {
        "burst_id": membership.burst_id,
        "joined_at": membership.joined_at.isoformat(),
        "control_id": membership.control_id,
        "account_id": membership.account_id,
        "content": membership.content,
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
        message=to_message(item),
        membership=_to_membership(item),
        closing=_to_closing(item),
        closing_attempted_at=to_time(item.get("closing_attempted_at")),
        findings={finding_id: _to_sighting(sighting) for finding_id, sighting in item["findings"].items()},
    )


def _to_membership(item: Item) -> Membership | None:
    if "burst_id" not in item:
        return None
    return Membership(
        burst_id=item["burst_id"],
        joined_at=datetime.fromisoformat(item["joined_at"]),
        control_id=item["control_id"],
        account_id=item["account_id"],
        content=item.get("content", ""),
    )


def _to_closing(item: Item) -> Closing | None:
    if "closed_at" not in item:
        return None
    return Closing(
        state=State(item["state"]), finding_id=item["closed_by"], at=datetime.fromisoformat(item["closed_at"])
    )


def _to_sighting(item: Item) -> Sighting:
    return Sighting(
        is_open=item["is_open"],
        episode_started_at=datetime.fromisoformat(item["episode_started_at"]),
        updated_at=datetime.fromisoformat(item["updated_at"]),
        reported_at=datetime.fromisoformat(item["reported_at"]),
    )

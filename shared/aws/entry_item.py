"""Ledger entries as items of DynamoDB."""

from datetime import datetime

from shared.alert.entry import Closing, Entry, Flapping, HeldClosing, Membership, Sighting
from shared.aws.table import Item, epoch, to_message, to_time
from shared.finding.violation import REMEMBERED_FOR, Severity, State

DUE = "closing"  # what the index of what is due knows of


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
    if entry.opened_at:
        item |= {"opened_at": entry.opened_at.isoformat()}
    if entry.earlier:
        item |= {"earlier": {"channel": entry.earlier.channel, "ts": entry.earlier.ts}}
    if entry.meant_for:
        item |= {"meant_for": entry.meant_for}
    if entry.held:
        item |= _to_held_item(entry.held)
    if entry.closing_attempted_at:
        item |= {"closing_attempted_at": entry.closing_attempted_at.isoformat()}
    if entry.flapping.returns:
        item |= {"flapping": _to_flapping_item(entry.flapping)}
    if entry.closing:
        closing = entry.closing
        item |= {"closed_at": closing.at.isoformat(), "closed_by": closing.finding_id}
        item |= {"expires_at": epoch(now + REMEMBERED_FOR)}
    return item


def _to_held_item(held: HeldClosing) -> Item:
    return {
        "due": DUE,  # the key of the sparse index, with due_at
        "due_at": held.due_at.isoformat(),
        "held": {
            "state": held.closing.state.value,
            "finding": held.closing.finding_id,
            "at": held.closing.at.isoformat(),
            "content": held.content,
            "due_at": held.due_at.isoformat(),
        },
    }


def _to_flapping_item(flapping: Flapping) -> Item:
    item: Item = {"returns": [at.isoformat() for at in flapping.returns]}
    times = {"until": flapping.until, "told_at": flapping.told_at}
    return item | {name: at.isoformat() for name, at in times.items() if at}


def _to_membership_item(membership: Membership) -> Item:
    return {
        "burst_id": membership.burst_id,
        "joined_at": membership.joined_at.isoformat(),
        "control_id": membership.control_id,
        "account_id": membership.account_id,
        "content": membership.content,
    }


def _to_sighting_item(sighting: Sighting) -> Item:
    item = {
        "is_open": sighting.is_open,
        "episode_started_at": sighting.episode_started_at.isoformat(),
        "updated_at": sighting.updated_at.isoformat(),
        "reported_at": sighting.reported_at.isoformat(),
    }
    if sighting.severity is not None:
        item |= {"severity": sighting.severity.name}
    return item | ({"has_passed": True} if sighting.has_passed else {})


def to_entry(item: Item) -> Entry | None:
    if "version" not in item:
        return None
    return Entry(
        severity=Severity[item["severity"]],
        episode_started_at=datetime.fromisoformat(item["episode_started_at"]),
        opened_at=to_time(item.get("opened_at")),
        announcements=int(item["announcements"]),
        message=to_message(item),
        earlier=to_message(item.get("earlier", {})),
        meant_for=item.get("meant_for"),
        membership=_to_membership(item),
        closing=_to_closing(item),
        held=_to_held(item),
        closing_attempted_at=to_time(item.get("closing_attempted_at")),
        flapping=_to_flapping(item.get("flapping", {})),
        findings={finding_id: _to_sighting(sighting) for finding_id, sighting in item["findings"].items()},
    )


def _to_flapping(item: Item) -> Flapping:
    return Flapping(
        returns=tuple(datetime.fromisoformat(at) for at in item.get("returns", [])),
        until=to_time(item.get("until")),
        told_at=to_time(item.get("told_at")),
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


def _to_held(item: Item) -> HeldClosing | None:
    if "held" not in item:
        return None
    held = item["held"]
    closing = Closing(state=State(held["state"]), finding_id=held["finding"], at=datetime.fromisoformat(held["at"]))
    return HeldClosing(closing=closing, due_at=datetime.fromisoformat(held["due_at"]), content=held["content"])


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
        severity=Severity[item["severity"]] if "severity" in item else None,
        has_passed=item.get("has_passed", False),
    )

"""What is remembered of bursts, as items of DynamoDB."""

from datetime import datetime
from hashlib import sha256

from shared.alert.burst import Burst, Lane, Member, News, Tally, Traffic
from shared.aws.table import Item, epoch, from_epoch, to_message, to_time
from shared.finding.violation import Severity, State


def to_traffic_item(traffic: Traffic) -> Item:
    singles = {lane.value: {name: epoch(at) for name, at in recent.items()} for lane, recent in traffic.singles.items()}
    item: Item = {"singles": singles, "lanes": sorted(traffic.joining)}
    if traffic.rung:
        item |= {"rung": {name: epoch(at) for name, at in traffic.rung.items()}}
    return item | ({"going_on": traffic.burst_id} if traffic.burst_id else {})


def to_traffic(item: Item) -> Traffic:
    singles = {
        Lane(lane): {name: from_epoch(at) for name, at in recent.items()}
        for lane, recent in item.get("singles", {}).items()
    }
    return Traffic(
        singles=singles,
        burst_id=item.get("going_on"),
        joining=frozenset(item.get("lanes", [])),
        rung={name: from_epoch(at) for name, at in item.get("rung", {}).items()},
    )


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
        channel=item.get("home"),
        prolonged_at=to_time(item.get("prolonged_at")),
        message=to_message(item),
        follow_up_at=to_time(item.get("follow_up_at")),
        lease_until=from_epoch(item["lease_until"]) if "lease_until" in item else None,
        concluded_at=to_time(item.get("concluded_at")),
        tally=_to_tally(item["tally"]) if "tally" in item else None,
        told=frozenset(map(News, item.get("told", []))),
        owners=_to_owners(item),
    )


def owner_attributes(name: str) -> tuple[str, str]:
    """The attributes of a burst that have an owner's name, and how many violations of theirs joined it."""
    reference = sha256(name.encode()).hexdigest()[:12]
    return f"owner_{reference}", f"owned_{reference}"


def _to_owners(item: Item) -> dict[str, int]:
    names = {name.removeprefix("owner_"): value for name, value in item.items() if name.startswith("owner_")}
    return {name: int(item[f"owned_{reference}"]) for reference, name in names.items()}


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

"""The metadata by which a later attempt recognises a message of its own that arrived after all."""

import json
from datetime import datetime
from hashlib import sha256

from shared.alert.burst import Burst
from shared.alert.entry import Entry
from shared.finding.violation import Violation, fingerprint
from shared.view.rich_text import Payload


def announcement_mark(violation: Violation, entry: Entry) -> Payload:
    """Of an announcement."""
    payload = {"violation": fingerprint(violation.key), "announcement": entry.announcements}
    return {"event_type": "shirase_announcement", "event_payload": payload}


def closing_mark(violation: Violation, entry: Entry) -> Payload:
    """Of the reply that closes it."""
    return announcement_mark(violation, entry) | {"event_type": "shirase_closing"}


def raise_mark(violation: Violation, entry: Entry) -> Payload:
    """Of the reply that tells of a higher severity."""
    mark = announcement_mark(violation, entry)
    payload = mark["event_payload"] | {"severity": entry.severity.name}
    return {"event_type": "shirase_raise", "event_payload": payload}


def burst_mark(burst: Burst) -> Payload:
    """Of a burst's message."""
    return {"event_type": "shirase_burst", "event_payload": {"burst": burst.burst_id}}


def digest_mark(scheduled_time: datetime) -> Payload:
    """Of a digest's message."""
    return {"event_type": "shirase_digest", "event_payload": {"scheduled_time": scheduled_time.isoformat()}}


def burst_news_mark(burst: Burst, news: str) -> Payload:
    """Of a reply that tells what a burst's message should say."""
    return {"event_type": "shirase_burst_news", "event_payload": {"burst": burst.burst_id, "news": news}}


def files_mark(mark: Payload) -> Payload:
    """Of what stands in the place of the files that belong to the message with a mark."""
    return mark | {"event_type": f"{mark['event_type']}_files"}


def refused_mark(mark: Payload) -> Payload:
    """Of what tells, below the message with a mark, which channels don't take their own."""
    return mark | {"event_type": f"{mark['event_type']}_refused"}


def signed(payload: Payload, mark: Payload) -> Payload:
    """The message with its mark in what Slack shows, for one that takes no metadata: as the id of its first block,
    which nobody sees, or at the end of its text."""
    if not payload.get("blocks"):
        return payload | {"text": f"{payload['text']} {_signature(mark)}"}
    first, *others = payload["blocks"]
    return payload | {"blocks": [first | {"block_id": _reference(mark)}, *others]}


def bears(message: Payload, mark: Payload) -> bool:
    """Whether a message, as Slack shows it, was posted with a mark, or signed with it."""
    ids = [block.get("block_id") for block in message.get("blocks") or []]
    is_signed = _reference(mark) in ids or str(message.get("text")).endswith(_signature(mark))
    return is_signed or message.get("metadata") == mark


def _signature(mark: Payload) -> str:
    return f"`{_reference(mark)}`"


def _reference(mark: Payload) -> str:
    return sha256(json.dumps(mark, sort_keys=True).encode()).hexdigest()[:12]

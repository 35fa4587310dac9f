"""The metadata by which a later attempt recognises a message of its own that arrived after all."""

from datetime import datetime

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


def burst_mark(burst: Burst) -> Payload:
    """Of a burst's message."""
    return {"event_type": "shirase_burst", "event_payload": {"burst": burst.burst_id}}


def digest_mark(scheduled_time: datetime) -> Payload:
    """Of a digest's message."""
    return {"event_type": "shirase_digest", "event_payload": {"scheduled_time": scheduled_time.isoformat()}}

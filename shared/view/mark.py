"""The metadata by which a later attempt recognises a message of its own that arrived after all."""

from shared.alert.burst import Burst
from shared.alert.entry import Entry
from shared.finding.violation import Violation, fingerprint
from shared.view.rich_text import Payload


def announcement_mark(violation: Violation, entry: Entry) -> Payload:
    """The metadata by which a later attempt recognises an announcement that arrived after all."""
    payload = {"violation": fingerprint(violation.key), "announcement": entry.announcements}
    return {"event_type": "shirase_announcement", "event_payload": payload}


def closing_mark(violation: Violation, entry: Entry) -> Payload:
    """The same for the reply that closes it."""
    return announcement_mark(violation, entry) | {"event_type": "shirase_closing"}


def burst_mark(burst: Burst) -> Payload:
    """The metadata by which a later attempt recognises a burst's message that arrived after all."""
    return {"event_type": "shirase_burst", "event_payload": {"burst": burst.burst_id}}

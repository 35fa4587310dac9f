"""Where a message stands in Slack."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Where a message stands in Slack."""

    channel: str
    ts: str

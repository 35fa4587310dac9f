"""Where a message stands in Slack, and where one can be posted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Where a message stands in Slack."""

    channel: str
    ts: str


Place = Message | str  # a message, in whose thread, or the ID of a channel


def channel_of(place: Place) -> str:
    """The ID of the channel that a place is in."""
    return place.channel if isinstance(place, Message) else place

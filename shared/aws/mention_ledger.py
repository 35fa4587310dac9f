"""How often a person or a group was rung of late, whichever channels it was in, in the ledger's table: an item each and
hour.

What rings somebody for the first time in an hour in a channel is written nowhere but in that channel's traffic: it
leaves so much less room for what follows in any of the channels. An alert now and then takes no further request so.
"""

from collections.abc import Iterable
from datetime import datetime

from shared.alert.burst import HOUR, MENTIONS_AN_HOUR, Bell
from shared.aws.table import Table, epoch
from shared.errors import ClaimHeldError
from shared.policy.owner import Mention

MOST_CHANNELS = MENTIONS_AN_HOUR // 2  # of more than those every mention is written
_HAS_ROOM = "attribute_not_exists(rung) OR size(rung) < :most OR contains(rung, :bell)"


class MentionLedger:
    """Counts who is rung; whoever was rung too often is known in this process without another look."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._hour = ""
        self._full: set[Mention] = set()

    def admit(
        self, mentions: Iterable[Mention], bell: Bell, now: datetime, *, first: frozenset[str], channels: int
    ) -> tuple[Mention, ...]:
        """Those of the mentions that a message may still ring; a second attempt at it counts once. `first` are the ids
        that it rings first in the hour in its channel, which is one of so many. Whom @here and @channel ring is for
        their channel to limit."""
        hour = f"{now:%Y-%m-%dT%H}"
        if hour != self._hour:
            self._hour, self._full = hour, set()
        room, free = MENTIONS_AN_HOUR - channels, first
        if channels > MOST_CHANNELS:
            room, free = MENTIONS_AN_HOUR, frozenset()
        return tuple(
            mention
            for mention in mentions
            if not mention.id or mention.id in free or self._may_ring(mention, bell, now, room)
        )

    def _may_ring(self, mention: Mention, bell: Bell, now: datetime, room: int) -> bool:
        if mention in self._full:
            return False
        try:
            self._table.update(
                f"mentions/{self._hour}/{mention.id}",
                "SET expires_at = :expiry ADD rung :bells",
                _HAS_ROOM,
                expiry=epoch(now + 2 * HOUR),
                bells={bell.name},
                bell=bell.name,
                most=room,
            )
        except ClaimHeldError:  # it is full
            self._full.add(mention)
            return False
        return True

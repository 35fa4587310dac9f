"""How often a person or a group was rung of late, whichever channels it was in, in the ledger's table: an item each and
hour of the clock."""

from collections.abc import Iterable
from datetime import datetime

from shared.alert.bell import HOUR, MENTIONS_AN_HOUR
from shared.aws.table import Item, Table, epoch
from shared.policy.owner import Mention

_HAS_ROOM = "attribute_not_exists(rung) OR size(rung) < :most OR contains(rung, :bell)"


class MentionLedger:
    """Counts who is rung; whoever was rung too often is known in this process without another look. Whom @here and
    @channel ring is for their channel to limit."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._hour = ""
        self._full: set[Mention] = set()

    def with_room(self, mentions: Iterable[Mention], now: datetime) -> tuple[Mention, ...]:
        """Those that may still ring, as far as is known."""
        hour = f"{now:%Y-%m-%dT%H}"
        if hour != self._hour:
            self._hour, self._full = hour, set()
        return tuple(mention for mention in mentions if mention not in self._full)

    def count(self, mention: Mention, bell: str, now: datetime) -> Item:
        """The write, for `Table.write_all`, that counts a message by its name; its condition fails where there is no
        room. A second attempt at the same message counts once."""
        return self._table.an_update(
            f"mentions/{now:%Y-%m-%dT%H}/{mention.id}",
            "SET expires_at = :expiry ADD rung :bells",
            _HAS_ROOM,
            expiry=epoch(now + 2 * HOUR),
            bells={bell},
            bell=bell,
            most=MENTIONS_AN_HOUR,
        )

    def note_full(self, mentions: Iterable[Mention]) -> None:
        """Remember that these may ring no more in this hour."""
        self._full.update(mentions)

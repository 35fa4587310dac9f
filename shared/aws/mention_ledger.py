"""How often a person or a group was rung of late, whichever channels it was in, in the ledger's table: an item each and
hour."""

from collections.abc import Iterable
from datetime import datetime

from shared.alert.burst import HOUR, MENTIONS_AN_HOUR
from shared.aws.table import Table, epoch
from shared.errors import ClaimHeldError
from shared.policy.owner import Mention

_HAS_ROOM = "attribute_not_exists(rung) OR size(rung) < :most OR contains(rung, :bell)"


class MentionLedger:
    """Counts who is rung; whoever was rung too often is known in this process without another look."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._hour = ""
        self._full: set[Mention] = set()

    def admit(self, mentions: Iterable[Mention], bell: str, now: datetime) -> tuple[Mention, ...]:
        """Those of the mentions that a message may still ring, by its name; a second attempt at it counts once. Whom
        @here and @channel ring is for their channel to limit."""
        hour = f"{now:%Y-%m-%dT%H}"
        if hour != self._hour:
            self._hour, self._full = hour, set()
        return tuple(mention for mention in mentions if not mention.id or self._may_ring(mention, bell, now))

    def _may_ring(self, mention: Mention, bell: str, now: datetime) -> bool:
        if mention in self._full:
            return False
        try:
            self._table.update(
                f"mentions/{self._hour}/{mention.id}",
                "SET expires_at = :expiry ADD rung :bells",
                _HAS_ROOM,
                expiry=epoch(now + 2 * HOUR),
                bells={bell},
                bell=bell,
                most=MENTIONS_AN_HOUR,
            )
        except ClaimHeldError:  # it is full
            self._full.add(mention)
            return False
        return True

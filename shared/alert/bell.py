"""How often anybody is rung: so often an hour in one channel, and whoever it is so often in all channels together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.policy.owner import Mention

MENTIONS_AN_HOUR = 20
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """That a message, by a name that no other has, is to ring these."""

    name: str
    mentions: tuple[Mention, ...]


def ring(rung: Mapping[str, datetime], name: str, now: datetime) -> Mapping[str, datetime] | None:
    """The times of the messages of the last hour that rang somebody, once this one does; None if it may not any more.
    A second attempt at the same message counts once."""
    recent = {other: at for other, at in rung.items() if now - at < HOUR}
    if name in recent:
        return recent
    return {**recent, name: now} if len(recent) < MENTIONS_AN_HOUR else None

"""Where a violation of the list is told, and whose it is, as the routes say."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What the list is to do with a violation."""

    OPEN = "open"
    ACCEPTED = "accepted"  # for a reason, until a date
    DROPPED = "dropped"  # a line of the routes tells it nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A violation's standing, and the ID of the channel that it belongs to; None if the routes drop it.

    `owners` has the names of those who look after it; where there are none, what was named. `unknown` are those of the
    names whom nobody knows; `acceptance` is the position of what accepts it among the exceptions in force.
    """

    standing: Standing
    channel: str | None
    owners: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    acceptance: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """An exception of the routes: `what` it accepts, in the routes' own values; `reason`, and `until` (ISO 8601)."""

    what: str
    reason: str
    until: str

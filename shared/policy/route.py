"""Where a violation goes, and who is mentioned: the first line of the routes that matches has it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from shared.finding.account import Account
from shared.finding.violation import Severity, Violation
from shared.policy.condition import Condition
from shared.policy.condition_index import ConditionIndex
from shared.policy.owner import Mention, MentionKind, Ownership, Ring

OWNER = "owner"  # in the place of a channel: the owner's own; in that of a mention: the owner
BROADCASTS = {"here": MentionKind.HERE, "channel": MentionKind.CHANNEL}
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,}")


def is_channel_id(text: str) -> bool:
    """Whether a text may be a channel's ID, which its name is not."""
    return _CHANNEL_ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line: what it asks for, and the channel's ID or OWNER (None: `reason` says why it is told nowhere).

    `mentions` has OWNER, "here", "channel", and ids of user groups (S…) and users (U…, W…); `also` the channels that
    get a link to the message.
    """

    condition: Condition
    channel: str | None
    reason: str = ""
    mentions: tuple[str, ...] = (OWNER,)
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionRule:
    """From which severity anybody is mentioned, and how many at most by one message."""

    min_severity: Severity
    most: int


class Silence(StrEnum):
    """Why a message mentions nobody."""

    BELOW = "below"  # its severity is too low for it
    NOT_ASKED = "not_asked"  # the line asks for nobody
    NOBODY = "nobody"  # there is nobody whom it could ring


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a violation goes: a channel's ID, or None if the line drops it, for a `reason`.

    `line` is the number of the line that matched, from 0; None if none did, and the default has it. `silence` says why
    `mentions` is empty, if it is.
    """

    channel: str | None
    line: int | None
    ownership: Ownership
    mentions: tuple[Mention, ...] = ()
    silence: Silence | None = None
    also: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The lines in their order, the channel of what none of them matches, and the rule for mentions."""

    routes: tuple[Route, ...]
    default_channel: str
    mention: MentionRule

    def destination(self, violation: Violation, account: Account, ownership: Ownership) -> Destination:
        """Where a violation goes, given whose it is. A line that sends it to its owner's channel matches only where the
        owner has one."""
        for line in self._conditions.holding(violation, account, ownership.called):
            route = self.routes[line]
            channel = _channel(route, ownership)
            if channel is not None or route.channel is None:
                return self._destination(route, channel, line, violation, ownership)
        return self._destination(_DEFAULT, self.default_channel, None, violation, ownership)

    @cached_property
    def _conditions(self) -> ConditionIndex:
        return ConditionIndex([route.condition for route in self.routes])

    def _destination(
        self, route: Route, channel: str | None, line: int | None, violation: Violation, ownership: Ownership
    ) -> Destination:
        if channel is None:
            return Destination(channel=None, line=line, ownership=ownership, reason=route.reason)
        mentions = tuple(dict.fromkeys(_mentions(route, ownership)))[: self.mention.most]
        silence = None
        if not route.mentions or not self.mention.most:
            mentions, silence = (), Silence.NOT_ASKED
        elif violation.severity < self.mention.min_severity:
            mentions, silence = (), Silence.BELOW
        elif not mentions:
            silence = Silence.NOBODY
        also = tuple(other for other in dict.fromkeys(route.also) if other != channel)
        return Destination(
            channel=channel, line=line, ownership=ownership, mentions=mentions, silence=silence, also=also
        )


_DEFAULT = Route(condition=Condition(), channel=OWNER)


def _channel(route: Route, ownership: Ownership) -> str | None:
    if route.channel != OWNER:
        return route.channel
    return next((known.owner.channel for known in ownership.owners if known.owner.channel), None)


def _mentions(route: Route, ownership: Ownership) -> list[Mention]:
    found: list[Mention] = []
    for asked in route.mentions:
        if asked == OWNER:
            found += [known.mention for known in ownership.owners if known.mention and known.ring is Ring.RUNG]
        elif asked in BROADCASTS:
            found.append(Mention(kind=BROADCASTS[asked]))
        else:
            kind = MentionKind.GROUP if asked.startswith("S") else MentionKind.USER
            found.append(Mention(kind=kind, id=asked))
    return found

"""A message as text for a terminal, with what Slack adds to it: its channel, the names of those it mentions."""

import re

from local.slack.mentions import handles_rung, handles_shown, with_names
from local.slack.records import Message
from local.slack.text import one_line
from local.slack.workspace import SlackWorkspace
from local.terminal import as_text
from local.words import said

_COMMA = ", "
MENTION = "\x1b[1;34m{}\x1b[0m"


def channel_text(message: Message, workspace: SlackWorkspace, *, colour: bool = False, most: int | None = None) -> str:
    """Its channel's name unless it is a reply or there is but one, what it says, and whom it rings, if it names any;
    with `most` so many of the first lines that it says, and of an edit nothing more."""
    shown = as_text(with_names(message.payload(), workspace.directory), colour=colour)
    named = handles_shown(message, workspace.directory)
    body = (_coloured(shown, named) if colour else shown).split("\n")
    head = [one_line(f"#{name}") for name in _channel_names(message, workspace)]
    foot = [] if most is not None and message.edited else _rings(message, named, workspace)
    return "\n".join([*head, *body[:most], *foot])


def _channel_names(message: Message, workspace: SlackWorkspace) -> list[str]:
    channels = workspace.channels
    if len(channels) == 1 or message.thread_ts:
        return []
    return [channel.name for channel in channels if channel.id == message.channel]


def _rings(message: Message, named: list[str], workspace: SlackWorkspace) -> list[str]:
    if rung := handles_rung(message, workspace.directory):
        handles = one_line(_COMMA.join(rung))
        return [f"🔔 {said(f'rang {handles} when it was posted' if message.edited else f'rings {handles}')}"]
    return [f"🔕 {said(f'names {one_line(_COMMA.join(named))}, and rings nobody')}"] if named else []


def _coloured(text: str, handles: list[str]) -> str:
    pattern = "|".join(rf"{re.escape(handle)}(?![\w.-])" for handle in handles)
    return re.sub(pattern, lambda found: MENTION.format(found[0]), text) if handles else text

"""Whom a message mentions: by the names that Slack shows, and whom of them it rings.

Slack rings when a message is posted, for what stands in its blocks, or in its text if it has none. What stands in an
attachment or comes by an edit is shown and rings nobody, and so does an id that the workspace doesn't know.
"""

import re
from collections.abc import Iterator
from typing import Any

from local.slack.directory import Directory
from local.slack.records import Message

_WRITTEN = re.compile(
    r"<(?:@(?P<user>[UW]\w+)|!subteam\^(?P<usergroup>S\w+)|!(?P<broadcast>here|channel|everyone))[|>]"
)
_KEYS = {"user": "user_id", "usergroup": "usergroup_id", "broadcast": "range"}

Object = dict[str, Any]


def handles_rung(message: Message, directory: Directory) -> list[str]:
    """The handles of those whom a message rang, as "@team-settlement"."""
    posted = message.history[0] if message.history else message
    said: Any = posted.blocks or posted.text
    return list(dict.fromkeys(handle for kind, id_ in _mentions(said) if (handle := _handle(kind, id_, directory))))


def handles_shown(message: Message, directory: Directory) -> list[str]:
    """The handles of those whom a message mentions as it reads now, whether it rang them or not."""
    said = [message.blocks or message.text, message.attachments]
    return list(dict.fromkeys(handle for kind, id_ in _mentions(said) if (handle := _handle(kind, id_, directory))))


def with_names(payload: Any, directory: Directory) -> Any:
    """A message's payload, or a part of it, with the names of those whom the workspace knows in the place of ids."""
    if isinstance(payload, list):
        return [with_names(each, directory) for each in payload]
    if not isinstance(payload, dict):
        return payload
    kind = payload.get("type")
    if kind in ("user", "usergroup") and (handle := _handle(kind, payload.get(_KEYS[kind]), directory)):
        return {"type": "text", "text": handle}
    named = {key: with_names(value, directory) for key, value in payload.items()}
    if kind in (None, "mrkdwn", "message") and isinstance(named.get("text"), str):
        named["text"] = _WRITTEN.sub(lambda found: _named(found, directory), named["text"])
    return named


def _named(found: re.Match[str], directory: Directory) -> str:
    """What stands for somebody in mrkdwn, with its name if it has none."""
    handle = _handle(str(found.lastgroup), found[str(found.lastgroup)], directory)
    if not found[0].endswith(">") or not handle or found.lastgroup == "broadcast":
        return found[0]
    return f"{found[0][:-1]}|{handle.removeprefix('@') if found.lastgroup == 'user' else handle}>"


def _mentions(said: Any) -> Iterator[tuple[str, Any]]:
    """The kinds and ids of all that is mentioned below a value."""
    if isinstance(said, str):
        yield from ((str(found.lastgroup), found[str(found.lastgroup)]) for found in _WRITTEN.finditer(said))
    elif isinstance(said, list):
        for each in said:
            yield from _mentions(each)
    elif isinstance(said, dict):
        kind = said.get("type")
        if kind in _KEYS:
            yield str(kind), said.get(_KEYS[kind])
        for key, value in said.items():
            # In plain text, and in the text of rich_text, <@U1> is just that.
            if not isinstance(value, str) or (key == "text" and kind in (None, "mrkdwn")):
                yield from _mentions(value)


def _handle(kind: str, id_: Any, directory: Directory) -> str | None:
    names = {"user": directory.users, "usergroup": directory.groups}.get(kind)
    name = id_ if names is None else names.get(str(id_))
    return f"@{name}" if name else None

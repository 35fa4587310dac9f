"""The Web API methods that change messages, each a function from a request to Slack's answer."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from local.slack import limits
from local.slack.directory import EMPTY, Directory
from local.slack.records import BOT, BOT_USER, Message, Records, SlackError

TYPED_MENTION = re.compile(r"(?<![<!\w])@(channel|here|everyone)\b")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: its arguments as sent (all strings when they came as a form), and where this server can be reached.

    `directory`, `scopes`, `unknown_blocks`, `takes_metadata` and `drops_threads` are the workspace's.
    """

    records: Records
    arguments: Json
    base_url: str
    directory: Directory = EMPTY
    scopes: frozenset[str] = frozenset()
    unknown_blocks: frozenset[str] = frozenset()
    takes_metadata: bool = True
    drops_threads: bool = False

    def text(self, name: str) -> str:
        """An argument that has to be there."""
        value = self.arguments.get(name)
        if value is None or value == "":
            raise SlackError(
                "invalid_arguments", response_metadata=_messages(f"[ERROR] missing required field: {name}")
            )
        return str(value)

    def flag(self, name: str) -> bool:
        """An optional boolean; forms carry "1", "0", "true" or "false"."""
        return self.arguments.get(name) in (True, 1, "1", "true", "True")

    def structure(self, name: str, kind: type, error: str) -> Any:
        """An optional array or object, which a form carries as a string of JSON."""
        value = self.arguments.get(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise SlackError(error) from None
        if value is not None and not isinstance(value, kind):
            raise SlackError(error)
        return value


Method = Callable[[Request], Json]


def chat_post_message(request: Request) -> Json:
    """Post a message, or a reply when thread_ts is given."""
    records, channel = request.records, request.records.writable_channel(request.text("channel"))
    said = content(request)
    thread_ts = request.arguments.get("thread_ts") or None
    if thread_ts and request.drops_threads and not records.has_thread(channel.id, thread_ts):
        thread_ts = None
    if thread_ts:
        records.require_thread(channel.id, thread_ts)
    message = Message(channel=channel.id, ts=records.new_ts(), thread_ts=thread_ts, **_cut(said))
    records.add(message)
    answer = {"channel": channel.id, "ts": message.ts, "message": as_slack(message, records, metadata=True)}
    return answer | (_truncation_warning() if len(said["text"]) > limits.TEXT_LENGTH else {})


def chat_update(request: Request) -> Json:
    """Replace parts of a message.

    Text without blocks removes the blocks; attachments and metadata stay unless given. Source: "chat.update method".
    """
    records, channel = request.records, request.records.writable_channel(request.text("channel"))
    old = _own_message(request, channel.id, request.text("ts"), "cant_update_message")
    if len(str(request.arguments.get("text") or "")) > limits.UPDATED_TEXT_LENGTH:
        raise SlackError("msg_too_long")
    said = content(request)
    if request.arguments.get("parse") != "none":  # by default an edited text is read as if typed by hand
        said["text"] = TYPED_MENTION.sub(r"<!\1>", said["text"])
    given = {key: value for key, value in said.items() if request.arguments.get(key) is not None}
    if "text" in given:
        given.setdefault("blocks", [])
    new = replace(old, **given, history=(*old.history, replace(old, history=())))
    records.replace(old, new)
    shown = as_slack(new, records, metadata=True)
    return {"channel": channel.id, "ts": new.ts, "text": new.text, "message": shown}


def chat_delete(request: Request) -> Json:
    """Remove one of the bot's messages."""
    channel = request.records.channel(request.text("channel"))
    message = _own_message(request, channel.id, request.text("ts"), "cant_delete_message")
    request.records.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def reactions_add(request: Request) -> Json:
    """Add an emoji, given without its colons, to a message."""
    channel = request.records.channel(request.text("channel"))
    message = request.records.message(channel.id, request.text("timestamp"))
    name = request.text("name")
    if name in message.reactions:
        raise SlackError("already_reacted")
    request.records.replace(message, replace(message, reactions=(*message.reactions, name)))
    return {}


def content(request: Request) -> Json:
    """What a message is to say, checked: text, blocks, attachments, metadata."""
    said = {
        "text": str(request.arguments.get("text") or ""),
        "blocks": request.structure("blocks", list, "invalid_blocks_format") or [],
        "attachments": request.structure("attachments", list, "invalid_attachments") or [],
        "metadata": request.structure("metadata", dict, "invalid_metadata_format"),
    }
    if said["metadata"] and not request.takes_metadata:
        raise SlackError("invalid_metadata_schema")
    if not (said["text"] or said["blocks"] or said["attachments"]):
        raise SlackError("no_text")
    refuse(limits.problems(said, request.unknown_blocks))
    return said


def refuse(reasons: list[str]) -> None:
    """Raise what Slack answers to a message with these problems, if there are any."""
    if reasons:
        bare = [reason.removeprefix("[ERROR] ") for reason in reasons]
        raise SlackError(limits.error_name(reasons), errors=bare, response_metadata=_messages(*reasons))


def as_slack(message: Message, records: Records, *, metadata: bool) -> Json:
    """A message as the Web API shows it; absent parts are absent keys."""
    shown = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    optional: Json = {
        "bot_id": BOT if message.user == BOT_USER else None,
        "thread_ts": message.thread_ts or (message.ts if records.replies(message.ts, message.channel) else None),
        "reply_count": len(records.replies(message.ts, message.channel)),
        "blocks": message.blocks,
        "attachments": message.attachments,
        "metadata": message.metadata if metadata else None,
        "files": [file.summary() for file in message.files],
        "reactions": [{"name": name, "users": [BOT_USER], "count": 1} for name in message.reactions],
        # "chat.update method": no such mark on a message that has blocks
        "edited": {"user": message.user, "ts": message.ts} if message.edited and not message.blocks else None,
    }
    return shown | {key: value for key, value in optional.items() if value}


def _cut(said: Json) -> Json:
    return said | {"text": said["text"][: limits.TEXT_LENGTH]}


def _own_message(request: Request, channel: str, ts: str, refusal: str) -> Message:
    message = request.records.message(channel, ts)
    if message.user != BOT_USER:
        raise SlackError(refusal)
    return message


def _messages(*lines: str) -> Json:
    return {"messages": list(lines)}


def _truncation_warning() -> Json:
    return {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}


WRITING_METHODS: dict[str, Method] = {
    "chat.postMessage": chat_post_message,
    "chat.update": chat_update,
    "chat.delete": chat_delete,
    "reactions.add": reactions_add,
}

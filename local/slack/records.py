"""What a pretended Slack workspace holds: channels, messages, files, and the calls that were made."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

BOT_USER = "U00000BOT0"
BOT = "B00000BOT0"
TEAM = "T00000TEAM"


class SlackError(Exception):
    """A request Slack answers with {"ok": false, "error": ...}; `details` are further keys of that answer."""

    def __init__(self, error: str, **details: Any) -> None:
        super().__init__(error)
        self.error = error
        self.details = details


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as the bot sees it; of a private one that it isn't in it doesn't hear."""

    id: str
    name: str
    is_member: bool = True
    is_private: bool = False
    is_archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An upload; `content` is None until the bytes arrived, and it is shared once `completed`."""

    id: str
    name: str
    title: str
    content: bytes | None = None
    completed: bool = False

    def summary(self) -> dict[str, Any]:
        """The file without its bytes."""
        return {"id": self.id, "name": self.name, "title": self.title, "size": len(self.content or b"")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it reads now; `history` holds its earlier versions, oldest first."""

    channel: str
    ts: str
    thread_ts: str | None = None
    user: str = BOT_USER
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    files: tuple[File, ...] = ()
    reactions: tuple[str, ...] = ()
    history: tuple["Message", ...] = ()

    @property
    def edited(self) -> bool:
        """Whether it was updated, with or without the mark "(edited)" that Slack shows for text alone."""
        return bool(self.history)

    def payload(self) -> dict[str, Any]:
        """The message as JSON: the keys of this class, with files lacking their bytes."""
        told = asdict(replace(self, files=(), history=()))
        told["files"] = [file.summary() for file in self.files]
        told["history"] = [version.payload() for version in self.history]
        return told | {"edited": self.edited}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to a Web API method, answered well or not; the upload of bytes is called "upload"."""

    method: str
    at: float


class Records:
    """The content of a workspace. It does no locking; its owner does."""

    def __init__(self, channels: dict[str, str], now: Callable[[], float]) -> None:
        self.channels = {id_: Channel(id=id_, name=name) for id_, name in channels.items()}
        self.messages: list[Message] = []
        self.revision = 0
        self.revisions: dict[str, int] = {}  # by ts, of messages that are gone too: which change was their last
        self.files: dict[str, File] = {}
        self.calls: list[Call] = []
        self.now = now
        self._last_tick = 0

    def new_ts(self) -> str:
        """A ts like "1795392000.000001": the time in microseconds, never twice and never backwards."""
        self._last_tick = max(round(self.now() * 1_000_000), self._last_tick + 1)
        return f"{self._last_tick // 1_000_000}.{self._last_tick % 1_000_000:06d}"

    def channel(self, id_: str) -> Channel:
        """A channel by id; names are not accepted, so that a setting that holds one shows."""
        channel = self.channels.get(id_)
        if channel is None or (channel.is_private and not channel.is_member):
            raise SlackError("channel_not_found")
        return channel

    def readable_channel(self, id_: str) -> Channel:
        """A channel whose messages the bot may read."""
        channel = self.channel(id_)
        if not channel.is_member:
            raise SlackError("not_in_channel")
        return channel

    def writable_channel(self, id_: str) -> Channel:
        """A channel the bot may post to."""
        if self.channel(id_).is_archived:
            raise SlackError("is_archived")
        return self.readable_channel(id_)

    def put(self, channel: Channel) -> None:
        """Let there be a channel, in the place of the one with its id."""
        self.channels[channel.id] = channel
        self.revision += 1

    def message(self, channel: str, ts: str) -> Message:
        """The message at that place."""
        for message in self.messages:
            if (message.channel, message.ts) == (channel, ts):
                return message
        raise SlackError("message_not_found")

    def require_thread(self, channel: str, thread_ts: str) -> None:
        """Refuse a thread whose first message is gone, never was, or is itself a reply."""
        if not self.has_thread(channel, thread_ts):
            raise SlackError("thread_not_found")

    def has_thread(self, channel: str, thread_ts: str) -> bool:
        """Whether a message can be answered."""
        return any((m.channel, m.ts, m.thread_ts) == (channel, thread_ts, None) for m in self.messages)

    def replies(self, ts: str, channel: str | None = None) -> list[Message]:
        """The answers in a thread, oldest first, without the message they answer."""
        return [m for m in self.messages if m.thread_ts == ts and channel in (None, m.channel)]

    def add(self, message: Message) -> None:
        """Put a message at the end."""
        self.messages.append(message)
        self._count_change(message)

    def replace(self, old: Message, new: Message) -> None:
        """Put a newer version in a message's place."""
        self.messages[self.messages.index(old)] = new
        self._count_change(new)

    def remove(self, message: Message) -> None:
        """Take a message away."""
        self.messages.remove(message)
        self._count_change(message)

    def _count_change(self, message: Message) -> None:
        self.revision += 1
        self.revisions[message.ts] = self.revision

"""A stand-in for a Slack workspace on this machine, for tests and demonstrations; `slack_app` serves it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

from local.slack import uploads
from local.slack.bell import Bell
from local.slack.directory import EMPTY, Directory
from local.slack.faults import Fault, FaultQueue, RateLimits
from local.slack.methods import WRITING_METHODS, Json, Request
from local.slack.reading import READING_METHODS
from local.slack.records import Call, Channel, File, Message, Records, SlackError

# Those of slack-app-manifest.yaml, the optional ones included.
SCOPES = frozenset(
    {"chat:write", "files:write", "users:read", "users:read.email", "channels:history", "groups:history"}
)
METHODS = READING_METHODS | WRITING_METHODS | uploads.UPLOAD_METHODS


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer of the Web API."""

    body: Json
    status: int = 200
    retry_after: int | None = None


class SlackWorkspace:
    """One workspace with one bot in it: what it holds and how it fails on demand.

    `channels` are the names of its channels by id, and `directory` who is in it; `scopes` are those that the app has.
    Everything read from it is a snapshot and stays as it was when it was read. Slack brings new blocks to one workspace
    after the other: `unknown_blocks` are the types that this one doesn't have yet, such as data_visualization.
    `takes_metadata` is whether messages may carry metadata, and `drops_threads` whether a reply to a message that is
    gone is posted in the channel, as Slack does at times, or refused (slack-go issue 1571).
    """

    def __init__(
        self,
        *,
        token: str,
        channels: dict[str, str],
        now: Callable[[], float],
        directory: Directory = EMPTY,
        scopes: frozenset[str] = SCOPES,
        rate_limited: bool = False,
        unknown_blocks: frozenset[str] = frozenset(),
        takes_metadata: bool = True,
        drops_threads: bool = False,
    ) -> None:
        self.token = token
        self._directory = directory
        self.scopes = scopes
        self.rate_limited = rate_limited
        self.unknown_blocks = unknown_blocks
        self.takes_metadata = takes_metadata
        self.drops_threads = drops_threads
        self._channels = dict(channels)
        self._now = now
        self._lock = threading.RLock()
        self._bell = Bell()
        self.streams = 0
        self.is_hung_up = False
        self.reset()

    def reset(self) -> None:
        """Empty the workspace: no messages, files, calls or faults, and the channels and people as at first, the bot in
        each channel."""
        with self._told():
            self.directory = self._directory
            self._records = Records(self._channels, self._now)
            self._epoch = uuid4().hex[:8]
            self._faults = FaultQueue()
            self._limits = RateLimits(self._now)

    @property
    def channels(self) -> list[Channel]:
        """Every channel."""
        with self._lock:
            return list(self._records.channels.values())

    @property
    def messages(self) -> list[Message]:
        """Every message that was not deleted, replies and shared files included, in the order of arrival."""
        with self._lock:
            return list(self._records.messages)

    @property
    def files(self) -> list[File]:
        """Every file that was announced; its content is None until the bytes arrived."""
        with self._lock:
            return list(self._records.files.values())

    @property
    def calls(self) -> list[Call]:
        """Every request, refused ones included."""
        with self._lock:
            return list(self._records.calls)

    def replies(self, ts: str) -> list[Message]:
        """The answers in the thread of a message, oldest first."""
        with self._lock:
            return self._records.replies(ts)

    def changes_since(self, seen: str) -> tuple[str, dict[str, Any] | None]:
        """Where the workspace stands now, and what changed since it stood at `seen`: None if nothing did.

        {"reset": true if `seen` is unknown and this is everything there is, "channels": [{"id", "name", …}],
        "users" and "groups": names by id, "messages": [payloads, without history], "gone": [ts of deleted messages]}
        """
        with self._lock:
            epoch, _, number = seen.partition("-")
            is_known = epoch == self._epoch and number.isdecimal()
            last = int(number) if is_known else 0
            now = f"{self._epoch}-{self._records.revision}"
            if is_known and last == self._records.revision:
                return now, None
            changed = {ts for ts, revision in self._records.revisions.items() if revision > last}
            messages = [message for message in self._records.messages if message.ts in changed]
            return now, {
                "reset": not is_known,
                "channels": [asdict(channel) for channel in self._records.channels.values()],
                "users": self.directory.users,
                "groups": dict(self.directory.groups),
                "messages": [_shown(message) for message in messages],
                "gone": sorted(changed - {message.ts for message in messages}) if is_known else [],
            }

    @contextmanager
    def stream(self) -> Iterator[asyncio.Event]:
        """A flag that is set at every change, for one who stays connected."""
        with self._bell.listener() as flag:
            self.streams += 1
            try:
                yield flag
            finally:
                self.streams -= 1

    def hang_up(self) -> None:
        """End every stream, so that a server can stop."""
        self.is_hung_up = True
        self._bell.ring()

    def say(self, channel: str, text: str, *, user: str = "U0PERSON00", thread_ts: str | None = None) -> Message:
        """Let a person write in a channel; the bot cannot change what they wrote."""
        with self._told():
            ts = self._records.new_ts()
            message = Message(channel=channel, ts=ts, thread_ts=thread_ts, user=user, text=text)
            self._records.add(message)
            return message

    def add_channel(self, id_: str, name: str, *, is_private: bool = False) -> None:
        """Let there be one more channel, until the next reset, with the bot in it."""
        self._change(Channel(id=id_, name=name, is_private=is_private))

    def hold(self, channel: str, seconds: float) -> None:
        """Let this channel alone be rate limited for so long: every post into it is answered with what is left."""
        with self._lock:
            self._limits.hold(channel, seconds)

    def join(self, channel: str) -> None:
        """Put the bot into a channel, as it is at first."""
        self._change(replace(self._records.channels[channel], is_member=True))

    def leave(self, channel: str) -> None:
        """Take the bot out of a channel: from now on not_in_channel, or channel_not_found if it is private."""
        self._change(replace(self._records.channels[channel], is_member=False))

    def archive(self, channel: str) -> None:
        """Archive a channel: is_archived from now on."""
        self._change(replace(self._records.channels[channel], is_archived=True))

    def fail_next(
        self,
        method: str,
        *,
        error: str | None = None,
        status: int | None = None,
        retry_after: int | None = None,
        delay: float = 0,
        drop: bool = False,
        containing: str = "",
        channel: str = "",
        times: int = 1,
    ) -> None:
        """Let the next calls of a method, of "upload", or of any ("*") fail; `Fault` says how. Orders queue up."""
        fault = Fault(
            error=error,
            status=status,
            retry_after=retry_after,
            delay=delay,
            drop=drop,
            containing=containing,
            channel=channel,
        )
        with self._lock:
            self._faults.add(method, fault, times)

    def refuse(self, method: str, error: str, *, containing: str = "", channel: str = "") -> None:
        """Refuse every call of a method from now on, or those about a channel or that mention a text, such as
        "thread_ts", with an error: what an administrator forbids, or a token has no scope for."""
        with self._lock:
            self._faults.add_lasting(method, Fault(error=error, containing=containing, channel=channel))

    def clear_faults(self) -> None:
        """Forget the failures still to come, and what is refused."""
        with self._lock:
            self._faults.clear()

    @property
    def faults_waiting(self) -> int:
        """How many of the failures that were ordered no call has met yet."""
        with self._lock:
            return self._faults.waiting

    def begin(self, method: str, said: str = "", channel: str = "") -> Fault | None:
        """Count a call that says this, about a channel, and name the fault it meets."""
        with self._lock:
            self._records.calls.append(Call(method=method, at=self._now()))
            return self._faults.take(method, said, channel)

    def answer(self, method: str, token: str | None, arguments: dict[str, Any], base_url: str) -> Answer:
        """Do what a call asks for."""
        with self._told():
            try:
                self._admit(method, token)
                if wait := self._seconds_to_wait(method, str(arguments.get("channel"))):
                    return Answer(body={"ok": False, "error": "ratelimited"}, status=429, retry_after=wait)
                request = Request(
                    records=self._records,
                    arguments=arguments,
                    base_url=base_url,
                    directory=self.directory,
                    scopes=self.scopes,
                    unknown_blocks=self.unknown_blocks,
                    takes_metadata=self.takes_metadata,
                    drops_threads=self.drops_threads,
                )
                return Answer(body={"ok": True} | METHODS[method](request))
            except SlackError as refusal:
                return Answer(body={"ok": False, "error": refusal.error} | refusal.details)

    def receive(self, file_id: str, body: bytes) -> bool:
        """Take an upload's bytes; False when none are expected under that id."""
        with self._lock:
            return uploads.receive(self._records, file_id, body)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Hold the lock, then wake those who wait for a change."""
        with self._lock:
            yield
        self._bell.ring()

    def _admit(self, method: str, token: str | None) -> None:
        if method not in METHODS:
            raise SlackError("unknown_method")
        if not token:
            raise SlackError("not_authed")
        if token != self.token:
            raise SlackError("invalid_auth")

    def _seconds_to_wait(self, method: str, channel: str) -> int:
        held = self._limits.seconds_held(method, channel)
        return held or (self._limits.seconds_to_wait(method, channel) if self.rate_limited else 0)

    def _change(self, channel: Channel) -> None:
        with self._told():
            self._records.put(channel)


def _shown(message: Message) -> dict[str, Any]:
    """A message's payload without its earlier versions, which only grow."""
    return {name: value for name, value in message.payload().items() if name != "history"}

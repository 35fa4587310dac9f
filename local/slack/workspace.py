"""A stand-in for Slack's Web API on this machine, for tests and demonstrations.

workspace = SlackWorkspace(token="xoxb-local", channels={"C0000000001": "security"}, now=time.time)
with serve(workspace.app()) as url:
    WebClient(token="xoxb-local", base_url=f"{url}/api/").chat_postMessage(channel="C0000000001", text="Hello")
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from starlette.applications import Starlette

from local.slack import uploads
from local.slack.faults import Fault, FaultQueue, RateLimits
from local.slack.http import routes
from local.slack.methods import WRITING_METHODS, Json, Request
from local.slack.reading import READING_METHODS
from local.slack.records import Call, Channel, File, Message, Records, SlackError

METHODS = READING_METHODS | WRITING_METHODS | uploads.UPLOAD_METHODS


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer of the Web API."""

    body: Json
    status: int = 200
    retry_after: int | None = None


class SlackWorkspace:
    """One workspace with one bot in it: what it holds, how it fails on demand, and the app that serves it.

    Everything read from it is a snapshot and stays as it was when it was read. Slack brings new blocks to one workspace
    after the other: `unknown_blocks` are the types that this one doesn't have yet, such as data_visualization.
    """

    def __init__(
        self,
        *,
        token: str,
        channels: dict[str, str],
        now: Callable[[], float],
        rate_limited: bool = False,
        unknown_blocks: frozenset[str] = frozenset(),
    ) -> None:
        self.token = token
        self.rate_limited = rate_limited
        self.unknown_blocks = unknown_blocks
        self._channels = dict(channels)
        self._now = now
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Empty the workspace: no messages, files, calls or faults, and the bot in every channel."""
        with self._lock:
            self._records = Records(self._channels, self._now)
            self._faults = FaultQueue()
            self._limits = RateLimits(self._now)

    def app(self) -> Starlette:
        """The ASGI app: /api/<method>, /upload/v1/<file>, /control/…, /messages, /files/<file>, and a page at /."""
        return Starlette(routes=routes(self))

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

    def say(self, channel: str, text: str, *, user: str = "U0PERSON00", thread_ts: str | None = None) -> Message:
        """Let a person write in a channel; the bot cannot change what they wrote."""
        with self._lock:
            ts = self._records.new_ts()
            message = Message(channel=channel, ts=ts, thread_ts=thread_ts, user=user, text=text)
            self._records.messages.append(message)
            return message

    def join(self, channel: str) -> None:
        """Put the bot into a channel, as it is at first."""
        self._change(replace(self._records.channel(channel), is_member=True))

    def leave(self, channel: str) -> None:
        """Take the bot out of a channel: not_in_channel from now on."""
        self._change(replace(self._records.channel(channel), is_member=False))

    def archive(self, channel: str) -> None:
        """Archive a channel: is_archived from now on."""
        self._change(replace(self._records.channel(channel), is_archived=True))

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
        times: int = 1,
    ) -> None:
        """Let the next calls of a method, or of "upload", fail; `Fault` says how. Orders for a method queue up."""
        fault = Fault(
            error=error, status=status, retry_after=retry_after, delay=delay, drop=drop, containing=containing
        )
        with self._lock:
            self._faults.add(method, fault, times)

    def clear_faults(self) -> None:
        """Forget the failures still to come."""
        with self._lock:
            self._faults.clear()

    @property
    def faults_waiting(self) -> int:
        """How many of the failures that were ordered no call has met yet."""
        with self._lock:
            return self._faults.waiting

    def begin(self, method: str, said: str = "") -> Fault | None:
        """Count a call that says this, and name the fault it meets."""
        with self._lock:
            self._records.calls.append(Call(method=method, at=self._now()))
            return self._faults.take(method, said)

    def answer(self, method: str, token: str | None, arguments: dict[str, Any], base_url: str) -> Answer:
        """Do what a call asks for."""
        with self._lock:
            try:
                self._admit(method, token)
                wait = self._limits.seconds_to_wait(method, str(arguments.get("channel"))) if self.rate_limited else 0
                if wait:
                    return Answer(body={"ok": False, "error": "ratelimited"}, status=429, retry_after=wait)
                request = Request(
                    records=self._records,
                    arguments=arguments,
                    base_url=base_url,
                    unknown_blocks=self.unknown_blocks,
                )
                return Answer(body={"ok": True} | METHODS[method](request))
            except SlackError as refusal:
                return Answer(body={"ok": False, "error": refusal.error} | refusal.details)

    def receive(self, file_id: str, body: bytes) -> bool:
        """Take an upload's bytes; False when none are expected under that id."""
        with self._lock:
            return uploads.receive(self._records, file_id, body)

    def _admit(self, method: str, token: str | None) -> None:
        if method not in METHODS:
            raise SlackError("unknown_method")
        if not token:
            raise SlackError("not_authed")
        if token != self.token:
            raise SlackError("invalid_auth")

    def _change(self, channel: Channel) -> None:
        with self._lock:
            self._records.channels[channel.id] = channel

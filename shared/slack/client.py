"""Slack's Web API, as far as shirase speaks it."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from shared.errors import MessageGoneError, MessageRejectedError, ShiraseError, SlackError
from shared.message import Message
from shared.text import excerpt

TIMEOUT_SECONDS = 8
ERROR_NAME = re.compile(r"[a-z_]{1,200}")
MAX_PAUSE_SECONDS = 3  # a longer Retry-After is the queue's to wait for, not a paid function's

TOKEN_ERRORS = frozenset({"invalid_auth", "token_revoked", "token_expired"})  # a fresh token may help
TOKEN_PROBLEMS = TOKEN_ERRORS | {"account_inactive", "missing_scope", "not_authed"}
CHANNEL_PROBLEMS = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
REJECTIONS = frozenset(
    {
        "invalid_arguments",
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
REMEDIES = {
    "account_inactive": ": the app was removed from the workspace; install it again and store its token",
    "channel_not_found": ": check SlackChannel, and invite the app if the channel is private",
    "invalid_auth": ": store the app's bot token in the secret",
    "is_archived": ": the channel is archived; restore it, or set SlackChannel to another",
    "missing_scope": ": install the app again with the scopes of slack-app-manifest.yaml",
    "not_in_channel": ": invite the app to the channel",
    "token_revoked": ": install the app again and store its token",
}
# What Slack answers about a message that can't be changed (any more).
GONE = frozenset(
    {
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "thread_not_found",
    }
)

# "It's possible some aspect of the operation succeeded before the error was raised" ("chat.postMessage method").
UNCERTAIN = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
LARGEST_PAGE = 999  # "conversations.history method"
CLOCK_DIFFERENCE = timedelta(minutes=1)  # between Slack and us, at most

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackFile:
    """A file to post: its content, or where it lies."""

    name: str
    title: str
    content: bytes | Path


class Slack:
    """Posts to one channel. `read_token(fresh)` gives the bot token, from its source anew if `fresh`."""

    def __init__(self, *, channel: str, api_url: str, read_token: Callable[[bool], str]) -> None:
        self._channel = channel
        # By default slack_sdk posts again when a connection breaks, without a look whether the message had arrived.
        self._client = WebClient(base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        self._read_token = read_token

    def post(self, payload: dict[str, Any], thread: Message | None = None) -> Message:
        """Post {"text", "blocks"?, "attachments"?, "metadata"?} to the channel, or to a message's thread.

        Raises MessageRejectedError if Slack finds the message itself invalid, MessageGoneError if the thread can't be
        answered any more, SlackError for every other failure.
        """
        where = {"channel": thread.channel, "thread_ts": thread.ts} if thread else {"channel": self._channel}
        with self._gone_with_its_channel(thread):
            answer = self._call(
                self._client.chat_postMessage, **where, **payload, unfurl_links=False, unfurl_media=False
            )
        return Message(channel=answer["channel"], ts=answer["ts"])

    def post_once(
        self, payload: dict[str, Any], mark: dict[str, Any], since: datetime | None, thread: Message | None = None
    ) -> Message:
        """Post a message with the mark as its metadata, unless an attempt that began `since` then left it there (None
        if there was no such attempt); raises as `find` and `post` do."""
        return self.find(mark, since, thread) or self.post(payload | {"metadata": mark}, thread)

    def find(self, mark: dict[str, Any], since: datetime | None, thread: Message | None = None) -> Message | None:
        """The message that was posted with this metadata since then, to the channel or a thread; None if there is none.

        None, too, where the token may not read, which takes a scope that is optional, and where `since` is None, for
        nobody has tried. Raises SlackError if Slack can't say just now.
        """
        if since is None:
            return None
        channel = thread.channel if thread else self._channel
        found = (one["ts"] for one in self._read(since, thread) if one.get("metadata") == mark)
        return next((Message(channel=channel, ts=ts) for ts in found), None)

    def has_file(self, name: str, thread: Message, since: datetime | None) -> bool:
        """Whether a thread holds a file of that name; False, too, where `find` gives None. Raises as `find`."""
        written = self._read(since, thread) if since else []
        return any(name == file.get("name") for one in written for file in one.get("files") or [])

    def _read(self, since: datetime, thread: Message | None) -> list[dict[str, Any]]:
        """What was written since then; nothing where the token may not read."""
        where: dict[str, Any] = {"channel": self._channel}
        method: Callable[..., Any] = self._client.conversations_history
        if thread:
            where = {"channel": thread.channel, "ts": thread.ts}
            method = self._client.conversations_replies
        oldest = str((since - CLOCK_DIFFERENCE).timestamp())
        try:
            answer = self._call(method, **where, oldest=oldest, limit=LARGEST_PAGE, include_all_metadata=True)
        except SlackError as error:
            if error.may_have_arrived or error.retry_after is not None:
                raise
            return []
        return answer.get("messages") or []

    def update(self, message: Message, payload: dict[str, Any]) -> None:
        """Replace what a message says; raises MessageGoneError if it can't be any more, and else as `post` does."""
        with self._gone_with_its_channel(message):
            self._call(self._client.chat_update, channel=message.channel, ts=message.ts, **payload, parse="none")

    def permalink(self, message: Message) -> str:
        """The address of a message; raises as `post` does."""
        with self._gone_with_its_channel(message):
            answer = self._call(self._client.chat_getPermalink, channel=message.channel, message_ts=message.ts)
        return str(answer["permalink"])

    def upload(self, files: Sequence[SlackFile], *, comment: str | None = None, thread: Message | None = None) -> None:
        """Post files as one message, below an mrkdwn comment, to the channel or a message's thread; raises as `post`
        does. slack_sdk reads each of them into memory."""
        where = {"channel": thread.channel, "thread_ts": thread.ts} if thread else {"channel": self._channel}
        contents = [("content" if isinstance(file.content, bytes) else "file", file) for file in files]
        self._call(
            self._client.files_upload_v2,
            **where,
            file_uploads=[{"filename": file.name, "title": file.title, name: file.content} for name, file in contents],
            initial_comment=comment,
            request_file_info=False,
        )

    @contextmanager
    def _gone_with_its_channel(self, message: Message | None) -> Iterator[None]:
        try:
            yield
        except SlackError as error:
            # The present channel will be restored, or the app invited again; one of the past won't.
            if message and message.channel != self._channel and error.reason in CHANNEL_PROBLEMS:
                raise MessageGoneError(str(error), reason=error.reason) from error
            raise

    def _call(self, method: Callable[..., T], **arguments: Any) -> T:
        try:
            return self._attempt(method, arguments, fresh_token=False)
        except SlackError as error:
            is_short_pause = error.retry_after is not None and error.retry_after <= MAX_PAUSE_SECONDS
            if error.reason not in TOKEN_ERRORS and not is_short_pause:
                raise
            time.sleep(error.retry_after or 0)
            return self._attempt(method, arguments, fresh_token=error.reason in TOKEN_ERRORS)

    def _attempt(self, method: Callable[..., T], arguments: dict[str, Any], *, fresh_token: bool) -> T:
        try:
            return method(**arguments, token=self._read_token(fresh_token))
        except SlackApiError as error:
            raise _explain(error) from error
        except (SlackClientError, OSError, HTTPException) as error:
            # Of a post that timed out nobody knows whether it arrived. It is tried again, for a repetition beats
            # silence; where the token may read, after a look for the message.
            raise SlackError(
                f"Slack could not be reached ({type(error).__name__})", reason="unreachable", may_have_arrived=True
            ) from error


def _explain(error: SlackApiError) -> ShiraseError:
    status, headers, body = _answer(error.response)
    reason = str(body.get("error"))
    if not ERROR_NAME.fullmatch(reason):
        reason = f"http_{status}"  # slack_sdk puts a body that is no JSON into "error", whole
    if reason in REJECTIONS:
        details = excerpt("; ".join(body.get("response_metadata", {}).get("messages", [])))
        return MessageRejectedError(f"Slack refuses the message: {reason} {details}".rstrip())
    kind = MessageGoneError if reason in GONE else SlackError
    return kind(
        f"Slack refuses for now: {reason}{REMEDIES.get(reason, '')}",
        reason=reason,
        retry_after=float(headers.get("retry-after", 1)) if status == 429 else None,
        may_have_arrived=status >= 500 or reason in UNCERTAIN,
    )


def _answer(response: Any) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and body of what Slack answered; slack_sdk gives a plain dict where the body is no JSON."""
    if isinstance(response, dict):
        status, headers, body = response.get("status", 0), response.get("headers", {}), {}
    else:
        status, headers, body = response.status_code, response.headers, response.data
    return status, {name.lower(): value for name, value in headers.items()}, body if isinstance(body, dict) else {}

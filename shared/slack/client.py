"""Slack's Web API, as far as shirase speaks it."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import HTTPRedirectHandler, build_opener, install_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from shared.errors import MessageGoneError, MessageRejectedError, MetadataRefusedError, RefusedError, SlackError
from shared.message import Message, Place, channel_of
from shared.slack.refusal import CHANNEL_PROBLEMS, GONE, REJECTIONS, TOKEN_ERRORS, explain, is_about_metadata, rejection

TIMEOUT_SECONDS = 8
UPLOADED_BYTES_A_SECOND = 1_000_000  # at the least: a socket's timeout bounds the whole of what it sends
PATIENCE_SECONDS = 3  # a longer pause is the queue's to wait for, not a paid function's
LARGEST_PAGE = 999  # "conversations.history method"
CLOCK_DIFFERENCE = timedelta(minutes=1)  # between Slack and us, at most
# How a call of slack_sdk fails.
FAILURES = (SlackApiError, SlackClientError, OSError, HTTPException)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackFile:
    """A file to post: its content, or where it lies."""

    name: str
    title: str
    content: bytes | Path


class _NoRedirects(HTTPRedirectHandler):
    """Leaves a redirect as the answer it is: to follow it would hand the token to whatever it names."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Slack:
    """Posts to channels. `read_token(fresh)` gives the bot token, from its source anew if `fresh`, and `is_in_use`
    whether anything goes to a channel by now.

    Where Slack asks to wait, a call waits, but no longer than `patience` seconds; until that is over no call to the
    same channel is made, and all raise what the first one did.
    """

    def __init__(
        self,
        *,
        api_url: str,
        read_token: Callable[[bool], str],
        is_in_use: Callable[[str], bool],
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._is_in_use = is_in_use
        self._api_url = api_url
        self._client = self._client_for(TIMEOUT_SECONDS)
        self._read_token = read_token
        self._patience = patience
        self._not_before: dict[str, float] = {}  # by channel, in seconds of the epoch

    def post(self, payload: dict[str, Any], place: Place) -> Message:
        """Post {"text", "blocks"?, "metadata"?} to a channel, or to a message's thread.

        Raises MetadataRefusedError or MessageRejectedError if Slack finds the message itself invalid, RefusedError if
        it takes no reply there, of these MessageGoneError if the thread is no longer there, and SlackError for every
        other failure.
        """
        with self._refusals_told(place, is_message=True):
            answer = self._call(
                self._client.chat_postMessage,
                **_arguments(place),
                **payload,
                unfurl_links=False,
                unfurl_media=False,
            )
        return Message(channel=answer["channel"], ts=answer["ts"])

    def find(self, is_it: Callable[[dict[str, Any]], bool], since: datetime | None, place: Place) -> Message | None:
        """The message, as "conversations.history" shows it, that was posted since then to a channel or a thread;
        None if there is none.

        None, too, where the token may not read, which takes a scope that is optional, and where `since` is None, for
        nobody has tried. Raises SlackError if Slack can't say just now.
        """
        if since is None:
            return None
        found = (one["ts"] for one in self._read(since, place) if is_it(one))
        return next((Message(channel=channel_of(place), ts=ts) for ts in found), None)

    def has_file(self, name: str, place: Place, since: datetime | None) -> bool:
        """Whether a thread, or a channel, holds a file of that name; False, too, where `find` gives None. Raises as
        `find`."""
        written = self._read(since, place) if since else []
        return any(name == file.get("name") for one in written for file in one.get("files") or [])

    def _read(self, since: datetime, place: Place) -> list[dict[str, Any]]:
        """What was written since then; nothing where the token may not read."""
        where: dict[str, Any] = {"channel": channel_of(place)}
        method: Callable[..., Any] = self._client.conversations_history
        if isinstance(place, Message):
            where["ts"] = place.ts
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
        """Replace all that a message says; raises MessageRejectedError as `post` does, RefusedError if it can't be
        changed, of these MessageGoneError if it is no longer there, and SlackError for every other failure."""
        whole = {"blocks": [], "attachments": []} | payload  # what isn't given would stay ("chat.update method")
        with self._refusals_told(message, is_message=True):
            self._call(self._client.chat_update, channel=message.channel, ts=message.ts, **whole, parse="none")

    def permalink(self, message: Message) -> str:
        """The address of a message; raises RefusedError if there is none for us, and SlackError if there is none just
        now."""
        with self._refusals_told(message):
            answer = self._call(self._client.chat_getPermalink, channel=message.channel, message_ts=message.ts)
        return str(answer["permalink"])

    def upload(self, files: Sequence[SlackFile], place: Place, *, comment: str | None = None) -> None:
        """Post files as one message, below an mrkdwn comment, to a channel or a message's thread. slack_sdk reads
        each of them into memory.

        Raises RefusedError if Slack takes no files, of these MessageGoneError if the thread is no longer there, and
        SlackError for every other failure.
        """
        contents = [("content" if isinstance(file.content, bytes) else "file", file) for file in files]
        largest = max(map(_size, files), default=0)
        with self._refusals_told(place, is_upload=True):
            self._call(
                self._client_for(TIMEOUT_SECONDS + largest / UPLOADED_BYTES_A_SECOND).files_upload_v2,
                **_arguments(place),
                file_uploads=[
                    {"filename": file.name, "title": file.title, name: file.content} for name, file in contents
                ],
                initial_comment=comment,
                request_file_info=False,
            )

    def _client_for(self, timeout: float) -> WebClient:
        return web_client(self._api_url, timeout)

    @contextmanager
    def _refusals_told(self, place: Place, *, is_message: bool = False, is_upload: bool = False) -> Iterator[None]:
        """Tell the failures of a call that concerns a channel, or a message in it, apart: what is wrong with its
        content, with its place, or with the method; and what only time, or a person, can mend."""
        try:
            yield
        except SlackError as error:
            if is_message and is_about_metadata(error):
                raise MetadataRefusedError(rejection(error)) from error
            if is_message and error.reason in REJECTIONS:
                raise MessageRejectedError(rejection(error)) from error
            is_placed = isinstance(place, Message)
            # A channel in use will be restored, or the app invited again; one of the past won't.
            is_lost = error.reason in CHANNEL_PROBLEMS and not self._is_in_use(channel_of(place))
            if is_placed and (error.reason in GONE or is_lost):
                raise MessageGoneError(str(error), reason=error.reason, is_final=True) from error
            if (is_placed or is_upload) and error.is_final and error.reason not in CHANNEL_PROBLEMS:
                raise RefusedError(str(error), reason=error.reason, is_final=True) from error
            raise

    def _call(self, method: Callable[..., T], *, channel: str, **arguments: Any) -> T:
        give_up_at, fresh_token = time.time() + self._patience, False
        while True:
            self._wait_for_turn(channel, give_up_at)
            try:
                return self._attempt(method, {"channel": channel, **arguments}, fresh_token=fresh_token)
            except SlackError as error:
                if error.retry_after is not None:
                    self._not_before[channel] = time.time() + error.retry_after
                elif error.reason in TOKEN_ERRORS and not fresh_token:
                    fresh_token = True
                else:
                    raise

    def _wait_for_turn(self, channel: str, give_up_at: float) -> None:
        """Wait until Slack takes calls to a channel again; raises SlackError if that is too long to wait for."""
        not_before = self._not_before.get(channel, 0)
        pause = not_before - time.time()
        if pause > 0 and not_before > give_up_at:
            raise SlackError(
                f"Slack asks to wait for {math.ceil(pause)} s: ratelimited", reason="ratelimited", retry_after=pause
            )
        if pause > 0:
            time.sleep(pause)

    def _attempt(self, method: Callable[..., T], arguments: dict[str, Any], *, fresh_token: bool) -> T:
        try:
            return method(**arguments, token=self._read_token(fresh_token))
        except FAILURES as error:
            raise explained(error) from error


def web_client(api_url: str, timeout: float) -> WebClient:
    """slack_sdk's client of an address of the Web API; it sends the token nowhere else."""
    install_opener(build_opener(_NoRedirects))
    # By default slack_sdk posts again when a connection breaks, without a look whether the message had arrived.
    client = WebClient(base_url=api_url, timeout=math.ceil(timeout), retry_handlers=[])
    # For a proxy slack_sdk makes an opener of its own. Ours knows the proxy of the environment, too.
    client.proxy = None
    return client


def explained(error: Exception) -> SlackError:
    """What one of the FAILURES of a call means."""
    if isinstance(error, SlackApiError):
        return explain(error)
    # Of a post that timed out nobody knows whether it arrived. It is tried again, for a repetition beats silence; where
    # the token may read, after a look for the message.
    return SlackError(
        f"Slack could not be reached ({type(error).__name__})", reason="unreachable", may_have_arrived=True
    )


def _size(file: SlackFile) -> int:
    return len(file.content) if isinstance(file.content, bytes) else file.content.stat().st_size


def _arguments(place: Place) -> dict[str, Any]:
    thread = {"thread_ts": place.ts} if isinstance(place, Message) else {}
    return {"channel": channel_of(place), **thread}

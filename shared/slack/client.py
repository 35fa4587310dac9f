"""Slack's Web API, as far as shirase speaks it."""

import math
import re
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
from shared.message import Message
from shared.text import excerpt

TIMEOUT_SECONDS = 8
UPLOADED_BYTES_A_SECOND = 1_000_000  # at the least: a socket's timeout bounds the whole of what it sends
ERROR_NAME = re.compile(r"[a-z_]{1,200}")
PATIENCE_SECONDS = 3  # a longer pause is the queue's to wait for, not a paid function's
PAUSE_SECONDS = 10  # where Slack doesn't say how long

TOKEN_ERRORS = frozenset({"invalid_auth", "token_revoked", "token_expired"})  # a fresh token may help
# With these no call can succeed.
USELESS_TOKEN = TOKEN_ERRORS | {"account_inactive", "not_authed"}
TOKEN_PROBLEMS = USELESS_TOKEN | {
    "enterprise_is_restricted",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "team_access_not_granted",
}
# With these nothing can be done in the channel.
CHANNEL_PROBLEMS = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
# Who may write what in the channel ("chat.postMessage method", "Errors").
POSTING_PROBLEMS = frozenset(
    {
        "access_denied",
        "accesslimited",
        "ekm_access_denied",
        "posting_to_channel_denied",
        "posting_to_general_channel_denied",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
    }
)
# What is wrong with a message's form.
REJECTIONS = frozenset(
    {
        "attachment_payload_limit_exceeded",
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
METADATA_REJECTIONS = frozenset(
    {
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
    }
)
_ALLOWED = ": let an administrator allow the app to post in the channel, or set SlackChannel to another"
REMEDIES = {
    "access_denied": _ALLOWED,
    "accesslimited": ": let an administrator allow the app to be used from the network of the functions",
    "account_inactive": ": the app was removed from the workspace; install it again and store its token",
    "cant_update_message": ": only the app that posted a message may change it; its news are told beside it",
    "channel_not_found": ": check SlackChannel, and invite the app if the channel is private",
    "edit_window_closed": ": the workspace lets messages be edited for a while only; an owner can let them be always",
    "ekm_access_denied": ": the organization's administrators have suspended posting (key management); ask them",
    "enterprise_is_restricted": ": install the app in the workspace of the channel, and store its token",
    "file_type_not_allowed": ": let an owner of the workspace allow CSV files",
    "file_upload_size_restricted": ": let an owner of the workspace allow larger files",
    "file_uploads_disabled": ": let an owner of the workspace allow files",
    "file_uploads_except_images_disabled": ": let an owner of the workspace allow files other than images",
    "invalid_auth": ": store the app's bot token in the secret",
    **dict.fromkeys(METADATA_REJECTIONS, ": the message goes out without its metadata; please report this"),
    "is_archived": ": the channel is archived; restore it, or set SlackChannel to another",
    "missing_scope": ": install the app again with the scopes of slack-app-manifest.yaml",
    "no_permission": ": install the app again with the scopes of slack-app-manifest.yaml",
    "not_allowed_token_type": ": store the app's bot token (xoxb-…) in the secret, no other kind of token",
    "not_authed": ": store the app's bot token in the secret",
    "not_in_channel": ": invite the app to the channel",
    "posting_to_channel_denied": _ALLOWED,
    "posting_to_general_channel_denied": ": only some may post in #general; set SlackChannel to another channel",
    "restricted_action": _ALLOWED,
    "restricted_action_non_threadable_channel": ": the channel has no threads; allow them, or set another SlackChannel",
    "restricted_action_read_only_channel": ": the channel is read-only; let the app post, or set another SlackChannel",
    "restricted_action_thread_locked": ": an administrator locked the thread",
    "restricted_action_thread_only_channel": ": the channel takes nothing but replies; set SlackChannel to another",
    "storage_limit_reached": ": make room in the workspace, or let it have more",
    "team_access_not_granted": ": let an administrator of the organization add the app to the channel's workspace",
    "token_expired": ": store the app's present bot token in the secret, and switch token rotation off",
    "token_revoked": ": install the app again and store its token",
}
# What Slack answers about a message that is no longer there. A reply to one it may also take, and post in the channel.
GONE = frozenset({"message_not_found", "thread_not_found"})

# "It's possible some aspect of the operation succeeded before the error was raised" ("chat.postMessage method").
UNCERTAIN = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
# Not all of them come with the status 429.
RATE_LIMITED = frozenset({"rate_limited", "ratelimited"})
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
    """Posts to one channel. `read_token(fresh)` gives the bot token, from its source anew if `fresh`.

    Where Slack asks to wait, a call waits, but no longer than `patience` seconds; until that is over no call to the
    same channel is made, and all raise what the first one did.
    """

    def __init__(
        self, *, channel: str, api_url: str, read_token: Callable[[bool], str], patience: float = PATIENCE_SECONDS
    ) -> None:
        self._channel = channel
        self._api_url = api_url
        self._client = self._client_for(TIMEOUT_SECONDS)
        self._read_token = read_token
        self._patience = patience
        self._not_before: dict[str, float] = {}  # by channel, in seconds of the epoch

    def post(self, payload: dict[str, Any], thread: Message | None = None) -> Message:
        """Post {"text", "blocks"?, "metadata"?} to the channel, or to a message's thread.

        Raises MetadataRefusedError or MessageRejectedError if Slack finds the message itself invalid, RefusedError if
        it takes no reply there, of these MessageGoneError if the thread is no longer there, and SlackError for every
        other failure.
        """
        with self._refusals_told(thread, is_message=True):
            answer = self._call(
                self._client.chat_postMessage,
                **self._place(thread),
                **payload,
                unfurl_links=False,
                unfurl_media=False,
            )
        return Message(channel=answer["channel"], ts=answer["ts"])

    def find(
        self, is_it: Callable[[dict[str, Any]], bool], since: datetime | None, thread: Message | None = None
    ) -> Message | None:
        """The message, as "conversations.history" shows it, that was posted since then to the channel or a thread;
        None if there is none.

        None, too, where the token may not read, which takes a scope that is optional, and where `since` is None, for
        nobody has tried. Raises SlackError if Slack can't say just now.
        """
        if since is None:
            return None
        channel = thread.channel if thread else self._channel
        found = (one["ts"] for one in self._read(since, thread) if is_it(one))
        return next((Message(channel=channel, ts=ts) for ts in found), None)

    def has_file(self, name: str, thread: Message | None, since: datetime | None) -> bool:
        """Whether a thread, or the channel, holds a file of that name; False, too, where `find` gives None. Raises as
        `find`."""
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

    def upload(self, files: Sequence[SlackFile], *, comment: str | None = None, thread: Message | None = None) -> None:
        """Post files as one message, below an mrkdwn comment, to the channel or a message's thread. slack_sdk reads
        each of them into memory.

        Raises RefusedError if Slack takes no files, of these MessageGoneError if the thread is no longer there, and
        SlackError for every other failure.
        """
        contents = [("content" if isinstance(file.content, bytes) else "file", file) for file in files]
        largest = max(map(_size, files), default=0)
        with self._refusals_told(thread, is_upload=True):
            self._call(
                self._client_for(TIMEOUT_SECONDS + largest / UPLOADED_BYTES_A_SECOND).files_upload_v2,
                **self._place(thread),
                file_uploads=[
                    {"filename": file.name, "title": file.title, name: file.content} for name, file in contents
                ],
                initial_comment=comment,
                request_file_info=False,
            )

    def _client_for(self, timeout: float) -> WebClient:
        return web_client(self._api_url, timeout)

    def _place(self, thread: Message | None) -> dict[str, Any]:
        return {"channel": thread.channel, "thread_ts": thread.ts} if thread else {"channel": self._channel}

    @contextmanager
    def _refusals_told(
        self, message: Message | None, *, is_message: bool = False, is_upload: bool = False
    ) -> Iterator[None]:
        """Tell the failures of a call that concerns a message apart: what is wrong with its content, with its place, or
        with the method; and what only time, or a person, can mend."""
        try:
            yield
        except SlackError as error:
            if is_message and _is_about_metadata(error):
                raise MetadataRefusedError(_rejection(error)) from error
            if is_message and error.reason in REJECTIONS:
                raise MessageRejectedError(_rejection(error)) from error
            # The present channel will be restored, or the app invited again; one of the past won't.
            is_past = message is not None and message.channel != self._channel
            if message and (error.reason in GONE or (is_past and error.reason in CHANNEL_PROBLEMS)):
                raise MessageGoneError(str(error), reason=error.reason, is_final=True) from error
            if (message or is_upload) and error.is_final and error.reason not in CHANNEL_PROBLEMS:
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
        return _explain(error)
    # Of a post that timed out nobody knows whether it arrived. It is tried again, for a repetition beats silence; where
    # the token may read, after a look for the message.
    return SlackError(
        f"Slack could not be reached ({type(error).__name__})", reason="unreachable", may_have_arrived=True
    )


def _size(file: SlackFile) -> int:
    return len(file.content) if isinstance(file.content, bytes) else file.content.stat().st_size


def _is_about_metadata(error: SlackError) -> bool:
    is_pointed_at = error.reason in REJECTIONS and "/metadata" in error.details and "/blocks" not in error.details
    return error.reason in METADATA_REJECTIONS or is_pointed_at


def _rejection(error: SlackError) -> str:
    return (
        f"Slack refuses the message: {error.reason}{REMEDIES.get(error.reason, '')} {excerpt(error.details)}".rstrip()
    )


def _explain(error: SlackApiError) -> SlackError:
    status, headers, body = _answer(error.response)
    reason = str(body.get("error"))
    is_named = ERROR_NAME.fullmatch(reason) is not None
    if not is_named:
        reason = f"http_{status}"  # slack_sdk puts a body that is no JSON into "error", whole
    if status in range(300, 400):
        remedy = ": the address in SlackApiUrl leads elsewhere, where the token won't be sent; set the right one"
    else:
        remedy = REMEDIES.get(reason, "")
    is_limited = status == 429 or reason in RATE_LIMITED
    may_have_arrived = status >= 500 or reason in UNCERTAIN
    return SlackError(
        f"Slack refuses for now: {reason}{remedy}",
        reason=reason,
        retry_after=max(1.0, float(headers.get("retry-after", PAUSE_SECONDS))) if is_limited else None,
        may_have_arrived=may_have_arrived,
        is_final=is_named and not (is_limited or may_have_arrived or reason in USELESS_TOKEN),
        details="; ".join(map(str, (body.get("response_metadata") or {}).get("messages") or [])),
    )


def _answer(response: Any) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and body of what Slack answered; slack_sdk gives a plain dict where the body is no JSON."""
    if isinstance(response, dict):
        status, headers, body = response.get("status", 0), response.get("headers", {}), {}
    else:
        status, headers, body = response.status_code, response.headers, response.data
    return status, {name.lower(): value for name, value in headers.items()}, body if isinstance(body, dict) else {}

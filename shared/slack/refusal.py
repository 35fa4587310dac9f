"""What Slack refuses, and why: the names of its errors, told apart by what can be done, and an answer as our error."""

import re
from typing import Any

from slack_sdk.errors import SlackApiError

from shared.errors import SlackError
from shared.text import excerpt

ERROR_NAME = re.compile(r"[a-z_]{1,200}")
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


def is_about_metadata(error: SlackError) -> bool:
    """Whether Slack refuses a message for its metadata alone."""
    is_pointed_at = error.reason in REJECTIONS and "/metadata" in error.details and "/blocks" not in error.details
    return error.reason in METADATA_REJECTIONS or is_pointed_at


def rejection(error: SlackError) -> str:
    """That Slack finds a message invalid, and what is wrong with it."""
    return (
        f"Slack refuses the message: {error.reason}{REMEDIES.get(error.reason, '')} {excerpt(error.details)}".rstrip()
    )


def explain(error: SlackApiError) -> SlackError:
    """What Slack answered, as an error of ours."""
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

"""The Web API methods that only read."""

from local.slack.methods import Json, Method, Request, as_slack
from local.slack.records import BOT, BOT_USER, TEAM, Message, SlackError

DEFAULT_PAGE = 100  # "conversations.history method"
LARGEST_PAGE = 999
SCOPES_TO_LOOK_UP = ("users:read", "users:read.email")  # "users:read.email scope": it is asked for beside users:read


def auth_test(request: Request) -> Json:
    """Who the token belongs to."""
    return {
        "url": request.base_url,
        "team": "stand-in",
        "team_id": TEAM,
        "user": "bot",
        "user_id": BOT_USER,
        "bot_id": BOT,
    }


def chat_get_permalink(request: Request) -> Json:
    """A link of the shape <workspace>/archives/<channel>/p<ts without its dot>; this server leads it to its page."""
    channel = request.records.readable_channel(request.text("channel"))
    message = request.records.message(channel.id, request.text("message_ts"))
    link = f"{request.base_url}archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {"channel": channel.id, "permalink": link + thread}


def conversations_history(request: Request) -> Json:
    """A channel's messages without the replies, newest first."""
    channel = request.records.readable_channel(request.text("channel"))
    found = [m for m in request.records.messages if m.channel == channel.id and m.thread_ts is None]
    return _page(request, found[::-1])


def conversations_replies(request: Request) -> Json:
    """A thread: the message that began it, then its replies, oldest first."""
    channel, ts = request.records.readable_channel(request.text("channel")), request.text("ts")
    request.records.require_thread(channel.id, ts)
    return _page(request, [request.records.message(channel.id, ts), *request.records.replies(ts, channel.id)])


def users_lookup_by_email(request: Request) -> Json:
    """The user with an address. Whoever has left isn't found, as "users.lookupByEmail method" says."""
    missing = [scope for scope in SCOPES_TO_LOOK_UP if scope not in request.scopes]
    if missing:
        raise SlackError("missing_scope", needed=",".join(missing), provided=",".join(sorted(request.scopes)))
    email = request.text("email").casefold()
    for member in request.directory.members:
        if member.email.casefold() == email and not member.deleted:
            return {"user": member.user()}
    raise SlackError("users_not_found")


def _page(request: Request, found: list[Message]) -> Json:
    """The part of `found` that limit, cursor, oldest and latest ask for. The cursor is a position."""
    inside = [m for m in found if _is_inside(request, float(m.ts))]
    start = int(_number(request, "cursor", 0))
    limit = min(max(1, int(_number(request, "limit", DEFAULT_PAGE))), LARGEST_PAGE)
    shown = [
        as_slack(m, request.records, metadata=request.flag("include_all_metadata"))
        for m in inside[start : start + limit]
    ]
    has_more = len(inside) > start + limit
    cursor = {"response_metadata": {"next_cursor": str(start + limit)}} if has_more else {}
    return {"messages": shown, "has_more": has_more} | cursor


def _is_inside(request: Request, at: float) -> bool:
    oldest, latest = _number(request, "oldest", 0.0), _number(request, "latest", float("inf"))
    return oldest < at < latest or (request.flag("inclusive") and at in (oldest, latest))


def _number(request: Request, name: str, default: float) -> float:
    try:
        return float(request.arguments.get(name) or default)
    except (TypeError, ValueError):
        raise SlackError("invalid_cursor" if name == "cursor" else "invalid_arguments") from None


READING_METHODS: dict[str, Method] = {
    "auth.test": auth_test,
    "chat.getPermalink": chat_get_permalink,
    "conversations.history": conversations_history,
    "conversations.replies": conversations_replies,
    "users.lookupByEmail": users_lookup_by_email,
}

"""The channel as a stream of server-sent events: all of it first, then every change."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from local.slack.workspace import SlackWorkspace

MAX_STREAMS = 32  # each is a connection that stays open
SECONDS_BETWEEN_SIGNS_OF_LIFE = 15
MILLISECONDS_TO_RECONNECT = 1000
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def live(workspace: SlackWorkspace, request: Request) -> Response:
    """Events named "channel": {"reset": whether to forget what was sent before, "channels", "messages", "gone"}.

    An event's id says up to which change it tells; who comes back with it (Last-Event-ID) gets what it missed.
    """
    if workspace.streams >= MAX_STREAMS:
        return PlainTextResponse("too many pages are open; close some", 503, {"Retry-After": "5"})
    stream = _events(workspace, request.headers.get("last-event-id", ""))
    return StreamingResponse(stream, headers=HEADERS, media_type="text/event-stream")


async def _events(workspace: SlackWorkspace, seen: str) -> AsyncIterator[str]:
    with workspace.stream() as changed:
        yield f"retry: {MILLISECONDS_TO_RECONNECT}\n\n"
        while not workspace.is_hung_up:
            changed.clear()
            seen, change = workspace.changes_since(seen)
            if change:
                yield f"id: {seen}\nevent: channel\ndata: {json.dumps(change)}\n\n"
            try:
                await asyncio.wait_for(changed.wait(), SECONDS_BETWEEN_SIGNS_OF_LIFE)
            except TimeoutError:
                yield ": still here\n\n"

"""The Slack stand-in as a server: from an HTTP request to a call of the workspace and back. `serve` guards it.

workspace = SlackWorkspace(token="xoxb-local", channels={"C0000000001": "security"}, now=time.time)
with serve(slack_app(workspace)) as url:
    WebClient(token="xoxb-local", base_url=f"{url}/api/").chat_postMessage(channel="C0000000001", text="Hello")
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from local.slack.faults import Fault
from local.slack.live import live
from local.slack.reading import READING_METHODS
from local.slack.site import Site
from local.slack.workspace import SlackWorkspace

FORM = "application/x-www-form-urlencoded"
Endpoint = Callable[[SlackWorkspace, Request], Awaitable[Response]]


class UnreadableRequestError(Exception):
    """A body that is neither JSON nor a form; its text is Slack's error code."""


def slack_app(workspace: SlackWorkspace, *more: BaseRoute) -> Starlette:
    """The ASGI app: the workspace's routes, more of the caller's, and the page at /."""
    return Starlette(routes=[*_routes(workspace), *more, Mount("/", Site())])


def _routes(workspace: SlackWorkspace) -> list[Route]:
    def route(path: str, endpoint: Endpoint, *methods: str) -> Route:
        return Route(path, partial(endpoint, workspace), methods=list(methods))

    return [
        route("/api/{method}", _call, "GET", "POST"),
        route("/upload/v1/{file_id}", _upload, "POST"),
        route("/control/faults", _order_fault, "POST"),
        route("/control/faults", _clear_faults, "DELETE"),
        route("/control/reset", _reset, "POST"),
        route("/messages", _messages, "GET"),
        route("/files/{file_id}", _file, "GET"),
        route("/archives/{channel}/{message}", _permalink, "GET"),
        route("/live", live, "GET"),
    ]


async def _call(workspace: SlackWorkspace, request: Request) -> Response:
    method = request.path_params["method"]
    if request.method == "GET" and method not in READING_METHODS:
        # Slack allows it; here an image on somebody's page could be such a call.
        return PlainTextResponse(f"{method} is called by POST", 405)
    token: str | None = None
    arguments: dict[str, Any] = {}
    refusal: Response | None = None
    try:
        token, arguments = await _read(request)
    except UnreadableRequestError as unreadable:
        refusal = _json({"ok": False, "error": str(unreadable)})
    said = unquote_plus((await request.body()).decode(errors="replace"))
    fault = workspace.begin(method, said, str(arguments.get("channel") or arguments.get("channel_id") or ""))
    if broken := await _meet(fault) or refusal:
        return broken
    answer = workspace.answer(method, token, arguments, str(request.base_url))
    if fault and fault.drop:
        return _gateway_timeout()
    headers = {"Retry-After": str(answer.retry_after)} if answer.retry_after else None
    return _json(answer.body, answer.status, headers)


async def _upload(workspace: SlackWorkspace, request: Request) -> Response:
    fault = workspace.begin("upload")
    broken = await _meet(fault)
    if broken:
        return broken
    body = await request.body()
    expected = workspace.receive(request.path_params["file_id"], body)
    if fault and fault.drop:
        return _gateway_timeout()
    return PlainTextResponse(f"OK - {len(body)}") if expected else PlainTextResponse("no such upload", 404)


async def _meet(fault: Fault | None) -> Response | None:
    """Wait as a fault says, and give the answer it puts in the place of the real one."""
    if fault is None:
        return None
    await asyncio.sleep(fault.delay)
    if fault.error is not None:
        return _json({"ok": False, "error": fault.error})
    if fault.retry_after is not None:
        return _json({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(fault.retry_after)})
    if fault.status is not None:
        return PlainTextResponse("a failure that was ordered", fault.status)
    return None


def _gateway_timeout() -> Response:
    return PlainTextResponse("the answer was lost on its way", 504)


async def _read(request: Request) -> tuple[str | None, dict[str, Any]]:
    """The token and the arguments of a call, from its header, query and body.

    slack_sdk sends chat.postMessage and chat.update as JSON, everything else as a form, and an empty body labelled JSON
    when there are no arguments. A token inside JSON is not looked at ("Using the Slack Web API").
    """
    form = dict(request.query_params)
    body, kind = await request.body(), request.headers.get("content-type", "")
    arguments = _from_json(body) if body and kind.startswith("application/json") else {}
    if body and kind.startswith(FORM):
        form |= _from_form(body)
    elif body and not kind.startswith("application/json"):
        raise UnreadableRequestError("invalid_post_type")
    token = form.pop("token", None)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return (bearer.strip() if scheme.lower() == "bearer" else token), form | arguments


def _from_json(body: bytes) -> dict[str, Any]:
    try:
        arguments = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableRequestError("invalid_json") from None
    if not isinstance(arguments, dict):
        raise UnreadableRequestError("json_not_object")
    return arguments


def _from_form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError:
        raise UnreadableRequestError("invalid_form_data") from None


async def _order_fault(workspace: SlackWorkspace, request: Request) -> Response:
    """Body: the arguments of `fail_next`, like {"method": "chat.postMessage", "status": 500, "times": 2}."""
    try:
        workspace.fail_next(**_from_json(await request.body()))
    except (TypeError, ValueError, UnreadableRequestError) as wrong:
        return PlainTextResponse(str(wrong), 400)
    return Response(status_code=204)


async def _clear_faults(workspace: SlackWorkspace, _: Request) -> Response:
    workspace.clear_faults()
    return Response(status_code=204)


async def _reset(workspace: SlackWorkspace, _: Request) -> Response:
    workspace.reset()
    return Response(status_code=204)


async def _messages(workspace: SlackWorkspace, _: Request) -> Response:
    """Shape: {"messages": [{"ts": …, "text": …, "replies": [the same]}], "files": [{"id": …, "name": …}]}."""
    told = [
        message.payload() | {"replies": [reply.payload() for reply in workspace.replies(message.ts)]}
        for message in workspace.messages
        if message.thread_ts is None
    ]
    return _json({"messages": told, "files": [file.summary() for file in workspace.files]})


async def _file(workspace: SlackWorkspace, request: Request) -> Response:
    """The bytes, always as a download: an uploaded page must not run here."""
    file = next((file for file in workspace.files if file.id == request.path_params["file_id"]), None)
    if file is None or file.content is None:
        return PlainTextResponse("no such file", 404)
    disposition = f"attachment; filename*=utf-8''{quote(file.name, safe='', errors='replace')}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return Response(file.content, headers=headers, media_type="application/octet-stream")


async def _permalink(_: SlackWorkspace, request: Request) -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/#{quote(request.path_params['message'])}")


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    # In ASCII: what was posted may hold half of a surrogate pair, which UTF-8 can't.
    return Response(json.dumps(content), status, headers, media_type="application/json")

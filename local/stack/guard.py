"""Stands before everything that is served on this machine, but for the local AWS: keeps other users' processes and the
pages of other sites away, and answers what can't be read with a sentence."""

import json
import re
from hmac import compare_digest
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.stack.secret import RUN_SECRET, is_named_in

PREFIX = f"/{RUN_SECRET}"
LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")
METHODS = {"GET", "HEAD", "POST", "PATCH", "DELETE"}
WRITING = {"POST", "PATCH"}  # DELETE carries nothing, and no page can send it to another site unasked
LARGEST_BODY = 1024 * 1024
SLACK_CALLS, UPLOADS = "/api/", "/upload/"  # which Slack takes as forms, and as they are; each asks for its own token


class RefusedError(Exception):
    """Raised for a request that goes no further; says why, in a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Guard:
    """Lets a request through that names this machine, carries the run's secret and comes from no page of another site.

    The secret is the first segment of the path, or in User-Agent, as AWS's SDKs send it. An app finds the former as
    its root_path.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            try:
                inside = _admitted(scope)
                received = await _readable(inside, receive)
            except RefusedError as refused:
                await _refusal(refused)(scope, receive, send)
                return
            if scope["path"] == PREFIX:
                await RedirectResponse(f"{PREFIX}/")(scope, receive, send)
            else:
                await self._app(inside, received, send)


def _refusal(refused: RefusedError) -> Response:
    """Shape: {"problem": …, "message": …}, both the sentence: the page reads the first, AWS's SDKs the second."""
    body = json.dumps({"problem": str(refused), "message": str(refused)})
    return Response(body, refused.status, {"Cache-Control": "no-store"}, media_type="application/json")


def _admitted(scope: Scope) -> Scope:
    """The request as the app is to see it. Raises RefusedError."""
    headers = Headers(scope=scope)
    # A name that another site's owner points at this machine (DNS rebinding) is no name of it.
    if not LOOPBACK.fullmatch(headers.get("host", "")):
        raise RefusedError(400, "this server is known as 127.0.0.1 and localhost only")
    if scope["method"] not in METHODS:
        raise RefusedError(405, f"nothing here answers to {scope['method']}")
    if _is_from_elsewhere(scope, headers):
        raise RefusedError(403, "a page of another origin may do nothing here")
    if compare_digest(f"{scope['path']}/"[: len(PREFIX) + 1].encode(), f"{PREFIX}/".encode()):
        return {**scope, "root_path": PREFIX}
    if is_named_in(scope["headers"], RUN_SECRET):
        return scope
    raise RefusedError(403, "the address lacks the secret of this run: take the whole address that was printed")


def _is_from_elsewhere(scope: Scope, headers: Headers) -> bool:
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return True
    origin = headers.get("origin")
    return origin is not None and origin != f"{scope['scheme']}://{headers['host']}"


async def _readable(scope: Scope, receive: Receive) -> Receive:
    """What the app is to receive: for a JSON body, one that was read to its end and is sound. Raises RefusedError."""
    path = scope["path"].removeprefix(PREFIX)
    if scope["method"] not in WRITING or path.startswith(UPLOADS):
        return receive
    headers = Headers(scope=scope)
    is_slack_call = path.startswith(SLACK_CALLS)
    if not is_slack_call and headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RefusedError(415, "the body must be application/json")
    body = await _read(receive)
    if not is_slack_call:  # Slack has its own words for what it can't read
        check_json(body)
    return _replayed(body, receive)


async def _read(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) >= LARGEST_BODY:
            raise RefusedError(413, f"the body has {LARGEST_BODY // 1024 // 1024} MiB or more, which is too much here")
        if not message.get("more_body"):
            return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


def check_json(body: bytes) -> None:
    """Raises RefusedError unless a body is empty, or JSON whose texts can be stored anywhere."""
    try:
        content = json.loads(body or b"{}", parse_constant=_refuse_constant)
        text = json.dumps(content, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:
        raise RefusedError(400, "the body holds half of a character (a lone surrogate)") from None
    except RecursionError:
        raise RefusedError(400, "the body is no JSON that can be read: it is nested too deeply") from None
    except ValueError as error:
        raise RefusedError(400, f"the body is no JSON ({str(error)[:200]})") from None
    if r"\u0000" in text and _holds_nul(content):
        raise RefusedError(400, "the body holds the character NUL, which no text can contain")


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")


def _holds_nul(content: Any) -> bool:
    if isinstance(content, dict):
        return any(map(_holds_nul, content)) or any(map(_holds_nul, content.values()))
    if isinstance(content, list):
        return any(map(_holds_nul, content))
    return isinstance(content, str) and "\0" in content

"""Keeps pages of other sites away from what runs on this machine."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ["127.0.0.1", "localhost"]
READING = {"GET", "HEAD"}
# The page loads what this server serves, and nothing else; styles that scripts set on an element are not meant here.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class SameOrigin:
    """Refuses to change anything for a page of another origin, which a browser names in Origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in READING and _is_foreign(Headers(scope=scope)):
            refusal = PlainTextResponse("a page of another origin may change nothing here", 403)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_foreign(headers: Headers) -> bool:
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


# A name that another site's owner points at this machine (DNS rebinding) is no name of it.
GUARDS = [Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK), Middleware(SameOrigin)]

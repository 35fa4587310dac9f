"""The built page that shows the channel, as files."""

from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from local.root import ROOT

BUILT_PAGE = ROOT / "local" / "page" / "dist"
# The page loads what this server serves, and nothing else; styles that scripts set on an element are not meant here.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "no-referrer",  # the address holds the run's secret
    "x-content-type-options": "nosniff",
}
NOT_BUILT = "The page isn't built; run `make setup`. The channel as JSON is at /messages.\n"


class Site(StaticFiles):
    """The files of the page, under a strict policy on what it may load."""

    def __init__(self) -> None:
        super().__init__(directory=BUILT_PAGE, html=True, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (BUILT_PAGE / "index.html").is_file():
            await super().__call__(scope, receive, send)
        else:
            await PlainTextResponse(NOT_BUILT, 503)(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        # Assets carry a hash of their content in their name; the page that names them may change at any time.
        response.headers["cache-control"] = "max-age=31536000" if path.startswith("assets/") else "no-cache"
        return response

"""The token goes to the address that was set, and nowhere else."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from shared.errors import SlackError
from shared.slack.client import Slack, SlackFile


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A server that sends everybody on to /elsewhere, its address, and the paths that were asked for."""
    asked: list[str] = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:  # what a redirected POST becomes
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Redirecting) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/", asked
        server.shutdown()


@pytest.mark.parametrize("proxy", [False, True])
def test_a_redirect_is_an_error_that_says_what_to_do(
    elsewhere: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch, proxy: bool
) -> None:
    url, asked = elsewhere
    if proxy:
        monkeypatch.setenv("HTTP_PROXY", url.removesuffix("/api/"))
    slack = Slack(api_url=url, read_token=lambda fresh: "xoxb-secret", is_in_use=lambda channel: True)
    with pytest.raises(SlackError, match=r"http_302: the address in SlackApiUrl leads elsewhere"):
        slack.post({"text": "A violation"}, "C0000000001")
    with pytest.raises(SlackError, match=r"http_302"):
        slack.upload([SlackFile(name="a.csv", title="A list", content=b"1")], "C0000000001")
    assert len(asked) == 2
    assert not [path for path in asked if path.endswith("/elsewhere")]

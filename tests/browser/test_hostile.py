"""The page and its server against what others write: messages, pastes, and a page of another site."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from local.demo import Demo
from local.panel.bench import Bench
from local.slack.records import Message
from local.stack.guard import LARGEST_BODY
from local.stack.settings import CHANNEL, TOKEN
from tests.browser.conftest import OpenPage
from tests.browser.situation import message_about, paste

SENTENCE = {"en-US": "This can't be drawn.", "ja-JP": "この内容は表示できません。"}
# None of them would get past the limits of Slack's stand-in, or ought to: the page is to survive them all the same.
UNDRAWABLE: list[dict[str, Any]] = [
    {"blocks": [{"type": "table", "rows": None}]},
    {"blocks": [None]},
    {"attachments": [7, None]},
    {"attachments": 7},
    {"reactions": None},
]


def put(bench: Bench, **content: Any) -> None:
    """Let a message stand in the channel as if the stand-in had taken it."""
    with bench.workspace._told():
        records = bench.workspace._records
        records.add(Message(channel=CHANNEL, ts=records.new_ts(), **content))


@pytest.mark.parametrize("locale", SENTENCE)
def test_what_cannot_be_drawn_is_a_sentence_and_the_rest_stays(bench: Bench, open_page: OpenPage, locale: str) -> None:
    bench.workspace.reset()
    page = open_page(locale=locale)
    for number, content in enumerate(UNDRAWABLE):
        put(bench, text=f"message {number}", **content)
    bench.workspace.say(CHANNEL, "and this is fine")
    expect(message_about(page, "and this is fine")).to_be_visible()
    broken = message_about(page, SENTENCE[locale])
    expect(broken.first).to_be_visible()
    assert broken.count() >= 3
    expect(broken.first).to_contain_text("message 0")
    page.reload()
    expect(message_about(page, "and this is fine")).to_be_visible()
    bench.workspace.reset()


def test_plain_text_in_small_print_stays_what_it_is(bench: Bench, page: Page) -> None:
    name = "sandbox <!here> & *friends* | `x` <@U0HANASATO1>"
    put(bench, text="plain", blocks=[{"type": "context", "elements": [{"type": "plain_text", "text": name}]}])
    message = message_about(page, "sandbox")
    expect(message).to_contain_text(name)
    expect(message.locator(".mention, .blocks strong, .blocks code")).to_have_count(0)


@pytest.mark.parametrize("moment", ["99999999999999999999", "1e400", "-1", "NaN", ""])
def test_a_date_that_no_calendar_has_leaves_the_page_as_it_is(bench: Bench, page: Page, moment: str) -> None:
    bench.workspace.say(CHANNEL, f"since <!date^{moment}^{{date}} {{constructor}} {{time}}|a while> ({moment})")
    expect(message_about(page, f"({moment})")).to_contain_text("since")
    bench.workspace.say(CHANNEL, "still drawn")
    expect(message_about(page, "still drawn").last).to_be_visible()


def test_a_paste_that_is_too_large_is_told_in_a_sentence(page: Page) -> None:
    expect(page.locator(".preview")).to_be_visible()
    page.get_by_label("Event or finding, as JSON").evaluate(
        """(area, length) => {
            Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, "x".repeat(length));
            area.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        LARGEST_BODY,
    )
    expect(page.locator("#paste-problem")).to_contain_text("1 MiB or more")
    paste(page, "{}")
    expect(page.locator("#paste-problem")).not_to_contain_text("1 MiB or more")


EVIL = """<!doctype html><title>evil</title>
<iframe name="nowhere"></iframe>
<img src="{url}/api/chat.delete?token={token}&channel={channel}&ts={ts}">
<form method="post" target="nowhere" enctype="text/plain" action="{url}/control/reset">
  <input name='{{"a":"' value='"}}'>
</form>
<form method="post" target="nowhere" action="{url}/api/chat.delete">
  <input name="token" value="{token}"><input name="channel" value="{channel}"><input name="ts" value="{ts}">
</form>
<script type="module">
  for (const form of document.forms) form.submit();
  const json = {{ "Content-Type": "application/json" }};
  await Promise.allSettled([
    fetch("{url}/control/reset", {{ method: "POST", mode: "no-cors" }}),
    fetch("{url}/control/reset", {{ method: "POST", headers: json, body: "{{}}" }}),
    fetch("{url}/control/faults", {{ method: "DELETE" }}),
    fetch("{hub}/findings/batchupdate", {{ method: "PATCH", headers: json, body: "{{}}" }}),
    fetch("{url}/messages").then(async (answer) => {{ document.title = await answer.text(); }}),
  ]);
  document.body.dataset.done = "yes";
</script>"""


@contextmanager
def evil_site(content: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()


def test_a_page_of_another_site_can_do_nothing_even_if_it_knew_every_secret(
    demo: Demo, bench: Bench, browser: Browser
) -> None:
    kept = bench.workspace.say(CHANNEL, "still here")
    own = bench.workspace.answer("chat.postMessage", TOKEN, {"channel": CHANNEL, "text": "and this"}, "").body["ts"]
    bench.workspace.fail_next("none.such", status=500)
    calls = len(bench.workspace.calls)
    content = EVIL.format(url=bench.slack_url, hub=demo.hub_url, token=TOKEN, channel=CHANNEL, ts=own)
    page = browser.new_page()
    with evil_site(content) as address:
        page.goto(address)
        page.locator("[data-done]").wait_for()
        page.wait_for_load_state("networkidle")
        assert page.title() == "evil"
    page.close()
    assert {kept.ts, own} <= {message.ts for message in bench.workspace.messages}
    assert len(bench.workspace.calls) == calls
    assert bench.workspace.faults_waiting == 1
    bench.workspace.clear_faults()

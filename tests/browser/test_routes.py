"""Routes on the page: several channels, who is mentioned, and why; edited beside the preview."""

import json

from playwright.sync_api import Route, expect

from local.panel.bench import Bench
from local.stack.settings import TOKEN
from local.teams import ROUTES
from tests.browser.conftest import OpenPage
from tests.browser.situation import move_in, overflow


def _answer_as_if_used(route: Route) -> None:
    route.fulfill(json={"routes": json.loads(str(route.request.post_data))["text"]})


def test_routes_are_tried_beside_the_preview_and_shown_in_their_channel(bench: Bench, open_page: OpenPage) -> None:
    move_in(bench.workspace)
    page = open_page()
    editor, routing = page.get_by_label("Routes, as YAML"), page.locator(".routing")
    text = ROUTES.read_text(encoding="utf-8")
    editor.fill(text.replace("most: 3", "moost: 3"))
    problem = page.locator(".routes-problems li")
    expect(problem).to_contain_text("did you mean most?")
    expect(page.get_by_role("button", name="Use them")).to_be_disabled()
    editor.fill(text)
    expect(problem).to_have_count(0)
    expect(routing).to_contain_text('team-settlement, named by the tag "owner"')
    expect(routing).to_contain_text("@team-settlement (S0SETTLE001)")
    expect(page.locator(".preview-body .mention")).to_have_text("@team-settlement")
    # What the page asks for is as good as done: the stack that all tests share keeps its one channel.
    page.route("**/panel/routes", _answer_as_if_used)
    page.get_by_role("button", name="Use them").click()
    expect(page.locator(".toast")).to_contain_text("In use within 60 seconds.")

    group = {"type": "usergroup", "usergroup_id": "S0SETTLE001"}
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [group]}]}]
    said = {"channel": "C0SETTLEMENT", "text": "x", "blocks": blocks}
    assert bench.workspace.answer("chat.postMessage", TOKEN, said, f"{bench.slack_url}/").body["ok"]
    expect(page.locator(".unread")).to_have_text("1")
    routing.get_by_role("button", name="#team-settlement").click()
    expect(page.locator(".message .mention")).to_have_text("@team-settlement")
    expect(page.locator(".unread")).to_have_count(0)
    page.set_viewport_size({"width": 375, "height": 812})
    assert overflow(page) == 0

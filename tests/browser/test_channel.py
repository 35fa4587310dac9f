"""The channel on the page: what happens in Slack is seen there by itself."""

import json
from typing import Any

from playwright.sync_api import Page, expect

from local.clock import utc_now
from local.panel.bench import Bench
from local.stack.settings import CHANNEL, TOKEN
from tests.browser.conftest import OpenPage
from tests.browser.situation import announce, message_about
from tests.findings import finding, new_bucket, passed

MARK = "window.wasNeverReloaded = true"


def call(bench: Bench, method: str, **arguments: Any) -> dict[str, Any]:
    answer = bench.workspace.answer(method, TOKEN, {"channel": CHANNEL} | arguments, f"{bench.slack_url}/")
    assert answer.body["ok"], answer.body
    return answer.body


def upload(bench: Bench, name: str, content: bytes) -> None:
    file_id = call(bench, "files.getUploadURLExternal", filename=name, length=len(content))["file_id"]
    bench.workspace.receive(file_id, content)
    call(bench, "files.completeUploadExternal", files=[{"id": file_id}], channel_id=CHANNEL)


def test_a_new_violation_appears_and_is_closed_in_its_place(bench: Bench, page: Page) -> None:
    page.evaluate(MARK)
    bucket, message = announce(bench, page)
    expect(message).to_contain_text("HIGH")
    expect(message.get_by_role("link", name="How to fix it")).to_be_visible()
    expect(page.get_by_test_id("live-region")).to_contain_text("S3 general purpose buckets")
    bench.stack.enqueue(passed(bucket))
    expect(message).to_contain_text("Resolved")
    expect(message).to_contain_text("(edited)")
    message.get_by_role("button", name="1 reply").click()
    expect(message.get_by_role("group", name="Thread")).to_contain_text("The check passes again.")
    assert page.evaluate("window.wasNeverReloaded")


def test_what_is_good_to_know_is_smaller_than_what_a_reader_must_have(bench: Bench, page: Page) -> None:
    _, message = announce(bench, page)
    sizes = [
        message.get_by_text(text).evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
        for text in ("S3 general purpose buckets should", "Standards: AWS Foundational")
    ]
    assert sizes[0] > sizes[1]


def test_times_are_those_of_the_readers_zone(bench: Bench, open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    _, message = announce(bench, page)
    # It began at 01:02:03 UTC; the reader is in Tokyo.
    expect(message).to_contain_text("20 Nov 2026 10:02")


def test_what_was_missed_arrives_when_the_connection_is_back(bench: Bench, page: Page) -> None:
    bench.workspace.hang_up()
    bench.workspace.say(CHANNEL, "said while nobody listened")
    bench.workspace.is_hung_up = False
    expect(message_about(page, "said while nobody listened")).to_be_visible()
    expect(page.locator("[data-state=live]")).to_be_visible()


def test_the_digests_file_opens_as_a_table(bench: Bench, page: Page) -> None:
    bucket = new_bucket()
    bench.hub.import_finding(finding(bucket))
    bench.stack.send_digest(utc_now())
    # The newest of the digests, whatever the page has heard of by now.
    reply = next(message for message in reversed(bench.workspace.messages) if message.files)
    digest = page.locator(f"#p{str(reply.thread_ts).replace('.', '')}")
    button = digest.get_by_role("button", name="Open as table").first
    button.click()
    table = page.get_by_role("dialog")
    expect(table.get_by_role("columnheader", name="Control ID")).to_be_visible()
    expect(table.get_by_role("cell", name=bucket, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(table).to_be_hidden()
    expect(button).to_be_focused()


def test_a_file_of_ten_thousand_rows_is_shown_a_hundred_at_a_time(bench: Bench, page: Page) -> None:
    rows = "".join(f'bucket-{number},"a, b"\n' for number in range(10_000))
    upload(bench, "huge.csv", f"Resource,Violation\n{rows}".encode())
    message_about(page, "huge.csv").get_by_role("button", name="Open as table").click()
    table = page.get_by_role("dialog")
    expect(table.get_by_text("Rows 1–100 of 10,000")).to_be_visible()
    expect(table.locator("tbody tr")).to_have_count(100)
    table.get_by_role("button", name="Next rows").click()
    expect(table.get_by_role("cell", name="bucket-100", exact=True)).to_be_visible()
    table.get_by_role("searchbox").fill("bucket-9999")
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(table.get_by_role("cell", name="a, b")).to_be_visible()
    table.get_by_role("searchbox").fill("nowhere")
    expect(table.get_by_text("No row holds that.")).to_be_visible()


def test_texts_from_elsewhere_are_shown_and_never_run(bench: Bench, page: Page) -> None:
    bad = "<img src=x onerror='document.title=\"hacked\"'><script>document.title='hacked'</script>"
    element = {"type": "rich_text_section", "elements": [{"type": "text", "text": bad}]}
    call(bench, "chat.postMessage", text="bad", blocks=[{"type": "rich_text", "elements": [element]}])
    upload(bench, "bad.csv", f'A\n"{bad}"\n'.encode())
    expect(message_about(page, bad)).to_be_visible()
    message_about(page, "bad.csv").get_by_role("button", name="Open as table").click()
    expect(page.get_by_role("dialog").get_by_role("cell", name=bad)).to_be_visible()
    assert page.title() == "shirase"


def test_a_reader_who_scrolled_up_stays_there_and_hears_of_news(bench: Bench, page: Page) -> None:
    for number in range(30):
        bench.workspace.say(CHANNEL, f"old news {number}")
    first = message_about(page, "old news 0")
    first.scroll_into_view_if_needed()
    bench.workspace.say(CHANNEL, "breaking news")
    page.get_by_role("button", name="1 new below").click()
    expect(message_about(page, "breaking news")).to_be_in_viewport()


def test_a_permalink_leads_to_its_message(bench: Bench, open_page: OpenPage) -> None:
    for number in range(30):
        bench.workspace.say(CHANNEL, f"something {number}")
    linked = bench.workspace.messages[-20]
    link = call(bench, "chat.getPermalink", message_ts=linked.ts)["permalink"]
    page = open_page(path=link.removeprefix(bench.slack_url))
    expect(page.locator("article:target")).to_be_in_viewport()
    expect(page.locator("article:target")).to_contain_text(linked.text)


def test_tables_and_charts_are_drawn(open_page: OpenPage) -> None:
    page = open_page()
    message = {
        "channel": CHANNEL,
        "ts": "1795392000.000001",
        "thread_ts": None,
        "user": "U00000BOT0",
        "text": "the digest",
        "blocks": [
            {
                "type": "table",
                "rows": [
                    [{"type": "raw_text", "text": "Control"}, {"type": "raw_text", "text": "Open"}],
                    [
                        {"type": "raw_text", "text": "S3.8 *not bold* <!channel>"},
                        {"type": "raw_number", "text": "4,021", "value": 4021},
                    ],
                    [{"type": "raw_text", "text": "a title that is as long as they are " * 3}] * 2,
                ],
            },
            {
                "type": "data_visualization",
                "title": "Open violations",
                "chart": {
                    "type": "line",
                    "series": [{"name": "Open", "data": [{"label": "Mon", "value": 3}, {"label": "Tue", "value": 5}]}],
                    "axis_config": {"categories": ["Mon", "Tue"]},
                },
            },
        ],
        "attachments": [],
        "files": [],
        "reactions": ["white_check_mark"],
        "edited": False,
    }
    change = {"reset": True, "channels": [{"id": CHANNEL, "name": "security"}], "messages": [message], "gone": []}
    events = f"id: x-1\nevent: channel\ndata: {json.dumps(change)}\n\n"
    page.route("**/live", lambda route: route.fulfill(content_type="text/event-stream", body=events))
    page.reload()
    shown = message_about(page, "Open violations")
    expect(shown.get_by_role("cell", name="4,021")).to_be_visible()
    expect(shown.get_by_role("cell", name="S3.8 *not bold* <!channel>", exact=True)).to_be_visible()
    table = shown.locator("table")
    edge = table.evaluate("e => e.parentElement.getBoundingClientRect().right")
    assert edge <= shown.evaluate("e => e.getBoundingClientRect().right")  # wider than that it scrolls
    assert table.evaluate("e => e.offsetWidth > e.parentElement.clientWidth")
    expect(shown.locator("svg[role=img]").first).to_be_visible()
    expect(shown.get_by_role("list", name="Reactions")).to_contain_text("✅")

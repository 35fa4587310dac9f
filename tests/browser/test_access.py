"""The page for everybody: on a phone, by keyboard, with a screen reader."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.clock import utc_now
from local.panel.bench import Bench
from tests.browser.conftest import PHONE, WIDE, OpenPage
from tests.browser.situation import announce, message_about, move_in, overflow, paste
from tests.findings import finding, passed

GRAVE = {"serious", "critical"}


def grave_problems(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(results => results.violations)")
    return [
        f"{problem['id']}: {problem['help']} ({node['html'][:200]})"
        for problem in found
        if problem["impact"] in GRAVE
        for node in problem["nodes"]
    ]


@pytest.fixture(scope="module", autouse=True)
def something_to_see(bench: Bench, browser: Any, nothing_from_before: None) -> None:
    """A closed violation with its thread, a digest with its file, and other channels beside them."""
    move_in(bench.workspace)
    page = browser.new_page()
    page.goto(bench.slack_url)
    bucket, message = announce(bench, page)
    bench.stack.enqueue(passed(bucket))
    expect(message).to_contain_text("Resolved")
    bench.hub.import_finding(finding(bucket))
    bench.stack.send_digest(utc_now())
    page.close()


@pytest.mark.parametrize(
    ("locale", "scheme"),
    [
        ("en-US", "light"),
        ("ja-JP", "dark"),
        pytest.param("en-US", "dark", marks=pytest.mark.exhaustive),
        pytest.param("ja-JP", "light", marks=pytest.mark.exhaustive),
    ],
)
def test_axe_finds_nothing_grave(open_page: OpenPage, axe: str, scheme: str, locale: str) -> None:
    page = open_page(scheme=scheme, locale=locale)
    page.locator(".thread-toggle[aria-expanded=false]").last.click()
    expect(page.locator(".preview")).to_be_visible()
    assert grave_problems(page, axe) == []
    page.locator(".field textarea").first.fill("{")
    expect(page.locator(".problem")).to_be_visible()
    page.locator(".file button").last.click()
    expect(page.locator(".sheet td").first).to_be_visible()
    assert grave_problems(page, axe) == []


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_nothing_is_wider_than_a_phone(open_page: OpenPage, axe: str, locale: str) -> None:
    page = open_page(size=PHONE, locale=locale)
    expect(page.locator(".message").last).to_be_visible()
    assert overflow(page) == 0
    assert grave_problems(page, axe) == []
    page.locator(".file button").last.click()
    expect(page.locator(".sheet td").first).to_be_visible()
    assert overflow(page) == 0
    page.keyboard.press("Escape")
    page.locator(".tabs button").last.click()
    expect(page.locator(".preview")).to_be_visible()
    assert overflow(page) == 0
    assert grave_problems(page, axe) == []


def test_everything_is_done_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page(size=WIDE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to “Try it”")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Try it")).to_be_focused()
    messages = page.locator(".message-stack > article")
    before = messages.count()
    tab_to(page, "Send it")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Sent 1.")
    expect(messages).to_have_count(before + 1)  # or the closing may find it being posted, and wait for its turn
    tab_to(page, "Resolve")
    page.keyboard.press("Space")
    expect(messages.last).to_contain_text("Resolved")
    page.locator(".messages").focus()
    tab_to(page, "1 reply")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Thread").first).to_be_visible()
    tab_to(page, "Open as table")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus."""
    for _ in range(120):
        if name in page.evaluate("document.activeElement.textContent || ''") and page.evaluate(
            "['BUTTON', 'A'].includes(document.activeElement.tagName)"
        ):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard never gets to {name!r}")


def test_what_arrives_is_told_to_a_screen_reader(bench: Bench, page: Page) -> None:
    region = page.locator("[aria-live=polite]")
    expect(region).to_be_empty()
    paste(page, "{}")
    _, message = announce(bench, page)
    expect(region).to_contain_text("New message: HIGH")
    assert message.get_attribute("aria-label")
    expect(message_about(page, "HIGH").first).to_be_attached()

"""A storm, last of all: once it blows, the stack announces nothing one by one for minutes."""

import re

from playwright.sync_api import Page, expect

from local.panel.bench import Bench
from tests.browser.situation import message_about


def test_a_storm_ends_in_one_message_that_counts_the_rest(bench: Bench, page: Page) -> None:
    page.get_by_label("Violations").fill("60")
    page.get_by_role("button", name="Send a storm").click()
    expect(page.locator(".toast")).to_contain_text("60 violations are in the queue.")
    burst = message_about(page, "counted here")
    expect(burst).to_be_visible()
    expect(burst).to_contain_text(re.compile(r"Burst\s+(\d\d) new violations counted here"))
    expect(burst).to_contain_text("They come too fast to be announced one by one.")
    assert len(bench.workspace.messages) < 200
    expect(page.locator(".log")).to_contain_text("count in the burst")
    expect(burst).to_have_count(1)

"""What is done on the page, and where it shows what comes of it."""

import json

from playwright.sync_api import Locator, Page, expect

from local.panel.bench import Bench
from local.slack.workspace import SlackWorkspace
from local.teams import CHANNELS, DIRECTORY
from tests.findings import new_bucket, opened

PATIENCE = 25_000

expect.set_options(timeout=PATIENCE)


def move_in(workspace: SlackWorkspace) -> None:
    """Let a workspace have the demo's teams: their channels, groups and members, until its next reset."""
    workspace.directory = DIRECTORY
    for id_, name in CHANNELS.items():
        workspace.add_channel(id_, name)


def announce(bench: Bench, page: Page) -> tuple[str, Locator]:
    """Let the stack hear that a bucket is public, and wait for the message: the bucket's name, and the message."""
    bucket = new_bucket()
    bench.stack.enqueue(opened(bucket))
    message = message_about(page, bucket)
    expect(message).to_be_visible()
    return bucket, message


def message_about(page: Page, text: str) -> Locator:
    """The channel's messages, without the preview, that hold a text."""
    return page.locator(".messages .message-stack > article").filter(has_text=text)


def paste(page: Page, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content, indent=2)
    page.get_by_label("Event or finding, as JSON").fill(text)


def step(page: Page, name: str) -> Locator:
    return page.locator(".steps li").filter(has=page.locator(".step-name", has_text=name))


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the screen."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width

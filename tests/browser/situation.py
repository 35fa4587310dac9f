"""Events that no other test speaks of, and where the page shows what becomes of them."""

import json
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from local.panel.bench import Bench
from local.stack.events import Event, load
from local.stack.stack import ROOT, now

PATIENCE = 25_000

expect.set_options(timeout=PATIENCE)


def opened(name: str = "s3_bucket_public") -> tuple[Event, str]:
    """An event that reports a bucket of its own, and the bucket's name."""
    bucket = f"bucket-{uuid4().hex[:10]}"
    event = load(ROOT / "events" / f"{name}.json")[0].event
    event["id"] = str(uuid4())
    (finding,) = event["detail"]["findings"]
    finding["Id"] = f"{finding['Id'].rpartition('/')[0]}/{uuid4()}"
    finding["Resources"] = [{"Type": "AwsS3Bucket", "Id": f"arn:aws:s3:::{bucket}"}]
    return event, bucket


def finding_of(event: Event) -> dict[str, Any]:
    finding: dict[str, Any] = event["detail"]["findings"][0]
    return finding


def resolved(event: Event) -> Event:
    """The event that tells that the check passes again."""
    changed: Event = json.loads(json.dumps(event))
    stamp = f"{now():%Y-%m-%dT%H:%M:%S.000Z}"
    finding_of(changed).update(
        Compliance={**finding_of(changed)["Compliance"], "Status": "PASSED"},
        Workflow={"Status": "RESOLVED"},
        **dict.fromkeys(("FirstObservedAt", "UpdatedAt"), stamp),
    )
    return changed | {"id": str(uuid4()), "time": stamp}


def announce(bench: Bench, page: Page) -> tuple[Event, Locator]:
    """Let the stack hear of a new violation, and wait until its message is on the page."""
    event, bucket = opened()
    bench.stack.enqueue(event)
    message = message_about(page, bucket)
    expect(message).to_be_visible()
    return event, message


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

"""Pictures of the page for the documentation: wide and on a phone, light and dark, English and Japanese."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from playwright.sync_api import Browser, Page

from local.chromium import ChromiumMissingError, chromium, find_chromium
from local.demo import Demo, local_stack
from local.errors import CommandError, tell_problem
from local.root import ROOT
from local.stack.events import EVENTS, load, sample_events

PICTURES = ROOT / "docs" / "image"
STORY = ("iam_root_access_key_critical", "s3_bucket_public", "passed_after_failed")
PATIENCE_MILLISECONDS = 30_000
# Slack's clock and the reader's, so that the pictures of any day are alike.
MOMENT = datetime.fromisoformat("2026-11-24T09:00:00+09:00")
SHOWN = "security_group_open_ssh"  # in the panel, as it is: a new one's name would be another each time


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: its name, and for whom and of what it is taken."""

    name: str
    locale: str = "en-US"
    is_dark: bool = False
    is_phone: bool = False
    pose: Callable[[Page], object] = Page.bring_to_front


def main() -> int:
    """Take every picture; 0 if all were taken."""
    argparse.ArgumentParser(prog="make screenshots", description="Make the pictures of the page.").parse_args()
    PICTURES.mkdir(exist_ok=True)
    try:
        path = find_chromium()
        for language in ("en", "ja"):
            with local_stack(slack_clock=MOMENT.timestamp, has_teams=True, MessageLanguage=language) as demo:
                _tell_the_story(demo)
                with chromium(path) as browser:
                    for picture in _pictures(language):
                        _take(browser, demo.slack_url, picture)
    except (CommandError, ChromiumMissingError) as error:
        tell_problem(error)
        return 1
    return 0


def _pictures(language: str) -> list[Picture]:
    locale = {"en": "en-US", "ja": "ja-JP"}[language]
    return [
        Picture(name=f"page-{language}-light", locale=locale),
        Picture(name=f"page-{language}-dark", locale=locale, is_dark=True),
        Picture(name=f"phone-{language}-light", locale=locale, is_phone=True),
        Picture(name=f"phone-{language}-dark", locale=locale, is_dark=True, is_phone=True, pose=_show_panel),
        Picture(name=f"digest-{language}-light", locale=locale, pose=_show_digest),
        Picture(name=f"table-{language}-light", locale=locale, pose=_open_table),
    ]


def _tell_the_story(demo: Demo) -> None:
    """The digest of all that is open, then some violations, the last of them closed."""
    for sample in sample_events():
        demo.hub.hear(sample.event)
    demo.stack.send_digest(MOMENT)
    for name in STORY:
        demo.stack.enqueue(load(EVENTS / f"{name}.json")[0].event)
        demo.wait_until_handled()


def _take(browser: Browser, url: str, picture: Picture) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844} if picture.is_phone else {"width": 1440, "height": 860},
        locale=picture.locale,
        color_scheme="dark" if picture.is_dark else "light",
        timezone_id="Asia/Tokyo",
        device_scale_factor=1.5 if picture.is_phone else 1,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.clock.set_fixed_time(MOMENT)
    page.goto(url)
    _choose_sample(page)
    picture.pose(page)
    target = PICTURES / f"{picture.name}.png"
    page.screenshot(path=target, animations="disabled")
    print(f"  {target.relative_to(ROOT)}  {target.stat().st_size // 1024} KB")
    context.close()


def _choose_sample(page: Page) -> None:
    page.locator(".message").last.wait_for()
    page.locator(".gauges").wait_for(state="attached")
    page.evaluate("document.querySelector('.tick input').click()")
    page.locator(".panel select").first.select_option(SHOWN, force=True)
    page.locator(".reads-as", has_text="EC2.13").wait_for(state="attached")


def _show_panel(page: Page) -> None:
    page.locator(".tabs button").last.click()
    page.locator(".preview").wait_for()


def _show_digest(page: Page) -> None:
    page.locator(".message").first.evaluate("message => message.scrollIntoView({ block: 'start' })")


def _open_table(page: Page) -> None:
    page.locator(".file button").first.click()
    page.locator(".sheet td").first.wait_for()


if __name__ == "__main__":
    sys.exit(main())

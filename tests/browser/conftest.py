"""The page in a real browser, over the stack that all tests share."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request

from local.chromium import ChromiumMissingError, chromium, find_chromium
from local.demo import Demo
from local.panel.bench import Bench
from local.slack.site import BUILT_PAGE

PATIENCE_MILLISECONDS = 25_000
WIDE, PHONE = (1280, 900), (375, 812)

Size = tuple[int, int]
Scheme = Literal["light", "dark"]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    try:
        return find_chromium()
    except ChromiumMissingError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="package")
def bench(chromium_path: str, demo: Demo) -> Bench:
    assert (BUILT_PAGE / "index.html").is_file(), "the page isn't built; run `make setup`"
    return Bench(stack=demo.stack, workspace=demo.slack, slack_url=demo.slack_url, hub=demo.hub)


@pytest.fixture(scope="module", autouse=True)
def nothing_from_before(bench: Bench) -> None:
    """Each file of tests begins with an empty channel: the page shows all there is, and takes its time for it."""
    bench.workspace.reset()
    bench.hub.reset()


@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    with chromium(chromium_path) as browser:
        yield browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A page as somebody of some language has it, and what went wrong in it."""

    page: Page
    problems: list[str]

    def leave(self) -> list[str]:
        """Close what is open, forget what was chosen, and tell what went wrong."""
        self.page.unroute_all()
        self.page.evaluate("localStorage.clear()")
        self.page.goto("about:blank")
        problems = self.problems.copy()
        self.problems.clear()
        return problems


@pytest.fixture(scope="package")
def readers() -> dict[str, Reader]:
    """Those who were here and left, by locale. A new one takes a browser seconds, one who comes back a moment."""
    return {}


@pytest.fixture
def open_page(browser: Browser, bench: Bench, readers: dict[str, Reader]) -> Iterator[OpenPage]:
    """Opens the page as a reader of such a language, screen and taste would; what goes wrong in it fails the test."""
    present: dict[str, Reader] = {}

    def open_page(size: Size = WIDE, locale: str = "en-US", scheme: Scheme = "light", path: str = "/") -> Page:
        present[locale] = readers.pop(locale, None) or _new_reader(browser, bench.slack_url, locale)
        page = present[locale].page
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{bench.slack_url}{path}")
        page.locator("[data-state=live]").wait_for()
        return page

    yield open_page
    problems = [problem for reader in present.values() for problem in reader.leave()]
    readers |= present  # unless one of them could not leave
    assert problems == []


def _new_reader(browser: Browser, url: str, locale: str) -> Reader:
    context = browser.new_context(locale=locale, timezone_id="Asia/Tokyo")
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    reader = Reader(page=context.new_page(), problems=[])
    reader.page.on("request", lambda request: reader.problems.extend(_abroad(request, url)))
    reader.page.on("pageerror", lambda error: reader.problems.append(f"the page raised {error}"))
    reader.page.on("console", lambda line: reader.problems.append(line.text) if line.type == "error" else None)
    return reader


def _abroad(request: Request, own: str) -> list[str]:
    parts = urlsplit(request.url)
    is_own = parts.scheme in {"data", "blob"} or parts.netloc == urlsplit(own).netloc
    return [] if is_own else [f"a request left the machine: {request.url}"]


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, from the page's development dependencies."""
    source = BUILT_PAGE.parent / "node_modules" / "axe-core" / "axe.min.js"
    return Path(source).read_text(encoding="utf-8")

"""The page in a real browser, over a stack and a Slack workspace of its own."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from local.chromium import ChromiumMissingError, chromium, find_chromium
from local.demo import Demo, log_folder
from local.panel.app import Panel
from local.panel.bench import Bench
from local.serving import serve
from local.settings import CHANNEL, TOKEN
from local.slack.http import slack_app
from local.slack.site import BUILT_PAGE
from local.slack.workspace import SlackWorkspace
from local.stack import deploy

PATIENCE_MILLISECONDS = 25_000
WIDE, PHONE = (1280, 900), (375, 812)

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
def bench(chromium_path: str, demo: Demo) -> Iterator[Bench]:
    assert (BUILT_PAGE / "index.html").is_file(), "the page isn't built; run `make setup`"
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
    panel = Panel()
    with serve(slack_app(workspace, panel.mount())) as url:
        bench = _deployed(demo, workspace, url)
        panel.bench = bench
        yield bench
        workspace.hang_up()


def _deployed(demo: Demo, workspace: SlackWorkspace, url: str) -> Bench:
    function = demo.stack.outputs["AlertFunctionName"]
    settings = demo.stack.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    parameters = {
        "SlackSecretArn": settings["SLACK_SECRET_ARN"],
        "SlackChannel": CHANNEL,
        "SlackApiUrl": f"{url}/api/",
        "EnvironmentName": "browser",
        "BurstLimit": "40",  # more than the tests before the storm send
    }
    stack = deploy(demo.aws, log_folder() / "build", "shirase-browser", parameters)
    return Bench(stack=stack, workspace=workspace, slack_url=url, hub=demo.hub)


@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    with chromium(chromium_path) as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, bench: Bench) -> Iterator[OpenPage]:
    """Opens the page as a reader of such a language, screen and taste would; what goes wrong in it fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_page(size: tuple[int, int] = WIDE, locale: str = "en-US", scheme: str = "light", path: str = "/") -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=locale,
            color_scheme="dark" if scheme == "dark" else "light",
            timezone_id="Asia/Tokyo",
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: problems.extend(_abroad(request, bench.slack_url)))
        page.on("pageerror", lambda error: problems.append(f"the page raised {error}"))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        page.goto(f"{bench.slack_url}{path}")
        page.locator("[data-state=live]").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def _abroad(request: Request, own: str) -> list[str]:
    parts = urlsplit(request.url)
    is_own = parts.scheme in {"data", "blob"} or f"{parts.scheme}://{parts.netloc}" == own
    return [] if is_own else [f"a request left the machine: {request.url}"]


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, from the page's development dependencies."""
    source = BUILT_PAGE.parent / "node_modules" / "axe-core" / "axe.min.js"
    return Path(source).read_text(encoding="utf-8")

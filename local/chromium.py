"""The machine's own Chromium, for tests and pictures of the page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing of the browser's own may knock at the network.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class ChromiumMissingError(Exception):
    """Raised when the machine has no Chromium; says how to install it."""


def find_chromium() -> str:
    """Its path; raises ChromiumMissingError."""
    for name in NAMES:
        # Also where a path cut down for a build leaves no way to it.
        if found := shutil.which(name) or shutil.which(name, path=os.defpath):
            return found
    raise ChromiumMissingError("Chromium is missing; install it with `apt install chromium fonts-noto-cjk`")


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()

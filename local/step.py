"""A step of a longer job in one line: its name, and how long it took."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from local.words import said

BAR_AFTER_SECONDS = 2
BAR_WIDTH = 20
BLOCK_WIDTH = 6
# As pip, uv and npm put it.
UNREACHABLE = re.compile(
    r"dns error|tcp connect error|name resolution|Name or service not known|nodename nor servname"
    r"|NewConnectionError|ConnectTimeoutError|Network is unreachable|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH"
    r"|ETIMEDOUT|from versions: none"
)
NO_NETWORK = (
    "PyPI or npm can't be reached: connect this machine to the network (HTTPS_PROXY names a proxy; PIP_INDEX_URL, "
    "UV_DEFAULT_INDEX and NPM_CONFIG_REGISTRY name mirrors), then run it again."
)


class StepError(Exception):
    """Raised when a step's command fails; its text is for the person at the terminal."""


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say that a step begins and how long it took; on a terminal a bar moves while it lasts."""
    name = said(name)
    started = time.monotonic()
    print(f"  {name} …", end="", flush=True)
    ended = Event()
    bar = Thread(target=_move_bar, args=(name, started, ended), daemon=True)
    if sys.stdout.isatty():
        bar.start()
    is_done = False
    try:
        yield
        is_done = True
    finally:
        ended.set()
        if bar.is_alive():
            bar.join()
        seconds = f"{time.monotonic() - started:.1f} s"
        print(f" {seconds if is_done else said(f'failed after {seconds}')}", flush=True)


def run_step(
    name: str,
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a command as a step. Raises StepError with all that it printed, or with what to do if it found no network."""
    with step(name):
        result = subprocess.run(  # noqa: S603 - the caller's own command
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if result.returncode:
            raise StepError(said(NO_NETWORK) if UNREACHABLE.search(result.stdout) else result.stdout.strip())


def _move_bar(name: str, started: float, ended: Event) -> None:
    while not ended.wait(0.1):
        seconds = time.monotonic() - started
        if seconds > BAR_AFTER_SECONDS:
            print(f"\r\x1b[K  {name} … {_bar(int(seconds * 10))} {seconds:.0f} s", end="", flush=True)
    print(f"\r\x1b[K  {name} …", end="")


def _bar(moment: int) -> str:
    """A block that goes to and fro."""
    reach = BAR_WIDTH - BLOCK_WIDTH
    before = reach - abs(moment % (2 * reach) - reach)
    return "░" * before + "█" * BLOCK_WIDTH + "░" * (reach - before)

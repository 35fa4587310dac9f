"""What benchmarks share: a fresh process that says what it took, a stand-in that counts, and a table."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.stack.serving import serve

Figures = dict[str, Any]
ALL = os.environ.get("ALL") == "1"  # also what takes many minutes


class LimitExceededError(Exception):
    """Raised when something takes more of its floor than it may; says what, how much, and how much it may."""


@dataclass(slots=True)
class Traffic:
    """What passed through a server: requests, and the bytes of the answers' bodies, by HTTP status."""

    requests: dict[int, int] = field(default_factory=dict)
    bytes: int = 0


@contextmanager
def counted(app: ASGIApp) -> Iterator[tuple[str, Traffic]]:
    """Serve an app; its url, and what passes through it."""
    traffic = Traffic()

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = int(message["status"])
                traffic.requests[status] = traffic.requests.get(status, 0) + 1
            traffic.bytes += len(message.get("body", b""))
            await send(message)

        await app(scope, receive, count)

    with serve(counting) as url:
        yield url, traffic


def in_fresh_process(module: str, *arguments: object) -> Figures:
    """Run `python -m module arguments…`, which calls `tell`; the figures that it told."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: Figures = json.loads(result.stdout.splitlines()[-1])
    return figures


def tell(work: Callable[[], Figures]) -> None:
    """Do the work, and print what it answers, its seconds, and the process's peak of memory before and after."""
    before = peak_mebibytes()
    started = time.monotonic()
    figures = work()
    seconds = time.monotonic() - started
    print(json.dumps(figures | {"seconds": seconds, "peak": peak_mebibytes(), "peak_before": before}))


def peak_mebibytes() -> float:
    """The most this process ever held in memory. (getrusage's figure begins with that of the parent process.)"""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, the first column to the left and the others to the right."""
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    print(f"\n{title}\n")
    for row in table:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *cells]))


def ratio(ours: float, floor: float) -> str:
    return f"{ours / floor:.2f} ×"


def hold(ratios: dict[str, tuple[float, float]]) -> None:
    """By what is compared: a ratio, and the most that it may be. Raises LimitExceededError with all that are larger."""
    exceeded = [
        f"{what}: {ratio(found, 1)}, at most {ratio(most, 1)}" for what, (found, most) in ratios.items() if found > most
    ]
    if exceeded:
        raise LimitExceededError("\n".join(exceeded))

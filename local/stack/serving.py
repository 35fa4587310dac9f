"""Runs an ASGI app on this machine for as long as a with-block lasts."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from local.errors import CommandError
from local.stack.guard import PREFIX, Guard

HOST = "127.0.0.1"


@contextmanager
def serve(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve `app` behind the guard from a daemon thread; port 0 takes a free one.

    Yields its base url, which holds the run's secret and no slash at its end, like "http://127.0.0.1:43121/9f1c…".
    Starting takes a few milliseconds; stopping waits for uvicorn's next ticks, 0.2 seconds in all.
    """
    server = uvicorn.Server(uvicorn.Config(Guard(app), HOST, port, log_level="warning", timeout_graceful_shutdown=1))
    # Outside the main thread uvicorn leaves the process's signal handlers alone.
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield f"http://{HOST}:{server.servers[0].sockets[0].getsockname()[1]}{PREFIX}"
    finally:
        server.should_exit = True
        thread.join()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    while not server.started:
        if not thread.is_alive():
            raise CommandError("the server couldn't start; uvicorn's log says why")
        time.sleep(0.001)

"""Wakes those who wait for a change, whichever thread makes it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Bell:
    """Rung by any thread, heard in any event loop. However often it rings, a listener holds one flag and no queue."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def ring(self) -> None:
        """Set every listener's flag."""
        with self._lock:
            listeners = list(self._listeners.items())
        for flag, loop in listeners:
            with suppress(RuntimeError):  # a loop that has ended has nobody left who would listen
                loop.call_soon_threadsafe(flag.set)

    @contextmanager
    def listener(self) -> Iterator[asyncio.Event]:
        """A flag that is set at each ring; to be cleared before one looks at what has changed."""
        flag = asyncio.Event()
        with self._lock:
            self._listeners[flag] = asyncio.get_running_loop()
        try:
            yield flag
        finally:
            with self._lock:
                del self._listeners[flag]

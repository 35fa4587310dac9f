"""How long whoever asks waits for look-ups."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime


class Patience:
    """So many seconds for all look-ups of one moment together: an alert may name ten people, and a digest thousands.

    One that has begun is bound by its own timeouts.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._moment: datetime | None = None
        self._spent = 0.0

    def is_over(self, moment: datetime) -> bool:
        """Whether nothing more may be looked up at that moment."""
        if moment != self._moment:
            self._moment, self._spent = moment, 0.0
        return self._spent >= self._seconds

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Count the time that a look-up takes."""
        began = self._clock()
        try:
            yield
        finally:
            self._spent += self._clock() - began

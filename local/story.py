"""The days that events/ tells of, and their digests."""

from collections.abc import Iterable
from datetime import UTC, datetime

from local.stack.events import SampleEvent

# After the last come, and go again, texts that are a trial for whoever shows them: no list is to bear them.
MORNINGS = (datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC))


def between(samples: Iterable[SampleEvent], start: datetime | None, end: datetime | None) -> list[SampleEvent]:
    """The events that happened from a time on, and before another; None is the beginning, or the end, of it all."""
    return [
        sample
        for sample in samples
        if (start is None or _time(sample) >= start) and (end is None or _time(sample) < end)
    ]


def _time(sample: SampleEvent) -> datetime:
    return datetime.fromisoformat(str(sample.event["time"]))

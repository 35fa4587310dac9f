"""The days that events/ tells of, and their digests."""

from collections.abc import Iterable
from datetime import UTC, datetime

from local.stack.events import SampleEvent

MORNINGS = (datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC))


def between(samples: Iterable[SampleEvent], start: datetime | None, end: datetime | None) -> list[SampleEvent]:
    """The events that happened from a time on, and before another; None is the beginning, or the end, of it all."""
    return [
        sample
        for sample in samples
        if (start is None or _time(sample) >= start) and (end is None or _time(sample) < end)
    ]


def before_the_last_digest(samples: Iterable[SampleEvent]) -> list[SampleEvent]:
    """What that digest knows of. After it comes text that is a trial for whoever shows it, and would spoil a table."""
    return between(samples, None, MORNINGS[-1])


def _time(sample: SampleEvent) -> datetime:
    return datetime.fromisoformat(str(sample.event["time"]))

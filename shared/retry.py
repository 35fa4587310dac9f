"""How long an attempt may take, when a failed event is tried again, and when it is given up."""

from datetime import datetime, timedelta
from math import inf

LEASE = timedelta(seconds=60)  # of a claim: longer than the function may run, shorter than the visibility timeout

FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 900

# A Slack outage over a long weekend loses nothing. The queue keeps a message for 14 days and then drops it without a
# trace; with the longest pause, one that waited so long for its first attempt has some more in the last hour.
GIVE_UP_AFTER = timedelta(days=4) - timedelta(hours=1)
PUT_ASIDE_AFTER = timedelta(days=14) - timedelta(hours=1)


def pause_seconds(attempts: int, retry_after: float | None = None) -> int:
    """How long to wait after so many attempts: what Slack asks for, else twice as long each time."""
    if retry_after is not None:
        return min(int(retry_after) + 1, LONGEST_PAUSE_SECONDS)
    doublings = min(max(attempts, 1) - 1, 10)
    return min(FIRST_PAUSE_SECONDS << doublings, LONGEST_PAUSE_SECONDS)


def seconds_remaining(context: object) -> float:
    """How long Lambda lets an invocation run on; without end where there is no context, as on a laptop."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return float(remaining()) / 1000 if remaining else inf


def is_to_be_given_up(sent_at: datetime, first_tried_at: datetime, now: datetime) -> bool:
    """Whether it was tried for long enough, or the queue is about to drop it."""
    return now - first_tried_at >= GIVE_UP_AFTER or now - sent_at >= PUT_ASIDE_AFTER

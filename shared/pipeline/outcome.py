"""What became of an event, in the log and in the metrics."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of an event, as the log tells it."""

    FILTERED = "filtered"
    NOTHING = "nothing"
    REMEMBERED = "remember"
    ANNOUNCED = "announce"
    REOPENED = "reopen"
    FLAPPED = "flap"
    COUNTED = "burst"
    RAISED = "raise"
    LOWERED = "lower"
    WAITING = "wait"
    CLOSED = "close"


METRICS = {
    Outcome.FILTERED: "AlertFiltered",
    **dict.fromkeys((Outcome.NOTHING, Outcome.REMEMBERED, Outcome.LOWERED, Outcome.WAITING), "AlertDeduplicated"),
    Outcome.FLAPPED: "AlertDeduplicated",
    **dict.fromkeys((Outcome.ANNOUNCED, Outcome.REOPENED), "AlertPosted"),
    Outcome.COUNTED: "AlertInBurst",
    Outcome.RAISED: "AlertRaised",
    Outcome.CLOSED: "AlertClosed",
}

"""What the functions' log says became of an event."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.words import language, said
from shared.alert.why import Reason, Why
from shared.view.language import LANGUAGES

PUT_ASIDE = "put_aside"
SPOKEN = {
    "announce": "announced",
    "reopen": "announced as reopened",
    "burst": "counted in a burst",
    "close": "closed",
    "raise": "raised",
    "flap": "comes and goes",
    "lower": "lowered",
    "held": "held",
    "failed": "FAILED",
    PUT_ASIDE: "put aside with the dead letters",
}
SILENT = {"filtered", "nothing", "remember", "wait", "dropped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One event's end, or that of one try: `what` was done, and `why`; `violation` is the key of the one it was about,
    if of any. `at` is when the log told of it, and `next_try` when the queue brings it again, if it does."""

    event_id: str | None
    what: str
    why: str
    violation: str | None = None
    at: datetime | None = None
    next_try: datetime | None = None
    # What `why` says in English, where a decision was taken.
    decided_by: Why | None = field(default=None, compare=False)

    @property
    def is_silent(self) -> bool:
        return self.what in SILENT

    @property
    def word(self) -> str:
        """What was done, in the words of whoever sits at the terminal."""
        return said("silent" if self.is_silent else SPOKEN.get(self.what, self.what))

    @property
    def told(self) -> str:
        """Why, in their language."""
        return LANGUAGES[language()].explain(self.decided_by) if self.decided_by else said(self.why)

    def __str__(self) -> str:
        text = f"{self.word}: {self.told}"
        return said(f"{text} (next try at {self.next_try:%H:%M:%S} {self.next_try:%Z})") if self.next_try else text


def outcomes(log_lines: Iterable[str]) -> list[Outcome]:
    """Every outcome in a function's log, oldest first; lines that tell of none are passed over."""
    return [outcome for line in log_lines if (outcome := _outcome(line))]


def _outcome(line: str) -> Outcome | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or "why" not in record:
        return None
    return Outcome(
        event_id=record.get("event_id"),
        what=PUT_ASIDE if record.get("is_put_aside") else str(record.get("message")),
        why=str(record["why"]),
        violation=record.get("violation"),
        at=_logged_at(record),
        next_try=datetime.fromisoformat(record["next_try"]) if record.get("next_try") else None,
        decided_by=_decided_by(record),
    )


def _decided_by(record: dict[str, Any]) -> Why | None:
    """The reason of the decision; None if none was taken, or one that this version doesn't know."""
    try:
        return Why(Reason(record["reason"]), dict(record["facts"]))
    except (KeyError, TypeError, ValueError):
        return None


def _logged_at(record: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(record.get("timestamp")))
    except ValueError:
        return None

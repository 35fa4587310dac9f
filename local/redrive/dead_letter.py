"""Dead letters of the alert queue: why each is there, what it is about, and which belong together."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from textwrap import shorten
from typing import Any

from local.screen import count_of
from local.slack.text import one_line
from local.words import said
from shared.aws.dead_letter import MAX_REASON_CHARACTERS
from shared.errors import MalformedEventError
from shared.finding.event import parse_event
from shared.text import excerpt

BODY_CHARACTERS_SHOWN = 100
# What differs between two letters with one and the same cause: ARNs, UUIDs, account ids, hashes.
IDS = re.compile(
    r"arn:[^\s,;'\"]+|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b\d{12}\b|\b[0-9a-f]{16,}\b", re.IGNORECASE
)
# Errors of ours, Slack's and AWS's, and names of fields: "SlackError", "not_in_channel", "Severity.Label".
NAMES = re.compile(r"\b\w+(?:Error|Exception)\b|\b[a-z]+(?:_[a-z]+)+\b|\b[A-Za-z]{3,}(?:\.[A-Za-z]+)+\b")
TEXT_CHARACTERS = 60
CRASH = ("Crash", "the function crashed or timed out on it again and again, until SQS moved it here")
BY_HAND = ("Unknown", "whoever put it here gave no reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One message of the dead-letter queue; `error` and `reason` say why it is there, on one line each."""

    id: str
    receipt_handle: str
    body: str
    sent_at: datetime
    error: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Dead letters with the same cause, oldest first; `reason` has "…" where those of the letters have ids."""

    error: str
    reason: str
    letters: list[DeadLetter]

    @property
    def cause(self) -> str:
        return f"{self.error}: {self.reason}"

    def mentions(self, text: str) -> bool:
        """Whether the cause has the text, as it is or as it is shown."""
        return text.casefold() in f"{self.cause}\n{said(self.cause)}".casefold()


def parse_letter(message: dict[str, Any]) -> DeadLetter:
    """The dead letter that a message is, as ReceiveMessage shows it with all of its attributes."""
    system = message.get("Attributes", {})
    attributes = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    error, reason = _cause(attributes, is_moved="DeadLetterQueueSourceArn" in system)
    return DeadLetter(
        id=message["MessageId"],
        receipt_handle=message["ReceiptHandle"],
        body=message["Body"],
        sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
        error=excerpt(one_line(error)),
        reason=one_line(reason[:MAX_REASON_CHARACTERS]),
    )


def _cause(attributes: dict[str, str], *, is_moved: bool) -> tuple[str, str]:
    if "ErrorType" in attributes:  # shared/aws/dead_letter.py
        return attributes["ErrorType"], attributes.get("Reason", "")
    if "ERROR_CODE" in attributes:  # EventBridge User Guide, "Using dead-letter queues to process undelivered events"
        return f"EventBridge {attributes['ERROR_CODE']}", attributes.get("ERROR_MESSAGE", "")
    return CRASH if is_moved else BY_HAND


def grouped(letters: Iterable[DeadLetter]) -> list[Group]:
    """The letters by cause, the largest group first."""
    groups: dict[tuple[str, str], Group] = {}
    for letter in sorted(letters, key=lambda letter: letter.sent_at):
        reason = IDS.sub("…", letter.reason)
        group = groups.setdefault((letter.error, reason), Group(error=letter.error, reason=reason, letters=[]))
        group.letters.append(letter)
    return sorted(groups.values(), key=lambda group: -len(group.letters))


def about(letter: DeadLetter) -> str:
    """What a letter is about: control, resource and account, or how its body begins if that is no violation's event."""
    try:
        violation = parse_event(json.loads(letter.body))
    except (MalformedEventError, ValueError, RecursionError):
        violation = None
    if violation is None:
        text = one_line(letter.body)
        return text if len(text) <= BODY_CHARACTERS_SHOWN else f"{text[:BODY_CHARACTERS_SHOWN]}…"
    name = violation.account_name
    account = excerpt(violation.account_id) + (f" ({excerpt(name)})" if name else "")
    return one_line(said(f"{excerpt(violation.control_id)} on {excerpt(violation.resource.name)} in account {account}"))


def distinctive_text(group: Group, groups: Iterable[Group]) -> str:
    """What to write for REASON to mean this group alone: a name if one will do, else the reason's beginning, or all."""
    others = [other for other in groups if other is not group]
    beginning = shorten(group.reason, TEXT_CHARACTERS, placeholder="")
    candidates = [group.error, *NAMES.findall(group.reason), beginning, group.reason]
    fitting = (text for text in candidates if text and not any(other.mentions(text) for other in others))
    return next(fitting, group.cause)


def count_of_letters(count: int) -> str:
    return said(count_of(count, "dead letter"))

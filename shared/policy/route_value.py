"""The values in the file of the routes: each read as what it has to be, or told what it should be.

What is wrong is noted at its node, and reading goes on with something of the type.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from shared.finding.violation import Severity
from shared.policy.condition import Patterns
from shared.policy.document import Node
from shared.policy.owner import is_email
from shared.policy.pattern import may_match_control
from shared.policy.route import BROADCASTS, OWNER, is_channel_id

_ACCOUNT = re.compile(r"[0-9]{12}|(?=[0-9*]{1,13}$)[0-9]*\*[0-9*]*")
_REGION = re.compile(r"[A-Za-z0-9*-]{1,40}")
_UNIT = re.compile(r"ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32}")  # service model of AWS Organizations
_GROUP = re.compile(r"S[A-Z0-9]{2,}")
_USER = re.compile(r"[UW][A-Z0-9]{2,}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

T = TypeVar("T")


class PatternCount:
    """How many patterns may still follow."""

    def __init__(self, most: int) -> None:
        self.left = most


def read_patterns(
    value: Node, check: Callable[[Node], str], most: int, count: PatternCount | None = None
) -> Patterns | None:
    """One pattern or a list of them, None if the value is absent; `count` goes on through several values."""
    if not value:
        return None
    found = tuple(check(one) for one in some(value, most))
    if count:
        count.left -= len(found)
    return found


def some(value: Node, most: int) -> list[Node]:
    """The one value, or those of a list, which may not be empty."""
    elements = value.elements(most)
    if isinstance(value.value, list) and not value.value:
        value.tell("is empty: name at least one")
    return elements


def read_control(value: Node) -> str:
    text = value.text()
    if text and not may_match_control(text):
        value.refuse("that can match no control; write control ids such as S3.1, or IAM.*, or *")
    return text


def read_severity(value: Node) -> Severity:
    text = value.text()
    if text.upper() in Severity.__members__:
        return Severity[text.upper()]
    if text:
        value.refuse(f"give one of {', '.join(Severity.__members__)}{value.suggestion(text, Severity.__members__)}")
    return Severity.INFORMATIONAL


def read_account(value: Node) -> str:
    return _shaped(_ACCOUNT, "write an account's 12 digits, or 1234*, in quotes")(value)


def read_unit(value: Node) -> str:
    return _shaped(_UNIT, "give the id of an organizational unit such as ou-ab12-34567890, not its name")(value)


def read_region(value: Node) -> str:
    return _shaped(_REGION, "write a Region such as eu-west-1, or eu-*")(value)


def read_group(value: Node) -> str:
    return _shaped(_GROUP, "give the ID of a user group such as S0123456789, not its handle")(value)


def read_user(value: Node) -> str:
    return _shaped(_USER, "give a member ID such as U0123456789, found in the person's profile")(value)


def read_channel(value: Node) -> str:
    text = value.text()
    if text and not is_channel_id(text):
        value.refuse("give a channel ID such as C0123456789, found at the bottom of the channel's details in Slack")
    return text


def read_channel_or_owner(value: Node) -> str:
    return OWNER if value.value == OWNER else read_channel(value)


def read_email(value: Node) -> str:
    text = value.text()
    if text and not is_email(text):
        value.refuse("give one e-mail address")
    return text


def read_mention(value: Node) -> str:
    text = value.text()
    words = (OWNER, *BROADCASTS)
    if text and text not in words and not _GROUP.fullmatch(text) and not _USER.fullmatch(text):
        value.refuse(
            f"write owner, here, channel, or the ID of a user group (S…) or user (U…){value.suggestion(text, words)}"
        )
    return text


def read_day(value: Node) -> date:
    text = value.text()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    if text:
        value.refuse("write a day as 2027-03-31")
    return date.max


def _shaped(pattern: re.Pattern[str], meaning: str) -> Callable[[Node], str]:
    def read(value: Node) -> str:
        text = value.text()
        if text and not pattern.fullmatch(text):
            value.refuse(meaning)
        return text

    return read


def optional(value: Node, read: Callable[[Node], T]) -> T | None:
    """What `read` makes of a value, None if that is absent."""
    return read(value) if value else None

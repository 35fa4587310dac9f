"""A person, by what stands for them in texts: an owner tag's value, an address, a user name."""

import json
import re
import unicodedata
from collections import Counter
from typing import Any

from local.errors import InputError
from shared.view.csv_file import COMMA, SEMICOLON, as_text

FORGOTTEN = "forgotten"
CHARACTERS_AROUND = 60

# What the functions compare, look up by or show as AWS's own words; none of it names anybody.
FIXED = frozenset(
    {
        # of a violation
        *("finding_id", "other_findings", "product_arn", "account_id", "region", "control_id", "title", "type"),
        *("standards", "remediation_url", "severity", "provider_severity", "archival_reason"),
        *("compliance_status", "previous_compliance_status", "record_state", "workflow_status"),
        *("episode_started_at", "updated_at", "reported_at"),
        # of the ledger's items
        *("state", "findings", "finding", "closed_by", "claimed_by", "recorded_by", "channel", "ts", "earlier", "due"),
        *("at", "due_at", "opened_at", "closed_at", "joined_at", "attempted_at", "closing_attempted_at", "flapping"),
        *("burst_id", "going_on", "singles", "lanes", "tally", "told", "message", "posted"),
        *("started_at", "prolonged_at", "follow_up_at", "concluded_at"),
        # of what digests keep
        *("away", "placed", "since", "scheduled_time", "counts", "caveats", "fault", "left", "incomplete"),
    }
)


class Person:
    """Finds a text as a whole word, whatever its case, and puts FORGOTTEN in its place.

    An e-mail address is no part of a longer one; Chinese and Japanese, which put no blanks between words, are found
    anywhere. `written` counts what the text was found in, as a reader sees it, without the blanks around.
    """

    def __init__(self, text: str) -> None:
        """Raises InputError if it can stand for nobody."""
        self.text = text.strip()
        if not any(character.isalnum() for character in self.text) or not self.text.isprintable():
            raise InputError("Who is to be forgotten? Give the owner tag's value, the address or the user name.")
        if self.text.casefold() == FORGOTTEN:
            raise InputError(f"{FORGOTTEN!r} is what shirase writes in the place of those who are forgotten.")
        self.written: Counter[str] = Counter()
        self._plain = _pattern({self.text}, self.text)
        cells = {self.text, as_text(self.text, COMMA), as_text(self.text, SEMICOLON)}
        self._cell = _pattern({cell.replace('"', '""') for cell in cells}, self.text)

    def is_in(self, value: Any) -> bool:
        """Whether a value that JSON can say has the text anywhere; a text that is JSON itself is read as such."""
        if isinstance(value, dict):
            return any(self.is_in(part) for pair in value.items() for part in pair)
        if isinstance(value, list):
            return any(map(self.is_in, value))
        if not isinstance(value, str):
            return False
        content = _content(value)
        return self.is_in(content) if content else self._plain.search(value) is not None

    def without(self, value: Any) -> Any:
        """The same without the text, except in what FIXED names."""
        if isinstance(value, dict):
            return {name: part if name in FIXED else self.without(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.without(part) for part in value]
        if not isinstance(value, str):
            return value
        if content := _content(value):
            changed = self.without(content)
            return value if changed == content else compact(changed)
        return self._plain.sub(self._forget, value)

    def without_in_row(self, line: str) -> str:
        """A line of a CSV file without the text."""
        return self._cell.sub(self._forget, line)

    def _forget(self, found: re.Match[str]) -> str:
        before = re.split(r"[\s\"',;|<>]", found.string[max(0, found.start() - CHARACTERS_AROUND) : found.start()])[-1]
        after = re.split(r"[\s\"',;|<>]", found.string[found.end() : found.end() + CHARACTERS_AROUND], maxsplit=1)[0]
        self.written[before + found[0] + after] += 1
        return FORGOTTEN


def compact(content: Any) -> str:
    """JSON as the ledger and the archive have it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _content(text: str) -> Any:
    """What a text says that is a JSON object or list; None if it is none."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _pattern(spellings: set[str], text: str) -> re.Pattern[str]:
    is_address = "@" in text
    before = (r"(?<![\w.+-])" if is_address else r"(?<!\w)") if _ends_at_a_blank(text[0]) else ""
    after = (r"(?![\w-]|\.\w)" if is_address else r"(?!\w)") if _ends_at_a_blank(text[-1]) else ""
    longest_first = sorted(map(re.escape, spellings), key=len, reverse=True)
    return re.compile(f"{before}(?:{'|'.join(longest_first)}){after}", re.IGNORECASE)


def _ends_at_a_blank(character: str) -> bool:
    """Whether words of this script are kept apart by what is no letter."""
    return character.isalnum() and unicodedata.east_asian_width(character) not in "WF"

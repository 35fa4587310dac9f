"""Patterns in which * stands for anything, and case doesn't matter."""

import re
from functools import lru_cache

_CONTROL = re.compile(r"[A-Za-z0-9]*\*[A-Za-z0-9*]*|[A-Za-z0-9*]+(\.[A-Za-z0-9*]+)+")


def matches(pattern: str, text: str) -> bool:
    """Whether a text is meant; in time linear in its length, whatever the pattern."""
    first, *others = _literals(pattern)
    text = text.casefold()
    if not others:
        return text == first
    *inner, last = others
    start, end = len(first), len(text) - len(last)
    if start > end or not (text.startswith(first) and text.endswith(last)):
        return False
    for literal in inner:  # each where it first stands: a later place would only leave less room for the next
        found = text.find(literal, start, end)
        if found < 0:
            return False
        start = found + len(literal)
    return True


def covers(wide: str, narrow: str) -> bool:
    """Whether a pattern matches all that another does: where it matches that pattern itself, its * as a letter."""
    return matches(wide, narrow)


def matches_all(pattern: str) -> bool:
    return bool(pattern) and not pattern.strip("*")


def may_match_control(pattern: str) -> bool:
    """Whether any control's id can match: "S3.1", "IAM.*", "*", but not "S3"."""
    return _CONTROL.fullmatch(pattern) is not None


@lru_cache(maxsize=16_384)  # the routes have many, and ask for each of them of every violation
def _literals(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.casefold().split("*"))

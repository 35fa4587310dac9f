"""Patterns in which * stands for anything, and case doesn't matter."""

from functools import lru_cache


@lru_cache(maxsize=16_384)  # hundreds of routes ask the same of every alert
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


@lru_cache
def _literals(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.casefold().split("*"))

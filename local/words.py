"""The commands' sentences in the language of whoever sits at the terminal. It needs nothing but Python.

English stands where it is said; `local/japanese.py` has what is said instead. A sentence that it doesn't know, such as
one of AWS, stays as it is.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from local.japanese import JAPANESE

LONGEST_SENTENCE = 2000  # characters; what is longer quotes another program's output
PHRASES = frozenset({"place", "problem", "value"})  # values that are words of ours, too, and not a person's or of AWS
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts: POSIX, "Environment Variables"


_SPOKEN: ContextVar[str | None] = ContextVar("language", default=None)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let all be said in a language, "en" or "ja": that of somebody who isn't at the terminal."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def speaks_japanese(environment: Mapping[str, str]) -> bool:
    """Whether MESSAGE_LANGUAGE says so, or, where that is not set, the locale."""
    if language := environment.get("MESSAGE_LANGUAGE"):
        return language == "ja"
    return next((environment[name] for name in _LOCALES if environment.get(name)), "").startswith("ja")


def said(sentence: str) -> str:
    """A sentence of a command, in Japanese if that is the language, and else as it is."""
    spoken = _SPOKEN.get()
    is_japanese = spoken == "ja" if spoken else speaks_japanese(os.environ)
    if not is_japanese or len(sentence) > LONGEST_SENTENCE:
        return sentence
    for pattern, japanese in _patterns():
        if found := pattern.fullmatch(sentence):
            values = found.groupdict().items()
            return japanese.format(**{name: said(value) if name in PHRASES else value for name, value in values})
    return sentence


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(_pattern(english), japanese) for english, japanese in JAPANESE.items()]


def _pattern(english: str) -> re.Pattern[str]:
    """What matches the sentence with any value in the place of each "{name}"."""
    parts = re.split(r"\{(\w+)\}", english)
    names = iter(parts[1::2])
    return re.compile(
        "".join(re.escape(text) + (f"(?P<{name}>.+?)" if (name := next(names, "")) else "") for text in parts[::2]),
        re.DOTALL,
    )

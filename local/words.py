"""The commands' sentences in the language of whoever sits at the terminal. It needs nothing but Python.

English stands where it is said; `local/japanese.py` has what is said instead. A sentence that it doesn't know, such as
one of AWS, stays as it is. A test finds a sentence of ours that is missing there.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from local.japanese import JAPANESE, REASONS

LONGEST_SENTENCE = 2000  # characters; what is longer quotes another program's output, and some patterns take long on it
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts: POSIX, "Environment Variables"
_REGION = r"[\w-]+?"
_PLACE = re.compile(r"\S+: \S+")

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
        return language.strip().lower() == "ja"
    return next((environment[name] for name in _LOCALES if environment.get(name)), "").startswith("ja")


def language() -> str:
    """The language of whoever is spoken to, "en" or "ja": who sits at the terminal, unless `speaking` says another."""
    return _SPOKEN.get() or ("ja" if speaks_japanese(os.environ) else "en")


def said(sentence: str) -> str:
    """A sentence of a command, in Japanese if that is the language, and else as it is."""
    return in_japanese(sentence) if language() == "ja" else sentence


def enumerated(values: Iterable[str]) -> str:
    """Several things in a sentence, which are said already."""
    return ("、" if language() == "ja" else ", ").join(values)


def in_japanese(sentence: str) -> str:
    """A sentence in Japanese, with those that it quotes; as it is, line by line, where there is no Japanese for it."""
    if (known := _known(sentence)) is not None:
        return known
    if (text := sentence.strip()) != sentence:
        return sentence.replace(text, in_japanese(text), 1) if text else sentence
    if "\n" in sentence:
        return "\n".join(map(in_japanese, sentence.split("\n")))
    subject, colon, rest = sentence.partition(": ")  # a thing and what is the matter with it
    return f"{_quoted(subject)}{colon}{in_japanese(rest)}" if rest else sentence


def _known(sentence: str) -> str | None:
    if len(sentence) > LONGEST_SENTENCE:
        return None
    for pattern, japanese in _patterns():
        if found := pattern.fullmatch(sentence):
            values = [_quoted(value) for value in found.groups()]
            named = {name: values[number - 1] for name, number in pattern.groupindex.items()}
            return japanese.format(*values, **named)
    return None


def _quoted(value: str) -> str:
    """What stands in a sentence, which may be one, too; a single word is a name, and so is "routes.yaml:2: owner"."""
    return in_japanese(value) if " " in value and not _PLACE.fullmatch(value) else value


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    # The more of a sentence is fixed, the fewer others it fits.
    ordered = sorted(JAPANESE.items(), key=lambda sentence: -len(re.sub(r"\{\w+\}", "", sentence[0])))
    sentences = [(_pattern(english), japanese) for english, japanese in ordered]
    return sentences + [(re.compile(english, re.DOTALL), japanese) for english, japanese in REASONS]


def _pattern(english: str) -> re.Pattern[str]:
    """What matches the sentence with any value in the place of each "{name}"; a Region is one word.

    Else "the stack {name} in account {account}, Region {region}" would fit all that is said of a stack.
    """
    parts = re.split(r"\{(\w+)\}", english)
    names = iter(parts[1::2])
    return re.compile(
        "".join(re.escape(text) + (_group(name) if (name := next(names, "")) else "") for text in parts[::2]),
        re.DOTALL,
    )


def _group(name: str) -> str:
    return f"(?P<{name}>{_REGION if name == 'region' else '.+?'})"

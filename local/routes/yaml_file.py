"""YAML as routes are written in: plain values of which nobody need guess the type, each with its line.

Of YAML 1.1 and 1.2 only what they agree on is a number, true, false or nothing; NO, 1.10, 12:30 and 2027-03-31 are the
texts that they look like. References are refused, with which a few lines can stand for billions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import yaml

from local.errors import InputError
from local.stack.encoding import explain_unreadable
from shared.errors import RoutesError
from shared.policy.document import OCTAL, Place, WrittenNumber, path_text
from shared.policy.route_file import MAX_FILE_BYTES, SOURCE, parse_routes
from shared.policy.routes import Routes

MAX_DEPTH = 10  # routes need 5
_MAX_DIGITS = 100
_NUMBER = re.compile(rf"-?[0-9]{{1,{_MAX_DIGITS}}}")
_REFERENCE = "has * or & without quotes, by which YAML refers to another place: write it in quotes"
_RESERVED = ("@", "`", "%")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
# The parser of libyaml is twenty times as fast where it is there; both are safe, for they only parse.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(Exception):
    """Raised when a text is no YAML, or of a kind that isn't taken; `line` counts from 1."""

    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.line = line


class WrongFileError(InputError):
    """Raised when a file of routes can't be meant; each of the `problems` begins with the file's name and the line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(slots=True)
class Parsed:
    """A document, the line of each of its places, from 1, and what is wrong with it as such: a sentence and a line."""

    value: object = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """The line of what stands in a place, or else of what it is part of."""
        return next((self.lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in self.lines), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutesFile:
    """A file that may be put into use: its name and text, what they hold, and what that means."""

    name: str
    text: str
    document: dict[str | int, object]
    parsed: Parsed
    routes: Routes


def read(path: Path) -> RoutesFile:
    """Read and check a file. Raises InputError with all its problems, each with the file's name and its line."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}): name a file of routes") from error
    if len(content) > MAX_FILE_BYTES:
        raise InputError(f"{path} has more than {MAX_FILE_BYTES:,} bytes, which are the most")
    if problem := explain_unreadable(content):
        raise InputError(f"{path}: {problem}")
    return check(content.decode("utf-8-sig").replace("\r\n", "\n"), str(path))


def check(text: str, name: str) -> RoutesFile:
    """What a text means; raises InputError like `read`."""
    try:
        parsed = parse(text)
    except YamlError as error:
        raise WrongFileError([f"{name}:{error.line}: {error}"]) from error
    told = parsed.problems
    if isinstance(parsed.value, dict) and SOURCE in parsed.value:
        told.append((parsed.line((SOURCE,)), f"{SOURCE} is no part of the file"))
    try:
        routes = parse_routes(parsed.value)
    except RoutesError as error:
        places = zip(error.places, error.problems, strict=True)
        told += [(parsed.line(place), problem) for place, problem in places]
    if told or not isinstance(parsed.value, dict):
        raise WrongFileError([f"{name}:{line}: {problem}" for line, problem in sorted(told)])
    return RoutesFile(name=name, text=text, document=parsed.value, parsed=parsed, routes=routes)


def parse(text: str) -> Parsed:
    """The one document of a text; raises YamlError."""
    if unseen := yaml.reader.Reader.NON_PRINTABLE.search(text):
        raise YamlError("has a character that can't be seen", text.count("\n", 0, unseen.start()) + 1)
    parsed = Parsed()
    try:
        events = yaml.parse(text, Loader=_LOADER)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if parsed.lines:
                    raise YamlError("begins a second document: write one", _line(event))
                parsed.value = _value(next(events), events, (), parsed)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        written = "".join(text.splitlines()[line : line + 1])
        raise YamlError(_explained(error, written, written[mark.column :] if mark else ""), line + 1) from error
    return parsed


def _value(event: yaml.Event, events: Iterator[yaml.Event], place: Place, parsed: Parsed) -> object:
    """What begins with an event; the rest of its events are taken, too."""
    _refuse_references(event)
    if len(place) > MAX_DEPTH:
        raise YamlError(f"is nested more than {MAX_DEPTH} deep", _line(event))
    parsed.lines.setdefault(place, _line(event))
    if isinstance(event, yaml.SequenceStartEvent):
        inner = iter(lambda: next(events), None)
        return [
            _value(one, events, (*place, number), parsed)
            for number, one in enumerate(takewhile(lambda one: not isinstance(one, yaml.SequenceEndEvent), inner))
        ]
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events, place, parsed)
    return _scalar(event)


def _mapping(events: Iterator[yaml.Event], place: Place, parsed: Parsed) -> dict[str | int, object]:
    found: dict[str | int, object] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        _refuse_references(event)
        key = _scalar(event) if isinstance(event, yaml.ScalarEvent) else None
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise YamlError("has a key that is no text", _line(event))
        inner = (*place, key)
        if key in found:
            first = parsed.lines[inner]
            parsed.problems.append(
                (_line(event), f"{path_text(inner)} stands here once more: line {first} has it, too")
            )
            _value(next(events), events, inner, parsed)
        else:
            parsed.lines[inner] = _line(event)
            found[key] = _value(next(events), events, inner, parsed)
    return found


def _scalar(event: yaml.ScalarEvent) -> str | int | None:
    text: str = event.value
    if event.style:  # in quotes, or a block of text
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if not _NUMBER.fullmatch(text):
        return text
    return WrittenNumber(int(text, 8 if OCTAL.fullmatch(text) else 10), text)


def _refuse_references(event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise YamlError(_REFERENCE, _line(event))
    if getattr(event, "tag", None):
        raise YamlError("has ! before a name, which is a type: leave it out, or write it in quotes", _line(event))


def _explained(error: yaml.MarkedYAMLError, line: str, rest: str) -> str:
    """What is wrong with a line, as far as that can be told; `rest` begins where it went wrong."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "has a tab where YAML takes only spaces"
    if error.context and "alias" in error.context:
        return _REFERENCE
    if rest[:1] in _RESERVED:
        return f"has {rest[0]} at the start of a text, which YAML keeps for itself: write it in quotes"
    problem = f"{error.context}, {error.problem}" if error.context else f"{error.problem}"
    if rest.startswith(": "):
        return f"is no YAML: {problem}; a text with ': ' in it needs quotes"
    return f"is no YAML: {problem}"


def _line(event: yaml.Event) -> int:
    return int(event.start_mark.line) + 1

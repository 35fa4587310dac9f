"""A document that a person wrote, read part by part, so that all that is wrong with it is told at once and by place."""

import re
from collections.abc import Collection
from difflib import get_close_matches

from shared.errors import RoutesError
from shared.text import excerpt, harmless, quoted

MAX_CHARACTERS = 500  # of a text
MOST_COMPARISONS = 2_000  # of words with words, in search of those that may have been meant: half a second
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")
OCTAL = re.compile(r"0[0-7]+")
_ABSENT = object()

Place = tuple[str | int, ...]


class WrittenNumber(int):
    """A whole number, and how the file has it: 012345670123 is another number than it reads."""

    text: str

    def __new__(cls, number: int, text: str) -> "WrittenNumber":
        written = super().__new__(cls, number)
        written.text = text
        return written


class Node:
    """A value of the document, as JSON or YAML gives it, and where it stands there: ("routes", 3, "severity").

    What is wrong with it is noted, and reading goes on with something of the type asked for.
    """

    def __init__(self, value: object, path: Place = (), problems: dict[str, Place] | None = None) -> None:
        self.value = value
        self.path = path
        self._problems: dict[str, Place] = {} if problems is None else problems

    def __bool__(self) -> bool:
        return self.value is not _ABSENT

    @property
    def count(self) -> int:
        """How many problems the whole document has so far."""
        return len(self._problems)

    def tell(self, problem: str) -> None:
        """Note a problem; its sentence begins with the place."""
        self._problems.setdefault(f"{path_text(self.path)} {problem}", self.path)

    def refuse(self, meaning: str) -> None:
        """Note that the value can't be meant, and what can."""
        self.tell(f"is {shown(self.value)}: {meaning}")

    def check(self) -> None:
        """Raise RoutesError if there is any problem."""
        if self._problems:
            raise RoutesError(tuple(self._problems), tuple(self._problems.values()))

    def child(self, key: str | int) -> "Node":
        """The value of a key, which may be absent."""
        value = self.value.get(key, _ABSENT) if isinstance(self.value, dict) else _ABSENT
        return self._under(key, value)

    def fields(self, names: Collection[str], kind: str, own: Collection[str] = ()) -> None:
        """Note what is no mapping, and every key besides these; `kind` says what a key is: "no condition". Nobody is
        told to write our `own`."""
        for key in self.entries():
            name = key.path[-1]
            if name not in names and name not in own:
                key.tell(f"is {kind}{self.suggestion(name, names)}")

    def entries(self) -> list["Node"]:
        """The values of a mapping, whatever its keys; none if it is none."""
        if not self:
            return []
        if not isinstance(self.value, dict):
            self.refuse("write keys and values")
            return []
        return [self._under(key, value) for key, value in self.value.items()]

    def elements(self, most: int) -> list["Node"]:
        """The values of a list, or the one that stands in its place."""
        if not self:
            return []
        values = self.value if isinstance(self.value, list) else [self.value]
        if len(values) > most:
            self.tell(f"has {len(values)} entries: {most} are the most")
            values = []
        if not isinstance(self.value, list):
            return [self]
        return [self._under(number, value) for number, value in enumerate(values)]

    def listed(self, most: int) -> list["Node"]:
        """The values of a list; nothing else may stand in its place."""
        if self and not isinstance(self.value, list):
            self.refuse("write a list")
            return []
        return self.elements(most)

    def text(self, most: int = MAX_CHARACTERS) -> str:
        """A text with something in it that can be seen; an empty one if it is none."""
        value = self.value
        if not isinstance(value, str):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                self.tell(f"is the number {_number(value)}; write it in quotes")
            else:
                self.refuse("write a text")
        elif not value.strip():
            self.tell("is empty: write a text, or leave it out")
        elif len(value) > most:
            self.tell(f"has {len(value)} characters: {most} are the most")
        elif value != harmless(value):
            self.refuse("it has characters that can't be seen")
        else:
            return value.strip()
        return ""

    def key(self) -> str:
        """The key it stands under, as a text; an empty one if that is none."""
        key = self.path[-1]
        reader = Node(key, self.path, self._problems)
        return reader.text()

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.refuse("write true or false")
        return self.value is True

    def number(self, most: int) -> int:
        """A whole number from 0 on."""
        if isinstance(self.value, int) and not isinstance(self.value, bool) and 0 <= self.value <= most:
            return self.value
        self.refuse(f"write a whole number from 0 to {most}")
        return 0

    def suggestion(self, word: object, words: Collection[str]) -> str:
        """What may have been meant, as the end of a sentence; nothing if no word is like it."""
        if self.count * len(words) >= MOST_COMPARISONS or not isinstance(word, str):
            return ""
        by_folded = {one.casefold(): one for one in words}
        near = get_close_matches(word[:50].casefold(), by_folded, 1)
        return f"; did you mean {excerpt(by_folded[near[0]])}?" if near else ""

    def _under(self, key: str | int, value: object) -> "Node":
        return Node(value, (*self.path, key), self._problems)


def path_text(path: Place) -> str:
    """A place as a person reads it: "routes[3].severity", "owners['hana.sato'].email"."""
    text = "".join(_step(key) for key in path).removeprefix(".")
    return text or "the file"


def shown(value: object) -> str:
    """A value in a sentence: what a person wrote, and never all of much."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {_number(value)}"
    if isinstance(value, str):
        return "a Slack token, not shown here" if "xox" in value else quoted(value)
    if isinstance(value, dict):
        return "keys and values"
    return "a list" if isinstance(value, list) else "something else"


def _step(key: object) -> str:
    if isinstance(key, int) and not isinstance(key, (bool, WrittenNumber)):
        return f"[{key}]"
    text = key.text if isinstance(key, WrittenNumber) else key
    return f".{text}" if isinstance(text, str) and _PLAIN_KEY.fullmatch(text) else f"[{quoted(text)}]"


def _number(number: float) -> str:
    if isinstance(number, int) and number.bit_length() > 1000:  # Python writes no number of 4,300 digits
        return "with too many digits"
    if not isinstance(number, WrittenNumber) or number.text == str(int(number)):
        return str(number)
    how = "as octal" if OCTAL.fullmatch(number.text) else "so"
    return f"{int(number)} (YAML read {excerpt(number.text)} {how})"

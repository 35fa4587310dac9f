"""What Slack says about a JSON value of the wrong shape or size: pairs of (JSON pointer, reason)."""

from collections.abc import Iterator
from typing import Any

Problem = tuple[str, str]


def string(value: Any, at: str, longest: int) -> Iterator[Problem]:
    """Problems of a string that has to hold 1 to `longest` characters."""
    if not isinstance(value, str):
        yield at, "must provide a string"
    elif not value:
        yield at, "must be more than 0 characters"
    elif len(value) > longest:
        yield at, f"must be less than {longest + 1} characters"


def optional_string(owner: dict[str, Any], key: str, at: str, longest: int) -> Iterator[Problem]:
    """The same for a key that may be left out."""
    if key in owner:
        yield from string(owner[key], f"{at}/{key}", longest)


def items(value: Any, at: str, most: int, least: int = 1) -> Iterator[Problem]:
    """Problems of an array's length alone, not of what it holds."""
    if not isinstance(value, list):
        yield at, "must provide an array"
    elif len(value) > most:
        yield at, f"no more than {most} items allowed"
    elif len(value) < least:
        yield at, f"no fewer than {least} items allowed"


def typed(value: Any, at: str, allowed: tuple[str, ...]) -> Iterator[Problem]:
    """Problems of an object's `type` key."""
    if not isinstance(value, dict):
        yield at, "must provide an object"
    elif "type" not in value:
        yield at, "missing required field: type"
    elif value["type"] not in allowed:
        yield f"{at}/type", f"unsupported type: {value['type']}"


def required(owner: dict[str, Any], at: str, *keys: str) -> Iterator[Problem]:
    """One problem for each key that is absent."""
    yield from ((at, f"missing required field: {key}") for key in keys if key not in owner)


def text(owner: dict[str, Any], key: str, at: str, longest: int, kinds: tuple[str, ...]) -> Iterator[Problem]:
    """Problems of an optional text object such as {"type": "mrkdwn", "text": "*Hello*"}.

    Source: "Text object", Slack's Block Kit reference.
    """
    if key not in owner:
        return
    wrong_type = list(typed(owner[key], f"{at}/{key}", kinds))
    yield from wrong_type or string(owner[key].get("text"), f"{at}/{key}/text", longest)


def entries(owner: dict[str, Any], key: str) -> list[tuple[int, Any]]:
    """What an array holds, with positions; what is no array holds nothing, and `items` has reported it."""
    value = owner.get(key)
    return list(enumerate(value)) if isinstance(value, list) else []


def members(owner: dict[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    """The objects among the entries; `typed` has reported the others."""
    return [(i, entry) for i, entry in entries(owner, key) if isinstance(entry, dict)]

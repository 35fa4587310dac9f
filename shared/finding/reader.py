"""Reads fields out of what AWS sends: the value, or an error that names the field."""

from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from shared.errors import MalformedEventError
from shared.text import harmless

T = TypeVar("T")

_KIND_NAMES: dict[type, str] = {str: "text", dict: "an object", list: "a list"}


def required(source: object, path: str, kind: type[T]) -> T:
    """The value at a dotted path; raises MalformedEventError if it is absent, blank, or of another kind."""
    value = optional(source, path, kind)
    if value is None:
        raise MalformedEventError(f"{path} is missing")
    if isinstance(value, str) and not value.strip():
        raise MalformedEventError(f"{path} is empty")
    return value


def optional(source: object, path: str, kind: type[T]) -> T | None:
    """The value at a dotted path, a text made harmless; None where any step of it is absent.

    Raises MalformedEventError for another kind.
    """
    value: Any = source
    names = path.split(".")
    for depth, name in enumerate(names):
        if value is None:
            return None
        if not isinstance(value, dict):
            where = ".".join(names[:depth]) or "the input"
            raise MalformedEventError(f"{where} is {_kind_name(value)}, not an object")
        value = value.get(name)
    if value is None:
        return None
    if not isinstance(value, kind):
        expected = _KIND_NAMES.get(kind, "a number")
        raise MalformedEventError(f"{path} is {_kind_name(value)}, not {expected}")
    return cast(T, harmless(value)) if isinstance(value, str) else value


def _kind_name(value: object) -> str:
    return _KIND_NAMES.get(type(value), repr(value)[:40])


def utc_time(source: object, *paths: str) -> datetime:
    """The first of several time fields that is present, as an aware UTC datetime."""
    for path in paths[:-1]:
        if optional(source, path, str):
            return utc_time(source, path)
    text = required(source, paths[-1], str)
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedEventError(f"{paths[-1]} is {text[:40]!r}, not an ISO 8601 time") from error

"""Reads what the page sends: a JSON object, every field checked before use."""

import json
from typing import Any, TypeVar

from starlette.requests import Request

MAX_EVENTS = 100  # an answer of GetFindings holds no more

T = TypeVar("T")


class BadRequestError(Exception):
    """Raised when a request isn't what the page sends; says which field, and what belongs there."""


class Body:
    """The JSON object of a request."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    @classmethod
    async def read(cls, request: Request) -> "Body":
        """Raises BadRequestError unless it is one. That it is JSON of a bearable size the guard has seen to."""
        content = json.loads(await request.body() or b"null")
        if not isinstance(content, dict):
            raise BadRequestError("the body must be an object")
        return cls(content)

    def text(self, name: str, default: str | None = None) -> str:
        return self._field(name, str, "text", default)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in choices:
            raise BadRequestError(f"{name} must be one of {', '.join(choices)}")
        return value

    def number(self, name: str, least: int, most: int) -> int:
        value = self._field(name, int, "a number", None)
        if isinstance(value, bool) or not least <= value <= most:
            raise BadRequestError(f"{name} must be a whole number from {least} to {most}")
        return value

    def texts(self, name: str) -> dict[str, str]:
        """An object whose values are texts."""
        value: dict[str, Any] = self._field(name, dict, "an object", {})
        if not all(isinstance(each, str) for each in value.values()):
            raise BadRequestError(f"{name} must hold texts")
        return value

    def event(self, name: str) -> dict[str, Any]:
        value: dict[str, Any] = self._field(name, dict, "an object", None)
        return value

    def events(self, name: str) -> list[dict[str, Any]]:
        """1 to MAX_EVENTS objects."""
        value: list[Any] = self._field(name, list, "a list", None)
        if not 1 <= len(value) <= MAX_EVENTS or not all(isinstance(each, dict) for each in value):
            raise BadRequestError(f"{name} must hold 1 to {MAX_EVENTS} objects")
        return value

    def _field(self, name: str, kind: type[T], kind_name: str, default: T | None) -> T:
        value = self._content.get(name, default)
        if not isinstance(value, kind):
            raise BadRequestError(f"{name} must be {kind_name}")
        return value

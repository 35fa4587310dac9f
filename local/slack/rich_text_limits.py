"""What a rich_text block may hold. Source: "Rich text block", Slack's Block Kit reference."""

from collections.abc import Iterator
from typing import Any

from local.slack import shapes
from local.slack.shapes import Problem

ELEMENTS = 1_000  # no limit is published; a guard against runaway input
TEXT_LENGTH = 12_000  # the same
CONTAINERS = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
# What each inline element cannot do without.
REQUIRED = {
    "text": ("text",),
    "link": ("url",),
    "emoji": ("name",),
    "user": ("user_id",),
    "usergroup": ("usergroup_id",),
    "channel": ("channel_id",),
    "broadcast": ("range",),
    "color": ("value",),
    "date": ("timestamp", "format"),
}

ID_LENGTH = 255  # no limit is published; a guard against runaway input
RANGES = ("here", "channel", "everyone")  # of a broadcast; any other is refused (slk pull request 117)
MENTIONS = ("user", "usergroup", "channel")  # which may not be code (SlackNet issue 196)

Object = dict[str, Any]


def rich_text_problems(block: Object, at: str) -> Iterator[Problem]:
    """Problems of {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [...]}]}."""
    yield from shapes.required(block, at, "elements")
    yield from shapes.items(block.get("elements", [{}]), f"{at}/elements", ELEMENTS)
    for i, element in shapes.entries(block, "elements"):
        yield from _container(element, f"{at}/elements/{i}", CONTAINERS)


def rich_text_length(element: Object) -> int:
    """The characters of every text below an element, or of a raw_text or raw_number cell."""
    own = element.get("text")
    below = (rich_text_length(inner) for _, inner in shapes.members(element, "elements"))
    return (len(own) if isinstance(own, str) else 0) + sum(below)


def _container(element: Any, at: str, allowed: tuple[str, ...]) -> Iterator[Problem]:
    wrong_type = list(shapes.typed(element, at, allowed))
    yield from wrong_type or shapes.required(element, at, "elements")
    if wrong_type:
        return
    is_list = element["type"] == "rich_text_list"
    if is_list:
        yield from shapes.required(element, at, "style")
    for i, inner in shapes.entries(element, "elements"):
        check = _item if is_list else _inline
        yield from check(inner, f"{at}/elements/{i}")


def _item(element: Any, at: str) -> Iterator[Problem]:
    yield from _container(element, at, ("rich_text_section",))


def _inline(element: Any, at: str) -> Iterator[Problem]:
    wrong_type = list(shapes.typed(element, at, tuple(REQUIRED)))
    yield from wrong_type
    if not wrong_type:
        yield from shapes.required(element, at, *REQUIRED[element["type"]])
        yield from shapes.optional_string(element, "text", at, TEXT_LENGTH)
        yield from shapes.optional_string(element, "url", at, TEXT_LENGTH)
        yield from _mention(element, at)


def _mention(element: Object, at: str) -> Iterator[Problem]:
    """Problems of what stands for somebody. Whether there is such a user or group Slack doesn't ask: it shows an id
    that it doesn't know, and rings nobody."""
    for key in ("user_id", "usergroup_id", "channel_id"):
        yield from shapes.optional_string(element, key, at, ID_LENGTH)
    if element["type"] == "broadcast" and element.get("range") not in RANGES:
        yield f"{at}/range", f"must be one of: {', '.join(RANGES)}"
    if element["type"] in MENTIONS and isinstance(element.get("style"), dict):
        yield from ((f"{at}/style", f"invalid additional property: {key}") for key in element["style"] if key == "code")

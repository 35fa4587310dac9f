"""The limits Slack puts on a message, and what it says of one that breaks them.

Each group of limits names the page of Slack's reference (docs.slack.dev) that states it.
"""

from collections.abc import Callable, Iterator
from typing import Any

from local.slack import shapes
from local.slack.chart_limits import chart_problems, charts_problems
from local.slack.rich_text_limits import rich_text_problems
from local.slack.shapes import Problem
from local.slack.table_limits import table_problems, tables_problems

# "chat.postMessage method", "chat.update method"
TEXT_LENGTH = 40_000  # a longer text is cut, not refused
UPDATED_TEXT_LENGTH = 4_000
ATTACHMENTS = 100
# "Blocks"
BLOCKS = 50
BLOCK_ID_LENGTH = 255
# "Header block"
HEADER_LENGTH = 150
# "Section block"
SECTION_TEXT_LENGTH = 3_000
SECTION_FIELDS = 10
SECTION_FIELD_LENGTH = 2_000
# "Context block", "Text object"
CONTEXT_ELEMENTS = 10
CONTEXT_TEXT_LENGTH = 3_000
# "Actions block"
ACTIONS_ELEMENTS = 25
# "Button element"
BUTTON_TEXT_LENGTH = 75
BUTTON_URL_LENGTH = 3_000
BUTTON_VALUE_LENGTH = 2_000
ACTION_ID_LENGTH = 255
# "Image block", "Image element"
IMAGE_URL_LENGTH = 3_000
IMAGE_ALT_LENGTH = 2_000
IMAGE_TITLE_LENGTH = 2_000
# "Markdown block": counted over all markdown blocks of a message
MARKDOWN_LENGTH = 12_000
EVENT_TYPE_LENGTH = 255  # no limit is published; a guard against runaway input

PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")
# "Block elements": those that may stand in a message
INTERACTIVE = (
    "button",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "workflow_button",
    "datepicker",
    "timepicker",
    "datetimepicker",
    *(f"{choice}_select" for choice in ("static", "external", "users", "conversations", "channels")),
    *(f"multi_{choice}_select" for choice in ("static", "external", "users", "conversations", "channels")),
)
ACCESSORIES = ("image", *INTERACTIVE)

Object = dict[str, Any]


def problems(payload: Object, unknown: frozenset[str] = frozenset()) -> list[str]:
    """What Slack would refuse in the arguments of chat.postMessage; an empty list means it would be posted.

    The lines look like "[ERROR] no more than 50 items allowed [json-pointer:/blocks]". `unknown` are the types of
    blocks that the workspace doesn't know yet.
    """
    return [f"[ERROR] {reason} [json-pointer:{at}]" for at, reason in (*_message(payload), *_news(payload, unknown))]


def error_name(reasons: list[str]) -> str:
    """The error code that goes with the lines of `problems`.

    Blocks are refused as invalid_blocks, and as invalid_attachments when an attachment holds them. A second table is
    always invalid_attachments: Slack shows tables as attachments ("Table block").
    """
    if any(reason.endswith("[json-pointer:/attachments]") and "no more than" in reason for reason in reasons):
        return "too_many_attachments"
    if all("[json-pointer:/metadata" in reason for reason in reasons):
        return "invalid_metadata_format"
    if any("[json-pointer:/attachments" in reason or "only_one_table" in reason for reason in reasons):
        return "invalid_attachments"
    return "invalid_blocks"


def _message(payload: Object) -> Iterator[Problem]:
    if payload.get("blocks"):
        yield from _blocks(payload, "")
    if payload.get("attachments"):
        yield from shapes.items(payload["attachments"], "/attachments", ATTACHMENTS)
    for i, attachment in shapes.entries(payload, "attachments"):
        if not isinstance(attachment, dict):
            yield f"/attachments/{i}", "must provide an object"
        elif "blocks" in attachment:
            yield from _blocks(attachment, f"/attachments/{i}")
    yield from _totals(payload)
    if payload.get("metadata") is not None:
        yield from _metadata(payload["metadata"])


def _blocks(owner: Object, at: str) -> Iterator[Problem]:
    yield from shapes.items(owner["blocks"], f"{at}/blocks", BLOCKS)
    if isinstance(owner["blocks"], list):
        for i, block in enumerate(owner["blocks"]):
            yield from _block(block, f"{at}/blocks/{i}")


def _block(block: Any, at: str) -> Iterator[Problem]:
    # An alert block ("Alert block": modals only) is unknown to a message like any other name not in CHECKS.
    wrong_type = list(shapes.typed(block, at, tuple(CHECKS)))
    yield from wrong_type
    if not wrong_type:
        yield from shapes.optional_string(block, "block_id", at, BLOCK_ID_LENGTH)
        yield from CHECKS[block["type"]](block, at)


def _header(block: Object, at: str) -> Iterator[Problem]:
    yield from shapes.required(block, at, "text")
    yield from shapes.text(block, "text", at, HEADER_LENGTH, PLAIN)


def _section(block: Object, at: str) -> Iterator[Problem]:
    if "fields" not in block:
        yield from shapes.required(block, at, "text")
    else:
        yield from shapes.items(block["fields"], f"{at}/fields", SECTION_FIELDS)
        yield from _fields(block["fields"], f"{at}/fields")
    yield from shapes.text(block, "text", at, SECTION_TEXT_LENGTH, ANY_TEXT)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory", ACCESSORIES)


def _fields(fields: Any, at: str) -> Iterator[Problem]:
    for i, field in enumerate(fields if isinstance(fields, list) else []):
        yield from shapes.text({str(i): field}, str(i), at, SECTION_FIELD_LENGTH, ANY_TEXT)


def _context(block: Object, at: str) -> Iterator[Problem]:
    yield from shapes.required(block, at, "elements")
    yield from shapes.items(block.get("elements", [{}]), f"{at}/elements", CONTEXT_ELEMENTS)
    for i, element in shapes.entries(block, "elements"):
        if isinstance(element, dict) and element.get("type") == "image":
            yield from _image(element, f"{at}/elements/{i}")
        else:
            yield from shapes.text({str(i): element}, str(i), f"{at}/elements", CONTEXT_TEXT_LENGTH, ANY_TEXT)


def _divider(block: Object, at: str) -> Iterator[Problem]:
    yield from ()


def _actions(block: Object, at: str) -> Iterator[Problem]:
    yield from shapes.required(block, at, "elements")
    yield from shapes.items(block.get("elements", [{}]), f"{at}/elements", ACTIONS_ELEMENTS)
    for i, element in shapes.entries(block, "elements"):
        yield from _element(element, f"{at}/elements/{i}", INTERACTIVE)


def _element(element: Any, at: str, allowed: tuple[str, ...]) -> Iterator[Problem]:
    wrong_type = list(shapes.typed(element, at, allowed))
    yield from wrong_type
    if not wrong_type and element["type"] == "button":
        yield from _button(element, at)
    if not wrong_type and element["type"] == "image":
        yield from _image(element, at)


def _button(button: Object, at: str) -> Iterator[Problem]:
    yield from shapes.required(button, at, "text")
    yield from shapes.text(button, "text", at, BUTTON_TEXT_LENGTH, PLAIN)
    yield from shapes.optional_string(button, "url", at, BUTTON_URL_LENGTH)
    yield from shapes.optional_string(button, "value", at, BUTTON_VALUE_LENGTH)
    yield from shapes.optional_string(button, "action_id", at, ACTION_ID_LENGTH)


def _image(image: Object, at: str) -> Iterator[Problem]:
    yield from shapes.required(image, at, "alt_text")
    if "slack_file" not in image:
        yield from shapes.required(image, at, "image_url")
    yield from shapes.optional_string(image, "image_url", at, IMAGE_URL_LENGTH)
    yield from shapes.optional_string(image, "alt_text", at, IMAGE_ALT_LENGTH)
    if isinstance(image.get("title"), dict):
        yield from shapes.text(image, "title", at, IMAGE_TITLE_LENGTH, PLAIN)


def _markdown(block: Object, at: str) -> Iterator[Problem]:
    yield from shapes.required(block, at, "text")
    yield from shapes.optional_string(block, "text", at, MARKDOWN_LENGTH)


def _totals(payload: Object) -> Iterator[Problem]:
    """Limits that are counted over a whole message."""
    placed = list(_placed_blocks(payload))
    markdown = [(at, block) for at, block in placed if block.get("type") == "markdown"]
    if len(markdown) > 1 and sum(len(str(block.get("text", ""))) for _, block in markdown) > MARKDOWN_LENGTH:
        yield f"{markdown[-1][0]}/text", f"must be less than {MARKDOWN_LENGTH + 1} characters"
    yield from tables_problems([(at, block) for at, block in placed if block.get("type") == "table"])
    yield from charts_problems([(at, block) for at, block in placed if block.get("type") == "data_visualization"])


def _news(payload: Object, unknown: frozenset[str]) -> Iterator[Problem]:
    for at, block in _placed_blocks(payload):
        if block.get("type") in unknown:
            yield f"{at}/type", f"unsupported type: {block['type']}"


def _placed_blocks(payload: Object) -> Iterator[tuple[str, Object]]:
    yield from ((f"/blocks/{i}", block) for i, block in shapes.members(payload, "blocks"))
    for a, attachment in shapes.members(payload, "attachments"):
        yield from ((f"/attachments/{a}/blocks/{i}", block) for i, block in shapes.members(attachment, "blocks"))


def _metadata(metadata: Any) -> Iterator[Problem]:
    """Shape: {"event_type": "violation_found", "event_payload": {"id": "1", "place": {"region": "us-east-1"}}}.

    Source: "Message metadata". A value is a string, a number, a boolean, a list of those, or one flat object.
    """
    if not isinstance(metadata, dict):
        yield "/metadata", "must provide an object"
        return
    yield from shapes.required(metadata, "/metadata", "event_type", "event_payload")
    yield from shapes.optional_string(metadata, "event_type", "/metadata", EVENT_TYPE_LENGTH)
    event = metadata.get("event_payload", {})
    if not isinstance(event, dict):
        yield "/metadata/event_payload", "must provide an object"
    elif not all(_is_flat(value) for value in event.values()):
        yield "/metadata/event_payload", "must hold strings, numbers, booleans and flat objects"


def _is_flat(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return all(isinstance(item, str | int | float | bool) for item in inner)


CHECKS: dict[str, Callable[[Object, str], Iterator[Problem]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "actions": _actions,
    "image": _image,
    "rich_text": rich_text_problems,
    "table": table_problems,
    "data_visualization": chart_problems,
    "markdown": _markdown,
}

"""A message as mere text, for a Slack that refuses its blocks: nothing is missing but its looks.

Source: Slack documentation, "Formatting message text".
"""

from collections.abc import Callable, Iterator

from shared.view.owner import written
from shared.view.rich_text import Element, Payload, escape

MAX_BYTES = 3_900  # chat.update takes 4,000 characters, and nowhere is it said that Slack counts no bytes
CUT = "…"
URL_ESCAPES = {"&": "&amp;", "<": "%3C", ">": "%3E", "|": "%7C"}


def forms_of(payload: Payload) -> tuple[Payload, ...]:
    """A message in every form it may have, the best one first."""
    return (payload, plain_text(payload)) if payload.get("blocks") else (payload,)


def plain_text(payload: Payload) -> Payload:
    """What the blocks of a message say, as {"text"} in mrkdwn; from its end lines are left out, if it is too long."""
    lines = [line for block in payload["blocks"] for line in _lines(block)]
    shown: list[str] = []
    room = MAX_BYTES - len(CUT.encode())
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            shown.append(CUT)
            break
        shown.append(line)
    return {"text": "\n".join(shown)}


def _lines(block: Element) -> list[str]:
    said = _SPOKEN.get(block["type"])
    return [line for line in "\n".join(said(block)).split("\n") if line.strip()] if said else []


def _rich_text(block: Element) -> Iterator[str]:
    for part in block["elements"]:
        if part["type"] == "rich_text_list":
            yield from (f"• {_inline(item)}" for item in part["elements"])
        else:
            yield _inline(part)


def _section(block: Element) -> Iterator[str]:
    yield _text_object(block["text"])


def _context(block: Element) -> Iterator[str]:
    yield "  ".join(map(_text_object, block["elements"]))


def _table(block: Element) -> Iterator[str]:
    for row in block["rows"]:
        yield "  ·  ".join(" ".join(_rich_text(cell)) for cell in row)


def _text_object(text: Element) -> str:
    return str(text["text"]) if text["type"] == "mrkdwn" else escape(text["text"])


def _inline(section: Element) -> str:
    return "".join(_WRITTEN[element["type"]](element) for element in section["elements"])


def _text(element: Element) -> str:
    style = element.get("style", {})
    if style.get("code"):
        return f"`{escape(element['text'].replace('`', ''))}`"
    text = escape(element["text"])
    # Slack sees a mark only next to what it marks.
    if core := text.strip():
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        for name, mark in (("strike", "~"), ("bold", "*")):
            core = f"{mark}{core}{mark}" if style.get(name) else core
        return f"{before}{core}{after}"
    return text


def _emoji(element: Element) -> str:
    return f":{element['name']}:"


def _link(element: Element) -> str:
    url = "".join(URL_ESCAPES.get(character, character) for character in element["url"])
    return f"<{url}|{escape(element['text'])}>"


def _date(element: Element) -> str:
    return f"<!date^{element['timestamp']}^{element['format']}|{element['fallback']}>"


# A chart has no words; whoever shows one has a line of text for it.
_SPOKEN: dict[str, Callable[[Element], Iterator[str]]] = {
    "rich_text": _rich_text,
    "section": _section,
    "context": _context,
    "table": _table,
}
_WRITTEN: dict[str, Callable[[Element], str]] = {
    "text": _text,
    "emoji": _emoji,
    "link": _link,
    "date": _date,
    **dict.fromkeys(("user", "usergroup", "broadcast"), written),
}

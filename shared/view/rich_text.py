"""The elements of Slack's rich text, and texts made fit for Slack.

Rich text shows what it is given as it is: no mrkdwn, no mentions, no emoji codes. Source: Slack documentation, "Rich
text block".
"""

from datetime import datetime
from typing import Any

MAX_NOTIFICATION_CHARACTERS = 700  # at most five times as many when escaped: chat.update takes 4,000

MAX_ASIDE_CHARACTERS = 2000  # "Context block" takes 3,000

Payload = dict[str, Any]

Element = dict[str, Any]


def escape(text: str) -> str:
    """Text from elsewhere, made safe for mrkdwn (Slack documentation, "Formatting message text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(text: str) -> str:
    return " ".join(text.split())


def brief(text: str, limit: int) -> str:
    """Text from elsewhere as one line that is never empty, for Slack refuses an empty text."""
    return shorten(one_line(text), limit) or "–"


def aside(*texts: str) -> list[Element]:
    """The block of what is good to know, which Slack shows small and grey; none if there is nothing."""
    told = shorten("  ·  ".join(one_line(text) for text in texts if text.strip()), MAX_ASIDE_CHARACTERS)
    # Without emoji, for names may look like their codes.
    return [{"type": "context", "elements": [{"type": "plain_text", "text": told, "emoji": False}]}] if told else []


def rich_text(*sections: list[Element]) -> Element:
    elements = [{"type": "rich_text_section", "elements": section} for section in sections]
    return {"type": "rich_text", "elements": elements}


def fact(label: str, *value: Element) -> list[Element]:
    return [plain(label, bold=True), plain("  "), *value]


def facts(*several: list[Element]) -> list[Element]:
    """Several short facts in one line."""
    return [element for number, one in enumerate(several) for element in ([plain("   ")] if number else []) + one]


def plain(text: str, *, bold: bool = False) -> Element:
    element: Element = {"type": "text", "text": text}
    return {**element, "style": {"bold": True}} if bold else element


def emoji(name: str) -> Element:
    return {"type": "emoji", "name": name}


def code(text: str) -> Element:
    return {"type": "text", "text": text, "style": {"code": True}}


def link(url: str, text: str) -> Element:
    return {"type": "link", "url": url, "text": text}


def link_or_text(url: str | None, text: str) -> Element:
    return link(url, text) if url else plain(text)


def timestamp(time: datetime) -> Element:
    return {
        "type": "date",
        "timestamp": int(time.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": f"{time:%Y-%m-%d %H:%M} UTC",
    }

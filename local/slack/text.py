"""Slack's two ways to write a line of text, mrkdwn and rich_text, as plain text.

Sources: "Formatting message text", "Rich text block".
"""

import re
from typing import Any

from shared.text import harmless

ANGLED = re.compile(r"<([^<>\n]+)>")
EMOJI_CODE = re.compile(r":([a-z0-9_+-]+):")
EMOJI = {
    "large_purple_circle": "🟣",
    "red_circle": "🔴",
    "large_yellow_circle": "🟡",
    "large_blue_circle": "🔵",
    "white_circle": "⚪",
    "white_check_mark": "✅",
    "ballot_box_with_check": "☑️",
    "file_cabinet": "🗄️",
    "no_bell": "🔕",
    "warning": "⚠️",
    "paperclip": "📎",
    "bar_chart": "📊",
    "chart_with_upwards_trend": "📈",
}
READABLE_URL_LENGTH = 80
MENTION = {"user": ("@", "user_id"), "usergroup": ("@", "usergroup_id"), "channel": ("#", "channel_id")}

Object = dict[str, Any]


def printable(text: str) -> str:
    """The text with a � for what a terminal would obey, or could not show; line feeds and tabs stay."""
    return harmless(text.replace("\r\n", "\n").replace("\r", " "))


def one_line(text: str) -> str:
    return printable(" ".join(text.split()))


def link(url: str, label: str | None) -> str:
    """A link that can be read without being clicked: its url once, and only an arrow for a url too long to read."""
    if label and len(url) > READABLE_URL_LENGTH:
        return f"{label} ↗"
    return f"{label} <{url}>" if label and label != url else f"<{url}>"


def emoji(name: str) -> str:
    """The character of an emoji that our messages use; the code of any other."""
    return EMOJI.get(name, f":{name}:")


def text_object(value: Object) -> str:
    """A plain_text or mrkdwn object: {"type": "mrkdwn", "text": "<https://example.com|here> &amp; there"}."""
    text = str(value.get("text", ""))
    return mrkdwn(text) if value.get("type") == "mrkdwn" else printable(_unescape(text))


def mrkdwn(text: str) -> str:
    """mrkdwn with its links, mentions and dates written out. The marks of bold, italic, strike and code stay."""
    plain = ANGLED.sub(lambda found: _angled(found[1]), text)
    return printable(_unescape(EMOJI_CODE.sub(lambda found: emoji(found[1]), plain)))


def _angled(inside: str) -> str:
    """What stands between < and >: a link, or with a first letter of its own a mention or a date."""
    target, _, label = inside.partition("|")
    if target.startswith("!date^"):
        return label or target.split("^")[1]
    if target.startswith("!"):
        return label or f"@{target[1:].removeprefix('subteam^')}"
    if target[0] in "@#":
        return f"{target[0]}{label}" if label else target
    return link(target, label)


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def rich_text(block: Object) -> str:
    """A rich_text block, or a table cell of that type: its sections, lists, quotes and code below each other."""
    return "\n".join(_container(element) for element in block.get("elements", []))


def _container(element: Object) -> str:
    kind, inner = element.get("type"), element.get("elements", [])
    if kind == "rich_text_list":
        return "\n".join(_items(element))
    text = "".join(_inline(part) for part in inner)
    if kind == "rich_text_quote":
        return "\n".join(f"> {line}" for line in text.split("\n"))
    if kind == "rich_text_preformatted":
        return f"```\n{text}\n```"
    return text


def _items(element: Object) -> list[str]:
    first, margin = element.get("offset", 0) + 1, "  " * element.get("indent", 0)
    ordered = element.get("style") == "ordered"
    return [
        f"{margin}{f'{number}.' if ordered else '•'} {_container(item)}"
        for number, item in enumerate(element.get("elements", []), first)
    ]


def _inline(part: Object) -> str:
    return _styled(printable(_bare(part)), part.get("style") or {})


def _bare(part: Object) -> str:
    kind = part.get("type")
    if kind == "link":
        return link(str(part.get("url", "")), part.get("text"))
    if kind == "emoji":
        return emoji(str(part.get("name")))
    if kind == "broadcast":
        return f"@{part.get('range')}"
    if kind == "date":
        return str(part.get("fallback") or part.get("timestamp", ""))
    if kind in MENTION:
        sign, key = MENTION[kind]
        return f"{sign}{part.get(key)}"
    return str(part.get("text") or part.get("value") or "")


def _styled(text: str, style: Object) -> str:
    text = f"`{text}`" if style.get("code") else text
    return f"~{text}~" if style.get("strike") else text

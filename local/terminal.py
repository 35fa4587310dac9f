"""Slack messages as text that reads well in a terminal."""

import re
import unicodedata
from typing import Any

from local.slack.chart_text import chart
from local.slack.text import link, mrkdwn, printable, rich_text, text_object

BAR = "▌"
RULE = "─" * 40
NAMED_COLOURS = {"good": "#2eb67d", "warning": "#ecb22e", "danger": "#e01e5a"}  # "Secondary message attachments"
HEX = re.compile(r"#?([0-9a-fA-F]{6})")
WIDE = ("W", "F")

Object = dict[str, Any]


def as_text(message: Object, *, colour: bool = False) -> str:
    """A message as Slack shows it: its blocks, or its text when it has none, then attachments and files.

    `message` has the keys of chat.postMessage's arguments, and `files` as the Web API tells of them. No line is
    wrapped. With `colour`, the bar beside an attachment has the attachment's colour.
    """
    blocks = message.get("blocks") or []
    parts = [printable(block_text(block)) for block in blocks] or [mrkdwn(message.get("text") or "")]
    parts += [_barred(attachment, colour=colour) for attachment in message.get("attachments") or []]
    parts += [f"[file] {_file_name(file)}" for file in message.get("files") or []]
    return "\n".join(part for part in parts if part)


def block_text(block: Object) -> str:
    """One block of any type; a type that is not known here shows as its name in brackets."""
    render = RENDERERS.get(str(block.get("type")))
    return render(block) if render else f"[{printable(str(block.get('type')))}]"


def attachment_text(attachment: Object) -> str:
    """An attachment's content without its bar: blocks, or the older keys ("Secondary message attachments")."""
    if attachment.get("blocks"):
        return "\n".join(block_text(block) for block in attachment["blocks"])
    title = attachment.get("title") and _linked(attachment, "title", "title_link")
    author = attachment.get("author_name") and _linked(attachment, "author_name", "author_link")
    fields = [
        f"{field.get('title', '')}: {mrkdwn(str(field.get('value', '')))}" for field in attachment.get("fields") or []
    ]
    lines = [_mrkdwn(attachment, "pretext"), author, title, _mrkdwn(attachment, "text"), *fields]
    lines.append(_mrkdwn(attachment, "footer"))
    return printable("\n".join(line for line in lines if line)) or _mrkdwn(attachment, "fallback")


def hex_colour(attachment: Object) -> str | None:
    """An attachment's colour as "#rrggbb", or None when it has none that can be read."""
    named = str(attachment.get("color") or "")
    found = HEX.fullmatch(NAMED_COLOURS.get(named, named))
    return f"#{found[1].lower()}" if found else None


def table_cells(block: Object) -> list[list[str]]:
    """The cells of a table block, each on one line."""
    return [[_cell(cell) for cell in row] for row in block.get("rows") or []]


def column_alignments(block: Object) -> list[str]:
    """ "left", "center" or "right" for each column that says so."""
    return [(setting or {}).get("align", "left") for setting in block.get("column_settings") or []]


def _mrkdwn(attachment: Object, key: str) -> str:
    return mrkdwn(str(attachment.get(key) or ""))


def _linked(attachment: Object, label: str, url: str) -> str:
    return link(attachment[url], attachment[label]) if attachment.get(url) else str(attachment[label])


def _barred(attachment: Object, *, colour: bool) -> str:
    bar, shade = BAR, hex_colour(attachment)
    if colour and shade:
        red, green, blue = bytes.fromhex(shade[1:])
        bar = f"\x1b[38;2;{red};{green};{blue}m{BAR}\x1b[0m"
    return "\n".join(f"{bar} {line}".rstrip() for line in printable(attachment_text(attachment)).split("\n"))


def _file_name(file: Object) -> str:
    name, title = str(file.get("name") or file.get("id") or ""), file.get("title")
    return printable(f"{title} ({name})" if title and title != name else name)


def _header(block: Object) -> str:
    return text_object(block.get("text") or {})


def _section(block: Object) -> str:
    lines = [text_object(text) for text in [block.get("text"), *(block.get("fields") or [])] if text]
    lines += [_element(block["accessory"])] if block.get("accessory") else []
    return "\n".join(lines)


def _elements(block: Object) -> str:
    return "  ".join(_element(element) for element in block.get("elements") or [])


def _element(element: Object) -> str:
    kind = element.get("type")
    if kind in ("plain_text", "mrkdwn"):
        return text_object(element)
    if kind == "image":
        return _image(element)
    label = f"[{text_object(element.get('text') or {}) or kind}]"
    return link(str(element["url"]), label) if element.get("url") else label


def _image(image: Object) -> str:
    label = f"[image: {printable(str(image.get('alt_text', '')))}]"
    return link(str(image["image_url"]), label) if image.get("image_url") else label


def _divider(_: Object) -> str:
    return RULE


def _markdown(block: Object) -> str:
    return printable(str(block.get("text", "")))


def _table(block: Object) -> str:
    """Columns padded to their widest cell, with two spaces between them."""
    rows, alignments = table_cells(block), column_alignments(block)
    columns = max((len(row) for row in rows), default=0)
    widths = [max(_width(row[i]) for row in rows if i < len(row)) for i in range(columns)]
    alignments += ["left"] * (columns - len(alignments))
    return "\n".join("  ".join(map(_padded, row, widths, alignments)).rstrip() for row in rows)


def _cell(cell: Object) -> str:
    text = rich_text(cell) if cell.get("type") == "rich_text" else printable(str(cell.get("text", "")))
    return " ".join(text.split())


def _padded(text: str, width: int, alignment: str) -> str:
    space = width - _width(text)
    before = {"right": space, "center": space // 2}.get(alignment, 0)
    return " " * before + text + " " * (space - before)


def _width(text: str) -> int:
    """Terminal columns: East Asian wide characters take two, combining marks none."""
    return sum(2 if unicodedata.east_asian_width(c) in WIDE else 0 if unicodedata.combining(c) else 1 for c in text)


RENDERERS = {
    "header": _header,
    "section": _section,
    "context": _elements,
    "actions": _elements,
    "divider": _divider,
    "image": _image,
    "rich_text": rich_text,
    "table": _table,
    "data_visualization": chart,
    "markdown": _markdown,
}

"""The page that shows what the stand-in received, as HTML without scripts."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any

from local.slack.records import BOT_USER, Channel, File, Message
from local.slack.text import mrkdwn
from local.terminal import attachment_text, block_text, column_alignments, hex_colour, table_cells

SECONDS_BETWEEN_REFRESHES = 3
# How the renderings for a terminal write a link.
LINK = re.compile(r"<(https?://[^\s<>]+)>")
STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #777; --link: #1264a3; --back: #fff; --card: #f8f8f8 }
@media (prefers-color-scheme: dark) { :root { --quiet: #999; --link: #6cb2eb; --back: #1a1d21; --card: #222529 } }
body { margin: 2rem auto; max-width: 52rem; padding: 0 1rem; background: var(--back); font: 15px/1.5 sans-serif }
a { color: var(--link) }
h1 { font-size: 1.2rem; border-bottom: 1px solid var(--line); padding-bottom: .4rem }
h3 { font-size: 1.05rem; margin: .2rem 0 }
p, pre { margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
article { margin: .8rem 0; padding: .6rem .9rem; border-radius: .5rem; background: var(--card) }
article:target { outline: 2px solid var(--link) }
article article { margin-left: 1.5rem; padding: .2rem .9rem; border-left: 1px solid var(--line); border-radius: 0 }
.meta, .context { color: var(--quiet); font-size: .85rem }
.attachment { border-left: 4px solid var(--line); padding-left: .8rem; margin: .5rem 0 }
hr { border: 0; border-top: 1px solid var(--line) }
.table { overflow-x: auto }
table { border-collapse: collapse }
td { border: 1px solid var(--line); padding: .2rem .6rem }
"""

Object = dict[str, Any]


def channel_page(channels: list[Channel], messages: list[Message]) -> str:
    """A page of every channel with its messages, oldest first, that loads itself again every few seconds."""
    sections = "".join(_channel(channel, messages) for channel in channels)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{SECONDS_BETWEEN_REFRESHES}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Slack stand-in</title><style>{STYLE}</style></head><body>{sections}</body></html>"
    )


def _channel(channel: Channel, messages: list[Message]) -> str:
    inside = [message for message in messages if message.channel == channel.id]
    begun = {message.ts for message in inside if message.thread_ts is None}
    # A reply whose first message was deleted stands on its own.
    top = [message for message in inside if message.thread_ts not in begun]
    shown = "".join(_message(message, inside) for message in top) or '<p class="meta">No messages yet.</p>'
    return f"<section><h1># {escape(channel.name)}</h1>{shown}</section>"


def _message(message: Message, inside: list[Message]) -> str:
    body = "".join(_block(block) for block in message.blocks) or _paragraph(mrkdwn(message.text))
    body += "".join(_attachment(attachment) for attachment in message.attachments)
    body += "".join(_file(file) for file in message.files)
    body += "".join(_message(reply, inside) for reply in inside if reply.thread_ts == message.ts)
    anchor = f"p{escape(message.ts.replace('.', ''))}"
    return f'<article id="{anchor}"><div class="meta">{_byline(message)}</div>{body}</article>'


def _byline(message: Message) -> str:
    sent = datetime.fromtimestamp(float(message.ts), UTC)
    who = "bot" if message.user == BOT_USER else message.user
    marks = ["edited"] if message.edited else []
    marks += [f":{name}:" for name in message.reactions]
    return escape(" · ".join([who, f"{sent:%Y-%m-%d %H:%M:%S} UTC", *marks]))


def _attachment(attachment: Object) -> str:
    colour = hex_colour(attachment)
    style = f' style="border-left-color:{colour}"' if colour else ""
    blocks = attachment.get("blocks") or []
    body = "".join(_block(block) for block in blocks) or _paragraph(attachment_text(attachment))
    return f'<div class="attachment"{style}>{body}</div>'


def _block(block: Object) -> str:
    kind = block.get("type")
    if kind == "divider":
        return "<hr>"
    if kind == "header":
        return f"<h3>{_linked(block_text(block))}</h3>"
    if kind == "table":
        return _table(block)
    return _paragraph(block_text(block), "context" if kind == "context" else "")


def _paragraph(text: str, css: str = "") -> str:
    return f'<p class="{css}">{_linked(text)}</p>' if css else f"<p>{_linked(text)}</p>" if text else ""


def _linked(text: str) -> str:
    """Escaped text in which <https://…> can be clicked."""
    pieces = LINK.split(text)
    return "".join(_anchor(piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces))


def _anchor(url: str) -> str:
    return f'<a href="{escape(url)}" rel="noreferrer">{escape(url)}</a>'


def _table(block: Object) -> str:
    alignments = column_alignments(block)
    rows = "".join(f"<tr>{''.join(_cells(row, alignments))}</tr>" for row in table_cells(block))
    return f'<div class="table"><table>{rows}</table></div>'


def _cells(row: list[str], alignments: list[str]) -> Iterable[str]:
    for i, text in enumerate(row):
        known = i < len(alignments) and alignments[i] in ("center", "right")
        style = f' style="text-align:{alignments[i]}"' if known else ""
        yield f"<td{style}>{_linked(text)}</td>"


def _file(file: File) -> str:
    size = f'<span class="meta">{len(file.content or b""):,} bytes</span>'
    return f'<p>📄 <a href="/files/{escape(file.id)}">{escape(file.title)}</a> {size}</p>'

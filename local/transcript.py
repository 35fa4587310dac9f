"""The demo in full: every event, every message and the files' first lines, as `shirase demo --verbose` shows them."""

import csv
import io

from local.demo import Happening
from local.replay import headline, message_text, sending_line
from local.screen import count_of, print_heading
from local.slack.records import Message
from local.slack.text import printable
from local.slack.workspace import SlackWorkspace
from local.words import said

CSV_LINES_SHOWN = 6


def print_alerts(happenings: list[Happening], slack: SlackWorkspace) -> None:
    """How each event was taken, what became of it, and each channel as it reads now, replies below their message."""
    print_heading(f"{count_of(len(happenings), 'event')} of Security Hub, as EventBridge's rules see them")
    for happening in happenings:
        print(sending_line(happening.sample, happening.rule))
    print_heading("What became of those that were sent")
    for happening in happenings:
        if happening.rule:
            print(outcome_line(happening))
    print_heading("The channel now")
    order = [channel.id for channel in slack.channels]
    for message in sorted(slack.messages, key=lambda message: order.index(message.channel)):
        if message.thread_ts is None:
            for each in [message, *slack.replies(message.ts)]:
                print(message_text(each, slack))


def print_digest(name: str, messages: list[Message], slack: SlackWorkspace) -> None:
    """A digest's message and replies, and how its files begin."""
    print_heading(name)
    for message in messages:
        print(message_text(message, slack))
        for file in message.files:
            text = (file.content or b"").decode("utf-8-sig")
            print(*(f"    {printable(line)}" for line in text.splitlines()[:CSV_LINES_SHOWN]), sep="\n")
            rows = sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) - 1
            print(said(f"    … rows in all: {rows}\n"))


def outcome_line(happening: Happening) -> str:
    """When an event happened, and what became of it."""
    found = [happening.outcome] if happening.outcome else []
    time = f"{happening.sample.event['time']!s:.16}".replace("T", " ")
    return f"{printable(time)}  {headline(happening.sample, found)}"

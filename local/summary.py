"""The demo's story for a person: a line for each event, one violation's life, and the digest with its first rows."""

import csv
import io
from collections import Counter

from rich.cells import cell_len, set_cell_size
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local.channel_text import channel_text
from local.demo import Happening
from local.screen import ROOMY_COLUMNS, count_of, padded, print_folded, print_heading, print_line, screen
from local.slack.mentions import handles_rung
from local.slack.records import Message
from local.slack.text import one_line, printable
from local.slack.workspace import SlackWorkspace
from local.terminal import BAR
from local.transcript import outcome_line
from local.words import language, said
from shared.finding.event import parse_event
from shared.finding.violation import Violation
from shared.view.english import ENGLISH
from shared.view.language import LANGUAGES

LIFE = "111122223333/S3.8/arn:aws:s3:::payments-receipts-export-prod"
STYLES = {"announce": "bold red", "reopen": "bold red", "burst": "bold red", "close": "green"}
CONTROL_COLUMNS = 12
COUNT_COLUMNS = 16
NAME_COLUMNS = 36
LINES_OF_A_CHANGE = 2
LINES_OF_A_DIGEST = 3
ROWS_SHOWN = 5
# As the digest has them, by place; and how they share the room. Named in English, whatever the file's language.
COLUMNS_SHOWN = {"Resource": 1, "Violation": 1, "Control ID": None, "Severity": None, "Days open": None, "Status": None}
PLACES = [[*ENGLISH.columns, *ENGLISH.digest_columns].index(name) for name in COLUMNS_SHOWN]


def print_events(happenings: list[Happening]) -> None:
    """A line for each event: when it happened, what became of it, which control and resource it is about, and why."""
    words = [_word(happening) for happening in happenings]
    counts = " · ".join(f"{word} {count}" for word, count in Counter(words).items())
    print_heading(f"{said(count_of(len(happenings), 'event'))}: {counts}")
    columns = max(map(cell_len, words))
    for happening, word in zip(happenings, words, strict=True):
        style = STYLES.get(happening.outcome.what) if happening.outcome else None
        time = f"{happening.sample.event['time']!s:.16}"[5:].replace("T", " ")
        start = Text.assemble(
            "  ",
            (printable(time), "dim"),
            "  ",
            (f"{'●' if style else '○'} {padded(word, columns)}  ", style or "dim"),
        )
        if screen().width < ROOMY_COLUMNS:
            print_line(start + _subject(happening))
        else:
            print_folded(start, _subject(happening), Text(" " * start.cell_len))


def _word(happening: Happening) -> str:
    if not happening.rule:
        return said("no rule")
    if happening.outcome is None:
        return said("not told")
    return said("reopened") if happening.outcome.what == "reopen" else happening.outcome.word


def _subject(happening: Happening) -> Text:
    violation, outcome = parse_event(happening.sample.event), happening.outcome
    if violation is None:
        subject = Text(one_line(happening.sample.name))
    else:
        subject = Text(f"{one_line(violation.control_id):<{CONTROL_COLUMNS}}  ") + _short_name(violation)
    if outcome and outcome.what != "announce":  # that it is new goes without saying
        subject.append(f" – {one_line(outcome.told)}", "dim")
    return subject


def _short_name(violation: Violation) -> Text:
    """A resource's name without what stands behind it in brackets."""
    name = Text(one_line(LANGUAGES[language()].name_of(violation.resource.name).partition(" (")[0]))
    name.truncate(NAME_COLUMNS, overflow="ellipsis")
    return name


def print_channels(slack: SlackWorkspace) -> None:
    """What came into each channel, and whom it rang."""
    print_heading("Who heard of what")
    columns = max(len(channel.name) for channel in slack.channels)
    for channel in slack.channels:
        posted = [message for message in slack.messages if message.channel == channel.id and not message.thread_ts]
        rung = Counter(handle for message in posted for handle in handles_rung(message, slack.directory))
        bell = f"  🔔 {', '.join(f'{handle} {count}×' for handle, count in rung.items())}" if rung else ""
        count = set_cell_size(said(count_of(len(posted), "message")), COUNT_COLUMNS)
        print_line(Text(printable(f"  #{channel.name:<{columns}}  {count}{bell}".rstrip())))


def print_life(happenings: list[Happening], slack: SlackWorkspace) -> None:
    """What became of each event about one violation: its message, what changed in it, and the replies."""
    print_heading("One violation's whole life: a bucket was public, was fixed, is public again")
    most = None
    for happening in happenings:
        violation = parse_event(happening.sample.event)
        if violation and violation.key == LIFE:
            print(f"  {outcome_line(happening)}")
            for message in happening.messages:
                print_message(message, slack, most)
                most = LINES_OF_A_CHANGE


def print_digest_in_short(messages: list[Message], slack: SlackWorkspace) -> None:
    """How a digest's message begins, and its files, of the first of them some rows."""
    print_message(messages[0], slack, LINES_OF_A_DIGEST)
    print(said("    … then the oldest, the accounts, the last weeks, the worst controls"))
    for number, file in enumerate(file for message in messages for file in message.files):
        rows = list(csv.reader(io.StringIO((file.content or b"").decode("utf-8-sig"), newline="")))
        print(f"\n    📎 {one_line(file.name)}: {said(count_of(len(rows) - 1, 'row'))}")
        if number == 0:
            _print_rows(rows[0], rows[1:])


def _print_rows(columns: list[str], rows: list[list[str]]) -> None:
    table = Table(box=None, expand=True, pad_edge=False, header_style="bold")
    for place, ratio in zip(PLACES, COLUMNS_SHOWN.values(), strict=True):
        table.add_column(Text(printable(columns[place])), no_wrap=True, overflow="ellipsis", ratio=ratio)
    for row in rows[:ROWS_SHOWN]:
        table.add_row(*(Text(printable(" ".join(row[place].split()))) for place in PLACES))
    screen().print(Padding(table, (0, 0, 0, 7)))
    if len(rows) > ROWS_SHOWN:
        print(said(f"       … and {len(rows) - ROWS_SHOWN} more"))


def print_message(message: Message, slack: SlackWorkspace, most: int | None = None) -> None:
    """A message, or so many of its first lines, folded beside its bar."""
    start = Text("      ↳ " if message.thread_ts else "    ")
    for line in map(Text.from_ansi, channel_text(message, slack, colour=True, most=most).split("\n")):
        has_bar = line.plain.startswith(BAR)
        margin = start + line[: len(BAR) + 1] if has_bar else start
        print_folded(margin, line[len(BAR) + 1 :] if has_bar else line, margin if has_bar else Text(" " * len(start)))

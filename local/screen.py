"""What a person reads in a terminal: headings, and text folded to the width."""

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from local.fold import line_spans
from local.words import said

MAX_COLUMNS = 120
ROOMY_COLUMNS = 100  # fewer would fold a list of short sentences into twice its lines


def screen() -> Console:
    """Standard output, as wide as the terminal, though never so wide that lines are hard to follow."""
    console = Console(markup=False, emoji=False, highlight=False)
    console.width = min(console.width, MAX_COLUMNS)
    return console


def padded(text: str, columns: int) -> str:
    """The text with blanks behind it up to so many columns, of which a Japanese character takes two."""
    return text + " " * (columns - cell_len(text))


def folded(first: str, text: str, following: str) -> str:
    """Text behind a margin, as `print_folded` has it, as a string."""
    lines = [text[start:end].rstrip() for start, end in line_spans(text, screen().width - cell_len(first))]
    return "\n".join([first + lines[0], *(following + line for line in lines[1:])])


def count_of(count: int, thing: str) -> str:
    """So many of a thing, whose plural ends in an s."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def print_heading(text: str) -> None:
    console = screen()
    line = Text(f"── {said(text)} ", "bold")
    line.append("─" * (console.width - line.cell_len))
    line.truncate(console.width, overflow="ellipsis")
    console.print("", line, "", sep="\n")


def print_line(line: Text) -> None:
    """Text on one line, which ends in an ellipsis where the screen does."""
    console = screen()
    line = line.copy()
    line.truncate(console.width, overflow="ellipsis")
    console.print(line, soft_wrap=True)


def print_folded(first: Text, text: Text, following: Text) -> None:
    """Text behind a margin, folded where the screen ends: `first` is the first line's margin, `following` the others'.

    Both margins have the same width.
    """
    console = screen()
    margin = first
    for start, end in line_spans(text.plain, console.width - margin.cell_len):
        line = text[start:end]
        line.rstrip()
        console.print(margin + line, soft_wrap=True)
        margin = following

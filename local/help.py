"""The help of the command line in the language of its reader. It needs nothing but Typer."""

from typing import Any

from typer import Context

from local.fold import line_spans
from local.words import said

COLUMNS = 76
AS_IT_IS = "\b"  # before a paragraph that Click is not to wrap: it would count Japanese characters as one column


class TranslatedContext(Context):
    """Shows help whose headings are the reader's, too."""

    def get_help(self) -> str:
        return "\n".join(map(said, super().get_help().split("\n")))


def translate(command: Any) -> None:
    """Put the help of one of Typer's commands, and of those below it, into the reader's language."""
    command.context_class = TranslatedContext
    paragraphs = (command.help or "").split("\n\n")
    command.short_help = said(_one_line(paragraphs[0]))
    command.help = "\n\n".join(map(_paragraph, paragraphs))
    for parameter in command.params:
        parameter.help = said(parameter.help or "")
    for each in getattr(command, "commands", {}).values():
        translate(each)


def _paragraph(text: str) -> str:
    if text.startswith(AS_IT_IS):
        return "\n".join(map(said, text.split("\n")))
    text = said(_one_line(text))
    return "\n".join([AS_IT_IS, *(text[start:end] for start, end in line_spans(text, COLUMNS))])


def _one_line(text: str) -> str:
    return " ".join(text.split())

"""What ends a command: the text is what its user reads, `exit_code` what the shell gets.

CommandError           something failed
├── InputError         what was asked for can't be meant
│   └── TemplateError  a file is no template
└── StoppedError       it was stopped, and there is more to say than that
"""

import sys

from local.slack.text import printable
from local.words import said


class CommandError(Exception):
    """Raised when a command can't do what it was asked for; says what happened, to which thing, and what to do."""

    exit_code = 1


class InputError(CommandError):
    """Raised when a command is asked for what can't be meant, as by a stack without a name or a missing file."""

    exit_code = 2


class TemplateError(InputError):
    """Raised when a file is no template, or one that CloudFormation would refuse; says why. Whoever knows it says in
    which file, and where."""


class StoppedError(CommandError):
    """Raised when a command was stopped by Ctrl-C; says how things stand."""

    exit_code = 130  # 128 and SIGINT's number, as shells tell it


def tell_problem(problem: object) -> None:
    """Print a problem where it doesn't mix with what a command has to say; what it quotes does nothing there."""
    print(f"✗ {printable(said(str(problem)))}", file=sys.stderr)

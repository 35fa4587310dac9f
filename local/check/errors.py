"""What ends a check.

CommandError
├── InputError         (exit code 2)
│   └── TemplateError  a file can't be checked; the others are
└── EngineError        (exit code 3) what checks failed, and silence would look like success
    └── BrokenOffError  at what it was given: another template may be none the worse
"""

from local.errors import CommandError, InputError


class TemplateError(InputError):
    """Raised when a file is no template, or one that CloudFormation would refuse; says why. Whoever knows it says in
    which file, and where."""


class EngineError(CommandError):
    """Raised when an engine can't be installed or started, or breaks off."""

    exit_code = 3


class BrokenOffError(EngineError):
    """Raised when an engine that was started doesn't get through what it was given, or answers too little."""

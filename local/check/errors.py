"""What ends a check.

EngineError         (exit code 3) what checks failed, and silence would look like success
└── BrokenOffError  at what it was given: another template may be none the worse

A TemplateError of local.errors ends the check of one file; the others are checked.
"""

from local.errors import CommandError


class EngineError(CommandError):
    """Raised when an engine can't be installed or started, or breaks off."""

    exit_code = 3


class BrokenOffError(EngineError):
    """Raised when an engine that was started doesn't get through what it was given, or answers too little."""

"""The engines: where they lie, how they are installed, and how one is run."""

import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path

from local.check.errors import EngineError
from local.node import install_packages
from local.step import StepError

ENGINE = Path(__file__).parent / "engine"  # in an installed package, too, which CI and pre-commit make of it
TIMEOUT_SECONDS = 300
MAX_REASON = 500  # characters
_CUT_OFF = re.compile(r"ERR_MODULE_NOT_FOUND|Cannot\sfind\s(?:module|package)|SyntaxError")  # as Node says it


def are_installed() -> bool:
    """Whether the engines' packages are installed, if not necessarily the newest."""
    return (ENGINE / "node_modules" / ".installed").exists()


def install_engines() -> None:
    """Install the engines' packages, unless they are; raises EngineError."""
    try:
        with redirect_stdout(sys.stderr):  # what is printed may be SARIF
            install_packages("Engines of the check", ENGINE)
    except StepError as error:
        raise EngineError(f"the engines could not be installed: {error}") from error


def damaged(reason: str) -> EngineError:
    """That a part of the engines is missing or cut off, as a full disk leaves them; they count as installed no more."""
    with suppress(OSError):
        (ENGINE / "node_modules" / ".installed").unlink()
    return EngineError(f"the engines are not complete ({reason}): run it again, and they are installed anew")


def run_engine(name: str, command: Sequence[str], given: str = "", *, accepted: Sequence[int] = (0,)) -> str:
    """What an engine writes, given its standard input; raises EngineError if it can't be run or breaks off."""
    try:
        done = subprocess.run(  # noqa: S603 - the command is ours, without a shell
            command, input=given, capture_output=True, text=True, encoding="utf-8", timeout=TIMEOUT_SECONDS, check=False
        )
    except OSError as error:
        raise damaged(f"{name} can't be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"{name} did not answer within {TIMEOUT_SECONDS} s") from error
    if done.returncode not in accepted:
        reason = f"{name} broke off: {_reason(done.stderr) or f'exit code {done.returncode}'}"
        raise damaged(reason) if _CUT_OFF.search(done.stderr) else EngineError(reason)
    return done.stdout


def _reason(complaint: str) -> str:
    """The line that says what is wrong, among those of a stack trace; the last one otherwise."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    return next((line for line in lines if "Error" in line), lines[-1] if lines else "")[:MAX_REASON]

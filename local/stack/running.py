"""The demo that runs on this machine: one at a time in a clone, and what leads the other commands to its stack."""

import fcntl
import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from local.errors import CommandError
from local.private import open_private, private_folder, write_private
from local.root import ROOT
from local.stack.aws import LocalAws

STACK_NAME = "shirase-demo"
DEMO_STATE = ROOT / ".demo" / "stack.json"
# What a shell may hold of the real AWS, and tools would prefer to the keys or mix with them.
FOREIGN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDemo:
    """A demo that is up: its stack's name, the address of its page, and its AWS."""

    stack: str
    page: str
    aws: LocalAws


@contextmanager
def only_demo(state: Path) -> Iterator[None]:
    """Be the one demo that has this state file, and forget what one before left that was killed.

    Raises CommandError if another has it. The kernel ends the lock with the process, however that ends.
    """
    private_folder(state.parent)
    with open_private(_lock(state)) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(_taken(state)) from error
        _forget(state)
        yield


@contextmanager
def known_as(demo: RunningDemo, state: Path) -> Iterator[None]:
    """Let the commands find a demo in its state file, and a shell its AWS in `env` beside that."""
    write_private(state, json.dumps(asdict(demo)))
    write_private(shell_file(state), shell_lines(demo.aws))
    try:
        yield
    finally:
        _forget(state)


def running_demo() -> RunningDemo | None:
    """The demo that runs in this clone. None if none does, or one that is still starting or of another version."""
    if not _is_held(DEMO_STATE):
        return None
    try:
        told = json.loads(DEMO_STATE.read_text(encoding="utf-8"))
        return RunningDemo(stack=told["stack"], page=told["page"], aws=LocalAws(**told["aws"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def why_no_demo(stack: str) -> str:
    """What to say to whoever asks for a stack where `running_demo` finds none."""
    if not _is_held(DEMO_STATE):
        return "no demo runs here: make demo"
    if stack != STACK_NAME:
        return f"the demo that starts here has the stack {STACK_NAME} alone"
    return "the demo that runs here has not come so far: try again in a minute"


def shell_file(state: Path) -> Path:
    """The file to source for speaking to the demo's AWS."""
    return state.with_name("env")


def shell_lines(aws: LocalAws) -> str:
    """What a shell is to read so that the AWS CLI and every SDK speak to a local AWS."""
    exports = (f"export {name}={shlex.quote(value)}" for name, value in aws.environment.items())
    return "\n".join([f"unset {' '.join(FOREIGN)}", *exports, ""])


def _lock(state: Path) -> Path:
    return state.with_name("lock")


def _is_held(state: Path) -> bool:
    try:
        with _lock(state).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _taken(state: Path) -> str:
    try:
        page = json.loads(state.read_text(encoding="utf-8"))["page"]
    except (OSError, ValueError, KeyError, TypeError):
        return "a demo is just starting here: use that, or end it with Ctrl-C where it was started"
    return f"a demo runs here already, at {page}: use that, or end it with Ctrl-C where it was started"


def _forget(state: Path) -> None:
    state.unlink(missing_ok=True)
    shell_file(state).unlink(missing_ok=True)

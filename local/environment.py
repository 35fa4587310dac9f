"""Makes .venv: exactly the packages of requirements-dev.txt, and the command `shirase`.

With --lean, for a pipeline, only those of them that the package needs without an extra. It runs before anything is
installed, so it needs nothing but Python.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from local.root import ROOT
from local.step import StepError, run_step

FOLDER = ROOT / ".venv"
PYTHON = FOLDER / "bin" / "python"
UV = FOLDER / "bin" / "uv"
LOCKED = "requirements-dev.txt"
UV_STAMP = FOLDER / ".uv"  # there is a whole uv


def make_environment(*, lean: bool = False) -> None:
    """Make or update .venv with uv, which comes from its package. Raises StepError if that fails."""
    if not (UV_STAMP.exists() and PYTHON.exists()):
        _run("Virtual environment", sys.executable, "-m", "venv", "--clear", *_without_pip(), FOLDER)
        _run("uv, the installer", *_pip(), "install", "--no-deps", "--require-hashes", "-r", "requirements-uv.txt")
        UV_STAMP.touch()
    # A company's network may have certificates of its own: this machine knows them.
    uv: list[str | Path] = [UV, "--no-config", "--system-certs", "pip"]
    if lean:
        # uv holds what constraints name to their hashes, too.
        locked = ["--constraint", LOCKED, "--build-constraint", LOCKED]
        _run("The command shirase", *uv, "install", "--python", PYTHON, *locked, "--editable", ".")
        return
    _run("Packages", *uv, "sync", "--python", PYTHON, "--require-hashes", LOCKED)
    own = ["--no-deps", "--no-build-isolation", "--editable", "."]
    _run("The command shirase", *uv, "install", "--python", PYTHON, *own)


def _without_pip() -> list[str]:
    """A pip in .venv takes longer than all else: that of the Python that makes it will do, if it has one."""
    return ["--without-pip"] if _has_pip() else []


def _pip() -> list[str | Path]:
    return [sys.executable, "-m", "pip", "--python", PYTHON] if _has_pip() else [PYTHON, "-m", "pip"]


def _has_pip() -> bool:
    """Whether this Python has a pip that stays: a virtual environment may be the one that is made anew."""
    return sys.prefix == sys.base_prefix and find_spec("pip") is not None


def _run(name: str, *command: str | Path) -> None:
    run_step(name, command, folder=ROOT)


def main() -> int:
    """Make .venv; 0 if it is complete, 2 if not."""
    try:
        make_environment(lean=sys.argv[1:] == ["--lean"])
    except StepError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

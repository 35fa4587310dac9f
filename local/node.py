"""The Node that is installed beside this Python, and packages for it."""

import fcntl
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from local.step import run_step

NODE = Path(sys.executable).parent / "node"
# npm waits for minutes before it says that there is no network.
_INSTALL = (
    "ci",
    "--prefer-offline",
    "--loglevel=error",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
)


def install_packages(name: str, folder: Path) -> Path:
    """Install a folder's packages as its lock file has them, unless they are; the file that says since when they are.
    Whoever asks meanwhile waits. `name` is what the step is called. Raises StepError."""
    installed = folder / "node_modules" / ".installed"
    made_from = [folder / "package.json", folder / "package-lock.json"]
    if is_outdated(installed, made_from):
        with (folder / ".installing").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if is_outdated(installed, made_from):
                run_npm(name, folder, *_INSTALL)
                installed.touch()
    return installed


def is_outdated(target: Path, sources: Iterable[Path]) -> bool:
    """Whether a file is missing, or older than one of those that it is made from."""
    return not target.exists() or any(source.stat().st_mtime > target.stat().st_mtime for source in sources)


def run_npm(name: str, folder: Path, *arguments: str) -> None:
    """Run npm as a step; raises StepError if it fails."""
    path = f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    run_step(name, ["npm", *arguments], folder=folder, environment=environment)

"""Files and folders that no other user of the machine may read."""

import os
from pathlib import Path
from typing import IO


def private_folder(path: Path) -> Path:
    """Make a folder, and those above it that are missing, for this user alone; one that is there becomes so."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700)
    path.chmod(0o700)
    return path


def open_private(path: Path) -> IO[bytes]:
    """Open a file for writing, emptied, for this user alone, also if it was there and anybody could read it."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(file, 0o600)
    return os.fdopen(file, "wb")


def write_private(path: Path, text: str) -> None:
    with open_private(path) as file:
        file.write(text.encode())

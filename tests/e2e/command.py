"""The command `shirase`, as people run it."""

import os
import subprocess
import sys
from pathlib import Path

from local.root import ROOT

Result = subprocess.CompletedProcess[str]
OPEN_SSH = ROOT / "events" / "security_group_open_ssh.json"


def replay(*arguments: object, **environment: str) -> Result:
    return shirase("replay", *arguments, **environment)


def shirase(*arguments: object, **environment: str) -> Result:
    return subprocess.run(
        [Path(sys.executable).with_name("shirase"), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def headlines(result: Result) -> dict[str, str]:
    """What the command says became of each file."""
    lines = [line[2:].split(" ", 1) for line in result.stdout.splitlines() if line.startswith(("●", "○", "→"))]
    return {line[0]: line[1] for line in lines}

"""Run every benchmark of this folder, or the ones that are named: python -m tests.bench [cold_start warm …].

It fails if a ratio to a floor has grown beyond its limit.
"""

import os
import platform
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from tests.bench import artifact
from tests.bench.measuring import LimitExceededError

FIRST = ("cold_start", "warm", "storm", "digest", "scale", "size", "cost")
FOUND = {path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")}
NAMES = [*(name for name in FIRST if name in FOUND), *sorted(FOUND - set(FIRST))]


def main() -> int:
    wanted = sys.argv[1:] or NAMES
    if unknown := [name for name in wanted if name not in NAMES]:
        print(f"✗ no benchmark is called {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 1
    print(surroundings())
    exceeded: list[str] = []
    for name in wanted:
        try:
            import_module(f"tests.bench.bench_{name}").main()
        except LimitExceededError as error:
            exceeded += str(error).splitlines()
    for line in exceeded:
        print(f"✗ {line}", file=sys.stderr)
    return 1 if exceeded else 0


def surroundings() -> str:
    """The machine and the versions that figures depend on."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("boto3", "slack_sdk", "aws-lambda-powertools"))
    return (
        f"{os.cpu_count()} cores of {_processor()}, {platform.system()}; Python {platform.python_version()}, "
        f"cold starts on {_version(artifact.lambda_python())}; {libraries}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(python: str) -> str:
    return subprocess.run([python, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())

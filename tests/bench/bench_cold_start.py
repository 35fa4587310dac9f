"""From a fresh process to the first alert in Slack, beside a floor: the same network calls with boto3 and slack_sdk.

Both run on Lambda's Python, with the artifact's own slack_sdk and with boto3's bytecode at hand, as on Lambda, against
a local AWS and Slack's stand-in. They take turns. python -m tests.bench cold_start; RUNS=30 for more.
"""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.slack.workspace import SlackWorkspace
from local.stack.settings import CHANNEL, TOKEN, lambda_settings
from tests.bench import artifact
from tests.bench.bare import record
from tests.bench.measuring import Figures, hold, ratio, show
from tests.findings import opened
from tests.integration.surroundings import sqs_batch

RUNS = int(os.environ.get("RUNS", "11"))
PROGRAMS = Path(__file__).parent
LEDGER = "shirase-ledger"
MOST_CPU = 1.6  # of the same network calls alone, with room for a busy machine; the goal is 1.15
MOST_CPU_WITH_THE_EVENT = 0.4  # of all; 0.15 with all clients made


class ColdStarts:
    """Starts functions in fresh processes; each finds its modules in an artifact's folder, and boto3 beside it."""

    def __init__(self, python: str, scratch: Path, dynamodb: Any) -> None:
        self._python = python
        self._scratch = scratch
        self._dynamodb = dynamodb
        self.calls = self._recorded()

    def ours(self, artifact_folder: Path) -> Figures:
        return self._run("first_alert.py", "batch.json", artifact_folder)

    def floor(self, artifact_folder: Path) -> Figures:
        return self._run("bare.py", "calls.json", artifact_folder)

    def _recorded(self) -> list[Any]:
        from handlers.alert import lambda_handler  # once the settings are there

        batch = sqs_batch([opened()])
        self._forget()
        with redirect_stdout(io.StringIO()):
            calls = record(lambda: lambda_handler(batch, None))
        (self._scratch / "batch.json").write_text(json.dumps(batch), encoding="utf-8")
        (self._scratch / "calls.json").write_text(json.dumps(calls), encoding="utf-8")
        return calls

    def _forget(self) -> None:
        """Empty the ledger, so that the next alert is the first again."""
        for item in self._dynamodb.scan(TableName=LEDGER)["Items"]:
            self._dynamodb.delete_item(TableName=LEDGER, Key={"violation": item["violation"]})

    def _run(self, program: str, argument: str, artifact_folder: Path) -> Figures:
        self._forget()
        command = [self._python, "-S", str(PROGRAMS / program), str(self._scratch / argument)]
        environment = artifact.environment(artifact_folder, self._scratch / "runtime")
        started = time.monotonic()
        result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(result.stdout.splitlines()[-1])
        (initialised, init_cpu), (done, cpu) = told["initialised"], told["done"]
        return {"seconds": done - started, "init": initialised - started, "cpu": cpu, "init_cpu": init_cpu}


@contextmanager
def cold_starts(scratch: Path) -> Iterator[ColdStarts]:
    """Everything that a cold start needs around it. On Lambda a function knows that it is there."""
    python = artifact.lambda_python()
    artifact.lambda_runtime(scratch / "runtime", python)
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
    with lambda_settings(workspace) as aws:
        yield ColdStarts(python, scratch, aws.client("dynamodb"))


def alternating(ways: dict[str, Any], runs: int) -> dict[str, list[Figures]]:
    """Each way so many times, by turns, after one that doesn't count."""
    for way in ways.values():
        way()
    taken: dict[str, list[Figures]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            taken[name].append(way())
    return taken


def main() -> None:
    with TemporaryDirectory() as folder, cold_starts(Path(folder)) as starts:
        shipped = artifact.build(Path(folder) / "shipped")
        bare = artifact.build(Path(folder) / "bare", bytecode=False)
        taken = alternating(
            {
                "the alert function": lambda: starts.ours(shipped),
                "the same calls, nothing else": lambda: starts.floor(shipped),
                "the alert function, without bytecode": lambda: starts.ours(bare),
                "the same calls, without bytecode": lambda: starts.floor(bare),
            },
            RUNS,
        )
    names = list(taken)
    rows = [
        [name, *_cells(figures), *_ratios(figures, taken[names[position // 2 * 2 + 1]], position % 2 == 0)]
        for position, (name, figures) in enumerate(taken.items())
    ]
    header = ["", "ms", "of it before the event", "ms of CPU", "ratio", "ratio of CPU"]
    calls = len(starts.calls)
    show(f"A cold start, from a fresh process to the first alert: {calls} calls, best of {RUNS}", header, rows)
    ours, floor, *_ = taken.values()
    best = min(ours, key=lambda each: float(each["cpu"]))
    with_the_event = (best["cpu"] - best["init_cpu"]) / best["cpu"]
    hold(
        {
            "a cold start's CPU, by that of its network calls alone": (
                _best(ours, "cpu") / _best(floor, "cpu"),
                MOST_CPU,
            ),
            "a cold start's CPU with the event, by all of it": (with_the_event, MOST_CPU_WITH_THE_EVENT),
        }
    )


def _best(figures: list[Figures], name: str) -> float:
    # Other work on this machine only ever makes it slower.
    return float(min(each[name] for each in figures))


def _cells(figures: list[Figures]) -> list[str]:
    return [f"{1000 * _best(figures, name):,.0f}" for name in ("seconds", "init", "cpu")]


def _ratios(ours: list[Figures], floor: list[Figures], shown: bool) -> list[str]:
    names = ("seconds", "cpu")
    return [ratio(_best(ours, name), _best(floor, name)) if shown else "1" for name in names]


if __name__ == "__main__":
    sys.exit(main())

"""What a warm function takes for an event, beside the same network calls made with boto3 and slack_sdk alone.

Both work in one process, by turns, against a local AWS and Slack's stand-in. python -m tests.bench warm; EVENTS=500
for more.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from itertools import count
from statistics import median
from typing import Any
from unittest.mock import patch

from local.settings import CHANNEL, TOKEN, lambda_settings
from local.slack.workspace import SlackWorkspace
from shared.app import build_app
from tests.bench.bare import BareClients, record
from tests.bench.measuring import Figures, in_fresh_process, ratio, show, tell
from tests.integration.surroundings import sample, sqs_batch, violation

EVENTS = int(os.environ.get("EVENTS", "100"))
BATCH = 10
NOTHING = 1e-5  # seconds of no call at all
SETTINGS = {"TARGET_CONTROL_IDS": "S3.*,IAM.*", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}

Event = dict[str, Any]


def main() -> None:
    figures = measured()
    rows = [_row(kind, ways) for kind, ways in figures.items()]
    header = ["", "ms", "bare calls", "ratio", "ms of CPU", "bare calls", "ratio", "ms each, of ten", "of it CPU"]
    show(f"A warm function, per event: median of {EVENTS}", header, rows)


def measured() -> Figures:
    """By kind of event and way ("ours", "bare", "batch of ten"): seconds and CPU seconds."""
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
    with lambda_settings(workspace), patch.dict(os.environ, SETTINGS):
        return {kind: in_fresh_process("tests.bench.bench_warm", kind)["ways"] for kind in KINDS}


def _row(kind: str, ways: dict[str, list[float]]) -> list[str]:
    (seconds, cpu), (bare_seconds, bare_cpu) = ways["ours"], ways["bare"]
    of_ten = [f"{1000 * taken / BATCH:.2f}" for taken in ways["batch of ten"]]
    return [kind, *_compared(seconds, bare_seconds), *_compared(cpu, bare_cpu), *of_ten]


def _compared(ours: float, bare: float) -> list[str]:
    return (
        [f"{1000 * ours:.2f}", f"{1000 * bare:.2f}", ratio(ours, bare)]
        if bare > 1e-5
        else [f"{1000 * ours:.2f}", "", ""]
    )


def measure(event: Callable[[int], Event]) -> Figures:
    """Let the handler take events, and the bare clients make the calls of the first one, by turns."""
    from handlers.alert import lambda_handler

    numbers = count(FIRST + 1)
    _forget_traffic()
    calls = record(lambda: lambda_handler(sqs_batch([event(FIRST)]), None))
    bare = BareClients(dict(os.environ))
    taken: dict[str, list[tuple[float, float]]] = {"ours": [], "bare": [], "batch of ten": []}

    def take(way: str, work: Callable[[], object]) -> None:
        if any(service == "slack" for service, *_ in calls):
            _forget_traffic()
        taken[way].append(_timed(work))

    for turn in range(EVENTS):
        one, ten = (sqs_batch([event(next(numbers)) for _ in range(size)]) for size in (1, BATCH))
        again = json.loads(json.dumps(calls).replace(f"bucket-{FIRST}", f"bucket-{next(numbers)}"))
        take("ours", lambda one=one: lambda_handler(one, None))
        take("bare", lambda again=again: bare.make(again))
        if turn % BATCH == 0:
            take("batch of ten", lambda ten=ten: lambda_handler(ten, None))
    return {"ways": {way: [median(column) for column in zip(*times, strict=True)] for way, times in taken.items()}}


def _forget_traffic() -> None:
    """Forget what was announced of late, so that the next alert is announced by itself, not in a burst."""
    build_app()._dynamodb.delete_item(TableName="shirase-ledger", Key={"violation": {"S": "burst/traffic"}})


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


FIRST = 1_000_000
KINDS: dict[str, Callable[[int], Event]] = {
    "announced": violation,
    "a known one": lambda _: violation(FIRST - 1),
    "not selected": lambda _: sample("low_severity_tagging"),  # of a control that TARGET_CONTROL_IDS doesn't ask for
}


def _measure_kind(kind: str) -> Figures:
    from handlers.alert import lambda_handler

    lambda_handler(sqs_batch([violation(FIRST - 1)]), None)
    return measure(KINDS[kind])


if __name__ == "__main__":
    tell(lambda: _measure_kind(sys.argv[1]))

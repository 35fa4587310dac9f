"""What a warm function takes for an event, beside the same network calls made with boto3 and slack_sdk alone.

Both work in one process, by turns, against a local AWS and Slack's stand-in. python -m tests.bench warm; TURNS=50
for more.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from statistics import median
from typing import Any
from unittest.mock import patch

from local.slack.workspace import SlackWorkspace
from local.stack.settings import CHANNEL, TOKEN, lambda_settings
from shared.app import build_app
from shared.aws.burst_ledger import traffic_key
from shared.aws.table import KEY, encode
from shared.finding.account import Account
from shared.finding.violation import Severity
from shared.pipeline.router import Router
from shared.policy.condition import Condition
from shared.policy.owner import Owner, Person, Ring, Source, SourceKind
from shared.policy.route import OWNER, MentionRule, Route, Routing
from shared.policy.routes import Routes
from tests.bench.bare import BareClients, Call, record
from tests.bench.measuring import Figures, hold, in_fresh_process, ratio, show, tell
from tests.findings import opened, sample
from tests.integration.surroundings import sqs_batch

TURNS = int(os.environ.get("TURNS", "15"))
BATCH = 10
NOTHING = 1e-5  # seconds of no call at all
MOST_CPU = 2.0  # of the same network calls alone, with room for a busy machine; the goal is 1.3
MOST_CPU_WITH_ROUTES = 1.25  # of the same without, with room for a busy machine; the goal is 1.1
ACCOUNTS = 5_000
ROUTED = "with routes"
MOST_CPU_IN_A_BATCH = 1.5  # of the same event by itself
SETTINGS = {"TARGET_CONTROL_IDS": "S3.*,IAM.*", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}

Event = dict[str, Any]


def main() -> None:
    figures = measured()
    rows = [_row(kind, ways) for kind, ways in figures.items()]
    header = ["", "ms", "bare calls", "ratio", "ms of CPU", "bare calls", "ratio", "ms in a batch of ten", "of it CPU"]
    show(f"A warm function, per event: median of {TURNS} times ten", header, rows)
    routed = measured(ROUTED)[ROUTED]
    (seconds, cpu), (plain_seconds, plain_cpu) = routed["with routes"], routed["without"]
    header = ["", "ms", "without", "ratio", "ms of CPU", "without", "ratio"]
    row = ["announced, with routes", *_compared(seconds, plain_seconds), *_compared(cpu, plain_cpu)]
    show(f"200 routes and 5,000 accounts, somebody rung by each: median of {TURNS} times ten", header, [row])
    limits = {name: limit for kind, ways in figures.items() for name, limit in _limits(kind, ways).items()}
    hold(limits | {"announced with routes: its CPU, by that without": (cpu / plain_cpu, MOST_CPU_WITH_ROUTES)})


def measured(*kinds: str) -> Figures:
    """By kind of event and way ("ours", "bare", "batch of ten"): seconds and CPU seconds."""
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
    with lambda_settings(workspace), patch.dict(os.environ, SETTINGS):
        return {kind: in_fresh_process("tests.bench.bench_warm", kind)["ways"] for kind in kinds or KINDS}


def _limits(kind: str, ways: dict[str, list[float]]) -> dict[str, tuple[float, float]]:
    (_, ours), (_, bare), (_, in_a_batch) = (ways[way] for way in ("ours", "bare", "batch of ten"))
    limits = {f"{kind}, in a batch of ten: its CPU, by that of one by itself": (in_a_batch / ours, MOST_CPU_IN_A_BATCH)}
    if bare > NOTHING:
        limits[f"{kind}: its CPU, by that of its network calls alone"] = (ours / bare, MOST_CPU)
    return limits


def _row(kind: str, ways: dict[str, list[float]]) -> list[str]:
    (seconds, cpu), (bare_seconds, bare_cpu) = ways["ours"], ways["bare"]
    of_ten = [f"{1000 * taken:.2f}" for taken in ways["batch of ten"]]
    return [kind, *_compared(seconds, bare_seconds), *_compared(cpu, bare_cpu), *of_ten]


def _compared(ours: float, bare: float) -> list[str]:
    return (
        [f"{1000 * ours:.2f}", f"{1000 * bare:.2f}", ratio(ours, bare)]
        if bare > NOTHING
        else [f"{1000 * ours:.2f}", "", ""]
    )


def measure(event: Callable[[int], Event]) -> Figures:
    """Let the handler take ten events, the bare clients make the calls of ten, the handler ten in a batch, by turns.

    Ten, so that each way runs with its own code in the processor's caches.
    """
    from handlers.alert import lambda_handler

    numbers = count(FIRST + 1)
    _forget_traffic()
    calls = record(lambda: lambda_handler(sqs_batch([event(FIRST)]), None))
    posts = any(service == "slack" for service, *_ in calls)
    bare = BareClients(dict(os.environ))
    taken: dict[str, list[list[float]]] = {"ours": [], "bare": [], "batch of ten": []}
    for _ in range(TURNS):
        singles = [sqs_batch([event(next(numbers))]) for _ in range(BATCH)]
        ten = sqs_batch([event(next(numbers)) for _ in range(BATCH)])
        again = [_about(next(numbers), calls) for _ in range(BATCH)]
        taken["ours"].append(_timed([partial(lambda_handler, one, None) for one in singles], posts))
        taken["bare"].append(_timed([partial(bare.make, one) for one in again], posts))
        taken["batch of ten"].append(_timed([partial(lambda_handler, ten, None)], posts))
    return {
        "ways": {way: [median(column) / BATCH for column in zip(*times, strict=True)] for way, times in taken.items()}
    }


def measure_routed() -> Figures:
    """Let the handler take ten events that are announced by the routes, and ten without, by turns. Each rings a
    group."""
    in_use: list[Routes | None] = [None]
    app = build_app()
    app.__dict__["router"] = Router(
        settings=app.config.policy,
        channel=app.config.slack_channel,
        read_routes=lambda now: in_use[0],
        account_of=lambda account_id, now: Account(),
        find_person=lambda email, now: Person(ring=Ring.UNKNOWN),
        telemetry=app.telemetry,
    )
    from handlers.alert import lambda_handler  # now, for it makes the pipelines

    numbers, routes = count(FIRST + 1), routes_of_many()
    ways: dict[str, Routes | None] = {"with routes": routes, "without": None}
    taken: dict[str, list[list[float]]] = {way: [] for way in ways}
    for _ in range(TURNS + 1):
        for way, used in ways.items():
            in_use[0] = used
            singles = [sqs_batch([_of_an_account(next(numbers))]) for _ in range(BATCH)]
            taken[way].append(_timed([partial(lambda_handler, one, None) for one in singles], posts=True))
    return {
        "ways": {
            way: [median(column) / BATCH for column in zip(*times[1:], strict=True)] for way, times in taken.items()
        }
    }


def routes_of_many() -> Routes:
    """200 routes, of which the last one matches, and 5,000 accounts whose owners are groups of 2,000."""
    owners = tuple(Owner(name=f"team-{number}", group=f"S{number:08}", channel=CHANNEL) for number in range(2_000))
    accounts = {account_id(number): owners[number % len(owners)].name for number in range(ACCOUNTS)}
    others = [
        Condition(controls=(f"EC2.{number}*",), accounts=("4444*",), tags={"env": ("prod*",)}) for number in range(99)
    ] + [Condition(regions=("eu-*",), owners=(f"unit-{number}-*",)) for number in range(100)]
    routes = [Route(condition=condition, channel=CHANNEL) for condition in others]
    return Routes(
        owners=owners,
        sources=(
            Source(kind=SourceKind.TAG, keys=("owner", "owneremail", "team")),
            Source(kind=SourceKind.ACCOUNT, accounts=accounts),
        ),
        routing=Routing(
            routes=(*routes, Route(condition=Condition(), channel=OWNER)),
            default_channel=CHANNEL,
            mention=MentionRule(min_severity=Severity.HIGH, most=3),
        ),
    )


def account_id(number: int) -> str:
    return f"{100_000_000_000 + number % ACCOUNTS}"


def _of_an_account(number: int) -> Event:
    return opened(number, AwsAccountId=account_id(number))


def _about(number: int, calls: list[Call]) -> list[Call]:
    """The same calls about another violation."""
    again: list[Call] = json.loads(json.dumps(calls).replace(f"bucket-{FIRST}", f"bucket-{number}"))
    return again


def _forget_traffic() -> None:
    """Forget what was announced of late, so that the next alert is announced by itself, not in a burst."""
    build_app()._client("dynamodb").delete_item(TableName="shirase-ledger", Key=encode({KEY: traffic_key(CHANNEL)}))


def _timed(works: list[Callable[[], object]], posts: bool) -> list[float]:
    """Seconds and CPU seconds that all of it takes together."""
    seconds = cpu_seconds = 0.0
    for work in works:
        if posts:
            _forget_traffic()
        started, cpu_started = time.perf_counter(), time.process_time()
        work()
        cpu_seconds += time.process_time() - cpu_started
        seconds += time.perf_counter() - started
    return [seconds, cpu_seconds]


FIRST = 1_000_000
KINDS: dict[str, Callable[[int], Event]] = {
    "announced": opened,
    "a known one": lambda _: opened(FIRST - 1),
    "not selected": lambda _: sample("low_severity_tagging"),  # of a control that TARGET_CONTROL_IDS doesn't ask for
}


def _measure_kind(kind: str) -> Figures:
    if kind == ROUTED:
        return measure_routed()
    from handlers.alert import lambda_handler

    lambda_handler(sqs_batch([opened(FIRST - 1)]), None)
    return measure(KINDS[kind])


if __name__ == "__main__":
    tell(lambda: _measure_kind(sys.argv[1]))

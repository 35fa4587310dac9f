"""2,000 violations (ALL=1: 10,000) at once through the real stack, into a channel that takes a message a second.

Beside it: what a message for each would take at that rate.
"""

import random
import time
from collections import Counter
from uuid import uuid4

import local.demo
from local.demo import Demo, local_stack
from local.slack.faults import SECONDS_BETWEEN_POSTS
from local.slack.limits import problems
from tests.bench.measuring import ALL, show
from tests.faults.ground import Agreement, agreement, shown_total, wait_until
from tests.findings import Event, opened

VIOLATIONS = 10_000 if ALL else 2_000
ACCOUNTS = 200
CONTROLS = [f"S3.{number}" for number in range(1, 25)]
SEVERITIES = ["CRITICAL", *["HIGH"] * 4, *["MEDIUM"] * 10, *["LOW"] * 5]
PATIENCE_SECONDS = 3600


def main() -> None:
    events = storm()
    local.demo.STACK_NAME = "shirase-bench"
    with local_stack() as demo:
        demo.slack.rate_limited = True
        started = time.monotonic()
        demo.stack.enqueue_all(events)
        wait_until(lambda: demo.stack.queue_depth() == 0, PATIENCE_SECONDS)
        seconds = time.monotonic() - started
        result = agreement(demo.stack, demo.slack, events)
        wait_until(lambda: shown_total(demo.slack) == result.counted, 60)
        tell(demo, result, seconds)


def storm() -> list[Event]:
    """As many distinct violations, of many controls, accounts and severities."""
    choose = random.Random(7)  # noqa: S311 - no secret
    events = []
    for _ in range(VIOLATIONS):
        event = opened(f"bench-{uuid4().hex}")
        (finding,) = event["detail"]["findings"]
        finding["Severity"] = {"Label": choose.choice(SEVERITIES)}
        finding["Compliance"]["SecurityControlId"] = choose.choice(CONTROLS)
        finding["AwsAccountId"] = f"{choose.randrange(ACCOUNTS):012d}"
        events.append(event)
    return events


def tell(demo: Demo, result: Agreement, seconds: float) -> None:
    visible = [message for message in demo.slack.messages if message.thread_ts is None]
    calls = Counter(call.method for call in demo.slack.calls)
    broken = sum(bool(problems(message.payload())) for message in visible)
    one_by_one = VIOLATIONS * SECONDS_BETWEEN_POSTS
    header = ["", "messages", "seconds", "lost", "twice", "beyond Slack's limits", "posts tried", "updates tried"]
    ours = [len(visible), seconds, len(result.lost), len(result.duplicates), broken, calls["chat.postMessage"]]
    rows = [
        ["shirase", *(f"{number:,.0f}" for number in ours), f"{calls['chat.update']:,}"],
        ["a message each, at one a second", f"{VIOLATIONS:,}", f"{one_by_one:,.0f}", "0", "0", "0", "", ""],
    ]
    show(f"A storm of {VIOLATIONS:,} violations at once", header, rows)

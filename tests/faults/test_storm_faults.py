"""A storm while everything around the functions fails at random, and they themselves are killed at random."""

import csv
import io
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from local.security_hub.gaps import with_gaps
from shared.alert.burst import CALM_AFTER
from tests.faults.conftest import EXHAUSTIVE
from tests.faults.ground import (
    Ground,
    agreement,
    bursts,
    key_of,
    ledger_of,
    shown_total,
    wait_until,
)
from tests.findings import Event, opened, passed

VIOLATIONS = 2000 if EXHAUSTIVE else 60
BURST_LIMIT = 20 if EXHAUSTIVE else 8  # a channel takes a message a second
TROUBLED_SECONDS = 120 if EXHAUSTIVE else 12
DRAIN_SECONDS = 300
# A killed attempt holds its violation until its lease ends, a minute each: `make faults` waits for that.
TROUBLES = ["faults", "kills", "faults and kills"] if EXHAUSTIVE else ["faults"]

ONE_IN_THIRTY = {"service": "*", "probability": 1 / 30}
AWS_WEATHER: list[dict[str, Any]] = [
    {**ONE_IN_THIRTY, "error": {"code": "ThrottlingException"}},
    {**ONE_IN_THIRTY, "error": {"code": "InternalServerError", "status": 500}},
    {**ONE_IN_THIRTY, "reset": True},
    {**ONE_IN_THIRTY, "response": {"abort_frac": 0.0}},
    {**ONE_IN_THIRTY, "latency": {"min": 50, "max": 1000}},
    # Three times in a row is what boto3 does not make up for by itself.
    {
        "service": "dynamodb",
        "sequence": {"fail": 3, "pass": 60},
        "error": {"code": "InternalServerError", "status": 500},
    },
]
SLACK_LINE_WEATHER: list[dict[str, Any]] = [
    {**ONE_IN_THIRTY, "reset": True},
    {**ONE_IN_THIRTY, "response": {"abort_frac": 0.0}},
]
SLACK_METHODS = ("chat.postMessage", "chat.update", "conversations.history", "conversations.replies")
SLACK_WEATHER: list[dict[str, Any]] = [
    {"retry_after": 2},
    {"retry_after": 5},
    {"status": 500},
    {"status": 503},
    {"drop": True},
    {"error": "internal_error"},
    {"error": "not_in_channel"},
    {"error": "invalid_auth"},
]


@pytest.fixture
def storm(ground: Ground) -> Iterator[Ground]:
    """As deployed: two workers at most, a message a second."""
    ground.work_side_by_side(2)
    ground.set(BURST_LIMIT=str(BURST_LIMIT))
    ground.forget_traffic()
    ground.channel.reset()
    ground.channel.rate_limited = True
    yield ground
    ground.channel.rate_limited = False
    ground.clear_faults()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_violation_of_a_storm_is_told_once_whatever_fails(storm: Ground, trouble: str) -> None:
    choose = random.Random(trouble)  # noqa: S311 - no secret
    buckets = [f"storm-{uuid4().hex[:12]}-x" for _ in range(VIOLATIONS)]
    events = events_of(buckets, choose)
    assert all(storm.stack.matching_rule(event) for event in choose.sample(events, 50))
    injected = storm.injected
    started = time.monotonic()
    with troubled(storm, trouble, choose) as counted:
        storm.stack.enqueue_all(events)
        wait_until(lambda: bool(storm.channel.calls), DRAIN_SECONDS)
        time.sleep(TROUBLED_SECONDS)  # for so long the stack works while things go wrong
    storm.drain(DRAIN_SECONDS)
    wait_until(lambda: shown_total(storm.channel) == counted_in_ledger(storm, buckets), DRAIN_SECONDS)
    seconds = time.monotonic() - started
    letters = storm.dead_letters()
    result = agreement(storm.stack, storm.channel, map(opened, buckets), [body for body, _, _ in letters])
    visible = [message for message in storm.channel.messages if message.thread_ts is None]
    faults = counted + storm.injected - injected
    print(f"\n{trouble}: {len(events)} events of {VIOLATIONS} violations in {seconds:.0f} s, {faults.total()} faults")
    print(*(f"  {number:6}  {kind}" for kind, number in sorted(faults.items())), sep="\n")
    print(f"  announced {result.announced}, counted in a burst {result.counted}, over before that {result.over}")
    print(f"  {len(visible)} messages, {len(result.duplicates)} repeated, {len(result.lost)} lost")
    assert result.is_perfect, result
    assert letters == []
    assert len(visible) <= 2 * BURST_LIMIT + 3
    assert ("kills" in trouble) == (faults["workers killed"] > 0)
    assert ("faults" in trouble) == (faults.total() > faults["workers killed"])
    if EXHAUSTIVE:
        assert_concluded(storm, buckets)


def events_of(buckets: list[str], choose: random.Random) -> list[Event]:
    """Each violation, in any order with repeats of some and the ends of others, each without some optional fields."""
    events = [opened(bucket) for bucket in buckets]
    events += [opened(bucket) for bucket in choose.sample(buckets, len(buckets) // 10)]
    events += [passed(bucket) for bucket in choose.sample(buckets, len(buckets) // 10)]
    for event in choose.sample(events, len(events) // 10):
        event["detail"]["findings"][0]["Severity"] = {"Label": "CRITICAL"}
    choose.shuffle(events)
    for event in events:
        event["detail"]["findings"] = [with_gaps(finding, choose) for finding in event["detail"]["findings"]]
    return events


@contextmanager
def troubled(ground: Ground, trouble: str, choose: random.Random) -> Iterator[Counter[str]]:
    """Let calls fail, or workers die, at random; yields what was done besides the proxies' faults."""
    counted: Counter[str] = Counter()
    is_over = threading.Event()
    threads = []
    if "faults" in trouble:
        ground.aws.order(*AWS_WEATHER)
        ground.slack.order(*SLACK_LINE_WEATHER)
        threads.append(threading.Thread(target=spoil_slack, args=(ground, choose, is_over, counted)))
    if "kills" in trouble:
        threads.append(threading.Thread(target=kill_workers, args=(ground, choose, is_over, counted)))
    for thread in threads:
        thread.start()
    try:
        yield counted
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
        counted["Slack: ordered"] -= ground.channel.faults_waiting
        ground.clear_faults()


def spoil_slack(ground: Ground, choose: random.Random, is_over: threading.Event, counted: Counter[str]) -> None:
    while not is_over.wait(choose.uniform(0.2, 1.5)):
        if not ground.channel.faults_waiting:
            ground.channel.fail_next(choose.choice(SLACK_METHODS), **choose.choice(SLACK_WEATHER))
            counted["Slack: ordered"] += 1


def kill_workers(ground: Ground, choose: random.Random, is_over: threading.Event, counted: Counter[str]) -> None:
    while not is_over.wait(choose.uniform(4, 12)):
        counted["workers killed"] += ground.kill_a_worker(choose)


def counted_in_ledger(ground: Ground, buckets: list[str]) -> int:
    ledger = ledger_of(ground.stack)
    return sum("burst_id" in ledger.get(key_of(opened(bucket)), {}) for bucket in buckets)


def assert_concluded(ground: Ground, buckets: list[str]) -> None:
    """Once it is calm, one file in the burst's thread lists every violation that was counted."""
    wait_until(
        lambda: all("is calm again" in str(m.blocks) for m in bursts(ground.channel)),
        CALM_AFTER.total_seconds() + 120,
    )
    (burst,) = bursts(ground.channel)
    ((file,),) = [reply.files for reply in ground.channel.replies(burst.ts)]
    rows = list(csv.DictReader(io.StringIO((file.content or b"").decode("utf-8-sig"), newline="")))
    assert len({row["Resource ID"] for row in rows}) == len(rows) == counted_in_ledger(ground, buckets)

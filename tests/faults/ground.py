"""What the fault tests stand on: the deployed stack, the faults between its parts, and what must be true in the end."""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.demo import Demo
from local.slack.records import Message
from local.slack.workspace import SlackWorkspace
from local.stack.outcome import outcomes
from local.stack.settings import CHANNEL
from local.stack.stack import Stack
from shared.aws.burst_ledger import traffic_key
from shared.aws.table import decode, encode
from shared.errors import MalformedEventError
from shared.finding.event import parse_event
from shared.finding.violation import fingerprint
from tests.faults.proxy import FaultProxy
from tests.findings import Event

# Without faults nothing takes longer; with them, every message is back in the queue's sight after this long.
VISIBILITY_SECONDS = 35


class Ground:
    """The stack, its Slack channel, and what spoils the calls of its functions to AWS, Security Hub and Slack."""

    def __init__(self, demo: Demo, aws: FaultProxy, hub: FaultProxy, slack: FaultProxy) -> None:
        self.demo = demo
        self.stack = demo.stack
        self.channel = demo.slack
        self.aws = aws
        self.hub = hub
        self.slack = slack
        # A worker that was killed leaves its messages hidden for as long; the template's three minutes are a long wait.
        self._hide_messages_for(VISIBILITY_SECONDS)

    @contextmanager
    def visible_again_after(self, seconds: int) -> Iterator[None]:
        """Let a failed message be back sooner, where no invocation takes as long."""
        self._hide_messages_for(seconds)
        try:
            yield
        finally:
            self._hide_messages_for(VISIBILITY_SECONDS)

    def _hide_messages_for(self, seconds: int) -> None:
        self.stack.client("sqs").set_queue_attributes(
            QueueUrl=self.stack.outputs["AlertQueueUrl"], Attributes={"VisibilityTimeout": str(seconds)}
        )

    @property
    def settings(self) -> dict[str, str]:
        """Environment variables of the deployed alert function."""
        name = self.stack.outputs["AlertFunctionName"]
        configuration = self.stack.client("lambda").get_function_configuration(FunctionName=name)
        return dict(configuration["Environment"]["Variables"])

    def set(self, **settings: str) -> None:
        """Change some of them."""
        self.stack.client("lambda").update_function_configuration(
            FunctionName=self.stack.outputs["AlertFunctionName"],
            Environment={"Variables": {**self.settings, **settings}},
        )

    @contextmanager
    def with_settings(self, **settings: str) -> Iterator[None]:
        """Change some of them for a while."""
        usual = self.settings
        self.set(**settings)
        try:
            yield
        finally:
            self.set(**{name: usual[name] for name in settings})

    def work_side_by_side(self, workers: int) -> None:
        """Let so many instances of the alert function work at once, two at least."""
        client = self.stack.client("lambda")
        (mapping,) = client.list_event_source_mappings(FunctionName=self.stack.outputs["AlertFunctionName"])[
            "EventSourceMappings"
        ]
        client.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": workers})

    def kill_a_worker(self, choose: random.Random) -> bool:
        """Kill one of the processes in which the alert function runs, if there is one, in whatever it is doing."""
        name = f"AWS_LAMBDA_FUNCTION_NAME={self.stack.outputs['AlertFunctionName']}".encode()
        workers = [folder for folder in Path("/proc").glob("[0-9]*") if name in _environment(folder)]
        with suppress(ProcessLookupError):
            if workers:
                os.kill(int(choose.choice(workers).name), signal.SIGKILL)
        return bool(workers)

    def forget_traffic(self) -> None:
        """Let no earlier storm be going on."""
        table = self.stack.outputs["LedgerTableName"]
        self.stack.client("dynamodb").delete_item(TableName=table, Key=encode({"violation": traffic_key(CHANNEL)}))

    def clear_faults(self) -> None:
        for proxy in (self.aws, self.hub, self.slack):
            proxy.clear()
        self.demo.hub.leaves_out = None
        self.channel.clear_faults()

    @property
    def injected(self) -> Counter[str]:
        """How many faults the proxies injected so far, by where and what."""
        sides = {"AWS": self.aws, "Security Hub": self.hub, "Slack": self.slack}
        return Counter({f"{side}: {kind}": n for side, proxy in sides.items() for kind, n in proxy.injected.items()})

    def drain(self, seconds: float) -> None:
        """Wait until the queue is empty; if that takes too long, say what has failed how often."""
        try:
            wait_until(lambda: self.stack.queue_depth() == 0, seconds)
        except AssertionError as error:
            failures = Counter(
                one.why for one in outcomes(self.stack.log_lines("AlertFunctionName")) if one.what == "failed"
            )
            raise AssertionError(f"{self.stack.queue_depth()} events are left; failed: {failures}") from error

    def dead_letters(self) -> list[tuple[str, str, str]]:
        """Body, ErrorType and Reason of every dead letter; reading takes them out."""
        sqs, url = self.stack.client("sqs"), self.stack.outputs["AlertDeadLetterQueueUrl"]
        found = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
            "Messages"
        ):
            for message in messages:
                given = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
                found.append((message["Body"], given.get("ErrorType", ""), given.get("Reason", "")))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How the channel, the ledger and the dead letters agree about the violations that were reported."""

    announced: int
    counted: int
    put_aside: int
    over: int
    duplicates: list[str]
    lost: list[str]
    disagreements: list[str]

    @property
    def is_perfect(self) -> bool:
        return not (self.duplicates or self.lost or self.disagreements)


def ledger_of(stack: Stack) -> dict[str, dict[str, Any]]:
    """Every item of the ledger's table."""
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["LedgerTableName"])
    items = [decode(item) for page in pages for item in page["Items"]]
    return {item["violation"]: item for item in items}


def bursts(channel: SlackWorkspace) -> list[Message]:
    """The burst messages in a channel."""
    return [one for one in channel.messages if (one.metadata or {}).get("event_type") == "shirase_burst"]


def shown_total(channel: SlackWorkspace) -> int:
    """How many violations the burst messages say they count."""
    numbers = [message.text.split(" new violation")[0].rsplit(" ", 1)[-1] for message in bursts(channel)]
    return sum(int(number.replace(",", "")) for number in numbers)


def agreement(
    stack: Stack, channel: SlackWorkspace, events: Iterable[Event], dead_letters: Iterable[str] = ()
) -> Agreement:
    """Look every reported violation up: announced once, counted in a burst, or put aside."""
    ledger, messages = ledger_of(stack), channel.messages
    by_place = {(message.channel, message.ts): message for message in messages}
    announcements = Counter(_mark(message) for message in messages if _mark(message))
    replies = {ts: [one for one in messages if one.thread_ts == ts] for ts in {one.thread_ts for one in messages}}
    aside = {key_of(json.loads(body)) for body in dead_letters if body.startswith("{")}
    seen: Counter[str] = Counter()
    lost, disagreements, duplicates = [], [], []
    for key in sorted({key_of(event) for event in events}):
        item = ledger.get(key, {})
        if "burst_id" in item:
            seen["counted"] += 1
            burst = ledger[f"burst/{item['burst_id']}"]
            message = by_place.get((burst.get("channel"), burst.get("ts")))
        elif "ts" in item:
            seen["announced"] += 1
            message = by_place.get((item["channel"], item["ts"]))
            duplicates += [key] * (announcements[fingerprint(key)] - 1)
        elif item.get("announcements") == 0 and item["state"] != "open":
            seen["over"] += 1  # its end arrived first
            continue
        elif key in aside:
            seen["put aside"] += 1
            continue
        else:
            lost.append(key)
            continue
        disagreements += _disagreements(key, item, message, replies.get(message.ts, []) if message else [])
    return Agreement(
        announced=seen["announced"],
        counted=seen["counted"],
        put_aside=seen["put aside"],
        over=seen["over"],
        duplicates=duplicates,
        lost=lost,
        disagreements=disagreements,
    )


def _mark(message: Message) -> str | None:
    """Whose announcement a message is; None if it is something else."""
    metadata = message.metadata or {}
    return metadata["event_payload"]["violation"] if metadata.get("event_type") == "shirase_announcement" else None


def _disagreements(key: str, item: dict[str, Any], message: Message | None, replies: list[Message]) -> list[str]:
    if message is None:
        return [f"{key}: the ledger names a message that is not there"]
    if "burst_id" in item:
        return []
    is_closed = item["state"] != "open"
    # Where Slack refuses the edit, the whole of the message that it would have become stands in the thread.
    is_told = message.edited or any("blocks" in reply.payload() for reply in replies)
    if is_told == is_closed and len(replies) == is_closed:
        return []
    shown = f"{'edited' if message.edited else 'not edited'}, with {len(replies)} replies"
    return [f"{key} is {item['state']}, its message is {shown}"]


def _environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # it has ended


def key_of(event: object) -> str:
    """The key of the violation that an event is about; empty if it is about none."""
    try:
        violation = parse_event(event)
    except MalformedEventError:
        return ""
    return violation.key if violation else ""


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
        time.sleep(0.1)

"""What surrounds the functions in these tests: a local AWS, and stand-ins for Slack and Security Hub."""

import json
import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from local.security_hub.hub import SecurityHub
from local.slack.records import Message
from local.slack.workspace import SlackWorkspace
from local.stack.aws import ACCOUNT_ID, REGION, LocalAws
from shared.app import App, _app
from shared.aws.table import Table
from shared.finding.account import Account
from shared.pipeline.router import Router
from shared.policy.owner import Person, Ring
from shared.policy.routes import Routes
from tests.findings import Event

CHANNEL = "C0000000001"
TEAM_A, TEAM_B = "C0000TEAMA1", "C0000TEAMB1"
TOKEN = "xoxb-integration-4f1d0c"


class Surroundings:
    """One test's own secret, dead-letter queue and bucket, and what can be seen of the functions from outside."""

    def __init__(
        self,
        aws: LocalAws,
        slack: SlackWorkspace,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        self.slack = slack
        self.client = aws.client
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self._caplog = caplog
        self._printed = ""
        self._routes: Routes | None = None
        self._people: Mapping[str, Person] = {}
        self.name = f"shirase-{uuid4().hex[:12]}"
        secret = self.client("secretsmanager").create_secret(Name=self.name, SecretString=json.dumps({"token": TOKEN}))
        self.secret_arn: str = secret["ARN"]
        self.dead_letter_queue_url: str = self.client("sqs").create_queue(QueueName=self.name)["QueueUrl"]
        self.client("s3").create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})

    def set(self, **settings: str) -> None:
        """Change environment variables, before the function's next invocation."""
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)

    def route(self, routes: Routes | None, people: Mapping[str, Person] | None = None) -> None:
        """Let the functions find these routes in use, and these people, by e-mail address, in Slack."""
        known = people or {}
        if self._routes is None:
            for name in ("router", "digest_router"):
                self._monkeypatch.setattr(App, name, property(self._router))
            self.start_anew()
        self._routes, self._people = routes, known

    def _router(self, app: App) -> Router:
        return Router(
            settings=app.config.policy,
            channel=app.config.slack_channel,
            read_routes=lambda now: self._routes,
            account_of=lambda account_id, now: Account(),
            find_person=lambda email, now: self._people.get(email, Person(ring=Ring.UNKNOWN)),
            telemetry=app.telemetry,
        )

    def start_anew(self) -> None:
        """Let another process of the functions take over, which remembers nothing."""
        _app.cache_clear()

    @property
    def table(self) -> Table:
        return Table(self.client("dynamodb"), self.name)

    def store_secret(self, text: str) -> None:
        self.client("secretsmanager").put_secret_value(SecretId=self.secret_arn, SecretString=text)

    def deliver(
        self, *bodies: Event | str, age: timedelta = timedelta(seconds=1), received: int = 1, seconds_left: float = 30
    ) -> list[int]:
        """Let the alert function handle a batch of messages; the positions of those that stay in the queue."""
        from handlers.alert import lambda_handler

        answer = lambda_handler(sqs_batch(bodies, age, received), Context(seconds_left=seconds_left))
        return [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]

    def sweep(self, scheduled_time: datetime) -> dict[str, int]:
        """Let the sweep function do what is due at a time."""
        from handlers.sweep import lambda_handler

        return lambda_handler({"scheduled_time": scheduled_time.isoformat()}, Context())

    def send_bare(self, event: object) -> dict[str, Any]:
        """Let the alert function handle an event without a queue."""
        from handlers.alert import lambda_handler

        return lambda_handler(event, None)

    def send_digest(self, event: object, function_arn: str = "", seconds_left: float = 900) -> dict[str, Any]:
        """Let the digest function handle what its schedule sends."""
        from handlers.digest import lambda_handler

        return lambda_handler(event, Context(function_arn, seconds_left))

    @property
    def posted(self) -> list[Message]:
        """The channel's messages, replies in threads aside."""
        return [message for message in self.slack.messages if message.thread_ts is None]

    @property
    def dead_letters(self) -> list[tuple[str, str, str]]:
        """Body, ErrorType and Reason of every dead letter; reading takes them out."""
        found = []
        while True:
            answer = self.client("sqs").receive_message(
                QueueUrl=self.dead_letter_queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            if not answer.get("Messages"):
                return found
            for message in answer["Messages"]:
                attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
                found.append((message["Body"], attributes["ErrorType"], attributes["Reason"]))

    @property
    def output(self) -> str:
        """All that was printed and logged so far, by whomever."""
        captured = self._capsys.readouterr()
        self._printed += captured.out + captured.err
        return self._printed + self._caplog.text

    @property
    def log(self) -> list[dict[str, Any]]:
        """The functions' structured log lines."""
        return [line for line in self._lines() if "message" in line]

    @property
    def metrics(self) -> dict[str, int]:
        """What was counted so far, as CloudWatch reads it out of the log."""
        counted: dict[str, int] = {}
        for line in self._lines():
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
                assert directive["Namespace"] == "Shirase"
                for metric in directive["Metrics"]:
                    counted[metric["Name"]] = counted.get(metric["Name"], 0) + int(sum(line[metric["Name"]]))
        return counted

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.splitlines() if line.startswith("{")]


class Context:
    """As much of Lambda's context as a function may look at."""

    def __init__(self, invoked_function_arn: str = "", seconds_left: float = 900) -> None:
        self.invoked_function_arn = invoked_function_arn or (
            f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:shirase-Function"
        )
        self._ends_at = time.monotonic() + seconds_left

    def get_remaining_time_in_millis(self) -> int:
        return int((self._ends_at - time.monotonic()) * 1000)


class RecordingHub(SecurityHub):
    """Security Hub that remembers the queries it was asked."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.queries: list[dict[str, Any]] = []
        self.asked_at: list[datetime] = []

    @property
    def list_queries(self) -> list[dict[str, Any]]:
        """Those for what is open."""
        return [query for query in self.queries if {"Value": "NEW", "Comparison": "EQUALS"} in _statuses(query)]

    def get_findings(self, request: dict[str, Any]) -> dict[str, Any]:
        self.queries.append(request)
        self.asked_at.append(datetime.now(UTC))
        return super().get_findings(request)


def _statuses(query: dict[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = query["Filters"].get("WorkflowStatus", [])
    return found


def sqs_batch(
    bodies: Iterable[Event | str], age: timedelta = timedelta(seconds=1), received: int = 1
) -> dict[str, Any]:
    """The event with which Lambda's event source mapping hands messages over, named by their position."""
    return {"Records": [_sqs_record(str(number), body, age, received) for number, body in enumerate(bodies)]}


def _sqs_record(message_id: str, body: Event | str, age: timedelta, received: int) -> dict[str, Any]:
    sent_at = str(int((datetime.now(UTC) - age).timestamp() * 1000))
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-{message_id}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": str(received),
            "SentTimestamp": sent_at,
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": sent_at,
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:AlertQueue",
        "awsRegion": REGION,
    }


def forget_loggers(name: str) -> None:
    """Take a logger's handlers away, which hold on to the output that their test captured."""
    logging.getLogger(name).handlers.clear()

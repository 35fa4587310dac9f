"""What can be done with a deployed stack, this machine's or a real one."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from local.errors import CommandError
from local.stack.events import Event
from shared.text import excerpt

MAX_BATCH = 10  # entries of a SendMessageBatch
ALERTS = "AlertQueueUrl"

Client = Callable[[str], Any]


class StackError(CommandError):
    """Raised when a stack can't be built, deployed or found; says which, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A deployed stack; `client` makes a boto3 client for a service.

    `demo_page`: the address of the demo's page, with a slash at its end, if the demo on this machine deployed it.
    """

    name: str
    client: Client
    outputs: dict[str, str]
    rules: dict[str, str]
    demo_page: str = ""

    def matching_rule(self, event: Event) -> str | None:
        """The logical id of the stack's rule that matches an event, as EventBridge itself judges; None if none does.

        Raises StackError if EventBridge finds that the event isn't one.
        """
        events = self.client("events")
        for logical_id, pattern in self.rules.items():
            try:
                if events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]:
                    return logical_id
            except ClientError as error:
                message = excerpt(error.response["Error"]["Message"])
                raise StackError(f"EventBridge takes it for no event: {message}") from error
        return None

    def send(self, event: Event) -> str | None:
        """Do with an event what EventBridge would; the rule that matches. Raises StackError if it is no event."""
        rule = self.matching_rule(event)
        if rule:
            self.enqueue(event)
        return rule

    def enqueue(self, event: Event) -> None:
        """Put an event on the alert queue as the rule would. EventBridge takes no events in Security Hub's name."""
        self.client("sqs").send_message(QueueUrl=self.outputs[ALERTS], MessageBody=json.dumps(event))

    def enqueue_all(self, events: list[Event]) -> None:
        """Put many events on the alert queue, as few calls as it takes. Raises StackError if the queue refuses one."""
        for start in range(0, len(events), MAX_BATCH):
            batch = [
                {"Id": str(number), "MessageBody": json.dumps(event)}
                for number, event in enumerate(events[start : start + MAX_BATCH])
            ]
            answer = self.client("sqs").send_message_batch(QueueUrl=self.outputs[ALERTS], Entries=batch)
            if refused := answer.get("Failed"):
                raise StackError(f"the alert queue refused {len(refused)} events: {refused[0].get('Message')}")

    def queue_counts(self, queue: str = ALERTS) -> tuple[int, int]:
        """How many messages of a queue wait, and how many are being worked on or held back for another try."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.client("sqs").get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=names)
        waiting, held = (int(answer["Attributes"][name]) for name in names)
        return waiting, held

    def queue_depth(self, queue: str = ALERTS) -> int:
        """How many messages wait, are being worked on or held back."""
        return sum(self.queue_counts(queue))

    def log_lines(self, output: str, since: datetime | None = None) -> list[str]:
        """What a function logged so far, or since then, oldest first."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=self.outputs[output])
        group = configuration["LoggingConfig"]["LogGroup"]
        window = {"startTime": int(since.timestamp() * 1000)} if since else {}
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, **window)
        return [event["message"] for page in pages for event in page["events"]]

    def send_digest(self, scheduled_time: datetime) -> dict[str, Any]:
        """Invoke the digest function itself with the schedule's own input; its answer."""
        return self._invoke("DigestFunctionName", self._digest_input(scheduled_time), "the digest function")

    def sweep(self, scheduled_time: datetime) -> int:
        """Let the sweep function queue what is due at a time; how much that was. Raises StackError if it fails."""
        due = json.dumps({"scheduled_time": scheduled_time.isoformat()})
        return int(self._invoke("SweepFunctionName", due, "the sweep")["queued"])

    def _invoke(self, function: str, payload: str, name: str) -> dict[str, Any]:
        """A function's answer. Raises StackError if it fails."""
        answer = self.client("lambda").invoke(FunctionName=self.outputs[function], Payload=payload.encode())
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise StackError(f"{name} failed: {result.get('errorType')}: {result.get('errorMessage')}")
        return result

    def start_digest(self, scheduled_time: datetime) -> str:
        """Start the digest's state machine, as EventBridge Scheduler would; the execution's ARN."""
        answer = self.client("stepfunctions").start_execution(
            stateMachineArn=self.digest_state_machine, input=self._digest_input(scheduled_time)
        )
        return str(answer["executionArn"])

    def _digest_input(self, scheduled_time: datetime) -> str:
        time = f"{scheduled_time:%Y-%m-%dT%H:%M:%SZ}"
        return self.schedule_input().replace("<aws.scheduler.scheduled-time>", time)

    def schedule_input(self) -> str:
        """What the deployed schedule sends to the digest's state machine."""
        scheduler = self.client("scheduler")
        for summary in scheduler.list_schedules()["Schedules"]:
            target = scheduler.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])["Target"]
            if target["Arn"] == self.digest_state_machine:
                return str(target["Input"])
        raise StackError(f"the stack {self.name} has no schedule for its digest")

    @property
    def digest_state_machine(self) -> str:
        """The ARN of the state machine that sends the digest."""
        resource = self.client("cloudformation").describe_stack_resource(
            StackName=self.name, LogicalResourceId="DigestStateMachine"
        )
        return str(resource["StackResourceDetail"]["PhysicalResourceId"])

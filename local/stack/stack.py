"""A deployed stack: this machine's or a real one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError, ProfileNotFound
from samtranslator.yaml_helper import yaml_parse

from local.errors import CommandError
from local.private import write_private
from local.root import ROOT
from local.stack import child
from local.stack.aws import TEMPLATE, LocalAws
from local.stack.events import Event
from local.stack.running import STACK_NAME, running_demo, why_no_demo
from shared.text import excerpt

MAX_BATCH = 10  # entries of a SendMessageBatch
RULE = "AWS::Events::Rule"
NOT_SET_UP = (NoCredentialsError, NoRegionError, ProfileNotFound)
CHECK_ACCESS = "Check your AWS credentials, their Region, and what they may do."

Client = Callable[[str], Any]


class StackError(CommandError):
    """Raised when a stack can't be built, deployed or found; says which, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A deployed stack; `client` makes a boto3 client for a service. `is_demo`: that of the demo on this machine."""

    name: str
    client: Client
    outputs: dict[str, str]
    rules: dict[str, str]
    is_demo: bool = False

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
        self.client("sqs").send_message(QueueUrl=self.outputs["AlertQueueUrl"], MessageBody=json.dumps(event))

    def enqueue_all(self, events: list[Event]) -> None:
        """Put many events on the alert queue, as few calls as it takes. Raises StackError if the queue refuses one."""
        for start in range(0, len(events), MAX_BATCH):
            batch = [
                {"Id": str(number), "MessageBody": json.dumps(event)}
                for number, event in enumerate(events[start : start + MAX_BATCH])
            ]
            answer = self.client("sqs").send_message_batch(QueueUrl=self.outputs["AlertQueueUrl"], Entries=batch)
            if refused := answer.get("Failed"):
                raise StackError(f"the alert queue refused {len(refused)} events: {refused[0].get('Message')}")

    def queue_counts(self) -> tuple[int, int]:
        """How many messages of the alert queue wait, and how many are being worked on or held back for another try."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.client("sqs").get_queue_attributes(QueueUrl=self.outputs["AlertQueueUrl"], AttributeNames=names)
        waiting, held = (int(answer["Attributes"][name]) for name in names)
        return waiting, held

    def queue_depth(self, output: str = "AlertQueueUrl") -> int:
        """How many messages wait or are being worked on."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.client("sqs").get_queue_attributes(QueueUrl=self.outputs[output], AttributeNames=names)
        return sum(int(value) for value in answer["Attributes"].values())

    def log_lines(self, output: str, since: datetime | None = None) -> list[str]:
        """What a function logged so far, or since then, oldest first."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=self.outputs[output])
        group = configuration["LoggingConfig"]["LogGroup"]
        window = {"startTime": int(since.timestamp() * 1000)} if since else {}
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, **window)
        return [event["message"] for page in pages for event in page["events"]]

    def send_digest(self, scheduled_time: datetime) -> dict[str, Any]:
        """Invoke the digest function itself with the schedule's own input; its answer."""
        payload = self._digest_input(scheduled_time).encode()
        answer = self.client("lambda").invoke(FunctionName=self.outputs["DigestFunctionName"], Payload=payload)
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise StackError(f"the digest function failed: {result.get('errorType')}: {result.get('errorMessage')}")
        return result

    def sweep(self, scheduled_time: datetime) -> int:
        """Let the sweep function queue what is due at a time; how much that was. Raises StackError if it fails."""
        answer = self.client("lambda").invoke(
            FunctionName=self.outputs["SweepFunctionName"],
            Payload=json.dumps({"scheduled_time": scheduled_time.isoformat()}),
        )
        result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise StackError(f"the sweep failed: {result.get('errorType')}: {result.get('errorMessage')}")
        return int(result["queued"])

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


def find_stack(name: str) -> Stack:
    """The stack a running demo deployed under this name, or else the one in the AWS account of your credentials."""
    demo = running_demo()
    if demo and demo.stack == name:
        return replace(describe_stack(name, demo.aws.client), is_demo=True)
    try:
        session: Any = boto3.session.Session()
        if session.get_credentials() is None:
            raise NoCredentialsError
        return describe_stack(name, session.client)
    except (BotoCoreError, StackError) as error:
        if demo is None and (name == STACK_NAME or isinstance(error.__cause__ or error, NOT_SET_UP)):
            raise StackError(_no_demo(name, error.__cause__ or error)) from error
        raise StackError(str(error) if isinstance(error, StackError) else _not_found(name, error)) from error


def describe_stack(name: str, client: Client) -> Stack:
    """Look a deployed stack up: its outputs, and the patterns of its rules."""
    try:
        stacks = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        resources = client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}
        return Stack(name=name, client=client, outputs=outputs, rules=_rules(client, resources))
    except (ClientError, BotoCoreError) as error:
        raise StackError(_not_found(name, error)) from error


def _not_found(name: str, error: BaseException) -> str:
    return f"the stack {name} can't be looked up ({error}); check its name, your AWS credentials and Region"


def _no_demo(name: str, error: BaseException) -> str:
    return (
        f"the stack {name} can't be looked up: {why_no_demo()}\n"
        f"  For a stack in AWS set credentials and Region (aws configure, or AWS_PROFILE and AWS_REGION): {error}"
    )


def rules_alone(aws: LocalAws) -> Stack:
    """The template's rules, not deployed, for a local AWS to judge events by; there is nothing else in this stack."""
    resources = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"]
    rules = {
        logical_id: json.dumps(resource["Properties"]["EventPattern"])
        for logical_id, resource in resources.items()
        if resource["Type"] == RULE
    }
    return Stack(name=TEMPLATE.name, client=aws.client, outputs={}, rules=rules)


def build(folder: Path) -> None:
    """Run `sam build` into a folder."""
    _sam("build", "--build-dir", str(folder), environment=child.environment({}, (*child.NAMES, *child.INSTALLER_NAMES)))


def deploy(aws: LocalAws, folder: Path, name: str, parameters: dict[str, str]) -> Stack:
    """Run `sam deploy` of a build on a local AWS and return the stack."""
    with TemporaryDirectory(prefix="shirase-deploy-") as own:
        # Every user of the machine may read a command line, and the stand-in's address holds the secret.
        overrides = Path(own) / "parameters.yaml"
        write_private(overrides, json.dumps(parameters))  # which is YAML, too
        _sam(
            "deploy",
            *("--template-file", str(folder / "template.yaml"), "--stack-name", name),
            *("--parameter-overrides", f"file://{overrides}"),
            *("--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-progressbar"),
            environment=child.environment(aws.environment),
        )
    return describe_stack(name, cache(aws.client))  # making a client takes a tenth of a second


def now() -> datetime:
    return datetime.now(UTC)


def _rules(client: Client, resources: list[dict[str, Any]]) -> dict[str, str]:
    rules = [resource for resource in resources if resource["ResourceType"] == RULE]
    return {
        rule["LogicalResourceId"]: client("events").describe_rule(Name=rule["PhysicalResourceId"])["EventPattern"]
        for rule in rules
    }


def _sam(*arguments: str, environment: dict[str, str]) -> None:
    folder = Path(sys.executable).parent
    sam = shutil.which("sam", path=str(folder)) or shutil.which("sam")
    if not sam:
        raise StackError("AWS SAM CLI is missing, which builds and deploys the stack: `make setup` installs it")
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    result = subprocess.run(  # noqa: S603 - arguments are ours
        [sam, *arguments],
        cwd=ROOT,
        env={
            **environment,
            "PATH": path,
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "ap-northeast-1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise StackError(f"sam {arguments[0]} failed:\n{result.stdout}\n{result.stderr}")

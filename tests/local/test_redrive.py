"""Dead letters on a real SQS: looked at without a trace, and put back."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Timer
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError

from local import cli
from local.redrive import dead_letter_queue, redrive
from local.root import ROOT
from local.stack.aws import LocalAws
from local.stack.lookup import find_stack
from shared.aws.dead_letter import DeadLetterQueue
from shared.errors import GivenUpError, MalformedEventError
from tests.findings import ACCOUNT, opened, sample

TEMPLATE = {
    "Resources": {
        "AlertDeadLetterQueue": {"Type": "AWS::SQS::Queue"},
        "AlertQueue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "MaximumMessageSize": 1048576,
                "RedrivePolicy": {
                    "deadLetterTargetArn": {"Fn::GetAtt": ["AlertDeadLetterQueue", "Arn"]},
                    "maxReceiveCount": 1,
                },
            },
        },
    },
    "Outputs": {
        "AlertQueueUrl": {"Value": {"Ref": "AlertQueue"}},
        "AlertDeadLetterQueueUrl": {"Value": {"Ref": "AlertDeadLetterQueue"}},
    },
}
CHANNEL_GONE = GivenUpError("given up after four days; the last failure: SlackError: channel_not_found")
NO_JSON = MalformedEventError("the message's body is no JSON")
VISIBLE, HELD = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"


class Letters:
    """A stack with nothing but its two queues, and the command run on it."""

    def __init__(self, aws: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.sqs = aws.client("sqs")
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.stack = f"shirase-{uuid4().hex[:12]}"
        aws.client("cloudformation").create_stack(StackName=self.stack, TemplateBody=json.dumps(TEMPLATE))
        stacks = aws.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}
        self.alert_url: str = outputs["AlertQueueUrl"]
        self.url: str = outputs["AlertDeadLetterQueueUrl"]

    def put_aside(self, error: Exception, *bodies: str) -> None:
        """Let the alert function's own code put events aside."""
        for body in bodies:
            DeadLetterQueue(lambda: self.sqs, self.url).send(body, error)

    def send(self, body: str, **attributes: str) -> None:
        texts = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body, MessageAttributes=texts)

    def crash_on(self, body: str) -> None:
        """Let SQS move a message here that was received as often as it may be."""
        self.sqs.send_message(QueueUrl=self.alert_url, MessageBody=body)
        for _ in range(2):
            self.sqs.receive_message(QueueUrl=self.alert_url, VisibilityTimeout=0)

    def run(self, *arguments: str, stack: str | None = None) -> int:
        """The command's exit code."""
        self._monkeypatch.setattr(sys, "argv", ["shirase", "redrive", "--stack", stack or self.stack, *arguments])
        return cli.main()

    @property
    def printed(self) -> Any:
        """What the command wrote since the last time, as `out` and `err`."""
        return self._capsys.readouterr()

    def look(self) -> str:
        """What a look shows, lines joined where they were folded."""
        assert self.run() == 0
        printed = self.printed
        assert printed.err == ""
        return re.sub(r"\n {3,}", " ", printed.out)

    def counts(self, url: str) -> tuple[int, int]:
        """How many messages of a queue are visible, and how many hidden."""
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[VISIBLE, HELD])["Attributes"]
        return int(attributes[VISIBLE]), int(attributes[HELD])

    @property
    def waiting(self) -> int:
        """How many dead letters there are, none of them hidden."""
        visible, held = self.counts(self.url)
        assert held == 0
        return visible

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """The messages on the alert queue; reading hides them."""
        found: list[dict[str, Any]] = []
        while received := self.sqs.receive_message(
            QueueUrl=self.alert_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            found += received
        return found

    def on(self, event: str, do: Callable[..., Any]) -> None:
        """Have botocore call this at an event of the command's own client, such as "before-call.sqs.SendMessage"."""
        stack = find_stack(self.stack)

        def client(service: str) -> Any:
            made = stack.client(service)
            made.meta.events.register(event, do)
            return made

        self._monkeypatch.setattr(redrive, "find_stack", lambda name: replace(stack, client=client))

    def refuse(self, call: str) -> None:
        """Let SQS refuse every entry of a batch."""

        def answer(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
            entries = json.loads(params["body"])["Entries"]
            failure = {"Code": "InternalError", "Message": "try later", "SenderFault": False}
            return HttpAnswer(), {"Failed": [{"Id": entry["Id"], **failure} for entry in entries]}

        self.on(f"before-call.sqs.{call}", answer)


class HttpAnswer:
    """As much of an answer as botocore looks at."""

    status_code = 200


@pytest.fixture
def letters(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Letters]:
    monkeypatch.setattr(dead_letter_queue, "WAIT_SECONDS", 0)  # the local SQS hides nothing from a receive
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    terminate = signal.signal(signal.SIGTERM, lambda *_: None)
    yield Letters(aws, monkeypatch, capsys)
    signal.signal(signal.SIGTERM, terminate)


def test_an_empty_queue_is_said_to_be_empty(letters: Letters) -> None:
    assert "has no dead letters" in letters.look()
    assert letters.run("--all") == 0
    assert letters.run("--reason", "GivenUpError") == 0
    assert letters.printed.out.count("has no dead letters") == 2


def test_letters_are_counted_by_reason_and_the_largest_group_comes_first(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "x")
    letters.put_aside(CHANNEL_GONE, *(json.dumps(opened(number)) for number in range(3)))
    shown = letters.look()
    assert shown.index("3 × GivenUpError") < shown.index("1 × MalformedEventError")
    assert "4 dead letters of the alert queue" in shown
    assert "Reason     given up after four days; the last failure: SlackError: channel_not_found" in shown
    assert "Reason     the message's body is no JSON" in shown


def test_reasons_that_differ_by_an_id_are_one_group(letters: Letters) -> None:
    for number in range(3):
        letters.put_aside(GivenUpError(f"111122223333/S3.8/arn:aws:s3:::bucket-{number} is held"), "x")
    assert "3 × GivenUpError\n  Reason     …/S3.8/… is held" in letters.look()


def test_a_group_shows_since_when_and_what_one_of_its_letters_is_about(letters: Letters) -> None:
    letters.put_aside(CHANNEL_GONE, json.dumps(opened(7)))
    shown = letters.look()
    assert re.search(r"Since      \d{4}-\d\d-\d\d \d\d:\d\d UTC\n", shown)
    assert f"About      S3.8 on bucket-7 in account {ACCOUNT} (" in shown


def test_a_look_says_when_the_oldest_letter_will_be_gone(letters: Letters) -> None:
    letters.sqs.set_queue_attributes(QueueUrl=letters.url, Attributes={"MessageRetentionPeriod": "1209600"})
    letters.put_aside(NO_JSON, "x")
    shown = letters.look()
    since = re.search(r"Since +(.+) UTC", shown)
    gone = re.search(r"SQS drops letters that stay here, the oldest on (.+) UTC\.", shown)
    assert since
    assert gone
    assert datetime.fromisoformat(gone[1]) - datetime.fromisoformat(since[1]) == timedelta(days=14)


def test_letters_that_nobody_gave_a_reason_are_explained(letters: Letters) -> None:
    letters.crash_on(json.dumps(opened()))
    letters.send(json.dumps(opened()), RULE_ARN="arn", ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="not allowed")
    letters.send("by hand")
    shown = letters.look()
    assert "1 × Crash\n  Reason     the function crashed or timed out on it again and again" in shown
    assert "1 × EventBridge NO_PERMISSIONS\n  Reason     not allowed" in shown
    assert "1 × Unknown\n  Reason     whoever put it here gave no reason" in shown


@pytest.mark.parametrize(
    "body",
    [
        "no JSON",
        "null",
        "[1, 2]",
        '{"detail-type": "Security Hub Findings - Imported", "detail": {"findings": [null]}}',
        '"\\ud800"',
        "[" * 100_000,
        "1" * 5000,
        json.dumps(sample("guardduty_finding")),
    ],
    ids=lambda body: body[:20],
)
def test_garbage_shows_as_it_begins(letters: Letters, body: str) -> None:
    letters.put_aside(NO_JSON, body)
    assert f"About      {body[:40]}" in letters.look()


def test_what_a_terminal_would_obey_is_not_shown(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "a\tb\nc\rd")
    letters.send("x", ErrorType="E\nrror", Reason="a\t\tb")
    shown = letters.look()
    assert "a b c d" in shown
    assert "1 × E rror\n  Reason     a b" in shown


def test_every_letter_is_read_and_looking_again_shows_the_same(letters: Letters) -> None:
    letters.put_aside(NO_JSON, *(f"garbage {number}" for number in range(37)))
    shown = letters.look()
    assert "37 dead letters" in shown
    assert letters.waiting == 37
    assert letters.look() == shown


def test_a_letter_that_comes_twice_is_counted_once(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letter_queue, "HELD_SECONDS", 0)
    letters.put_aside(NO_JSON, *(f"garbage {number}" for number in range(4)))
    assert "4 dead letters" in letters.look()


def test_letters_that_another_reader_holds_are_told_of(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "one", "two", "three")
    letters.sqs.receive_message(QueueUrl=letters.url, MaxNumberOfMessages=2, VisibilityTimeout=600)
    shown = letters.look()
    assert "1 dead letter of" in shown
    assert "SQS counts about 2 more that can't be read now" in shown
    assert "within 15 minutes" in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_letters_are_visible_again_when_the_look_is_cut_off(
    letters: Letters, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    letters.put_aside(NO_JSON, *(f"garbage {count}" for count in range(12)))
    monkeypatch.setattr(dead_letter_queue, "WAIT_SECONDS", 1)
    Timer(0.6, os.kill, [os.getpid(), number]).start()
    assert letters.run() == 130
    assert "Stopped. What was not put back is still a dead letter." in letters.printed.err
    time.sleep(1)  # by when a receive that was left to itself would have taken them
    assert letters.waiting == 12


def test_a_queue_of_which_nothing_can_be_read_is_not_called_empty(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "one")
    letters.sqs.receive_message(QueueUrl=letters.url, VisibilityTimeout=600)
    shown = letters.look()
    assert "has no dead letters that can be read now." in shown
    assert "SQS counts about 1 more" in shown


def test_a_count_that_lags_behind_raises_no_alarm(letters: Letters) -> None:
    late = iter(["7", "0"])

    def count(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Attributes"][VISIBLE] = next(late)

    letters.on("after-call.sqs.GetQueueAttributes", count)
    assert "has no dead letters." in letters.look()


def test_a_signal_between_two_requests_stops_the_command_as_well(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters.put_aside(NO_JSON, "garbage")
    monkeypatch.setattr(redrive, "grouped", lambda _: signal.raise_signal(signal.SIGTERM))
    assert letters.run() == 130
    assert "Stopped. What was not put back is still a dead letter." in letters.printed.err
    assert letters.waiting == 1


def test_letters_are_visible_again_after_an_error(letters: Letters) -> None:
    letters.put_aside(NO_JSON, *(f"garbage {number}" for number in range(12)))
    requests: list[int] = []

    def fail(**_: Any) -> None:
        requests.append(1)
        if len(requests) == 2:
            raise EndpointConnectionError(endpoint_url="https://sqs")

    letters.on("before-call.sqs.ReceiveMessage", fail)
    assert letters.run() == 1
    assert 'Could not connect to the endpoint URL: "https://sqs"' in letters.printed.err
    assert letters.waiting == 12


def test_whoever_can_not_wait_interrupts_twice(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "garbage")

    def interrupt(**_: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    letters.on("before-call.sqs.ReceiveMessage", interrupt)
    assert letters.run() == 130
    assert "Stopped. What was not put back is still a dead letter." in letters.printed.err
    assert letters.waiting == 1


def test_letters_that_stay_hidden_are_told_of(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "one")
    letters.refuse("ChangeMessageVisibilityBatch")
    assert letters.run() == 1
    assert "1 dead letter could not be shown again (InternalError try later)" in letters.printed.err


def test_a_reason_puts_its_letters_back_and_no_others(letters: Letters) -> None:
    bodies = [json.dumps(opened(number)) for number in range(23)]
    letters.put_aside(CHANNEL_GONE, *bodies)
    letters.put_aside(NO_JSON, "garbage", "rubbish")
    assert letters.run("--reason", "CHANNEL_not") == 0
    assert "Put back 23 of 23:  GivenUpError: given up after four days" in letters.printed.out
    assert sorted(message["Body"] for message in letters.alerts) == sorted(bodies)
    assert letters.waiting == 2
    assert "2 × MalformedEventError" in letters.look()


def test_an_errors_name_is_a_reason_too(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "garbage")
    letters.put_aside(CHANNEL_GONE, "x")
    assert letters.run("--reason", "malformedevent") == 0
    assert [message["Body"] for message in letters.alerts] == ["garbage"]


def test_what_is_put_back_has_no_attributes(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "garbage")
    assert letters.run("--all") == 0
    assert ["MessageAttributes" in message for message in letters.alerts] == [False]


def test_all_are_put_back_though_one_request_could_not_hold_them(letters: Letters) -> None:
    letters.put_aside(NO_JSON, *(str(number) * 400_000 for number in range(6)), *("あ" * 170_000 for _ in range(3)))
    letters.crash_on("x")
    assert letters.run("--all") == 0
    assert letters.counts(letters.alert_url)[0] == 10
    assert letters.waiting == 0


def test_the_command_that_is_shown_for_a_group_puts_back_that_group_alone(letters: Letters) -> None:
    letters.put_aside(CHANNEL_GONE, "gone")
    letters.put_aside(GivenUpError("given up after four days; the last failure: SlackError: invalid_auth"), "auth")
    letters.put_aside(MalformedEventError("AwsAccountId is missing"), "account")
    letters.put_aside(MalformedEventError("Id is missing"), "id")
    commands = re.findall(rf"make redrive STACK={letters.stack} REASON=(.+)", letters.look())
    assert sorted(commands) == sorted(
        ["channel_not_found", "invalid_auth", "'AwsAccountId is missing'", "'MalformedEventError: Id is missing'"]
    )
    for left, command in enumerate(commands[::-1]):
        assert letters.run("--reason", command.strip("'")) == 0
        assert letters.waiting == 3 - left


def test_a_reason_reaches_the_command_through_make_and_the_shell_as_it_is(letters: Letters) -> None:
    letters.put_aside(GivenUpError('it\'s $HOME; `false` "quoted" \\'), "odd")
    letters.put_aside(GivenUpError("it's another"), "even")
    [command] = re.findall("make redrive .*HOME.*", letters.look())
    shell = ["sh", "-c", f"{command} --old-file .venv/.installed"]  # as if .venv were younger than its requirements
    result = subprocess.run(shell, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Put back 1 of 1" in result.stdout
    assert [message["Body"] for message in letters.alerts] == ["odd"]


def test_a_reason_that_nothing_has_changes_nothing(letters: Letters) -> None:
    letters.put_aside(CHANNEL_GONE, "gone")
    letters.put_aside(NO_JSON, "garbage")
    assert letters.run("--reason", "typo") == 1
    printed = letters.printed
    assert "No dead letter has 'typo' in its error or reason" in printed.err
    assert "1 × GivenUpError: given up after four days" in printed.err
    assert "1 × MalformedEventError: the message's body is no JSON" in printed.err
    assert letters.waiting == 2
    assert letters.alerts == []


def test_what_the_alert_queue_refuses_stays_a_dead_letter(letters: Letters) -> None:
    letters.sqs.set_queue_attributes(QueueUrl=letters.alert_url, Attributes={"MaximumMessageSize": "1024"})
    letters.put_aside(CHANNEL_GONE, "x" * 2000, "short", "y" * 2000)
    assert letters.run("--all") == 1
    printed = letters.printed
    assert "Put back 1 of 3" in printed.out
    assert "2 dead letters could not be moved" in printed.err
    assert "2 × not put back: InvalidParameterValue" in printed.err
    assert [message["Body"] for message in letters.alerts] == ["short"]
    assert letters.waiting == 2


def test_what_can_not_be_deleted_is_repeated_rather_than_lost(letters: Letters) -> None:
    letters.put_aside(CHANNEL_GONE, "one")
    letters.refuse("DeleteMessageBatch")
    assert letters.run("--all") == 1
    printed = letters.printed
    assert "Put back 0 of 1" in printed.out
    assert "1 × put back, but not deleted from the dead letters: InternalError try later" in printed.err
    assert [message["Body"] for message in letters.alerts] == ["one"]
    assert letters.waiting == 1


def test_a_refused_request_loses_nothing(letters: Letters) -> None:
    letters.put_aside(CHANNEL_GONE, *(f"garbage {number}" for number in range(12)))
    letters.sqs.delete_queue(QueueUrl=letters.alert_url)
    assert letters.run("--all") == 1
    printed = letters.printed
    assert "Put back 0 of 12" in printed.out
    assert "NonExistentQueue" in printed.err
    assert "Nothing is lost" in printed.err
    assert letters.waiting == 12


def test_an_interruption_tells_how_far_it_came(letters: Letters) -> None:
    letters.put_aside(CHANNEL_GONE, *(f"garbage {number}" for number in range(25)))
    requests: list[int] = []

    def interrupt(**_: Any) -> None:
        requests.append(1)
        if len(requests) == 2:
            signal.raise_signal(signal.SIGINT)

    letters.on("before-call.sqs.SendMessageBatch", interrupt)
    assert letters.run("--all") == 130
    printed = letters.printed
    assert "Put back 20 of 25" in printed.out
    assert "Stopped." in printed.err
    assert letters.waiting == 5
    assert letters.counts(letters.alert_url)[0] == 20


def test_a_stack_that_is_not_there_is_told(letters: Letters) -> None:
    assert letters.run(stack="unknown") == 1
    assert "the stack unknown can't be looked up" in letters.printed.err


def test_a_stack_of_somebody_else_is_told(letters: Letters, aws: LocalAws) -> None:
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    aws.client("cloudformation").create_stack(StackName=f"{letters.stack}-x", TemplateBody=json.dumps(template))
    assert letters.run(stack=f"{letters.stack}-x") == 1
    assert "has no output AlertDeadLetterQueueUrl" in letters.printed.err


def test_a_command_that_says_too_little_or_too_much_does_nothing(letters: Letters) -> None:
    letters.put_aside(CHANNEL_GONE, "gone")
    assert letters.run(stack=" ") == 2
    assert letters.run("--all", "--reason", "GivenUpError") == 2
    assert "Name the stack: make redrive STACK=" in letters.printed.err
    assert letters.waiting == 1
    assert letters.run("--reason", "  ") == 0
    assert letters.waiting == 1


def test_an_example_leads_to_the_letter_as_it_is(letters: Letters) -> None:
    event = opened(7)
    letters.put_aside(CHANNEL_GONE, json.dumps(event))
    [id_] = re.findall(rf"make redrive STACK={letters.stack} LETTER=([0-9a-f-]+)", letters.look())
    assert letters.run("--letter", id_) == 0
    head, _, body = letters.printed.out.partition("\n\n")
    assert json.loads(body) == event
    assert "Reason     GivenUpError: given up after four days" in head
    assert letters.waiting == 1
    assert letters.run("--letter", "unknown") == 1
    assert "No dead letter has the id 'unknown'. There are:\n  1 × GivenUpError" in letters.printed.err


def test_what_a_terminal_would_obey_is_not_shown_of_a_whole_letter_either(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "no \u202e JSON")
    [id_] = re.findall(r"LETTER=(\S+)", letters.look())
    assert letters.run("--letter", id_) == 0
    assert "\u202e" not in letters.printed.out


@pytest.mark.parametrize(("answer", "left"), [("yes", 1), ("", 3), (None, 3)], ids=["yes", "enter", "nobody"])
def test_letters_are_deleted_once_somebody_has_agreed(
    letters: Letters, monkeypatch: pytest.MonkeyPatch, answer: str | None, left: int
) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr("builtins.input", ask)
    letters.put_aside(NO_JSON, "garbage", "rubbish")
    letters.put_aside(CHANNEL_GONE, "gone")
    assert (letters.run("--reason", "MalformedEvent", "--delete") == 0) == (answer == "yes")
    [question] = asked
    assert "2 × MalformedEventError: the message's body is no JSON" in question
    assert f"Delete 2 dead letters of {letters.stack} for good?" in question
    assert letters.waiting == left
    assert letters.alerts == []
    assert ("Deleted 2 of 2:  MalformedEventError" in letters.printed.out) == (answer == "yes")


def test_one_letter_is_deleted_by_its_id_and_unasked_with_yes(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "garbage", "rubbish")
    [id_] = re.findall(r"LETTER=(\S+)", letters.look())
    assert letters.run("--letter", id_, "--delete", "--yes") == 0
    assert letters.waiting == 1


def test_what_can_not_be_deleted_is_told(letters: Letters) -> None:
    letters.put_aside(NO_JSON, "garbage")
    letters.refuse("DeleteMessageBatch")
    assert letters.run("--all", "--delete", "--yes") == 1
    assert "1 × not deleted: InternalError try later" in letters.printed.err
    assert letters.waiting == 1

"""Events for a stack that people read: which, where they go, and whether somebody agreed."""

import builtins
import sys
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from local import cli, replay
from local.root import ROOT
from local.stack.stack import Stack

FILE = ROOT / "events" / "s3_bucket_public.json"
STACK_ID = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shirase/6f0c"


class Deployed:
    """A stack that takes every event, and the command run on it by somebody who types an answer, or nobody."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self._monkeypatch = monkeypatch
        self.service: Any = MagicMock()
        self.service.describe_stacks.return_value = {
            "Stacks": [
                {"StackId": STACK_ID, "Parameters": [{"ParameterKey": "SlackChannel", "ParameterValue": "C0123456789"}]}
            ]
        }

    def replay(self, *arguments: str | Path, answer: str | None = None, is_demo: bool = False) -> int:
        def ask(question: str) -> str:
            self.asked.append(question)
            if answer is None:
                raise EOFError
            return answer

        stack = Stack(
            name="shirase",
            client=lambda _: self.service,
            outputs={"AlertQueueUrl": "queue"},
            rules={"OpenedRule": "{}"},
            is_demo=is_demo,
        )
        self._monkeypatch.setattr(replay, "find_stack", lambda _: stack)
        self._monkeypatch.setattr(builtins, "input", ask)
        self._monkeypatch.setattr(sys, "argv", ["shirase", "replay", "--stack", "shirase", *map(str, arguments)])
        return cli.main()

    @property
    def sent(self) -> int:
        return int(self.service.send_message.call_count)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    return Deployed(monkeypatch)


def test_stack_account_region_and_channel_are_named_before_anything_is_sent(deployed: Deployed) -> None:
    assert deployed.replay(FILE, answer="yes") == 0
    [question] = deployed.asked
    assert "Send 1 event to the stack shirase in account 111122223333, Region eu-west-1" in question
    assert "channel C0123456789?" in question
    assert deployed.sent == 1


@pytest.mark.parametrize(("answer", "code"), [("", 1), ("n", 1), (None, 2)], ids=["enter", "no", "nobody is there"])
def test_nothing_is_sent_unless_somebody_agrees(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], answer: str | None, code: int
) -> None:
    assert deployed.replay(FILE, answer=answer) == code
    assert deployed.sent == 0
    problem = capsys.readouterr().err
    assert "Nothing was sent." in problem or "add --yes (YES=1)" in problem


def test_whoever_says_yes_beforehand_is_told_where_the_events_go(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deployed.replay("--yes", FILE) == 0
    assert (deployed.asked, deployed.sent) == ([], 1)
    assert "Sending 1 event to the stack shirase in account 111122223333" in capsys.readouterr().out


def test_all_samples_are_sent_to_a_stack_only_by_that_name(deployed: Deployed) -> None:
    assert deployed.replay("--yes") == 2
    assert deployed.sent == 0
    assert deployed.replay("--yes", "--all") == 0
    assert deployed.sent > 1


def test_a_demo_on_this_machine_is_sent_events_unasked(deployed: Deployed) -> None:
    assert deployed.replay(FILE, is_demo=True) == 0
    assert (deployed.asked, deployed.sent) == ([], 1)

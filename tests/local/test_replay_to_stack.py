"""Events for a stack that people read: which, where they go, and whether somebody agreed."""

import builtins
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from starlette.applications import Starlette

from local import cli, replay
from local.panel.app import Panel
from local.panel.bench import Bench
from local.root import ROOT
from local.security_hub.hub import SecurityHub
from local.stack.events import load
from local.stack.serving import serve
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

    def replay(self, *arguments: str | Path, answer: str | None = None, demo_page: str = "") -> int:
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
            demo_page=demo_page,
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


@pytest.fixture
def demo_page() -> Iterator[tuple[str, SecurityHub]]:
    """The address of a demo's page, and the Security Hub that its digest reads."""
    hub, panel = SecurityHub(), Panel()
    panel.bench = Bench(stack=MagicMock(), workspace=MagicMock(), slack_url="", hub=hub)
    with serve(Starlette(routes=[panel.mount()])) as url:
        yield f"{url}/", hub


def test_a_demo_is_sent_events_unasked_and_its_security_hub_holds_them(
    deployed: Deployed, demo_page: tuple[str, SecurityHub]
) -> None:
    page, hub = demo_page
    dropped = ROOT / "events" / "workflow_notified.json"
    deployed.service.test_event_pattern.side_effect = [{"Result": True}, {"Result": False}]
    assert deployed.replay(FILE, dropped, demo_page=page) == 0
    assert (deployed.asked, deployed.sent) == ([], 1)
    held = {found["Id"] for found in hub.get_findings({})["Findings"]}
    assert held == {load(file)[0].event["detail"]["findings"][0]["Id"] for file in (FILE, dropped)}


def test_what_the_demos_security_hub_could_not_hold_is_sent_all_the_same(
    deployed: Deployed, demo_page: tuple[str, SecurityHub], tmp_path: Path
) -> None:
    event = load(FILE)[0].event
    event["detail"]["findings"][0]["Title"] = "half of a character: \ud83d"
    file = tmp_path / "half.json"
    file.write_text(json.dumps(event), encoding="utf-8")
    assert deployed.replay(file, demo_page=demo_page[0]) == 0
    assert deployed.sent == 1
    assert demo_page[1].get_findings({})["Findings"] == []


def test_a_demo_that_ends_meanwhile_is_told(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    assert deployed.replay(FILE, demo_page="http://127.0.0.1:1/9f1c/") == 1
    assert "the demo's Security Hub can't be told of it" in capsys.readouterr().err

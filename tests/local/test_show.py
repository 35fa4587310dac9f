"""What the demo offers at its end, and what a digest on a stack says of itself."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local import show
from local.digest import sent_lines
from local.stack.events import load, sample_events
from local.words import said, speaking
from shared.finding.event import parse_event

EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:DigestStateMachine-Kx2:by-hand-9f1c"


def test_the_event_that_is_offered_at_the_end_is_of_a_violation_that_nobody_has_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(show, "log_folder", lambda: tmp_path)
    demo: Any = SimpleNamespace(stack=SimpleNamespace(name="shirase-demo"), slack_url="http://127.0.0.1:8400/9f1c")
    show.show_places(demo)
    offered = re.search(r"make replay STACK=shirase-demo EVENT=(\S+)", capsys.readouterr().out)
    assert offered
    (sample,) = load(tmp_path.parent / offered[1])
    violation = parse_event(sample.event)
    known = {found.key for each in sample_events() if (found := parse_event(each.event))}
    assert violation is not None
    assert violation.is_listed
    assert violation.key not in known


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        (
            {"open_violations": 1, "unreadable": 0},
            ["Sent to the channel of shirase: 1 open violation", "The execution: by-hand-9f1c"],
        ),
        (
            {"open_violations": 2041, "unreadable": 3, "channels": 2},
            [
                "Sent to the channel of shirase: 2,041 open violations",
                "3 findings could not be read: the digest function's log says why",
                "Channels that got their own rows: 2",
                "The execution: by-hand-9f1c",
            ],
        ),
        # What another version of the stack answers.
        ({}, ["Sent to the channel of shirase", "The execution: by-hand-9f1c"]),
    ],
)
def test_a_digest_on_a_stack_says_in_words_what_it_sent(answer: dict[str, int], lines: list[str]) -> None:
    assert list(sent_lines("shirase", EXECUTION, json.dumps(answer))) == lines


def test_a_digest_on_a_stack_says_it_in_japanese_too() -> None:
    answer = json.dumps({"open_violations": 2041, "unreadable": 3, "channels": 2})
    with speaking("ja"):
        lines = [said(line) for line in sent_lines("shirase", EXECUTION, answer)]
    assert lines == [
        "shirase のチャンネルに送信しました: 未解決の違反 2,041 件",
        "検出結果 3 件を読み取れませんでした。理由は一覧の関数のログにあります",
        "チャンネル別の一覧を送ったチャンネル: 2",
        "実行: by-hand-9f1c",
    ]

"""The page's log, in Japanese: why each event came to its end, as the function's log lines tell it."""

import json

import pytest

from local.panel.sentences import Sentences
from local.stack.outcome import outcomes


@pytest.mark.parametrize(
    ("line", "japanese"),
    [
        ({"message": "announce", "why": "new violation", "reason": "new", "facts": {}}, "新しい違反です"),
        (
            {"message": "close", "why": "it passed", "reason": "ended", "facts": {"ended": "passed"}},
            "チェックに合格した違反です",
        ),
        ({"message": "failed", "why": "Resources is empty; a finding names one"}, "Resources が空です。検出結果には"),
        ({"message": "failed", "why": "Id is missing"}, "フィールド Id がありません"),
        ({"message": "held", "why": "Slack asks to wait for 5 s: ratelimited"}, "Slack から 5 秒待つよう"),
        (
            {"message": "failed", "why": "Slack refuses for now: not_in_channel: invite the app to the channel"},
            "Slack に今は受け付けられません: not_in_channel",
        ),
        ({"message": "nothing", "why": "as yet unknown", "reason": "of_tomorrow", "facts": {}}, "as yet unknown"),
    ],
)
def test_the_log_is_told_in_japanese(line: dict[str, object], japanese: str) -> None:
    (outcome,) = outcomes([json.dumps(line)])
    assert Sentences("ja").fate(outcome).startswith(japanese)
    assert Sentences("en").fate(outcome) == line["why"] or line.get("reason")

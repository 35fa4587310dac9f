"""What a function's log says became of events, told to a person."""

import json
from typing import Any

import pytest

from local.stack.outcome import outcomes


def told(**record: Any) -> str:
    (outcome,) = outcomes([json.dumps({"timestamp": "2026-11-26 03:18:08,123+0000", "event_id": "e"} | record)])
    return str(outcome)


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({"message": "nothing", "why": "already announced"}, "silent: already announced"),
        (
            {"message": "held", "why": "Slack asks to wait", "next_try": "2026-11-26T03:18:14+00:00"},
            "held: Slack asks to wait (next try at 03:18:14 UTC)",
        ),
        (
            {"message": "failed", "why": "Slack answered 500", "next_try": "2026-11-26T03:18:13+00:00"},
            "FAILED: Slack answered 500 (next try at 03:18:13 UTC)",
        ),
        (
            {"message": "failed", "why": "Severity is missing", "is_put_aside": True},
            "put aside with the dead letters: Severity is missing",
        ),
    ],
)
def test_an_outcome_tells_what_comes_next(record: dict[str, Any], sentence: str) -> None:
    assert told(**record) == sentence


def test_an_outcome_knows_its_time() -> None:
    (outcome,) = outcomes(
        ['{"message": "close", "why": "it passed", "timestamp": "2026-11-26 03:18:08,123+0000"}', "x"]
    )
    assert outcome.at is not None
    assert outcome.at.isoformat() == "2026-11-26T03:18:08.123000+00:00"

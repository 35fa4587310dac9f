"""A digest meets a fault at each of its steps: it still goes out, once, and whole."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.stack.stack import StackError
from tests.faults.conftest import EXHAUSTIVE
from tests.faults.ground import Ground
from tests.findings import finding

MOST_TRIES = 6  # as many as the state machine makes
MORNING = datetime(2027, 3, 1, tzinfo=UTC)

AWS_FAULTS: list[dict[str, Any]] = [
    {"error": {"code": "InternalServerError", "status": 500}, "times": 3},
    {"reset": True, "times": 3},
    {"response": {"abort_frac": 0.0}, "times": 1},
]
AWS_STEPS = [
    {"service": "dynamodb", "operation": "GetItem"},
    {"service": "dynamodb", "operation": "UpdateItem"},
    {"service": "s3", "operation": "ListObjectsV2"},
    {"service": "s3", "operation": "GetObject"},
    {"service": "s3", "operation": "PutObject"},
]
SLACK_FAULTS: list[dict[str, Any]] = [{"status": 503}, {"retry_after": 3}, {"drop": True}]
SLACK_STEPS = ["chat.postMessage", "files.getUploadURLExternal", "upload", "files.completeUploadExternal"]

TRIALS: list[tuple[str, dict[str, Any]]] = [
    *(("aws", {**step, **fault}) for step in AWS_STEPS for fault in AWS_FAULTS),
    *(("hub", {"operation": "GetFindings", **fault}) for fault in AWS_FAULTS),
    *(("channel", {"method": step, **fault}) for step in SLACK_STEPS for fault in SLACK_FAULTS),
]


@pytest.mark.parametrize(("side", "fault"), TRIALS if EXHAUSTIVE else TRIALS[::4])
def test_a_digest_goes_out_once_and_whole_whatever_fails_at_first(
    ground: Ground, side: str, fault: dict[str, Any]
) -> None:
    ground.demo.hub.import_finding(finding("digest-x"))
    ground.demo.hub.leaves_out = random.Random(str((side, fault)))  # noqa: S311 - no secret
    due = MORNING + timedelta(days=TRIALS.index((side, fault)))
    if side == "channel":
        ground.channel.fail_next(**fault)
    else:
        {"aws": ground.aws, "hub": ground.hub}[side].order(fault)
    send_until_it_is_out(ground, due)
    assert ground.channel.faults_waiting == 0
    assert ground.aws.unmet == ground.hub.unmet == []
    ground.clear_faults()
    send_until_it_is_out(ground, due)

    mark = {"scheduled_time": due.isoformat()}
    (message,) = (one for one in ground.channel.messages if (one.metadata or {}).get("event_payload") == mark)
    names = [file.name for reply in ground.channel.replies(message.ts) for file in reply.files]
    assert any(name.startswith("open-violations") for name in names)
    assert len(set(names)) == len(names)


def send_until_it_is_out(ground: Ground, due: datetime) -> None:
    """Try as the state machine does, but without its pauses."""
    for attempt in range(MOST_TRIES):
        try:
            ground.stack.send_digest(due)
        except StackError:
            assert attempt + 1 < MOST_TRIES
        else:
            return

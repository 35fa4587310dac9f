"""What no retry within an invocation can mend: the queue waits for it, or puts it aside with its reason."""

from datetime import datetime
from uuid import uuid4

import pytest

from local.clock import utc_now
from local.stack.outcome import outcomes
from tests.faults.ground import Ground, agreement, wait_until
from tests.findings import opened

DRAIN_SECONDS = 300


def bucket() -> str:
    return f"outage-{uuid4().hex[:12]}-x"


def failures(ground: Ground, since: datetime) -> list[str]:
    return [one.why for one in outcomes(ground.stack.log_lines("AlertFunctionName", since)) if one.what == "failed"]


@pytest.mark.exhaustive
def test_while_slacks_name_cannot_be_resolved_the_queue_keeps_everything(ground: Ground) -> None:
    buckets = [bucket() for _ in range(5)]
    began = utc_now()
    with ground.with_settings(SLACK_API_URL="https://slack.invalid/api/"):
        for name in buckets:
            ground.stack.enqueue(opened(name))
        wait_until(lambda: len(failures(ground, began)) >= len(buckets), DRAIN_SECONDS)
        assert "Slack could not be reached (URLError)" in failures(ground, began)
    ground.drain(DRAIN_SECONDS)
    assert agreement(ground.stack, ground.channel, map(opened, buckets)).is_perfect


def test_what_can_never_succeed_is_put_aside_with_its_reason_also_when_that_fails_at_first(ground: Ground) -> None:
    event, malformed = opened(bucket()), opened(bucket())
    del malformed["detail"]["findings"][0]["Severity"]
    ground.channel.refuse("chat.postMessage", "invalid_blocks")
    ground.aws.order({"service": "sqs", "operation": "SendMessage", "reset": True, "times": 3})
    with ground.visible_again_after(10):
        ground.stack.enqueue(malformed)
        ground.stack.enqueue(event)
        ground.drain(DRAIN_SECONDS)
    assert ground.aws.unmet == []
    letters = {error: reason for _, error, reason in ground.dead_letters()}
    ground.clear_faults()
    assert letters == {
        "MalformedEventError": "Severity.Label is missing",
        "MessageRejectedError": "Slack refuses the message: invalid_blocks",
    }

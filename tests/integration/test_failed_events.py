"""What becomes of an event that can't be announced yet."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.aws.ledger import Ledger
from shared.finding.event import parse_event
from shared.slack.refusal import TOKEN_ERRORS
from tests.findings import opened, passed
from tests.integration.surroundings import Surroundings

SETUP = {
    **dict.fromkeys(
        (
            "invalid_auth",
            "token_revoked",
            "token_expired",
            "account_inactive",
            "not_authed",
            "missing_scope",
            "no_permission",
            "not_allowed_token_type",
            "team_access_not_granted",
            "enterprise_is_restricted",
        ),
        "SlackTokenRefused",
    ),
    **dict.fromkeys(
        (
            "channel_not_found",
            "not_in_channel",
            "is_archived",
            "access_denied",
            "accesslimited",
            "ekm_access_denied",
            "posting_to_channel_denied",
            "posting_to_general_channel_denied",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_locked",
            "restricted_action_thread_only_channel",
        ),
        "SlackChannelRefused",
    ),
}


@pytest.fixture
def held_back(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pauses, in seconds, that messages were held back for."""
    from shared.aws.alert_queue import AlertQueue

    pauses: list[int] = []
    monkeypatch.setattr(AlertQueue, "hold_back", lambda _, handle, seconds: pauses.append(seconds))
    around.set(ALERT_QUEUE_URL=around.dead_letter_queue_url)
    return pauses


def test_a_failed_event_comes_back_soon(around: Surroundings, held_back: list[int]) -> None:
    around.slack.fail_next("chat.postMessage", status=503)
    assert around.deliver(opened()) == [0]
    assert held_back == [5]
    assert [line["message"] for line in around.log] == ["failed"]
    assert seconds_to_next_try(around) == pytest.approx(5, abs=2)


def test_an_event_comes_back_when_slack_says_so(around: Surroundings, held_back: list[int]) -> None:
    around.slack.fail_next("chat.postMessage", retry_after=42)
    assert around.deliver(opened()) == [0]
    assert held_back == [42]
    assert [line["message"] for line in around.log] == ["held"]
    assert seconds_to_next_try(around) == pytest.approx(42, abs=2)


def seconds_to_next_try(around: Surroundings) -> float:
    """From now on, as the log's last line tells."""
    return (datetime.fromisoformat(around.log[-1]["next_try"]) - datetime.now(UTC)).total_seconds()


def test_the_log_says_of_what_can_not_be_read_that_it_is_put_aside(around: Surroundings) -> None:
    assert around.deliver("no event") == []
    assert [(line["message"], line.get("is_put_aside"), line.get("next_try")) for line in around.log] == [
        ("failed", True, None)
    ]


def test_after_a_429_slack_is_left_alone_until_it_says_so_and_nothing_has_failed(
    around: Surroundings, held_back: list[int]
) -> None:
    assert around.deliver(opened(1)) == []
    calls = len(around.slack.calls)
    around.slack.fail_next("chat.postMessage", retry_after=4)
    assert around.deliver(opened(2), opened(3), passed(1), opened(1)) == [0, 1, 2]
    assert around.deliver(opened(3)) == [0]
    assert len(around.slack.calls) == calls + 1
    assert set(held_back) <= {4, 5}
    assert set(around.metrics) == {"AlertPosted", "AlertDeduplicated"}
    assert {line["level"] for line in around.log} == {"INFO"}
    time.sleep(4)
    assert around.deliver(opened(2), opened(3), passed(1)) == []
    assert len(around.posted) == 3


def test_when_the_time_of_an_invocation_runs_out_the_rest_of_the_batch_comes_back(
    around: Surroundings, held_back: list[int]
) -> None:
    assert around.deliver(opened(1), opened(2), seconds_left=5) == [0, 1]
    assert held_back == [5, 5]
    assert around.metrics == {}  # it is no failure
    assert around.deliver(opened(1), opened(2), seconds_left=30) == []
    assert len(around.posted) == 2


def test_what_another_attempt_holds_comes_back_when_its_lease_has_ended_however_often_it_came(
    around: Surroundings, held_back: list[int]
) -> None:
    with held(around, opened()):
        assert around.deliver(opened(), received=9) == [0]
    assert held_back == [60]


def test_what_was_never_tried_for_lack_of_time_comes_back_at_once_however_often_it_came(
    around: Surroundings, held_back: list[int]
) -> None:
    assert around.deliver(opened(), received=9, seconds_left=5) == [0]
    assert held_back == [5]


@contextmanager
def held(around: Surroundings, event: dict[str, Any]) -> Iterator[None]:
    """Let another attempt be at work on an event."""
    ledger, now = Ledger(around.table), datetime.now(UTC)
    violation = parse_event(event)
    assert violation
    with ledger.claim(ledger.look_up(violation.key), now):
        yield


def test_a_queue_that_takes_no_pause_does_not_lose_the_event(around: Surroundings) -> None:
    around.set(ALERT_QUEUE_URL=f"{around.dead_letter_queue_url}-gone")
    around.slack.fail_next("chat.postMessage", status=503)
    assert around.deliver(opened()) == [0]


def test_a_message_that_was_received_is_visible_again_after_its_pause(around: Surroundings) -> None:
    from shared.aws.alert_queue import AlertQueue

    sqs, url = around.client("sqs"), around.dead_letter_queue_url
    sqs.send_message(QueueUrl=url, MessageBody="event")
    [message] = sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    AlertQueue(lambda: sqs, url).hold_back(message["ReceiptHandle"], 0)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "event"


def test_after_four_days_an_event_is_put_aside_with_the_last_failure_as_its_reason(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", error="channel_not_found")
    assert around.deliver(opened(), age=timedelta(days=3, hours=23, minutes=30)) == []
    [(_, error, reason)] = around.dead_letters
    assert error == "GivenUpError"
    assert "given up after four days" in reason
    assert "channel_not_found" in reason


def test_an_old_event_that_can_be_announced_is_announced(around: Surroundings) -> None:
    assert around.deliver(opened(), age=timedelta(days=3, hours=23, minutes=30)) == []
    assert len(around.posted) == 1


@pytest.mark.parametrize(("error", "metric"), SETUP.items(), ids=SETUP)
def test_what_a_person_must_fix_has_a_metric_that_names_it(around: Surroundings, error: str, metric: str) -> None:
    tries = 2 if error in TOKEN_ERRORS else 1  # a refused token is fetched anew, once
    around.slack.fail_next("chat.postMessage", error=error, times=tries)
    assert around.deliver(opened()) == [0]
    assert around.metrics[metric] == 1
    (failed,) = (line for line in around.log if line["message"] == "failed")
    assert re.search(f"Slack refuses for now: {error}: .*", failed["why"])  # the remedy
    assert around.deliver(opened()) == []
    assert len(around.posted) == 1


def test_an_outage_is_no_matter_of_setup(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", status=503)
    around.deliver(opened())
    counted: dict[str, Any] = around.metrics
    assert set(counted) == {"AlertFailed"}

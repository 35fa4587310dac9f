"""When a failed event is tried again, and when it is given up."""

from datetime import UTC, datetime, timedelta

import pytest

from local.stack.aws import TEMPLATE
from local.template_file import read_source
from shared.retry import GIVE_UP_AFTER, LONGEST_PAUSE_SECONDS, PUT_ASIDE_AFTER, is_to_be_given_up, pause_seconds

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def queue() -> dict[str, object]:
    properties: dict[str, object] = read_source(TEMPLATE, TEMPLATE.name).content["Resources"]["AlertQueue"][
        "Properties"
    ]
    return properties


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 10), (3, 20), (8, 640), (9, 900), (10_000, 900)])
def test_each_pause_is_twice_as_long_as_the_one_before_up_to_a_quarter_of_an_hour(attempts: int, seconds: int) -> None:
    assert pause_seconds(attempts) == seconds


@pytest.mark.parametrize(("asked", "seconds"), [(0.5, 1), (30, 31), (86_400, 900)])
def test_the_pause_slack_asks_for_is_kept(asked: float, seconds: int) -> None:
    assert pause_seconds(7, retry_after=asked) == seconds


def test_an_event_is_given_up_after_four_days_of_tries_however_long_it_waited_for_the_first() -> None:
    long_ago = NOW - timedelta(days=9)
    assert not is_to_be_given_up(long_ago, NOW - timedelta(days=3, hours=22), NOW)
    assert is_to_be_given_up(long_ago, NOW - timedelta(days=4), NOW)


def test_an_event_is_given_up_shortly_before_the_queue_would_drop_it() -> None:
    retention = timedelta(seconds=int(str(queue()["MessageRetentionPeriod"])))
    assert retention == timedelta(days=14)
    assert is_to_be_given_up(NOW - PUT_ASIDE_AFTER, NOW, NOW)
    assert PUT_ASIDE_AFTER + timedelta(seconds=2 * LONGEST_PAUSE_SECONDS) < retention


def test_an_event_is_never_dead_lettered_by_its_count_before_it_is_given_up() -> None:
    elapsed, attempts = 0, 0
    while elapsed < GIVE_UP_AFTER.total_seconds():
        attempts += 1
        elapsed += pause_seconds(attempts)
    policy = queue()["RedrivePolicy"]
    assert isinstance(policy, dict)
    assert attempts < policy["maxReceiveCount"]

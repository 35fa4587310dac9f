"""A storm, on a real table and a real queue, as the channel shows it."""

import csv
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.slack.records import Message
from local.terminal import as_text
from shared.alert.burst import CALM_AFTER
from shared.app import build_app
from shared.aws.alert_queue import AlertQueue
from shared.aws.burst_ledger import BurstLedger
from shared.errors import ClaimHeldError, SlackError
from tests.findings import Event, finding, opened, passed, violation
from tests.integration.surroundings import CHANNEL, TOKEN, RecordingHub, Surroundings

LIMIT = 3
SOON = timedelta(seconds=10)
LATER = CALM_AFTER + timedelta(seconds=30)


@pytest.fixture
def channel(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> "Channel":
    channel = Channel(around)
    monkeypatch.setattr(AlertQueue, "send", lambda _, body, seconds: channel.checks.append((body, seconds)))
    around.set(ALERT_QUEUE_URL=around.dead_letter_queue_url, BURST_LIMIT=str(LIMIT))
    return channel


class Channel:
    """The channel during a storm; `checks` are the messages that were queued for later, with their delays."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.checks: list[tuple[str, int]] = []

    def storm(self, numbers: range, told: Callable[..., Event] = opened, **changes: Any) -> None:
        """Report that these buckets are public, or what else is to be told of them."""
        for start in range(numbers.start, numbers.stop, 10):
            batch = [told(number, **changes) for number in range(start, min(start + 10, numbers.stop))]
            assert self.around.deliver(*batch) == []

    @property
    def ledger(self) -> BurstLedger:
        return BurstLedger(self.around.table)

    def follow_up(self, after: timedelta = SOON) -> None:
        """Let time pass, and the burst be looked after."""
        build_app().bursts.follow_up(self.burst_id, datetime.now(UTC) + after)

    def delete(self, message: Message) -> None:
        """Let a person delete a message."""
        client = build_app().slack._client
        client.chat_delete(channel=message.channel, ts=message.ts, token=TOKEN)

    @property
    def burst_ids(self) -> list[str]:
        items = self.around.client("dynamodb").scan(TableName=self.around.name)["Items"]
        return sorted({str(item["burst_id"]["S"]) for item in items if "burst_id" in item})

    @property
    def burst_id(self) -> str:
        [burst_id] = self.burst_ids
        return burst_id

    @property
    def bursts(self) -> list[Message]:
        return [message for message in self.around.posted if "Burst" in message.text]

    @property
    def singles(self) -> list[Message]:
        return [message for message in self.around.posted if "Burst" not in message.text]

    @property
    def burst(self) -> str:
        """The one burst message as it reads now."""
        [message] = self.bursts
        return as_text(message.payload())

    @property
    def lists(self) -> list[list[list[str]]]:
        """The CSV files in the burst message's thread, as rows without their header."""
        [message] = self.bursts
        return self.lists_below(message)

    def lists_below(self, message: Message) -> list[list[list[str]]]:
        files = [file for reply in self.around.slack.replies(message.ts) for file in reply.files]
        texts = [(file.content or b"").decode("utf-8-sig") for file in files]
        return [list(csv.reader(io.StringIO(text, newline="")))[1:] for text in texts]


# ---- while it grows


def test_beyond_the_limit_one_message_counts_them_all(channel: Channel) -> None:
    channel.storm(range(25))
    channel.follow_up()
    assert len(channel.singles) == LIMIT
    assert "22 new violations counted here" in channel.burst
    assert "HIGH 22" in channel.burst
    assert "S3.8 22" in channel.burst
    assert "22 of 22" in channel.burst
    assert "keeps count" in channel.burst
    assert channel.around.metrics["AlertInBurst"] == 22


def test_the_first_to_join_shows_at_once(channel: Channel) -> None:
    channel.storm(range(LIMIT + 1))
    assert "1 new violation counted here" in channel.burst


def test_the_message_is_written_at_most_every_few_seconds(channel: Channel) -> None:
    started = time.monotonic()
    channel.storm(range(60))
    elapsed = time.monotonic() - started
    writes = [call for call in channel.around.slack.calls if call.method == "chat.update"]
    assert len(writes) <= elapsed / 2  # its pause is three seconds, and seconds are whole ones


def test_somebody_looks_after_it_within_seconds_of_a_change_and_once(channel: Channel) -> None:
    channel.storm(range(25))
    assert 1 <= len(channel.checks) <= 5
    assert all(0 < seconds <= 6 for _, seconds in channel.checks)


def test_critical_ones_are_announced_by_themselves_during_a_flood_of_others(channel: Channel) -> None:
    channel.storm(range(20))
    channel.storm(range(100, 110), Severity={"Label": "CRITICAL"})
    channel.follow_up()
    critical = [message for message in channel.singles if "CRITICAL" in message.text]
    assert len(critical) == LIMIT
    assert "CRITICAL 7" in channel.burst
    assert "HIGH 17" in channel.burst


def test_accounts_and_the_controls_with_the_most_violations_are_told(channel: Channel) -> None:
    for number in range(12):
        compliance = {"Status": "FAILED", "SecurityControlId": f"EC2.{number}"}
        channel.storm(range(100 * number, 100 * number + 4), Compliance=compliance, AwsAccountId=f"{number:012d}")
    channel.follow_up()
    assert "EC2.10 4" in channel.burst
    assert "and 2 more" in channel.burst
    assert "Accounts  12" in channel.burst


def test_a_repeat_of_a_member_is_counted_once(channel: Channel) -> None:
    channel.storm(range(10))
    channel.storm(range(10))
    channel.follow_up()
    assert "7 new violations" in channel.burst
    assert len(channel.around.posted) == LIMIT + 1


def test_an_event_that_is_not_selected_joins_nothing(channel: Channel) -> None:
    channel.around.set(MIN_SEVERITY="CRITICAL")
    channel.storm(range(10))
    assert channel.around.posted == []


def test_a_burst_speaks_japanese(channel: Channel) -> None:
    channel.around.set(MESSAGE_LANGUAGE="ja")
    channel.storm(range(10))
    channel.follow_up()
    channel.follow_up(LATER)
    [message] = [message for message in channel.around.posted if "大量検出" in message.text]
    assert "新しい違反 7 件" in as_text(message.payload())


# ---- when it is over


def test_when_it_is_calm_the_message_says_so_and_its_thread_has_the_list(channel: Channel) -> None:
    channel.storm(range(25))
    channel.follow_up()
    assert channel.lists == []
    channel.follow_up(LATER)
    assert "calm again" in channel.burst
    [rows] = channel.lists
    assert sorted(row[4] for row in rows) == sorted(f"arn:aws:s3:::bucket-{number}" for number in range(LIMIT, 25))


def test_the_end_is_awaited_by_a_follow_up(channel: Channel) -> None:
    channel.storm(range(10))
    channel.checks.clear()
    channel.follow_up()
    [(_, seconds)] = channel.checks
    assert 200 < seconds <= 301


def test_it_is_concluded_once(channel: Channel) -> None:
    channel.storm(range(10))
    channel.follow_up(LATER)
    channel.checks.clear()
    channel.follow_up(LATER * 2)
    assert len(channel.lists) == 1
    assert channel.checks == []


def test_a_list_that_arrived_although_slack_failed_is_not_posted_again(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.storm(range(LIMIT + 2))
    monkeypatch.setattr(channel.around.slack._records, "now", lambda: time.time() + LATER.total_seconds())
    channel.around.slack.fail_next("files.completeUploadExternal", drop=True)
    with pytest.raises(SlackError):
        channel.follow_up(LATER)
    channel.follow_up(2 * LATER)
    assert len(channel.lists) == 1
    assert "It is calm again" in channel.burst


def test_after_it_is_over_announcements_go_out_one_by_one_again(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.storm(range(10))
    channel.follow_up(LATER)
    monkeypatch.setattr("shared.alert.burst.WINDOW", timedelta(0))  # as if five minutes had passed
    channel.storm(range(100, 102))
    assert len(channel.singles) == LIMIT + 2


def test_the_list_is_delimited_as_asked(channel: Channel) -> None:
    channel.around.set(CSV_DELIMITER=";")
    channel.storm(range(10))
    channel.follow_up(LATER)
    [message] = channel.bursts
    (file,) = (file for reply in channel.around.slack.replies(message.ts) for file in reply.files)
    text = (file.content or b"").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    assert len(rows) == 10 - LIMIT
    assert {row["Account ID"] for row in rows} == {"\t111122223333"}


def test_the_list_is_worst_first(channel: Channel) -> None:
    channel.storm(range(10))
    channel.storm(range(100, 105), Severity={"Label": "CRITICAL"})
    channel.follow_up(LATER)
    severities = [row[3] for row in channel.lists[0]]
    assert severities == ["CRITICAL"] * 2 + ["HIGH"] * 7


def test_a_burst_that_nothing_joined_after_all_does_not_go_on_for_ever(channel: Channel) -> None:
    now = datetime.now(UTC)
    for number in range(LIMIT + 1):
        burst_id = channel.ledger.admit(violation(number), CHANNEL, limit=LIMIT, now=now).burst_id
    assert burst_id
    build_app().bursts.follow_up(burst_id, now + LATER)
    assert channel.ledger.admit(violation("later"), CHANNEL, limit=LIMIT, now=now + LATER).burst_id is None
    assert channel.around.posted == []


def test_a_burst_that_outgrows_its_message_is_followed_by_another(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.pipeline.burst.MOST_MEMBERS", 5)
    channel.storm(range(20))
    channel.follow_up()
    monkeypatch.setattr("shared.alert.burst.WINDOW", timedelta(0))
    channel.storm(range(100, 104))
    assert len(channel.singles) == LIMIT + 4


def test_a_member_account_that_toggles_for_hours_silences_nobody(channel: Channel) -> None:
    app, start = build_app(), datetime.now(UTC)
    theirs = [f"{number:012}" for number in range(8)]
    for number in range(21):
        app.alerts.handle(opened(number), start)
    for round_ in range(1, 34):  # two and a half hours
        now = start + round_ * timedelta(minutes=4, seconds=30)
        at = f"2026-11-2{1 + round_ // 24}T{round_ % 24:02}"
        told = dict.fromkeys(("FirstObservedAt", "UpdatedAt"), f"{at}:00:00.000Z")
        again = dict.fromkeys(("FirstObservedAt", "UpdatedAt"), f"{at}:30:00.000Z")
        app.alerts.handle(passed(20, **told), now)
        app.alerts.handle(opened(20, **again), now)
        if round_ % 4 == 0:
            app.alerts.handle(opened(100 + round_, AwsAccountId=theirs[round_ // 4 - 1]), now)
        for burst_id in channel.burst_ids:
            app.bursts.follow_up(burst_id, now)
    assert [message for message in channel.singles if "bucket-1" in message.text and "passed" not in message.text]
    told_of = json.dumps([message.payload() for message in channel.singles])
    assert [account for account in theirs if account not in told_of] == []
    assert all("After half an hour" not in as_text(message.payload()) for message in channel.bursts)
    assert all("It is calm again" in as_text(message.payload()) for message in channel.bursts)


def test_a_storm_that_does_not_end_is_told_after_half_an_hour(channel: Channel) -> None:
    app, start = build_app(), datetime.now(UTC)
    for number in range(LIMIT + 1):
        app.alerts.handle(opened(number), start)
    for round_ in range(1, 9):
        now = start + round_ * timedelta(minutes=4)
        app.bursts.follow_up(channel.burst_id, now)
        app.alerts.handle(opened(100 + round_), now)
    assert "After half an hour the thread has the whole list" in channel.burst
    [rows] = channel.lists
    assert len(rows) == 1 + 7
    assert [message for message in channel.singles if "bucket-108" in message.text]


# ---- its members' further life


def test_a_member_that_is_gone_is_no_longer_counted_as_open(channel: Channel) -> None:
    channel.storm(range(10))
    channel.storm(range(5, 7), passed)
    channel.follow_up()
    assert "7 new violations" in channel.burst
    assert "5 of 7" in channel.burst
    assert len(channel.around.posted) == LIMIT + 1


def test_somebody_looks_after_the_message_once_a_member_is_gone(channel: Channel) -> None:
    channel.storm(range(10))
    channel.follow_up()
    channel.checks.clear()
    channel.ledger.note_follow_up(channel.burst_id, datetime.now(UTC))  # the one of the storm is over
    channel.storm(range(5, 7), passed)
    assert [seconds for _, seconds in channel.checks] == [6]


def test_when_all_are_gone_the_message_says_so(channel: Channel) -> None:
    channel.storm(range(6))
    channel.follow_up(LATER)
    channel.storm(range(6), passed)
    channel.follow_up(LATER * 2)
    assert "All of them are gone" in channel.burst
    assert "~3 new violations counted here~" in channel.burst


def test_a_member_that_comes_back_is_announced_as_reopened_with_a_link_to_the_burst(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.storm(range(10))
    channel.follow_up(LATER)
    channel.storm(range(5, 6), passed)
    monkeypatch.setattr("shared.alert.burst.WINDOW", timedelta(0))
    channel.storm(range(5, 6), FirstObservedAt="2026-11-23T00:00:00.000Z", UpdatedAt="2026-11-23T00:00:01.000Z")
    [back] = [message for message in channel.singles if "reopened" in message.text]
    [burst] = channel.bursts
    assert f"p{burst.ts.replace('.', '')}" in json.dumps(back.payload())
    channel.follow_up(LATER * 2)
    assert "7 of 7" in channel.burst


def test_the_message_of_one_that_came_back_is_closed_by_itself(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_a_member_that_comes_back_is_announced_as_reopened_with_a_link_to_the_burst(channel, monkeypatch)
    times = {"FirstObservedAt": "2026-11-23T02:00:00.000Z", "UpdatedAt": "2026-11-23T02:00:01.000Z"}
    channel.storm(range(5, 6), passed, **times)
    [back] = [message for message in channel.singles if message.edited]
    assert back.text.startswith("Resolved")
    channel.follow_up(LATER * 3)
    assert "6 of 7" in channel.burst


# ---- faults


def test_while_slack_is_down_members_are_recorded_and_the_check_shows_them_later(channel: Channel) -> None:
    channel.storm(range(LIMIT))
    channel.around.slack.fail_next("chat.postMessage", status=503, times=2)
    channel.storm(range(10, 20))
    assert channel.bursts == []
    with pytest.raises(SlackError):
        channel.follow_up(timedelta(minutes=2))
    channel.follow_up(timedelta(minutes=4))
    assert "10 new violations" in channel.burst


def test_a_message_that_arrived_although_slack_failed_is_not_posted_again(channel: Channel) -> None:
    channel.storm(range(LIMIT))
    channel.around.slack.fail_next("chat.postMessage", drop=True)
    channel.storm(range(10, 20))
    channel.follow_up(timedelta(minutes=2))
    assert "10 new violations" in channel.burst


def test_two_who_write_at_the_same_time_are_one(channel: Channel) -> None:
    channel.storm(range(10))
    now = datetime.now(UTC) + SOON
    with channel.ledger.claim(channel.burst_id, now), pytest.raises(ClaimHeldError):
        channel.follow_up()
    assert len(channel.bursts) == 1


def test_a_message_that_somebody_deleted_is_posted_again_while_the_burst_goes_on(channel: Channel) -> None:
    channel.storm(range(10))
    channel.delete(channel.bursts[0])
    channel.follow_up()
    assert "7 new violations" in channel.burst


def test_a_check_of_an_unknown_burst_is_harmless(channel: Channel) -> None:
    assert channel.around.deliver('{"shirase": "check burst", "burst_id": "gone"}') == []


def test_a_check_waits_for_a_later_one(channel: Channel) -> None:
    channel.storm(range(10))
    before = len(channel.around.slack.calls)
    assert channel.around.deliver(channel.checks[-1][0]) == []  # it comes before its time
    assert len(channel.around.slack.calls) == before


def test_members_are_marked_as_notified_too(channel: Channel, hub: RecordingHub) -> None:
    channel.around.set(MARK_NOTIFIED="true")
    for number in range(10):
        hub.import_finding(finding(number))
    channel.storm(range(10))
    found = hub.get_findings({"MaxResults": 100})["Findings"]
    assert {stored["Workflow"]["Status"] for stored in found} == {"NOTIFIED"}

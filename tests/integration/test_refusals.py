"""What Slack refuses is told in another form, in another place, or by a sentence; and still once."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

import shared.slack.client
from local.slack.records import Message
from local.terminal import as_text
from shared.alert.burst import CALM_AFTER
from shared.app import build_app
from shared.aws.ledger import Claim
from shared.errors import MessageRejectedError
from tests.findings import Event, event, finding, opened, passed
from tests.integration.surroundings import TOKEN, RecordingHub, Surroundings

MORNING = "2026-11-24T00:00:00Z"
DIGEST = {"scheduled_time": MORNING}
NEXT_DIGEST = {"scheduled_time": "2026-11-25T00:00:00Z"}
RAISED = {"Severity": {"Label": "CRITICAL"}, "UpdatedAt": "2026-11-20T02:00:00.000Z"}
LOWERED = {"Severity": {"Label": "LOW"}, "UpdatedAt": "2026-11-20T02:00:00.000Z"}
NOT_EDITED = ["cant_update_message", "edit_window_closed", "restricted_action", "missing_scope", "some_new_error"]
FACTS = ("HIGH", "S3 general purpose buckets should block public access", "S3.8", "bucket-1", "111122223333")
BLOCKS = ("data_visualization", "table", "rich_text", "context", "section")

refused_edits = pytest.mark.parametrize("error", NOT_EDITED)


def shown(message: Message) -> str:
    return as_text(message.payload())


def everything(around: Surroundings) -> list[str]:
    """All that stands in the channel and its threads."""
    return [shown(message) for message in around.slack.messages]


def rerated(**changes: Any) -> Event:
    """An hour later the bucket is public still, and that is rated otherwise."""
    return event(finding(1, **changes), time="2026-11-20T02:00:01Z")


def delete(around: Surroundings, message: Message) -> None:
    """Let a person delete a message."""
    build_app().slack._client.chat_delete(channel=message.channel, ts=message.ts, token=TOKEN)


def thread_of(around: Surroundings) -> list[str]:
    return [shown(reply) for reply in around.slack.replies(around.posted[0].ts)]


# ---- a message that can't be edited


@refused_edits
def test_the_thread_tells_what_a_message_that_cannot_be_edited_should_say(around: Surroundings, error: str) -> None:
    around.slack.refuse("chat.update", error)
    assert around.deliver(opened(1), passed(1), passed(1)) == []
    (news,) = thread_of(around)
    assert "Resolved" in news
    assert all(fact in news for fact in FACTS)
    assert len(around.posted) == 1
    assert around.metrics["MessageSimplified"] == 1
    assert around.metrics["AlertClosed"] == 1
    assert around.metrics.get("SlackTokenRefused", 0) == (error == "missing_scope")


@pytest.mark.parametrize("drops_threads", [True, False])
def test_the_channel_tells_the_end_of_a_message_that_somebody_deleted(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch, drops_threads: bool
) -> None:
    monkeypatch.setattr(around.slack, "drops_threads", drops_threads)
    assert around.deliver(opened(1)) == []
    delete(around, around.posted[0])
    assert around.deliver(passed(1), passed(1)) == []
    (news,) = everything(around)
    assert "Resolved" in news
    assert all(fact in news for fact in FACTS)


@pytest.mark.parametrize("drops_threads", [True, False])
def test_news_that_had_arrived_in_the_channel_are_not_told_again(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch, drops_threads: bool
) -> None:
    monkeypatch.setattr(around.slack, "drops_threads", drops_threads)
    assert around.deliver(opened(1)) == []
    delete(around, around.posted[0])
    with monkeypatch.context() as crashing:
        crashing.setattr(Claim, "record", crash)
        assert around.deliver(passed(1)) == [0]
    assert around.deliver(passed(1)) == []
    assert len(everything(around)) == 1


def test_the_channel_tells_the_end_of_a_message_in_a_channel_of_the_past(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(around.slack._channels, "C0000000009", "new")
    around.slack.reset()
    assert around.deliver(opened(1)) == []
    around.set(SLACK_CHANNEL="C0000000009")
    around.slack.refuse("chat.update", "channel_not_found")
    around.slack.refuse("chat.postMessage", "is_archived", containing="thread_ts")
    assert around.deliver(passed(1)) == []
    assert "Resolved" in shown(around.posted[-1])


def test_where_nothing_can_be_answered_an_edit_is_enough_for_the_end(around: Surroundings) -> None:
    around.slack.refuse("chat.postMessage", "restricted_action_non_threadable_channel", containing="thread_ts")
    assert around.deliver(opened(1), passed(1)) == []
    (message,) = everything(around)
    assert "Resolved" in message
    assert around.metrics["MessageSimplified"] == 1


@pytest.mark.parametrize("error", ["missing_scope", "no_permission", "not_allowed_token_type"])
def test_an_end_waits_for_its_thread_while_the_app_itself_is_at_fault(around: Surroundings, error: str) -> None:
    assert around.deliver(opened(1)) == []
    around.slack.fail_next("chat.postMessage", error=error)
    assert around.deliver(passed(1)) == [0]
    assert around.metrics["SlackTokenRefused"] == 1
    assert around.deliver(passed(1)) == []
    (news,) = thread_of(around)
    assert "Resolved" in news


def test_where_nothing_can_be_answered_the_channel_tells_of_a_severity_that_rose(around: Surroundings) -> None:
    around.slack.refuse("chat.postMessage", "restricted_action_thread_locked", containing="thread_ts")
    assert around.deliver(opened(1), rerated(**RAISED)) == []
    edited, news = everything(around)
    assert "CRITICAL" in edited
    assert "The severity is now *CRITICAL*; it was HIGH." in news
    assert "bucket-1" in news


@pytest.mark.parametrize(("changes", "severity"), [(RAISED, "CRITICAL"), (LOWERED, "LOW")])
def test_a_severity_that_cannot_be_shown_is_told_in_the_thread(
    around: Surroundings, changes: dict[str, Any], severity: str
) -> None:
    around.slack.refuse("chat.update", "edit_window_closed")
    assert around.deliver(opened(1), rerated(**changes)) == []
    (news,) = thread_of(around)
    assert f"The severity is now *{severity}*; it was HIGH." in news
    assert "bucket-1" in news


@pytest.mark.parametrize("error", ["not_in_channel", "internal_error", "ratelimited"])
def test_what_can_be_mended_is_waited_for_and_no_reason_to_step_down(around: Surroundings, error: str) -> None:
    assert around.deliver(opened(1)) == []
    around.slack.refuse("chat.update", error)
    assert around.deliver(passed(1)) == [0]
    around.slack.clear_faults()
    around.start_anew()
    assert around.deliver(passed(1)) == []
    assert "Resolved" in shown(around.posted[0])
    assert "MessageSimplified" not in around.metrics


# ---- blocks and metadata


def test_where_slack_knows_no_such_block_an_alert_is_mere_text_and_says_the_same(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(around.slack, "unknown_blocks", frozenset(BLOCKS))
    assert around.deliver(opened(1)) == []
    (message,) = around.posted
    assert not message.blocks
    assert all(fact in message.text for fact in (*FACTS, "eu-west-1", "|How to fix it>"))
    assert around.deliver(passed(1)) == []
    (message,) = around.posted
    assert "~S3 general purpose buckets should block public access~" in message.text
    assert around.metrics["MessageSimplified"] == 2


def test_a_message_that_lost_its_blocks_loses_them_in_slack_too(around: Surroundings) -> None:
    assert around.deliver(opened(1)) == []
    around.slack.fail_next("chat.update", error="msg_blocks_too_long")
    assert around.deliver(passed(1)) == []
    (message,) = around.posted
    assert (message.blocks, message.attachments) == ([], [])
    assert "Resolved" in message.text


@pytest.mark.parametrize("unknown", [some for n in (1, 2, 3) for some in combinations(BLOCKS[:3], n)], ids=",".join)
def test_a_digest_says_the_same_whichever_blocks_slack_refuses(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch, unknown: tuple[str, ...]
) -> None:
    for number in (1, 2):
        hub.import_finding(finding(number))
    around.send_digest(DIGEST)
    monkeypatch.setattr(around.slack, "unknown_blocks", frozenset(unknown))
    hub.import_finding(finding(3))
    around.send_digest(NEXT_DIGEST)
    _, second = around.posted
    for fact in ("3 open violations on 2026-11-25", "HIGH", "1 new", "S3.8", "bucket-3", "public access", "2", "3"):
        assert fact in shown(second)
    # Without charts the table stays, without tables both go, and without either's parts all do.
    steps = 3 if "rich_text" in unknown else 2 if "table" in unknown else 1
    assert ("table" in {block["type"] for block in second.blocks}) == (steps == 1)
    assert bool(second.blocks) == (steps < 3)
    assert len(around.slack.replies(second.ts)) == 1
    assert around.metrics["MessageSimplified"] == steps


def test_a_message_that_slack_takes_in_no_form_fails_as_it_did(around: Surroundings) -> None:
    around.slack.refuse("chat.postMessage", "invalid_blocks")
    with pytest.raises(MessageRejectedError, match="Slack refuses the message: invalid_blocks"):
        around.send_bare(opened(1))


@pytest.fixture
def no_metadata(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(around.slack, "takes_metadata", False)


def test_a_message_whose_metadata_slack_refuses_is_posted_without(around: Surroundings, no_metadata: None) -> None:
    assert around.deliver(opened(1), passed(1)) == []
    (message,) = around.posted
    assert message.blocks
    assert len(thread_of(around)) == 1


@pytest.mark.parametrize("blocks", ["blocks", "no blocks"])
@pytest.mark.parametrize("tell", [opened, passed], ids=["announcement", "closing"])
def test_a_message_without_metadata_that_had_arrived_is_not_posted_again(
    around: Surroundings,
    monkeypatch: pytest.MonkeyPatch,
    no_metadata: None,
    tell: Callable[[int], dict[str, Any]],
    blocks: str,
) -> None:
    if blocks == "no blocks":
        monkeypatch.setattr(around.slack, "unknown_blocks", frozenset(BLOCKS))
    if tell is passed:
        assert around.deliver(opened(1)) == []
    with monkeypatch.context() as crashing:
        crashing.setattr(Claim, "record", crash)
        assert around.deliver(tell(1)) == [0]
    before = len(everything(around))
    assert around.deliver(tell(1)) == []
    assert len(everything(around)) == before


def crash(*_: object) -> None:
    raise OSError("the machine is gone")


# ---- methods that are forbidden


@pytest.mark.parametrize("error", ["missing_scope", "restricted_action", "access_denied"])
@pytest.mark.parametrize(
    "method",
    [
        "chat.update",
        "chat.getPermalink",
        "conversations.history",
        "conversations.replies",
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
    ],
)
def test_whichever_method_is_forbidden_everything_is_told_once(
    around: Surroundings, hub: RecordingHub, method: str, error: str
) -> None:
    around.slack.refuse(method, error)
    again = {"FirstObservedAt": "2026-11-23T00:00:00.000Z", "UpdatedAt": "2026-11-23T00:00:01.000Z"}
    hub.import_finding(finding(1))
    assert around.deliver(opened(1), passed(1), opened(1, **again)) == []
    around.send_digest(DIGEST)
    announced, reopened, digest = around.posted
    assert len(around.slack.replies(announced.ts)) == 1
    assert "Reopened" in shown(reopened)
    assert "1 open violation" in shown(digest)
    (listed,) = around.slack.replies(digest.ts)
    assert bool(listed.files) == (not method.startswith("files."))
    assert "AlertFailed" not in around.metrics


# ---- files


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("file_uploads_disabled", "the workspace takes no files (`file_uploads_disabled`)"),
        ("storage_limit_reached", "the workspace's storage is full (`storage_limit_reached`)"),
        ("missing_scope", "the app lacks the scope files:write (`missing_scope`)"),
        ("invalid_arguments", "Slack refuses it (`invalid_arguments`)"),
    ],
)
def test_where_slack_takes_no_files_the_thread_says_why_and_where_they_are(
    around: Surroundings, hub: RecordingHub, error: str, why: str
) -> None:
    hub.import_finding(finding(1))
    around.slack.refuse("files.getUploadURLExternal", error)
    around.send_digest(DIGEST)
    key = "digests/2026/11/24/0000Z/open-violations.csv"
    assert thread_of(around) == [f"📎 There is no CSV file here: {why}. The archive bucket has it: `{key}`"]
    assert around.client("s3").get_object(Bucket=around.name, Key=key)
    assert around.metrics["DigestPosted"] == around.metrics["MessageSimplified"] == 1


def test_the_sentence_in_the_place_of_files_stands_there_once(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.import_finding(finding(1))
    around.slack.refuse("files.completeUploadExternal", "file_uploads_except_images_disabled")
    around.slack.fail_next("chat.postMessage", drop=True, containing="CSV file here")
    with pytest.raises(shared.slack.client.SlackError):
        around.send_digest(DIGEST)
    around.send_digest(DIGEST)
    assert len(thread_of(around)) == 1


def test_files_whose_thread_is_gone_stand_in_the_channel_once(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    around.slack.fail_next("files.getUploadURLExternal", status=503)
    with pytest.raises(shared.slack.client.SlackError):
        around.send_digest(DIGEST)
    delete(around, around.posted[0])
    around.slack.fail_next("files.completeUploadExternal", error="thread_not_found")
    around.slack.fail_next("files.completeUploadExternal", drop=True)
    with pytest.raises(shared.slack.client.SlackError):
        around.send_digest(DIGEST)
    around.send_digest(DIGEST)
    (files,) = (message.files for message in around.posted if message.files)
    assert [file.name for file in files] == ["open-violations-111122223333-2026-11-24.csv"]


def test_a_large_file_has_time_to_arrive(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.slack.client, "TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(shared.slack.client, "UPLOADED_BYTES_A_SECOND", 100)
    hub.import_finding(finding(1))
    around.slack.fail_next("upload", delay=1.5)
    around.send_digest(DIGEST)
    assert [bool(reply.files) for reply in around.slack.replies(around.posted[0].ts)] == [True]


# ---- bursts


@pytest.fixture
def storm(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> "Storm":
    monkeypatch.setattr("shared.aws.alert_queue.AlertQueue.send", lambda *_: None)
    around.set(ALERT_QUEUE_URL=around.dead_letter_queue_url, BURST_LIMIT="1")
    assert around.deliver(*map(opened, range(4))) == []
    return Storm(around)


class Storm:
    """Four violations, of which the burst's message counts three."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._now = datetime.now(UTC) + CALM_AFTER

    @property
    def burst(self) -> Message:
        (message,) = (message for message in self._around.posted if "Burst" in message.text and not message.files)
        return message

    @property
    def thread(self) -> list[Message]:
        return self._around.slack.replies(self.burst.ts)

    def follow_up(self, times: int = 1) -> None:
        items = self._around.client("dynamodb").scan(TableName=self._around.name)["Items"]
        (burst_id,) = {item["burst_id"]["S"] for item in items if "burst_id" in item}
        for _ in range(times):
            self._now += timedelta(seconds=10)
            build_app().bursts.follow_up(burst_id, self._now)


@refused_edits
def test_a_burst_that_cannot_be_edited_tells_its_end_and_that_all_are_gone_once_each(
    around: Surroundings, storm: Storm, error: str
) -> None:
    around.slack.refuse("chat.update", error)
    storm.follow_up(3)
    files, calm = storm.thread
    assert files.files
    assert "3 new violations" in shown(calm)
    assert "It is calm again." in shown(calm)
    assert around.deliver(*map(passed, range(1, 4))) == []
    storm.follow_up(3)
    *_, gone = storm.thread
    assert "All of them are gone." in shown(gone)
    assert len(storm.thread) == 3
    assert len([message for message in around.posted if "Burst" in message.text]) == 1


def test_a_burst_that_was_deleted_afterwards_tells_the_channel_once_that_all_are_gone(
    around: Surroundings, storm: Storm
) -> None:
    storm.follow_up(2)
    delete(around, storm.burst)
    assert around.deliver(passed(1)) == []
    storm.follow_up(2)
    assert [message for message in around.posted if "Burst" in message.text] == []
    assert around.deliver(passed(2), passed(3)) == []
    storm.follow_up(2)
    assert "All of them are gone." in shown(storm.burst)


def test_where_slack_takes_no_files_a_burst_says_why_and_the_archive_has_its_list(
    around: Surroundings, storm: Storm
) -> None:
    around.slack.refuse("files.getUploadURLExternal", "file_uploads_disabled")
    storm.follow_up(2)
    (told,) = storm.thread
    assert "the workspace takes no files (`file_uploads_disabled`)" in told.text
    key = told.text.rpartition("`")[0].rpartition("`")[2]
    assert key.startswith("bursts/2")
    content = around.client("s3").get_object(Bucket=around.name, Key=key)["Body"].read().decode("utf-8-sig")
    assert [name in content for name in ("bucket-1", "bucket-2", "bucket-3")] == [True] * 3


def test_without_an_archive_a_burst_points_to_the_digest(around: Surroundings, storm: Storm) -> None:
    around.set(ARCHIVE_BUCKET="gone-with-the-wind")
    around.slack.refuse("files.getUploadURLExternal", "file_uploads_disabled")
    storm.follow_up()
    (told,) = storm.thread
    assert "listed by the next daily digest" in told.text


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("chat.update", "cant_update_message"),
        ("chat.update", "edit_window_closed"),
        ("files.getUploadURLExternal", "file_uploads_disabled"),
    ],
)
def test_a_refusal_is_logged_with_its_reason_and_its_remedy(
    around: Surroundings, hub: RecordingHub, method: str, error: str
) -> None:
    hub.import_finding(finding(1))
    around.slack.refuse(method, error)
    assert around.deliver(opened(1), passed(1)) == []
    around.send_digest(DIGEST)
    (line,) = (line for line in around.log if line["level"] == "WARNING")
    assert re.search(f"{error}: .+", line["why"])


@pytest.mark.parametrize("error", ["metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema"])
def test_whatever_is_wrong_with_the_metadata_the_message_goes_out_without(around: Surroundings, error: str) -> None:
    around.slack.refuse("chat.postMessage", error, containing="event_payload")
    assert around.deliver(opened(1)) == []
    assert around.posted[0].metadata is None
    (line,) = (line for line in around.log if line["level"] == "WARNING")
    assert re.search(f"{error}: .+", line["why"])

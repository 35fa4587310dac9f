"""The alert function, from a batch of queue messages to what people see in Slack."""

import json
import re
import threading
import time
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest

import shared.slack.client
from local.stack.aws import REGION
from shared.app import build_app
from shared.aws.ledger import Ledger
from shared.errors import MalformedEventError, SlackError
from shared.finding.event import parse_event
from shared.retry import LEASE
from tests.findings import finding, opened, passed, sample
from tests.integration.surroundings import TOKEN, Surroundings

NOBODY = "http://127.0.0.1:9"  # the discard port: whoever calls it gets no answer

UNWANTED = {
    "another control": ({"TARGET_CONTROL_IDS": "IAM.*,S3.1"}, opened()),
    "GuardDuty": ({}, sample("guardduty_finding")),
    "Inspector": ({}, sample("inspector_finding")),
    "a custom product": ({}, sample("custom_product_finding")),
    "insight results": ({}, sample("insight_results")),
    "the other Security Hub's schema": ({}, sample("findings_imported_v2")),
}

MALFORMED = {
    "not JSON": ("Bucket is public!", "no JSON"),
    "JSON nested too deep": ("[" * 100_000, "no JSON"),
    "a text": ('"violation"', "the input is text, not an object"),
    "an empty object": ({}, "detail-type"),
    "no findings": (opened() | {"detail": {}}, "detail.findings is missing"),
    "an empty list of findings": (opened() | {"detail": {"findings": []}}, "holds 0 findings"),
    "two findings": (opened() | {"detail": {"findings": [finding(1), finding(2)]}}, "holds 2 findings"),
    "no resources": (opened(Resources=[]), "Resources is empty"),
    "a severity of its own": (opened(Severity={"Label": "URGENT"}), "Severity.Label is 'URGENT'"),
    "a time that is none": (opened(UpdatedAt="yesterday"), "UpdatedAt is 'yesterday'"),
}

# Slack's answers after which the message has to stay in the queue.
OUTAGES: dict[str, dict[str, Any]] = {
    "HTTP 500": {"status": 500},
    "HTTP 503": {"status": 503},
    "channel_not_found": {"error": "channel_not_found"},
    "not_in_channel": {"error": "not_in_channel"},
    "account_inactive": {"error": "account_inactive"},
    "fatal_error": {"error": "fatal_error"},
    "a name never heard of": {"error": "mercury_retrograde"},
    "timeout": {"delay": 0.5, "status": 500},
}


def shown(around: Surroundings) -> str:
    """Everything that stands in the channel, as one text."""
    return json.dumps([message.payload() for message in around.slack.messages], ensure_ascii=False)


def go_wrong(around: Surroundings, monkeypatch: pytest.MonkeyPatch, outage: str) -> None:
    """Let Slack fail once."""
    if outage == "timeout":
        monkeypatch.setattr(shared.slack.client, "TIMEOUT_SECONDS", 0.2)
    around.slack.fail_next("chat.postMessage", **OUTAGES[outage])


def test_new_violations_are_announced(around: Surroundings) -> None:
    assert around.deliver(opened(1), opened(2)) == []
    assert [message.channel for message in around.posted] == ["C0000000001"] * 2
    assert "bucket-1" in around.posted[0].text
    assert "bucket-2" in around.posted[1].text
    assert around.metrics == {"AlertPosted": 2}


def test_a_bare_event_is_announced(around: Surroundings) -> None:
    around.send_bare(opened())
    assert len(around.posted) == 1


def test_the_same_event_twice_in_a_batch_is_announced_once(around: Surroundings) -> None:
    event = opened()
    assert around.deliver(event, event) == []
    assert len(around.posted) == 1
    assert around.metrics == {"AlertPosted": 1, "AlertDeduplicated": 1}


def test_the_same_event_in_a_later_batch_is_not_announced_again(around: Surroundings) -> None:
    event = opened()
    around.deliver(event)
    assert around.deliver(event) == []
    assert len(around.posted) == 1
    assert around.metrics == {"AlertPosted": 1, "AlertDeduplicated": 1}


@pytest.mark.parametrize("unwanted", UNWANTED)
def test_what_nobody_asked_for_costs_no_call(around: Surroundings, unwanted: str) -> None:
    settings, event = UNWANTED[unwanted]
    # Without an archive there are no routes, which are read once a minute, whatever comes.
    around.set(AWS_ENDPOINT_URL=NOBODY, SLACK_API_URL=f"{NOBODY}/api/", ARCHIVE_BUCKET="", **settings)
    assert around.deliver(event, event) == []
    assert around.metrics == {"AlertFiltered": 2}


def test_too_low_a_severity_costs_a_look_at_what_was_announced_and_nothing_more(around: Surroundings) -> None:
    around.set(MIN_SEVERITY="CRITICAL", SLACK_API_URL=f"{NOBODY}/api/")
    assert around.deliver(opened(), opened()) == []
    assert around.metrics == {"AlertFiltered": 2}
    assert around.client("dynamodb").scan(TableName=around.name)["Items"] == []


def test_the_log_says_why_an_event_was_filtered(around: Surroundings) -> None:
    around.set(TARGET_CONTROL_IDS="IAM.*", MIN_SEVERITY="CRITICAL")
    around.deliver(opened())
    (line,) = around.log
    assert line["message"] == "filtered"
    assert line["why"] == "control S3.8 is not in TargetControlIds"


def test_control_ids_are_patterns_whose_case_does_not_matter(around: Surroundings) -> None:
    around.set(TARGET_CONTROL_IDS="iam.*, s3.8", MIN_SEVERITY="high")
    around.deliver(opened(), sample("iam_root_access_key_critical"), sample("security_group_open_ssh"))
    assert len(around.posted) == 2


@pytest.mark.parametrize("malformed", MALFORMED)
def test_a_malformed_message_is_put_aside_with_its_reason(around: Surroundings, malformed: str) -> None:
    content, reason = MALFORMED[malformed]
    body = content if isinstance(content, str) else json.dumps(content)
    assert around.deliver(opened(1), body, opened(2)) == []
    assert len(around.posted) == 2
    ((dead, error_type, told),) = around.dead_letters
    assert dead == body
    assert error_type == "MalformedEventError"
    assert reason in told


def test_a_malformed_bare_event_fails_the_invocation(around: Surroundings) -> None:
    with pytest.raises(MalformedEventError, match="detail-type is missing"):
        around.send_bare({})


def test_a_malformed_message_stays_in_the_queue_when_it_cannot_be_put_aside(around: Surroundings) -> None:
    around.set(DEAD_LETTER_QUEUE_URL=f"{around.dead_letter_queue_url}-gone")
    assert around.deliver("no event", opened()) == [0]
    assert len(around.posted) == 1
    assert len([line for line in around.log if line["message"] == "failed"]) == 2  # the event, and the putting aside


def test_without_a_dead_letter_queue_of_ours_the_queues_own_redrive_takes_a_malformed_message(
    around: Surroundings,
) -> None:
    around.set(DEAD_LETTER_QUEUE_URL="")
    assert around.deliver("no event") == [0]


@pytest.mark.parametrize("outage", OUTAGES)
def test_only_the_message_that_slack_did_not_take_stays_and_is_announced_later(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch, outage: str
) -> None:
    go_wrong(around, monkeypatch, outage)
    assert around.deliver(opened(1), opened(2)) == [0]
    assert ["bucket-2" in message.text for message in around.posted] == [True]
    assert (around.metrics["AlertFailed"], around.metrics["AlertPosted"]) == (1, 1)
    assert around.deliver(opened(1)) == []
    assert ["bucket-1" in message.text for message in around.posted] == [False, True]
    assert around.dead_letters == []


def test_a_bare_event_that_slack_did_not_take_fails_the_invocation(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", error="not_in_channel")
    with pytest.raises(SlackError, match="not_in_channel: invite the app to the channel"):
        around.send_bare(opened())


def test_a_channel_nobody_can_find_is_told_with_its_remedy(around: Surroundings) -> None:
    around.set(SLACK_CHANNEL="C0000000009")
    assert around.deliver(opened()) == [0]
    (line,) = around.log
    assert line["message"] == "failed"
    assert "channel_not_found: check SlackChannel, and invite the app" in line["why"]


def test_a_slack_that_cannot_be_reached_keeps_the_message_in_the_queue(around: Surroundings) -> None:
    around.set(SLACK_API_URL=f"{NOBODY}/api/")
    assert around.deliver(opened()) == [0]
    assert "Slack could not be reached" in around.log[0]["why"]


def test_an_event_held_by_another_attempt_stays_in_the_queue(around: Surroundings) -> None:
    with another_attempt(around, datetime.now(UTC)):
        assert around.deliver(opened(1), opened(2)) == [0]
    assert ["bucket-2" in message.text for message in around.posted] == [True]
    assert around.metrics == {"AlertPosted": 1}  # waiting for one's turn is no failure


def test_an_expired_lease_is_taken_over(around: Surroundings) -> None:
    with another_attempt(around, datetime.now(UTC) - LEASE - timedelta(seconds=2)):
        assert around.deliver(opened()) == []
        assert len(around.posted) == 1
        assert around.deliver(opened()) == []
    assert len(around.posted) == 1


def another_attempt(around: Surroundings, since: datetime) -> Any:
    """Another attempt's claim on bucket 1, which began at a given time."""
    ledger = Ledger(around.table)
    known = parse_event(opened(1))
    assert known
    return ledger.claim(ledger.look_up(known.key), since)


def test_two_attempts_at_once_announce_once(around: Surroundings) -> None:
    around.deliver(opened(2))  # an attempt's clients are ready
    around.slack.fail_next("chat.postMessage", delay=0.3)
    left: list[list[int]] = []
    event = opened(1)
    threads = [threading.Thread(target=lambda: left.append(around.deliver(event))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["bucket-1" in message.text for message in around.posted] == [False, True]
    assert sorted(left) == [[], [0]]
    assert around.deliver(event) == []
    assert len(around.posted) == 2


def test_a_message_that_slack_finds_invalid_is_put_aside_with_slacks_reason(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", error="invalid_blocks", times=2)  # with blocks, and without
    assert around.deliver(opened(1), opened(2)) == []
    assert len(around.posted) == 1
    ((_, error_type, reason),) = around.dead_letters
    assert error_type == "MessageRejectedError"
    assert "invalid_blocks" in reason
    assert around.metrics == {"AlertFailed": 1, "AlertPosted": 1, "MessageSimplified": 1}


def test_a_message_that_slack_finds_invalid_can_be_announced_once_that_is_mended(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", error="invalid_blocks", times=2)
    around.deliver(opened())
    ((body, _, _),) = around.dead_letters
    assert around.deliver(body) == []
    assert len(around.posted) == 1


def test_a_short_pause_that_slack_asks_for_is_waited(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", retry_after=1)
    assert around.deliver(opened()) == []
    assert len(around.posted) == 1
    first, second = (call.at for call in around.slack.calls)
    assert second - first >= 1


def test_a_long_pause_that_slack_asks_for_is_left_to_the_queue(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", retry_after=30)
    started = time.monotonic()
    assert around.deliver(opened()) == [0]
    assert time.monotonic() - started < 5
    assert len(around.slack.calls) == 1
    around.start_anew()
    assert around.deliver(opened()) == []
    assert len(around.posted) == 1


@pytest.mark.parametrize("refusal", ["invalid_auth", "token_revoked", "token_expired"])
def test_a_rotated_token_is_read_anew(around: Surroundings, refusal: str) -> None:
    around.deliver(opened(1))
    around.slack.token = "xoxb-rotated"
    around.store_secret('{"token": "xoxb-rotated"}')
    around.slack.fail_next("chat.postMessage", error=refusal)
    assert around.deliver(opened(2)) == []
    assert len(around.posted) == 2


def test_a_token_that_slack_does_not_know_keeps_the_message_until_the_secret_is_right(around: Surroundings) -> None:
    around.slack.token = "xoxb-rotated"
    assert around.deliver(opened()) == [0]
    assert "invalid_auth: store the app's bot token in the secret" in around.log[0]["why"]
    around.store_secret('{"token": "xoxb-rotated"}')
    assert around.deliver(opened()) == []
    assert len(around.posted) == 1


BROKEN_SECRETS = {
    "no JSON": (TOKEN, "is no JSON"),
    "another key": (json.dumps({"slack_token": TOKEN}), "has no text under the key token"),
    "a list": (json.dumps([TOKEN]), "has no text under the key token"),
    "a token in a list": (json.dumps({"token": [TOKEN]}), "has no text under the key token"),
    "an empty token": (json.dumps({"token": ""}), "has no text under the key token"),
}


@pytest.mark.parametrize("broken", BROKEN_SECRETS)
def test_an_unusable_secret_is_explained_and_the_message_stays(around: Surroundings, broken: str) -> None:
    text, problem = BROKEN_SECRETS[broken]
    around.store_secret(text)
    assert around.deliver(opened()) == [0]
    (line,) = around.log
    assert line["error"] == "ConfigurationError"
    assert (
        line["why"] == f'the secret {around.secret_arn} {problem}: store the bot token in it as {{"token": "xoxb-…"}}'
    )
    assert around.slack.calls == []
    assert TOKEN not in around.output


def test_a_secret_that_does_not_exist_is_explained_and_the_message_stays(around: Surroundings) -> None:
    around.set(SLACK_SECRET_ARN=f"{around.secret_arn}-gone")
    assert around.deliver(opened()) == [0]
    assert f"the secret {around.secret_arn}-gone does not exist: create it, or give" in around.log[0]["why"]


def test_a_secret_of_another_region_is_explained_and_the_message_stays(around: Surroundings) -> None:
    elsewhere = around.secret_arn.replace(REGION, "us-east-1")
    around.set(SLACK_SECRET_ARN=elsewhere)
    assert around.deliver(opened()) == [0]
    assert f"the secret {elsewhere} is in us-east-1, and this function in {REGION}: " in around.log[0]["why"]


def test_a_secret_that_is_to_be_deleted_is_explained_and_the_message_stays(around: Surroundings) -> None:
    around.client("secretsmanager").delete_secret(SecretId=around.secret_arn)
    assert around.deliver(opened()) == [0]
    assert f"the secret {around.secret_arn} is marked for deletion: restore it" in around.log[0]["why"]


def test_a_secret_works_without_the_six_characters_at_the_end_of_its_arn(around: Surroundings) -> None:
    around.set(SLACK_SECRET_ARN=around.secret_arn.rpartition("-")[0])
    assert around.deliver(opened()) == []
    assert len(around.posted) == 1


@pytest.mark.parametrize("outage", [*OUTAGES, "invalid_auth", "invalid_blocks", "rate limit", "no Slack", "no ledger"])
def test_the_token_is_in_nothing_that_a_failure_leaves_behind(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch, outage: str
) -> None:
    if outage in OUTAGES:
        go_wrong(around, monkeypatch, outage)
    elif outage == "rate limit":
        around.slack.fail_next("chat.postMessage", retry_after=30)
    elif outage == "no Slack":
        around.set(SLACK_API_URL=f"{NOBODY}/api/")
    elif outage == "no ledger":
        around.set(LEDGER_TABLE="gone")
    else:
        around.slack.fail_next("chat.postMessage", error=outage, times=2)
    with pytest.raises(Exception) as failure:  # noqa: PT011 - whichever it is
        around.send_bare(opened())
    error = failure.value
    assert TOKEN not in "".join(traceback.format_exception(error))
    assert TOKEN not in repr(build_app().config)
    assert ("held" if outage == "rate limit" else "failed") in around.output
    assert TOKEN not in around.output


def test_a_failure_quotes_little_of_what_is_not_ours(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    label = opened(**{"Severity.Label": "\x1b[31m" + "É" * 100_000}) | {"id": "x" * 100_000}
    unheard_of = opened(2, **{"Compliance.Status": "Y" * 100_000})
    around.deliver(label, unheard_of)
    broken = Mock(side_effect=KeyError("W" * 100_000))
    monkeypatch.setattr(Ledger, "look_up", broken)
    around.deliver(opened(3))
    assert [line["message"] for line in around.log] == ["failed", "nothing", "failed"]
    assert all(run <= 200 for letter in "xÉYW" for run in map(len, re.findall(f"{letter}+", around.output)))
    assert "\x1b" not in around.output
    assert "test_alert.py" not in around.log[-1]["trace"]
    assert "shared/pipeline/alert.py" in around.log[-1]["trace"]
    (body, _, reason) = around.dead_letters[0]
    assert body == json.dumps(label)
    assert len(reason) < 400


def test_a_failure_does_not_log_the_event(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", status=500)
    around.deliver(opened(Description="a description that only the event holds"))
    assert "failed" in around.output
    assert "only the event holds" not in around.output


def test_a_failure_does_not_log_an_address_of_slack(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", error="not_in_channel")
    around.deliver(opened())
    assert "not_in_channel" in around.output
    assert "/api/" not in around.output


def test_a_page_in_place_of_slacks_answer_is_told_as_its_status(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", status=503)  # with a body that is no JSON
    around.deliver(opened())
    assert around.log[0]["why"] == "Slack refuses for now: http_503"


def test_a_violation_that_passes_is_closed_where_it_was_announced(around: Surroundings) -> None:
    around.deliver(sample("s3_bucket_public"))
    assert around.deliver(sample("passed_after_failed")) == []
    (announcement,) = around.posted
    assert announcement.edited
    assert "Resolved" in announcement.text
    assert len(around.slack.replies(announcement.ts)) == 1
    assert around.metrics == {"AlertPosted": 1, "AlertClosed": 1}


def test_every_outcome_of_a_batch_is_counted(around: Surroundings) -> None:
    around.set(TARGET_CONTROL_IDS="S3.8")
    around.slack.fail_next("chat.postMessage", status=500)
    left = around.deliver(opened(1), opened(2), opened(2), sample("security_group_open_ssh"), "no event", passed(2))
    assert left == [0]
    assert around.metrics == {
        "AlertFailed": 2,
        "AlertPosted": 1,
        "AlertDeduplicated": 1,
        "AlertFiltered": 1,
        "AlertClosed": 1,
    }


def test_metrics_and_log_carry_the_name_of_the_stack(around: Surroundings) -> None:
    around.deliver(opened())
    lines = [json.loads(line) for line in around.output.splitlines() if line.startswith("{")]
    assert [line["service"] for line in lines] == [around.name] * 2


def test_a_log_line_names_the_event_the_violation_and_the_decision(around: Surroundings) -> None:
    event = opened(1)
    around.deliver(event)
    (line,) = around.log
    assert line["event_id"] == event["id"]
    assert line["violation"] == "111122223333/S3.8/arn:aws:s3:::bucket-1"
    assert line["finding"] == event["detail"]["findings"][0]["Id"]
    assert (line["message"], line["why"]) == ("announce", "new violation")


def test_a_message_that_is_no_json_is_not_logged_under_its_neighbours_event(around: Surroundings) -> None:
    event = opened()
    around.deliver(event, "no event")
    announced, failed = around.log
    assert announced["event_id"] == event["id"]
    assert failed.get("event_id") != event["id"]


def test_messages_are_written_in_japanese_where_that_was_chosen(around: Surroundings) -> None:
    around.set(MESSAGE_LANGUAGE="ja")
    around.deliver(sample("japanese_text"), sample("s3_bucket_public"), sample("passed_after_failed"))
    first, second = around.posted
    assert "に違反しています" in first.text
    assert "コントロール" in json.dumps(first.blocks, ensure_ascii=False)
    assert "解消" in second.text
    assert "違反開始から" in around.slack.replies(second.ts)[0].text


def test_a_message_names_its_environment(around: Surroundings) -> None:
    around.set(ENVIRONMENT_NAME="payments & refunds")
    around.deliver(opened())
    assert "payments & refunds" in shown(around)


def test_text_from_aws_calls_nobody(around: Surroundings) -> None:
    around.deliver(sample("hostile_text"))
    (message,) = around.posted
    assert "<!channel>" not in message.text
    assert "<!here>" not in message.text
    assert "<@" not in message.text
    assert "mrkdwn" not in shown(around)  # whose mentions and links Slack would follow

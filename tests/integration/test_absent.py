"""What left the digest's list is not taken for resolved: Security Hub is asked what became of each."""

import gzip
import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import local.digest
import shared.aws.scan
from local.terminal import as_text
from shared.digest.fate import Fate
from shared.finding.violation import CONSOLIDATION
from tests.findings import ACCOUNT, event, finding, opened
from tests.integration.surroundings import RecordingHub, Surroundings
from tests.integration.test_digest_history import FIRST_DAY, go_on, names_of_files, send, set_status, statuses

RESOLVED = "resolved-violations.csv"


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.aws.scan, "SECONDS_BETWEEN_REQUESTS", 0)


@pytest.fixture(autouse=True)
def unlimited(hub: RecordingHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_bucket", None)


@pytest.fixture(autouse=True)
def queue(around: Surroundings) -> str:
    url: str = around.client("sqs").create_queue(QueueName=f"{around.name}-alerts")["QueueUrl"]
    around.set(ALERT_QUEUE_URL=url)
    return url


def queued(around: Surroundings, url: str) -> list[dict[str, Any]]:
    """The events on the alert queue; reading takes them out."""
    found: list[dict[str, Any]] = []
    while messages := around.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
        for message in messages:
            around.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def names(events: list[dict[str, Any]]) -> list[str]:
    resources = [found["Resources"][0]["Id"] for each in events for found in each["detail"]["findings"]]
    return sorted(resource.removeprefix("arn:aws:s3:::") for resource in resources)


def shown(around: Surroundings, day: int) -> str:
    return as_text(around.posted[day - 1].payload())


def set_workflow(hub: RecordingHub, number: int, status: str) -> None:
    found = finding(number)
    identifier = {"Id": found["Id"], "ProductArn": found["ProductArn"]}
    hub.batch_update_findings({"FindingIdentifiers": [identifier], "Workflow": {"Status": status}})


def end_all_ways(around: Surroundings, hub: RecordingHub) -> None:
    """Let bucket 1 pass, 2 be archived, 3 suppressed, 4 resolved by hand, 5 and 6 become undecided, 7 be re-rated, and
    8 go out of sight."""
    set_status(hub, 1, "PASSED")
    hub.import_finding(finding(2, RecordState="ARCHIVED", **{"Compliance.Status": "NOT_AVAILABLE"}))
    set_workflow(hub, 3, "SUPPRESSED")
    set_workflow(hub, 4, "RESOLVED")
    set_status(hub, 5, "WARNING")
    set_status(hub, 6, "NOT_AVAILABLE")
    lowered = {"Label": "LOW", "Normalized": 1}
    identifier = {"Id": finding(7)["Id"], "ProductArn": finding(7)["ProductArn"]}
    hub.batch_update_findings({"FindingIdentifiers": [identifier], "Severity": lowered})
    hub.forget(finding(8)["Id"])


def test_each_way_off_the_list_is_told_by_its_own_name_and_only_ends_are_listed(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    around.set(MIN_SEVERITY="MEDIUM")
    for number in range(10):
        hub.import_finding(finding(number))
    send(around, 1)
    end_all_ways(around, hub)
    summary = send(around, 2)
    assert summary.comparison
    assert (summary.comparison.new, summary.comparison.reopened, summary.comparison.resolved) == (0, 0, 4)
    assert summary.comparison.left == {
        **dict.fromkeys((Fate.PASSED, Fate.ARCHIVED, Fate.SUPPRESSED, Fate.RESOLVED), 1),
        **{Fate.UNDECIDED: 2, Fate.RERATED: 1, Fate.OUT_OF_SIGHT: 1},
    }
    assert statuses(around, 2) == {"bucket-0": "open", "bucket-9": "open"}
    assert statuses(around, 2, RESOLVED) == {
        "bucket-1": "passed",
        "bucket-2": "archived",
        "bucket-3": "suppressed",
        "bucket-4": "resolved by hand",
    }
    text = shown(around, 2)
    assert "Since the last digest  1 passed · 1 archived · 1 suppressed · 1 resolved by hand  (" in text
    assert (
        "No longer listed, but not over  1 now rated below MinSeverity · 2 could not be checked · "
        "1 out of sight (account or Region)"
    ) in text
    assert names(queued(around, queue)) == ["bucket-1", "bucket-2", "bucket-3", "bucket-4"]


def test_what_could_not_be_checked_is_no_end_and_comes_back_as_open(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    for number in (1, 2):
        hub.import_finding(finding(number))
    send(around, 1)
    set_status(hub, 1, "WARNING")
    set_status(hub, 2, "NOT_AVAILABLE")
    undecided = send(around, 2)
    text = shown(around, 2)
    assert undecided.comparison
    assert undecided.comparison.resolved == 0
    assert "2 could not be checked" in text
    assert "passes" not in text
    assert names_of_files(around)[1] == []
    for number in (1, 2):
        set_status(hub, number, "FAILED")
    back = send(around, 3)
    assert back.comparison
    assert (back.total, back.comparison.new, back.comparison.reopened) == (2, 0, 0)
    assert statuses(around, 3) == {"bucket-1": "open", "bucket-2": "open"}
    assert queued(around, queue) == []


@pytest.mark.parametrize("fields", [{}, {"FirstObservedAt": "2026-11-25T10:00:00Z"}])
def test_what_was_out_of_sight_comes_back_as_open_and_is_told_once(
    around: Surroundings, hub: RecordingHub, fields: dict[str, str]
) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    hub.forget(finding(1)["Id"])
    for day, left in ((2, {Fate.OUT_OF_SIGHT: 1}), (3, {})):
        summary = send(around, day)
        assert summary.comparison
        assert (summary.comparison.resolved, summary.comparison.left) == (0, left)
        assert ("Every selected control passes" in shown(around, day)) is (day == 3)
    hub.import_finding(finding(1, **fields))
    send(around, 4)
    assert statuses(around, 4) == {"bucket-1": "open"}


def test_what_could_not_be_checked_and_then_ended_is_told_then(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    set_status(hub, 1, "WARNING")
    send(around, 2)
    set_status(hub, 1, "PASSED")
    send(around, 3)
    assert statuses(around, 3, RESOLVED) == {"bucket-1": "passed"}
    assert names(queued(around, queue)) == ["bucket-1"]
    set_status(hub, 1, "FAILED")
    send(around, 4)
    assert statuses(around, 4) == {"bucket-1": "reopened"}


def test_what_was_rated_lower_is_judged_by_what_it_says_today(around: Surroundings, hub: RecordingHub) -> None:
    for number in (1, 2):
        hub.import_finding(finding(number, Severity={"Label": "LOW"}))
    send(around, 1)
    set_status(hub, 2, "PASSED")
    around.set(MIN_SEVERITY="HIGH")
    summary = send(around, 2)
    assert summary.comparison
    assert summary.comparison.left == {Fate.PASSED: 1, Fate.RERATED: 1}
    assert "Every selected control passes" not in shown(around, 2)


def test_what_the_settings_no_longer_target_is_neither_asked_for_nor_told(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    set_status(hub, 1, "PASSED")
    asked = len(hub.queries)
    summary = send(around, 2, TARGET_CONTROL_IDS="IAM.*")
    assert summary.comparison
    assert (summary.comparison.resolved, summary.comparison.left) == (0, {})
    assert not any("Id" in each["Filters"] for each in hub.queries[asked:])
    assert queued(around, queue) == []


def test_what_consolidation_archived_has_not_ended(around: Surroundings, hub: RecordingHub, queue: str) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    reason = {"ProductFields.ArchivalReasons:0/ReasonCode": CONSOLIDATION}
    hub.import_finding(finding(1, RecordState="ARCHIVED", **reason))
    summary = send(around, 2)
    assert summary.comparison
    assert summary.comparison.left == {Fate.UNDECIDED: 1}
    hub.import_finding(finding(1, Id="its-successor"))
    send(around, 3)
    assert statuses(around, 3) == {"bucket-1": "open"}
    assert queued(around, queue) == []


def test_a_violation_of_two_standards_has_not_ended_with_one_of_them(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    standards = [finding(1, Id=f"finding-of-{name}") for name in ("fsbp", "cis")]
    for found in standards:
        hub.import_finding(found)
    send(around, 1)
    hub.import_finding({**standards[0], "RecordState": "ARCHIVED"})
    hub.import_finding({**standards[1], "Compliance": {**standards[1]["Compliance"], "Status": "WARNING"}})
    summary = send(around, 2)
    assert summary.comparison
    assert summary.comparison.left == {Fate.UNDECIDED: 1}
    hub.import_finding({**standards[1], "RecordState": "ARCHIVED"})
    assert send(around, 3).comparison.resolved == 1
    assert len(queued(around, queue)) == 2


def test_what_fails_again_by_the_time_it_is_looked_up_is_listed_after_all(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    set_status(hub, 1, "PASSED")
    real = hub.get_findings

    def fail_meanwhile(request: dict[str, Any]) -> dict[str, Any]:
        if "Id" in request["Filters"]:
            set_status(hub, 1, "FAILED", at="2026-11-24T11:00:00Z")
        return real(request)

    monkeypatch.setattr(hub, "get_findings", fail_meanwhile)
    summary = send(around, 2)
    assert summary.total == 1
    assert summary.comparison
    assert summary.comparison.left == {}


# ---- where Security Hub can't be asked


def test_a_digest_that_could_not_look_up_says_so_and_ends_nothing(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    for number in (1, 2, 3):
        hub.import_finding(finding(number))
    send(around, 1)
    for number in (1, 2):
        set_status(hub, number, "PASSED")
    hub.fail_next(1, 403, "AccessDeniedException", after=1)
    summary = send(around, 2)
    assert summary.comparison
    assert (summary.comparison.resolved, summary.comparison.left) == (0, {Fate.UNVERIFIED: 2})
    text = shown(around, 2)
    assert "Since the last digest  resolved: not known" in text
    assert "2 could not be looked up" in text
    assert len(names_of_files(around)[1]) == 1
    assert queued(around, queue) == []
    assert any(line["message"] == "digest not verified" and "AccessDenied" in line["why"] for line in around.log)
    send(around, 3)
    assert statuses(around, 3, RESOLVED) == {"bucket-1": "passed", "bucket-2": "passed"}
    assert names(queued(around, queue)) == ["bucket-1", "bucket-2"]


def test_what_cannot_be_read_today_is_not_called_resolved_and_the_rest_is(
    around: Surroundings, hub: RecordingHub
) -> None:
    for number in (1, 2):
        hub.import_finding(finding(number))
    send(around, 1)
    hub.import_finding(finding(1, Resources=[{"Type": "AwsS3Bucket"}]))
    set_status(hub, 2, "PASSED")
    summary = send(around, 2)
    assert summary.comparison
    assert summary.comparison.left == {Fate.UNVERIFIED: 1, Fate.PASSED: 1}
    assert statuses(around, 2, RESOLVED) == {"bucket-2": "passed"}


def test_an_incomplete_list_asks_for_nothing(around: Surroundings, hub: RecordingHub, queue: str) -> None:
    for number in range(130):
        hub.import_finding(finding(number))
    send(around, 1)
    set_status(hub, 1, "PASSED")
    hub.fail_next(1, 403, "AccessDeniedException", after=1)
    summary = send(around, 2)
    assert summary.comparison
    assert (summary.comparison.resolved, summary.comparison.left) == (None, {})
    assert queued(around, queue) == []


# ---- the look-ups themselves


def test_ids_are_asked_for_twenty_at_once(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(45):
        hub.import_finding(finding(number))
    send(around, 1)
    for number in range(45):
        set_status(hub, number, "PASSED")
    send(around, 2)
    assert [len(each["Filters"]["Id"]) for each in hub.queries if "Id" in each["Filters"]] == [20, 20, 5]


def test_look_ups_that_one_invocation_is_too_short_for_go_on_in_the_next_without_a_second_message(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    for number in range(70):
        hub.import_finding(finding(number))
    send(around, 0)
    for number in range(70):
        set_status(hub, number, "PASSED" if number % 2 else "WARNING")
    first, *others = go_on(around, seconds_left=120)
    assert "next" in first
    assert len(others) == 4
    around.send_digest(first["next"], seconds_left=120)  # a part that is tried again
    assert len(around.posted) == 2
    assert len(statuses(around, 1, RESOLVED)) == 35
    assert len(names(queued(around, queue))) == 35
    assert "35 could not be checked" in as_text(around.posted[1].payload())


def test_what_the_last_digest_knew_is_read_once_however_many_invocations_there_are(
    around: Surroundings, hub: RecordingHub
) -> None:
    for number in range(30):
        hub.import_finding(finding(number))
    send(around, 0)
    for number in range(30):
        set_status(hub, number, "PASSED")
    first = around.send_digest({"scheduled_time": FIRST_DAY.isoformat(), "part": 0}, seconds_left=120)
    around.client("s3").delete_object(Bucket=around.name, Key="digests/2026/11/23/0000Z/memory.jsonl.gz")
    second = around.send_digest(first["next"], seconds_left=120)
    around.send_digest(second["next"], seconds_left=120)
    assert len(statuses(around, 1, RESOLVED)) == 30


def test_without_another_invocation_the_rest_is_said_to_be_unverified(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(30):
        hub.import_finding(finding(number))
    send(around, 1)
    for number in range(30):
        set_status(hub, number, "PASSED")
    due = FIRST_DAY.replace(day=25)
    around.send_digest({"scheduled_time": due.isoformat()}, seconds_left=120)
    text = as_text(around.posted[1].payload())
    assert "20 passed" in text
    assert "10 could not be looked up" in text
    assert send(around, 3).comparison.left == {Fate.PASSED: 10}


# ---- the alert queue


def test_an_end_that_the_queue_did_not_take_is_passed_on_by_the_next_digest(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    set_status(hub, 1, "PASSED")
    missed = send(around, 2, ALERT_QUEUE_URL=f"{queue}-gone")
    assert statuses(around, 2, RESOLVED) == {"bucket-1": "passed"}
    again = send(around, 3, ALERT_QUEUE_URL=queue)
    assert [one.comparison.resolved for one in (missed, again) if one.comparison] == [1, 0]
    assert names(queued(around, queue)) == ["bucket-1"]
    send(around, 4)
    assert queued(around, queue) == []


def test_without_a_queue_nothing_is_passed_on(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    set_status(hub, 1, "PASSED")
    send(around, 2, ALERT_QUEUE_URL="")
    assert statuses(around, 2, RESOLVED) == {"bucket-1": "passed"}


@pytest.mark.parametrize(("status", "word"), [("PASSED", "Resolved"), ("SUPPRESSED", "Suppressed")])
def test_a_closing_that_the_events_missed_is_shown_after_the_next_digest(
    around: Surroundings, hub: RecordingHub, queue: str, status: str, word: str
) -> None:
    around.deliver(opened(1))
    announcement = around.posted[0]
    hub.import_finding(finding(1))
    send(around, 1)
    if status == "PASSED":
        set_status(hub, 1, status, at="2026-11-24T10:00:00Z")
    else:
        set_workflow(hub, 1, status)
    send(around, 2)
    (found,) = queued(around, queue)
    assert found["detail-type"] == "Security Hub Findings - Imported"
    assert around.deliver(found, found) == []
    (reply,) = around.slack.replies(announcement.ts)
    assert word in reply.text
    assert around.metrics["AlertClosed"] == 1
    (line,) = (line for line in around.log if line["message"] == "close")
    assert line["source"] == "digest"
    around.deliver(event(finding(2)))
    assert "source" not in around.log[-1]


def test_what_ended_before_a_digest_found_it_stays_as_it_ended(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    around.deliver(opened(1))
    hub.import_finding(finding(1))
    send(around, 1)
    set_workflow(hub, 1, "SUPPRESSED")
    suppressed = finding(1, **{"Workflow.Status": "SUPPRESSED"})
    around.deliver(event(suppressed, time="2026-11-24T09:00:00Z"))
    send(around, 2)
    around.deliver(*queued(around, queue))
    # Somebody has undone it before the digest asked, and its event comes late.
    around.deliver(event(finding(1), time="2026-11-24T09:30:00Z"))
    assert len(around.posted) == 4
    assert "reopened" in around.posted[-1].text


def test_what_was_never_announced_stays_so(around: Surroundings, hub: RecordingHub, queue: str) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    hub.import_finding(finding(1, RecordState="ARCHIVED"))
    send(around, 2)
    around.deliver(*queued(around, queue))
    assert around.table.get(f"111122223333/S3.8/{finding(1)['Resources'][0]['Id']}") == {}


# ---- an empty list


def test_only_where_nothing_is_suppressed_or_undecided_every_selected_control_passes(
    around: Surroundings, hub: RecordingHub
) -> None:
    hub.import_finding(finding(1))
    set_status(hub, 1, "PASSED")
    send(around, 1)
    assert "no open violations on 2026-11-24. Every selected control passes." in shown(around, 1)
    assert [each["MaxResults"] for each in hub.queries] == [100, 100, 1]
    for day, (change, sentence) in enumerate(
        (
            (lambda: set_workflow(hub, 2, "SUPPRESSED"), "Some violations are suppressed"),
            (lambda: set_workflow(hub, 2, "RESOLVED"), "Some violations are suppressed, or were resolved by hand"),
            (lambda: set_status(hub, 2, "WARNING"), "Some checks could not be carried out"),
        ),
        start=2,
    ):
        hub.import_finding(finding(2))
        change()
        send(around, day)
        assert "no open violations" in shown(around, day)
        assert "passes." not in shown(around, day)
        assert sentence in shown(around, day)


@pytest.mark.parametrize("controls", ["IAM.*", "IAM.*,*2"])
def test_what_nobody_selected_keeps_no_control_from_passing(
    around: Surroundings, hub: RecordingHub, controls: str
) -> None:
    hub.import_finding(finding(1))
    set_workflow(hub, 1, "SUPPRESSED")
    send(around, 1, TARGET_CONTROL_IDS=controls)
    assert "Every selected control passes" in shown(around, 1)


def test_whether_every_control_passes_is_not_claimed_where_nobody_could_ask(
    around: Surroundings, hub: RecordingHub
) -> None:
    hub.fail_next(1, 403, "AccessDeniedException", after=1)
    send(around, 1)
    assert "no open violations" in shown(around, 1)
    assert "Whether all selected controls pass is not known." in shown(around, 1)


def test_a_digest_of_the_release_before_is_compared_with(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    key = "digests/2026/11/24/0000Z/memory.jsonl.gz"
    s3 = around.client("s3")
    text = gzip.decompress(s3.get_object(Bucket=around.name, Key=key)["Body"].read())
    s3.put_object(Bucket=around.name, Key=key, Body=gzip.compress(text.replace(b'"schema": 2', b'"schema": 1')))
    set_status(hub, 1, "PASSED")
    summary = send(around, 2)
    assert summary.comparison
    assert (summary.comparison.resolved, summary.archive_problems) == (1, ())


def test_a_digest_on_this_machine_passes_nothing_on(
    around: Surroundings, hub: RecordingHub, queue: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(local.digest, "lambda_settings", lambda _: nullcontext(around))
    monkeypatch.setattr(local.digest, "BUCKET", around.name)
    monkeypatch.setenv("ENVIRONMENT_NAME", "here")
    hub.import_finding(finding(1))
    for day in (1, 2):
        client = local.digest._session().client("securityhub")
        folder = local.digest._run(client, tmp_path, "here", FIRST_DAY.replace(day=23 + day))
        set_status(hub, 1, "PASSED")
    assert (folder / RESOLVED).exists()
    assert queued(around, queue) == []


# ---- what is gone for good


def item_of(around: Surroundings, number: int) -> dict[str, Any]:
    return around.table.get(f"{ACCOUNT}/S3.8/arn:aws:s3:::bucket-{number}")


@pytest.mark.parametrize("workflow", ["NEW", "NOTIFIED"])
def test_an_announced_violation_that_is_gone_for_good_is_closed_and_forgotten(
    around: Surroundings, hub: RecordingHub, queue: str, workflow: str
) -> None:
    around.deliver(opened(1), opened(2))
    for number in (1, 2):
        hub.import_finding(finding(number, **{"Workflow.Status": workflow}))
    send(around, 1)
    hub.forget(finding(1)["Id"])
    send(around, 2)
    send(around, 91)
    assert queued(around, queue) == []
    send(around, 92)
    [message] = queued(around, queue)
    assert around.deliver(message) == []
    text = as_text(around.posted[0].payload())
    assert "No longer visible · HIGH" in text
    assert "Security Hub has shown no finding of it for 90 days" in text
    assert around.slack.replies(around.posted[0].ts)[0].text.startswith(":grey_question: *No longer visible* after")
    assert "expires_at" in item_of(around, 1)
    assert "expires_at" not in item_of(around, 2)
    send(around, 93)
    assert queued(around, queue) == []
    assert around.deliver(message, opened(1)) == []  # once more, and an event that was sent before
    assert "No longer visible" in as_text(around.posted[0].payload())
    around.deliver(event(finding(1), time=f"{datetime.now(UTC) + timedelta(seconds=2):%Y-%m-%dT%H:%M:%SZ}"))
    assert "HIGH · Reopened" in as_text(around.posted[-1].payload())
    assert "expires_at" not in item_of(around, 1)


def test_a_member_of_a_burst_that_is_gone_for_good_is_forgotten_too(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    around.set(BURST_LIMIT="1")
    for number in (1, 2, 3):
        hub.import_finding(finding(number))
        around.deliver(opened(number))
    send(around, 1)
    hub.forget(finding(3)["Id"])
    for day in (2, 92):
        queued(around, queue)
        send(around, day)
    around.deliver(*queued(around, queue))
    assert "content" in item_of(around, 3)
    assert "expires_at" in item_of(around, 3)
    assert "expires_at" not in item_of(around, 2)


def test_what_is_visible_but_not_listed_is_not_gone_until_it_has_been_out_of_sight_for_90_days(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    around.deliver(opened(1))
    hub.import_finding(finding(1))
    send(around, 1)
    set_status(hub, 1, "WARNING")
    for day in (2, 60):
        send(around, day)
    hub.forget(finding(1)["Id"])
    for day in (80, 120):
        send(around, day)
    assert queued(around, queue) == []
    send(around, 170)
    assert [message["shirase"] for message in queued(around, queue)] == ["no longer visible"]


def test_what_the_queue_did_not_take_is_passed_on_by_the_next_digest(
    around: Surroundings, hub: RecordingHub, queue: str
) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    hub.forget(finding(1)["Id"])
    send(around, 2)
    send(around, 92, ALERT_QUEUE_URL=f"{queue}-missing")
    send(around, 93, ALERT_QUEUE_URL=queue)
    assert len(queued(around, queue)) == 1
    send(around, 94)
    assert queued(around, queue) == []

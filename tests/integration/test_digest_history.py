"""What a digest says about the days before it, and what becomes of it when the archive is damaged."""

import csv
import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import shared.aws.scan
from local.digest import Bucket
from shared.aws.archive import Archive
from shared.digest.fate import Fate
from shared.digest.status import Change
from shared.digest.summary import ArchiveProblem, Summary
from shared.errors import ArchiveFault
from shared.view.english import ENGLISH
from tests.bench.bare import record
from tests.findings import finding
from tests.integration.surroundings import RecordingHub, Surroundings

FIRST_DAY = datetime(2026, 11, 24, tzinfo=UTC)


def send(around: Surroundings, day: int, **setting: str) -> Summary:
    """Send the digest of a day, the first being 1; what the archive then says of it."""
    around.set(**setting)
    due = FIRST_DAY + timedelta(days=day - 1)
    around.send_digest({"scheduled_time": due.isoformat()})
    return Archive(around.client("s3"), around.name).summary(due)


def folder(day: int) -> str:
    return f"digests/{FIRST_DAY + timedelta(days=day - 1):%Y/%m/%d/%H%M}Z"


def statuses(around: Surroundings, day: int, name: str = "open-violations.csv") -> dict[str, str]:
    """The status of each resource in a file of a day's digest."""
    rows = csv.DictReader(io.StringIO(content(around, f"{folder(day)}/{name}").decode("utf-8-sig"), newline=""))
    return {row["Resource ID"].removeprefix("arn:aws:s3:::"): row["Status"] for row in rows}


def content(around: Surroundings, key: str) -> bytes:
    body: bytes = around.client("s3").get_object(Bucket=around.name, Key=key)["Body"].read()
    return body


def put(around: Surroundings, key: str, body: bytes) -> None:
    around.client("s3").put_object(Bucket=around.name, Key=key, Body=body)


def names_of_files(around: Surroundings) -> list[list[str]]:
    """The files of each digest in Slack."""
    return [
        [file.name for reply in around.slack.replies(message.ts) for file in reply.files] for message in around.posted
    ]


def set_status(hub: RecordingHub, number: int, status: str, at: str | None = None) -> None:
    """Let a check of a bucket's finding come to another result, with the time at which it changed."""
    found = finding(number)
    changes = {"FirstObservedAt": at} if at else {}
    hub.import_finding({**found, "Compliance": {**found["Compliance"], "Status": status}, **changes})


def test_the_first_digest_compares_with_nothing(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    summary = send(around, 1)
    assert (summary.comparison, summary.archive_problems) == (None, ())
    assert statuses(around, 1) == {"bucket-1": ""}
    assert [point.total for point in summary.trend] == [1]


def test_a_digest_tells_what_is_new_open_and_resolved(around: Surroundings, hub: RecordingHub) -> None:
    for number in (1, 2):
        hub.import_finding(finding(number))
    send(around, 1)
    set_status(hub, 2, "PASSED")
    hub.import_finding(finding(3))
    summary = send(around, 2)
    assert summary.comparison
    assert (summary.comparison.since, summary.comparison.new, summary.comparison.resolved) == (FIRST_DAY, 1, 1)
    assert statuses(around, 2) == {"bucket-1": "open", "bucket-3": "new"}
    assert statuses(around, 2, "resolved-violations.csv") == {"bucket-2": "passed"}
    assert names_of_files(around)[1] == [
        "open-violations-111122223333-2026-11-25.csv",
        "resolved-violations-111122223333-2026-11-25.csv",
    ]
    assert [point.total for point in summary.trend] == [2, 2]


def test_both_files_are_delimited_as_asked_and_open_as_they_are_written(
    around: Surroundings, hub: RecordingHub
) -> None:
    bucket = {"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::dec-2024"}
    hub.import_finding(finding(1, AwsAccountId="123456789012", Resources=[bucket]))
    hub.import_finding(finding(2))
    send(around, 1, CSV_DELIMITER=";")
    set_status(hub, 2, "PASSED")
    send(around, 2)
    read = {}
    for name in ("open", "resolved"):
        text = content(around, f"{folder(2)}/{name}-violations.csv").decode("utf-8-sig")
        (read[name],) = csv.DictReader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    assert (read["open"]["Resource"], read["open"]["Account ID"]) == ("\tdec-2024", "\t123456789012")
    assert (read["open"]["Days open"].isdecimal(), read["open"]["Resource ID"]) == (True, "arn:aws:s3:::dec-2024")
    assert read["resolved"]["Status"] == "passed"


def test_when_nothing_is_left_the_resolved_ones_are_still_listed(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    set_status(hub, 1, "PASSED")
    summary = send(around, 2)
    assert (summary.total, summary.comparison and summary.comparison.resolved) == (0, 1)
    assert names_of_files(around)[1] == ["resolved-violations-111122223333-2026-11-25.csv"]


@pytest.mark.parametrize("seen_as_gone", [True, False])
def test_what_was_gone_in_between_is_reopened(around: Surroundings, hub: RecordingHub, seen_as_gone: bool) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    set_status(hub, 1, "PASSED", at="2026-11-24T10:00:00Z")
    if seen_as_gone:
        assert send(around, 2).total == 0
        send(around, 3)
    set_status(hub, 1, "FAILED", at="2026-11-24T11:00:00Z")
    summary = send(around, 4)
    assert summary.comparison
    assert (summary.comparison.new, summary.comparison.reopened) == (0, 1)
    assert statuses(around, 4) == {"bucket-1": "reopened"}
    send(around, 5)
    assert statuses(around, 5) == {"bucket-1": "open"}


def test_what_was_gone_for_longer_than_an_alert_is_remembered_is_new(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    set_status(hub, 1, "PASSED")
    send(around, 2)
    send(around, 100)
    set_status(hub, 1, "FAILED")
    send(around, 101)
    assert statuses(around, 101) == {"bucket-1": "new"}


def test_what_is_no_longer_asked_for_is_not_resolved(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    hub.import_finding(finding(2, Severity={"Label": "LOW"}))
    send(around, 1)
    summary = send(around, 2, MIN_SEVERITY="MEDIUM")
    assert summary.comparison
    assert (summary.comparison.new, summary.comparison.resolved) == (0, 0)
    assert len(names_of_files(around)[1]) == 1


def test_japanese_readers_read_the_status_in_japanese(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    send(around, 2, MESSAGE_LANGUAGE="ja")
    text = content(around, f"{folder(2)}/open-violations.csv").decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["状態"] == "継続"


def test_the_owner_is_the_resources_own(around: Surroundings, hub: RecordingHub) -> None:
    resource = {**finding(1)["Resources"][0], "Tags": {"Team": "web", "Owner": "alice@example.com"}}
    hub.import_finding(finding(1, Resources=[resource]))
    send(around, 1)
    text = content(around, f"{folder(1)}/open-violations.csv").decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["Owner"] == "alice@example.com"


def test_two_days_files_differ_in_what_changed_alone(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(20):
        hub.import_finding(finding(number))
    send(around, 1)
    send(around, 2)
    for number in reversed(range(20)):
        hub.import_finding(finding(number, Title="S3 general purpose buckets should block public access"))
    send(around, 3)
    second, third = (list(statuses(around, day)) for day in (2, 3))
    assert second == third


def test_a_summary_has_the_controls_and_accounts_with_the_most_and_what_is_open_longest(
    around: Surroundings, hub: RecordingHub
) -> None:
    for number in range(3):
        hub.import_finding(finding(number))
    hub.import_finding(finding(3, AwsAccountId="999988887777", FirstObservedAt="2020-01-01T00:00:00Z"))
    summary = send(around, 1)
    assert [(one.control_id, one.count) for one in summary.controls] == [("S3.8", 4)]
    assert [one.count for one in summary.accounts] == [3, 1]
    assert (summary.control_count, summary.account_count) == (1, 2)
    assert summary.longest_open[0].resource_name == "bucket-3"
    assert summary.longest_open[0].since == datetime(2020, 1, 1, tzinfo=UTC)


def test_the_trend_has_the_last_thirty_digests(around: Surroundings, hub: RecordingHub) -> None:
    send(around, 1)
    first = content(around, f"{folder(1)}/summary.json")
    for day in range(2, 31):
        again = first.replace(b"2026-11-24T", f"{FIRST_DAY + timedelta(days=day - 1):%Y-%m-%dT}".encode())
        put(around, f"{folder(day)}/summary.json", again)
    for day in range(31, 35):
        hub.import_finding(finding(day))
        summary = send(around, day)
    assert [point.total for point in summary.trend] == [0] * 26 + [1, 2, 3, 4]
    assert summary.trend[-1].scheduled_time == summary.scheduled_time


def test_thirteen_months_are_looked_back_with_two_listings_and_one_where_the_last_two_suffice(
    around: Surroundings,
) -> None:
    archive = Archive(around.client("s3"), around.name)
    dates = ("2025/10/31", "2025/11/01", "2026/09/30", "2026/10/01", "2026/11/10", "2026/12/01")
    for date in dates:
        put(around, f"digests/{date}/0000Z/summary.json", b"")

    def found(count: int) -> list[str]:
        return [f"{digest.scheduled_time:%Y/%m/%d}" for digest in archive.past(FIRST_DAY, count)[0]]

    assert found(29) == list(reversed(dates[1:5]))
    assert found(2) == list(reversed(dates[3:5]))
    assert len(record(lambda: found(29))) == 2
    assert len(record(lambda: found(2))) == 1


# ---- incomplete digests


def cut_short(around: Surroundings, hub: RecordingHub, day: int, monkeypatch: pytest.MonkeyPatch) -> Summary:
    """Send a digest whose scan breaks off after its first page."""
    with monkeypatch.context() as impatient:
        impatient.setattr(shared.aws.scan, "SECONDS_BETWEEN_REQUESTS", 0)
        hub.fail_next(1, 403, "AccessDeniedException", after=1)
        return send(around, day)


def test_after_an_incomplete_digest_only_what_is_new_is_new(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(130):
        hub.import_finding(finding(number))
    send(around, 1)
    incomplete = cut_short(around, hub, 2, monkeypatch)
    assert incomplete.comparison
    assert (incomplete.total, incomplete.comparison.new, incomplete.comparison.resolved) == (100, 0, None)
    assert len(names_of_files(around)[1]) == 1
    set_status(hub, 129, "PASSED")
    hub.import_finding(finding(500))
    whole = send(around, 3)
    assert whole.comparison
    assert (whole.comparison.new, whole.comparison.reopened, whole.comparison.resolved) == (1, 0, 1)
    assert [point.total for point in whole.trend] == [130, 130]


def test_a_first_digest_that_is_incomplete_is_no_base_for_a_comparison(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(130):
        hub.import_finding(finding(number))
    cut_short(around, hub, 1, monkeypatch)
    second = send(around, 2)
    assert second.comparison is None
    assert second.archive_problems == (ArchiveProblem(fault=ArchiveFault.INCOMPLETE, subject="2026-11-24"),)
    assert sorted(set(statuses(around, 2).values())) == ["", "open"]
    third = send(around, 3)
    assert third.comparison
    assert (third.comparison.new, third.comparison.resolved) == (0, 0)


def test_what_a_finding_that_cannot_be_read_was_is_not_called_resolved(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    hub.import_finding(finding(1, Resources=[{"Type": "AwsS3Bucket"}]))
    summary = send(around, 2)
    assert summary.comparison
    assert (summary.comparison.resolved, summary.comparison.left) == (0, {Fate.UNVERIFIED: 1})


# ---- a damaged archive


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("summary.json", b"{"),
        ("summary.json", b'{"schema": 99}'),
        ("summary.json", b'{"schema": 1}'),
        ("summary.json", b"[1, 2]"),
        ("summary.json", b"\xff\xfe"),
        ("memory.jsonl.gz", b"no gzip"),
        ("memory.jsonl.gz", b""),
        ("memory.jsonl.gz", gzip.compress(b'{"schema": 1, "lists_all": true}\n' + b"x" * 5000, mtime=0)),
        ("memory.jsonl.gz", gzip.compress(b'{"schema": 1, "lists_all": true}\n{"gone": "x"}\n', mtime=0)),
        ("memory.jsonl.gz", gzip.compress(b'{"schema": 7}\n', mtime=0)),
        ("memory.jsonl.gz", None),
    ],
    ids=str,
)
def test_a_broken_object_is_told_and_the_digest_goes_out(
    around: Surroundings, hub: RecordingHub, name: str, body: bytes | None
) -> None:
    for number in (1, 2):
        hub.import_finding(finding(number))
    send(around, 1)
    key = f"{folder(1)}/{name}"
    put(around, key, body if body is not None else content(around, key)[:-20])
    summary = send(around, 2)
    assert [problem for problem in summary.archive_problems if problem.subject == key]
    assert (summary.comparison is None) == (name == "memory.jsonl.gz")
    assert summary.total == 2
    assert any(line["message"] == "archive problem" and key in line["why"] for line in around.log)


def test_an_older_digest_stands_in_for_a_lost_one(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    hub.import_finding(finding(2))
    send(around, 2)
    around.client("s3").delete_object(Bucket=around.name, Key=f"{folder(2)}/memory.jsonl.gz")
    summary = send(around, 3)
    assert summary.comparison
    assert (summary.comparison.since, summary.comparison.new) == (FIRST_DAY, 1)
    assert summary.archive_problems == (
        ArchiveProblem(fault=ArchiveFault.MISSING, subject=f"{folder(2)}/memory.jsonl.gz"),
    )


def test_foreign_objects_are_told_and_left_alone(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    foreign = [
        "digests/2026/11/notes.txt",
        "digests/2026/11/24/0000Z/backup.csv",
        "digests/2026/11/99/0000Z/summary.json",
    ]
    for key in foreign:
        put(around, key, b"hello")
    put(around, "elsewhere/notes.txt", b"nobody's business")
    summary = send(around, 2)
    assert summary.comparison
    assert {(problem.fault, problem.subject) for problem in summary.archive_problems} == {
        (ArchiveFault.FOREIGN, key) for key in foreign
    }
    assert content(around, foreign[0]) == b"hello"


def test_the_summary_can_be_read_by_others(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    send(around, 1)
    told: dict[str, Any] = json.loads(content(around, f"{folder(1)}/summary.json"))
    assert told["scheduled_time"] == "2026-11-24T00:00:00+00:00"
    assert (told["counts"], told["total"], told["is_whole"]) == ({"HIGH": 1}, 1, True)


def test_every_status_has_a_word() -> None:
    assert set(ENGLISH.change_words) == set(Change)


def test_only_a_digests_own_files_are_fetched_and_stay_in_their_folder(
    around: Surroundings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(around, f"{folder(1)}/summary.json", b"{}")
    for name in ("../../../../../../escaped", "/absolute", "sub/open-violations.csv", "\x1b[2J", "evil.sh", ""):
        put(around, f"{folder(1)}/{name}", b"gotcha")
    home = tmp_path / "a" / "b"
    Bucket(around.client("s3"), around.name).fetch(FIRST_DAY, home)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [home / folder(1) / "summary.json"]
    told = capsys.readouterr().err
    assert "evil.sh in the archive bucket is none of a digest's files" in told
    assert "\x1b" not in told


# ---- over several invocations


def go_on(around: Surroundings, seconds_left: float) -> list[dict[str, Any]]:
    """Invoke as the state machine does, until the digest is out; all answers."""
    answers = [around.send_digest({"scheduled_time": FIRST_DAY.isoformat(), "part": 0}, seconds_left=seconds_left)]
    while "next" in answers[-1]:
        answers.append(around.send_digest(answers[-1]["next"], seconds_left=seconds_left))
    return answers


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.aws.scan, "SECONDS_BETWEEN_REQUESTS", 0)


@pytest.mark.usefixtures("fast")
def test_a_scan_that_one_invocation_is_too_short_for_goes_on_in_the_next(
    around: Surroundings, hub: RecordingHub
) -> None:
    around.set(TARGET_CONTROL_IDS="S3.8,IAM.*," + ",".join(f"EC2.{number}" for number in range(1, 30)))
    for number in range(350):
        hub.import_finding(finding(number))
    hub.import_finding(finding(350, Resources=[{"Type": "AwsS3Bucket"}]))
    answers = go_on(around, seconds_left=120)
    assert [answer["next"]["part"] for answer in answers[:-1]] == [1, 2, 3, 4, 5]
    assert answers[-1] == {"open_violations": 350, "unreadable": 1}
    assert len(around.posted) == 1
    assert around.metrics == {"DigestPosted": 1}
    assert len(statuses(around, 1)) == 350
    assert len(hub.list_queries) == 5


@pytest.mark.usefixtures("fast")
def test_a_part_that_is_tried_again_reads_on_from_the_same_place(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(250):
        hub.import_finding(finding(number))
    first = around.send_digest({"scheduled_time": FIRST_DAY.isoformat(), "part": 0}, seconds_left=120)
    tries = [around.send_digest(first["next"], seconds_left=120) for _ in range(2)]
    assert tries[0] == tries[1]
    assert around.send_digest(tries[1]["next"]) == {"open_violations": 250, "unreadable": 0}
    assert len(statuses(around, 1)) == 250


@pytest.mark.usefixtures("fast")
def test_a_query_whose_place_security_hub_no_longer_knows_begins_anew_once(
    around: Surroundings, hub: RecordingHub
) -> None:
    hub.import_finding(finding(0, Resources=[{"Type": "AwsS3Bucket"}]))
    for number in range(1, 251):
        hub.import_finding(finding(number))
    first = around.send_digest({"scheduled_time": FIRST_DAY.isoformat(), "part": 0}, seconds_left=120)
    hub.fail_next(1, 400, "InvalidInputException")
    assert around.send_digest(first["next"]) == {"open_violations": 250, "unreadable": 1}
    assert "incomplete" not in around.posted[0].text
    assert len(statuses(around, 1)) == 250
    assert [line["message"] for line in around.log if line["level"] == "WARNING"] == ["digest query begun anew"]


@pytest.mark.usefixtures("fast")
def test_a_place_that_security_hub_does_not_know_twice_is_told_as_an_incomplete_list(
    around: Surroundings, hub: RecordingHub
) -> None:
    for number in range(250):
        hub.import_finding(finding(number))
    first = around.send_digest({"scheduled_time": FIRST_DAY.isoformat(), "part": 0}, seconds_left=120)
    hub.fail_next(1, 400, "InvalidInputException")
    second = around.send_digest(first["next"], seconds_left=120)
    hub.fail_next(1, 400, "InvalidInputException")
    assert around.send_digest(second["next"]) == {"open_violations": 100, "unreadable": 0}
    assert "This list is incomplete." in around.posted[0].text
    assert "InvalidInputException" in around.posted[0].text


@pytest.mark.usefixtures("fast")
def test_settings_that_changed_in_between_begin_the_scan_anew(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(150):
        hub.import_finding(finding(number, Severity={"Label": "LOW" if number % 2 else "HIGH"}))
    first = around.send_digest({"scheduled_time": FIRST_DAY.isoformat(), "part": 0}, seconds_left=120)
    around.set(MIN_SEVERITY="HIGH")
    assert around.send_digest(first["next"]) == {"open_violations": 75, "unreadable": 0}


@pytest.mark.usefixtures("fast")
def test_without_a_state_machine_a_short_invocation_sends_what_it_has(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(150):
        hub.import_finding(finding(number))
    answer = around.send_digest({"scheduled_time": FIRST_DAY.isoformat()}, seconds_left=120)
    assert answer == {"open_violations": 100, "unreadable": 0}
    assert "This list is incomplete." in around.posted[0].text

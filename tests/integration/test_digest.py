"""The digest function, from the findings in Security Hub to the file people open."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

import shared.aws.scan
import shared.pipeline.delivery
from local.slack.records import File, Message
from local.terminal import as_text
from shared.app import build_app
from shared.aws.digest_record import LEASE, DigestClaim, DigestRecord
from shared.digest.summary import Summary, TrendPoint
from shared.errors import ClaimHeldError, ConfigurationError, MalformedEventError, MessageRejectedError, SlackError
from shared.pipeline.gathering import SECONDS_TO_SEND
from shared.view.english import ENGLISH
from tests.findings import finding, sample
from tests.integration.surroundings import TOKEN, RecordingHub, Surroundings

MORNING = "2026-11-24T00:00:00Z"
DUE = {"scheduled_time": MORNING}
NEXT = {"scheduled_time": "2026-11-25T00:00:00Z"}
UNCONSOLIDATED = ("ebs_encryption_unconsolidated_fsbp", "ebs_encryption_unconsolidated_cis5")

Row = dict[str, str]


def rows(message: Message) -> list[Row]:
    """The CSV's rows, each by the headers' names."""
    return list(csv.DictReader(io.StringIO(text(message), newline="")))


def text(message: Message) -> str:
    file = message.files[0]
    assert file.content
    return file.content.decode("utf-8-sig")


def resources(message: Message) -> list[str]:
    return [row["Resource ID"].removeprefix("arn:aws:s3:::") for row in rows(message)]


def only_message(around: Surroundings) -> Message:
    (message,) = digests(around)
    return message


def digests(around: Surroundings) -> list[Message]:
    """The channel's messages, each with the files of its thread."""
    return [replace(message, files=_files(around, message)) for message in around.posted]


def _files(around: Surroundings, message: Message) -> tuple[File, ...]:
    return tuple(file for reply in around.slack.replies(message.ts) for file in reply.files)


def shown(message: Message) -> str:
    return as_text(message.payload())


def set_workflow(hub: RecordingHub, stored: dict[str, Any], status: str) -> None:
    identifier = {"Id": stored["Id"], "ProductArn": stored["ProductArn"]}
    hub.batch_update_findings({"FindingIdentifiers": [identifier], "Workflow": {"Status": status}})


def control(number: int, control_id: str) -> dict[str, Any]:
    """A finding of bucket `number` that another control reports."""
    found = finding(number)
    return {**found, "Compliance": {**found["Compliance"], "SecurityControlId": control_id}}


def archived_objects(around: Surroundings) -> dict[str, bytes]:
    s3 = around.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=around.name).get("Contents", [])]
    return {key: s3.get_object(Bucket=around.name, Key=key)["Body"].read() for key in keys}


def test_open_violations_arrive_as_one_message_with_a_file(around: Surroundings, hub: RecordingHub) -> None:
    for number in (1, 2, 3):
        hub.import_finding(finding(number))
    assert around.send_digest(DUE) == {"open_violations": 3, "unreadable": 0}
    message = only_message(around)
    assert "3 open violations on 2026-11-24" in shown(message)
    assert "🔴 HIGH 3" in shown(message)
    assert resources(message) == ["bucket-1", "bucket-2", "bucket-3"]
    assert message.files[0].name == "open-violations-111122223333-2026-11-24.csv"
    assert around.metrics == {"DigestPosted": 1}


def test_japanese_readers_get_japanese_headers_that_excel_can_read(around: Surroundings, hub: RecordingHub) -> None:
    around.set(MESSAGE_LANGUAGE="ja")
    hub.import_finding(sample("japanese_text")["detail"]["findings"][0])
    around.send_digest(DUE)
    message = only_message(around)
    content = message.files[0].content or b""
    assert content.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(text(message), newline=""))
    assert header[:4] == ["リソース名", "違反事項", "コントロールID", "重要度"]
    assert row[2:4] == ["RDS.3", "MEDIUM"]
    assert "未解決の違反は 1 件です" in shown(message)


def with_trend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let digests know of two earlier ones, without an archive that tells them."""
    at = datetime.fromisoformat(MORNING)
    known = tuple(TrendPoint(scheduled_time=at - timedelta(days=day), total=day) for day in (2, 1))
    real = shared.pipeline.delivery.render_digest

    def render(summary: Summary, *others: Any, **options: Any) -> Any:
        return real(replace(summary, trend=known), *others, **options)

    monkeypatch.setattr(shared.pipeline.delivery, "render_digest", render)


def test_a_digest_shows_its_trend_as_a_chart(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_trend(monkeypatch)
    hub.import_finding(finding(1))
    around.send_digest(DUE)
    assert "Open violations, 2026-11-22 to 2026-11-23" in shown(only_message(around))
    assert [line for line in around.log if line["level"] != "INFO"] == []


def test_where_slack_has_no_charts_yet_the_trend_is_a_line(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_trend(monkeypatch)
    monkeypatch.setattr(around.slack, "unknown_blocks", frozenset({"data_visualization"}))
    hub.import_finding(finding(1))
    assert around.send_digest(DUE) == {"open_violations": 1, "unreadable": 0}
    assert "Trend  2 (2026-11-22)  `█▄`  1 (2026-11-23)" in shown(only_message(around))
    assert resources(only_message(around)) == ["bucket-1"]
    (warning,) = (line for line in around.log if line["level"] == "WARNING")
    assert (warning["message"], "unsupported type: data_visualization" in warning["why"]) == ("form refused", True)


def test_a_digest_that_slack_refuses_in_every_form_fails(around: Surroundings, hub: RecordingHub) -> None:
    around.slack.refuse("chat.postMessage", "invalid_blocks")
    with pytest.raises(MessageRejectedError):
        around.send_digest(DUE)


def test_only_what_is_open_is_listed(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(1, 7):
        hub.import_finding(finding(number))
    hub.import_finding({**finding(2), "Compliance": {**finding(2)["Compliance"], "Status": "PASSED"}})
    hub.import_finding({**finding(3), "RecordState": "ARCHIVED"})
    set_workflow(hub, finding(4), "SUPPRESSED")
    set_workflow(hub, finding(5), "RESOLVED")
    set_workflow(hub, finding(6), "NOTIFIED")
    around.send_digest(DUE)
    message = only_message(around)
    assert resources(message) == ["bucket-1", "bucket-6"]
    assert [row["Workflow status"] for row in rows(message)] == ["NEW", "NOTIFIED"]


def test_findings_of_other_products_are_not_listed(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    hub.import_finding(sample("custom_product_finding")["detail"]["findings"][0])
    around.send_digest(DUE)
    assert resources(only_message(around)) == ["bucket-1"]


def test_hundreds_of_violations_are_complete_and_asked_for_at_the_pace_security_hub_allows(
    around: Surroundings, hub: RecordingHub
) -> None:
    for number in range(250):
        hub.import_finding(finding(number))
    around.send_digest(DUE)
    message = only_message(around)
    assert sorted(resources(message)) == sorted(f"bucket-{number}" for number in range(250))
    assert "250 open violations" in shown(message)
    first, _, last, _ = hub.asked_at
    assert last - first > timedelta(seconds=0.5)  # what a slow answer took too long may be made up for


def test_many_control_ids_are_asked_for_in_portions_without_listing_anything_twice(
    around: Surroundings, hub: RecordingHub
) -> None:
    wanted = [f"S3.{number}" for number in range(1, 46)]
    around.set(TARGET_CONTROL_IDS=",".join(wanted))
    for number in range(1, 61):
        hub.import_finding(control(number, f"S3.{number}"))
    around.send_digest(DUE)
    assert sorted(row["Control ID"] for row in rows(only_message(around))) == sorted(wanted)
    portions = [query["Filters"]["ComplianceSecurityControlId"] for query in hub.list_queries]
    assert [len(portion) for portion in portions] == [20, 20, 5]


@pytest.mark.parametrize("ids", ["S3.*,S3.8,s3.8", "s3.8", "*.8", "S*", "*", "S3.8,*"])
def test_overlapping_control_ids_list_a_violation_once(around: Surroundings, hub: RecordingHub, ids: str) -> None:
    around.set(TARGET_CONTROL_IDS=ids)
    hub.import_finding(finding(1))
    hub.import_finding(control(2, "IAM.4"))
    around.send_digest(DUE)
    assert resources(only_message(around)).count("bucket-1") == 1
    assert resources(only_message(around)).count("bucket-2") == int("*" in ids.split(","))


def test_only_the_severities_asked_for_are_listed(around: Surroundings, hub: RecordingHub) -> None:
    around.set(MIN_SEVERITY="HIGH")
    for number, severity in enumerate(["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]):
        hub.import_finding(finding(number, Severity={"Label": severity}))
    around.send_digest(DUE)
    assert [row["Severity"] for row in rows(only_message(around))] == ["CRITICAL", "HIGH"]


def test_what_was_lowered_below_the_lowest_severity_stays_listed_where_that_is_asked_for(
    around: Surroundings, hub: RecordingHub
) -> None:
    around.set(MIN_SEVERITY="HIGH", HONOR_LOWERED_SEVERITY="false")
    found = [hub.import_finding(finding(number)) for number in range(2)]
    hub.import_finding(finding(3, Severity={"Label": "LOW"}))
    lowered = {"Id": found[1]["Id"], "ProductArn": found[1]["ProductArn"]}
    hub.batch_update_findings({"FindingIdentifiers": [lowered], "Severity": {"Label": "LOW"}})
    assert around.send_digest(DUE)["open_violations"] == 2
    assert [row["Severity"] for row in rows(only_message(around))] == ["HIGH", "LOW"]


def test_a_violation_of_two_standards_is_one_row_with_both(around: Surroundings, hub: RecordingHub) -> None:
    standards = []
    for name in UNCONSOLIDATED:
        (found,) = sample(name)["detail"]["findings"]
        hub.import_finding(found)
        standards += found["Compliance"]["AssociatedStandards"]
    assert len({standard["StandardsId"] for standard in standards}) == 2
    assert around.send_digest(DUE)["open_violations"] == 1
    (row,) = rows(only_message(around))
    assert row["Standards"] == "AWS Foundational Security Best Practices v1.0.0; CIS AWS Foundations Benchmark v5.0.0"


def test_an_account_without_violations_gets_a_message_without_a_file(around: Surroundings, hub: RecordingHub) -> None:
    assert around.send_digest(DUE) == {"open_violations": 0, "unreadable": 0}
    message = only_message(around)
    assert "no open violations on 2026-11-24" in shown(message)
    assert message.files == ()
    assert around.metrics == {"DigestPosted": 1}


@pytest.mark.parametrize(
    "wrong",
    [{}, {"scheduled_time": None}, {"scheduled_time": "tomorrow"}, {"scheduled_time": 1795392000}, [], None],
    ids=str,
)
def test_a_schedule_without_a_readable_time_is_explained(
    around: Surroundings, hub: RecordingHub, wrong: object
) -> None:
    with pytest.raises(MalformedEventError, match=r'not an ISO 8601 time; send \{"scheduled_time": "2026-'):
        around.send_digest(wrong)
    assert around.slack.calls == []
    assert hub.queries == []


def test_the_environment_is_named_after_the_functions_account_unless_it_has_a_name(
    around: Surroundings, hub: RecordingHub
) -> None:
    arn = "arn:aws:lambda:eu-west-1:999988887777:function:shirase-DigestFunction"
    around.send_digest(DUE, arn)
    around.set(ENVIRONMENT_NAME="payments <prod>")
    around.send_digest(NEXT, arn)
    unnamed, named = digests(around)
    assert unnamed.text.startswith("999988887777: ")
    assert named.text.startswith("payments &lt;prod&gt;: ")


def test_days_open_are_counted_to_the_scheduled_time(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1, FirstObservedAt="2020-01-01T12:00:00.000Z"))
    around.send_digest({"scheduled_time": "2020-01-11T13:00:00Z"})
    around.send_digest({"scheduled_time": "2020-01-11T11:00:00Z"})
    assert [rows(message)[0]["Days open"] for message in digests(around)] == ["10", "9"]


def test_the_digest_carries_the_date_of_its_readers(around: Surroundings, hub: RecordingHub) -> None:
    around.send_digest({"scheduled_time": "2026-11-23T22:00:00Z", "time_zone": "Asia/Tokyo"})
    assert "on 2026-11-24" in shown(only_message(around))


def test_a_time_zone_that_nobody_here_knows_is_told_in_the_log(around: Surroundings, hub: RecordingHub) -> None:
    around.send_digest({"scheduled_time": "2026-11-23T22:00:00Z", "time_zone": "Asia/Tokio"})
    assert "on 2026-11-23" in shown(only_message(around))
    assert [line["why"] for line in around.log if line["message"] == "time zone unknown"] == [
        "'Asia/Tokio' is not in this machine's time zone database; the digest carries UTC's date"
    ]


def test_a_digest_that_names_no_time_zone_is_meant_in_utc(around: Surroundings, hub: RecordingHub) -> None:
    around.send_digest({"scheduled_time": "2026-11-23T22:00:00Z"})
    assert "on 2026-11-23" in shown(only_message(around))
    assert [line for line in around.log if line["level"] == "WARNING"] == []


def test_a_digest_is_archived_under_its_scheduled_time_as_it_was_sent(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    around.send_digest({"scheduled_time": "2026-11-23T22:30:00Z", "time_zone": "Asia/Tokyo"})
    sent = only_message(around).files[0].content
    archived = archived_objects(around)
    assert archived["digests/2026/11/23/2230Z/open-violations.csv"] == sent
    assert {key.rpartition("/")[0] for key in archived} == {"digests/2026/11/23/2230Z"}


def test_a_message_that_slack_did_not_take_is_posted_by_the_retry_out_of_the_archive(
    around: Surroundings, hub: RecordingHub
) -> None:
    hub.import_finding(finding(1))
    around.slack.fail_next("chat.postMessage", status=500)
    with pytest.raises(SlackError):
        around.send_digest(DUE)
    assert around.slack.messages == []
    assert around.metrics == {}
    archived = archived_objects(around)
    hub.import_finding(finding(2))
    assert around.send_digest(DUE) == {"open_violations": 1, "unreadable": 0}
    message = only_message(around)
    assert resources(message) == ["bucket-1"]
    assert message.files[0].content == archived["digests/2026/11/24/0000Z/open-violations.csv"]
    assert len(hub.list_queries) == 1
    assert archived_objects(around) == archived


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
def test_files_that_slack_did_not_take_follow_by_the_retry_into_the_thread_of_the_message(
    around: Surroundings, hub: RecordingHub, step: str
) -> None:
    hub.import_finding(finding(1))
    around.slack.fail_next(step, status=500)
    with pytest.raises(SlackError):
        around.send_digest(DUE)
    assert only_message(around).files == ()
    assert around.metrics == {}
    hub.import_finding(finding(2))
    around.send_digest(DUE)
    assert resources(only_message(around)) == ["bucket-1"]
    assert len(hub.list_queries) == 1
    assert around.metrics == {"DigestPosted": 1}
    assert TOKEN not in around.output


def test_a_digest_made_anew_by_hand_is_scanned_anew(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    around.send_digest(DUE)
    around.client("dynamodb").delete_item(TableName=around.name, Key={"violation": {"S": f"digest/{MORNING}"}})
    hub.import_finding(finding(2))
    around.send_digest(DUE)
    assert [resources(message) for message in digests(around)] == [["bucket-1"], ["bucket-1", "bucket-2"]]


def test_a_message_that_arrived_although_slacks_answer_was_lost_is_not_posted_again(
    around: Surroundings, hub: RecordingHub
) -> None:
    hub.import_finding(finding(1))
    around.slack.fail_next("chat.postMessage", drop=True)
    with pytest.raises(SlackError):
        around.send_digest(DUE)
    around.send_digest(DUE)
    assert resources(only_message(around)) == ["bucket-1"]


@pytest.mark.parametrize("lost", ["summary.json", "open-violations.csv"])
def test_a_retry_that_finds_its_archive_incomplete_scans_again(
    around: Surroundings, hub: RecordingHub, lost: str
) -> None:
    hub.import_finding(finding(1))
    around.slack.fail_next("chat.postMessage", status=500)
    with pytest.raises(SlackError):
        around.send_digest(DUE)
    around.client("s3").delete_object(Bucket=around.name, Key=f"digests/2026/11/24/0000Z/{lost}")
    around.send_digest(DUE)
    assert resources(only_message(around)) == ["bucket-1"]
    assert len(hub.list_queries) == 2


def test_an_archive_that_cannot_be_written_holds_no_digest_back_and_is_told(
    around: Surroundings, hub: RecordingHub
) -> None:
    around.set(ARCHIVE_BUCKET="no-such-bucket")
    hub.import_finding(finding(1))
    around.send_digest(DUE)
    assert resources(only_message(around)) == ["bucket-1"]
    assert {line["message"] for line in around.log if line["level"] == "WARNING"} == {"archive problem"}


def test_a_digest_outlives_a_rotated_token(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    around.send_digest(DUE)
    around.slack.token = "xoxb-rotated"
    around.store_secret('{"token": "xoxb-rotated"}')
    around.send_digest(NEXT)
    assert [resources(message) for message in digests(around)] == [["bucket-1"]] * 2


def test_a_digest_without_a_usable_secret_fails_with_an_explanation(around: Surroundings, hub: RecordingHub) -> None:
    around.store_secret("{}")
    with pytest.raises(ConfigurationError, match="has no text under the key token"):
        around.send_digest(DUE)


@pytest.mark.parametrize(("status", "code"), [(429, "TooManyRequestsException"), (500, "InternalException")])
def test_a_digest_waits_for_a_security_hub_that_is_busy(
    around: Surroundings, hub: RecordingHub, status: int, code: str
) -> None:
    hub.import_finding(finding(1))
    hub.fail_next(1, status, code)
    around.send_digest(DUE)
    assert resources(only_message(around)) == ["bucket-1"]


def test_a_digest_that_security_hub_refuses_fails_instead_of_claiming_that_all_is_well(
    around: Surroundings, hub: RecordingHub
) -> None:
    hub.import_finding(finding(1))
    hub.fail_next(1, 403, "AccessDeniedException")
    with pytest.raises(Exception, match="AccessDeniedException"):
        around.send_digest(DUE)
    assert digests(around) == []
    assert around.metrics == {}


def test_a_finding_that_cannot_be_read_is_counted_and_hides_no_other(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    hub.import_finding(finding(2, Resources=[{"Type": "AwsS3Bucket"}]))
    assert around.send_digest(DUE) == {"open_violations": 1, "unreadable": 1}
    message = only_message(around)
    assert resources(message) == ["bucket-1"]
    assert "could not be read and are missing here: 1." in shown(message)
    assert [line["why"] for line in around.log if line["message"] == "finding unreadable"] == ["Id is missing"]


def test_no_cell_is_a_formula(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1, Title='=HYPERLINK("https://example.com","S3")'))
    around.send_digest(DUE)
    (row,) = rows(only_message(around))
    assert row["Violation"] == '\'=HYPERLINK("https://example.com","S3")'


def test_every_event_we_know_of_leaves_a_finding_that_can_be_listed(around: Surroundings, hub: RecordingHub) -> None:
    for name in ("hostile_text", "japanese_text", "sixty_resources", "minimal_fields", "azure_storage_account"):
        (found,) = sample(name)["detail"]["findings"]
        hub.import_finding(found)
    assert around.send_digest(DUE) == {"open_violations": 5, "unreadable": 0}
    message = only_message(around)
    columns = [*ENGLISH.columns, *ENGLISH.digest_columns]
    assert all(list(row) == columns for row in rows(message))
    assert len({row["Finding ID"] for row in rows(message)}) == 5


def test_the_log_tells_what_a_digest_counted(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    around.send_digest(DUE)
    (line,) = around.log
    assert (line["message"], line["open_violations"], line["unreadable"]) == ("digest posted", 1, 0)
    assert TOKEN not in json.dumps(line)


def test_an_archive_that_was_switched_off_holds_no_digest_back(around: Surroundings, hub: RecordingHub) -> None:
    around.set(ARCHIVE_BUCKET="")
    hub.import_finding(finding(1))
    around.send_digest(DUE)
    assert resources(only_message(around)) == ["bucket-1"]
    assert archived_objects(around) == {}


def test_the_scheduled_time_needs_no_zone_of_its_own(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding(1))
    around.send_digest({"scheduled_time": datetime(2026, 11, 24, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S")})
    assert "digests/2026/11/24/0000Z/open-violations.csv" in archived_objects(around)


# ---- once for each scheduled time


def claimed(around: Surroundings, scheduled_time: str, at: datetime) -> AbstractContextManager[DigestClaim]:
    """Another attempt's claim on a digest, which began at a given time."""
    return DigestRecord(around.table).claim(datetime.fromisoformat(scheduled_time), at)


def record_of(around: Surroundings, scheduled_time: str) -> dict[str, Any]:
    """The item in the ledger's table that speaks of a digest."""
    key = {"violation": {"S": f"digest/{scheduled_time}"}}
    item: dict[str, Any] = around.client("dynamodb").get_item(TableName=around.name, Key=key).get("Item", {})
    return item


def test_a_retry_of_a_digest_that_was_posted_posts_nothing_and_answers_the_same(
    around: Surroundings, hub: RecordingHub
) -> None:
    hub.import_finding(finding(1))
    first = around.send_digest(DUE)
    hub.import_finding(finding(2))
    assert [around.send_digest(DUE), around.send_digest(DUE)] == [first, first]
    assert resources(only_message(around)) == ["bucket-1"]
    assert len(hub.list_queries) == 1
    assert around.metrics == {"DigestPosted": 1}
    assert [line["message"] for line in around.log] == ["digest posted", *["digest already posted"] * 2]


@pytest.mark.parametrize("same", ["2026-11-24T09:00:00+09:00", "2026-11-24T00:00:00", "2026-11-24T00:00:00+00:00"])
def test_the_same_time_in_other_words_is_the_same_digest(around: Surroundings, hub: RecordingHub, same: str) -> None:
    around.send_digest(DUE)
    around.send_digest({"scheduled_time": same, "time_zone": "Asia/Tokyo"})
    assert len(digests(around)) == 1


def test_each_scheduled_time_has_its_digest(around: Surroundings, hub: RecordingHub) -> None:
    around.send_digest(DUE)
    around.send_digest(NEXT)
    assert len(digests(around)) == 2


def test_that_a_digest_was_posted_is_remembered_for_90_days(around: Surroundings, hub: RecordingHub) -> None:
    around.send_digest(DUE)
    item = record_of(around, MORNING)
    assert item["posted"] == {"M": {"open_violations": {"N": "0"}, "unreadable": {"N": "0"}}}
    days = (int(item["expires_at"]["N"]) - datetime.now(UTC).timestamp()) / 86400
    assert days == pytest.approx(90, abs=0.01)
    assert "claimed_until" not in item


def test_an_attempt_leaves_a_digest_to_the_one_that_is_at_work_on_it(around: Surroundings, hub: RecordingHub) -> None:
    with claimed(around, MORNING, datetime.now(UTC)):
        with pytest.raises(ClaimHeldError, match=r"at work on the digest of 2026-11-24T00:00:00Z"):
            around.send_digest(DUE)
        assert around.slack.calls == []
        assert hub.queries == []


def test_no_attempt_takes_a_digest_that_was_posted_since_it_looked(around: Surroundings, hub: RecordingHub) -> None:
    around.send_digest(DUE)
    with pytest.raises(ClaimHeldError), claimed(around, MORNING, datetime.now(UTC) + 2 * LEASE):
        pytest.fail("it was given a posted digest")


def test_a_claim_whose_answer_was_lost_on_its_way_is_still_a_claim(around: Surroundings, hub: RecordingHub) -> None:
    with claimed(around, MORNING, datetime.now(UTC)) as claim:
        claim.take()  # as boto3 does when it hears nothing
    with pytest.raises(ClaimHeldError):
        around.send_digest(DUE)


def test_two_attempts_at_once_post_one_digest(around: Surroundings, hub: RecordingHub) -> None:
    around.send_digest({"scheduled_time": "2026-11-23T00:00:00Z"})  # an attempt's clients are ready
    around.slack.fail_next("chat.postMessage", delay=0.3)
    with ThreadPoolExecutor() as pool:
        attempts = [pool.submit(around.send_digest, DUE) for _ in range(2)]
    errors = [attempt.exception() for attempt in attempts]
    assert sorted(type(error).__name__ for error in errors) == ["ClaimHeldError", "NoneType"]
    assert len(digests(around)) == 2
    assert around.send_digest(DUE) == {"open_violations": 0, "unreadable": 0}
    assert len(digests(around)) == 2


def test_an_attempt_that_never_ended_holds_a_digest_no_longer_than_its_lease(
    around: Surroundings, hub: RecordingHub
) -> None:
    nearly, over = (timedelta(seconds=LEASE.total_seconds() + seconds) for seconds in (-10, 1))
    for scheduled_time, ago in ((MORNING, nearly), (NEXT["scheduled_time"], over)):
        with claimed(around, scheduled_time, datetime.now(UTC) - ago):
            pass  # and it is never recorded
    with pytest.raises(ClaimHeldError):
        around.send_digest(DUE)
    assert digests(around) == []
    around.send_digest(NEXT)
    assert "on 2026-11-25" in shown(only_message(around))


def test_files_that_arrived_although_slack_failed_are_not_posted_again(around: Surroundings, hub: RecordingHub) -> None:
    hub.import_finding(finding())
    around.slack.fail_next("files.completeUploadExternal", drop=True)
    with pytest.raises(SlackError):
        around.send_digest(DUE)
    around.send_digest(DUE)
    assert len(only_message(around).files) == 1


def test_a_digest_whose_attempt_died_after_the_post_is_ended_after_the_lease_and_not_posted_again(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(DigestClaim, "record", die)
        with pytest.raises(SystemExit):
            around.send_digest(DUE)
    with pytest.raises(ClaimHeldError):
        around.send_digest(DUE)
    assert len(digests(around)) == 1
    around.client("dynamodb").update_item(
        TableName=around.name,
        Key={"violation": {"S": f"digest/{MORNING}"}},
        UpdateExpression="SET claimed_until = :past",
        ExpressionAttributeValues={":past": {"N": str(int(datetime.now(UTC).timestamp()) - 1)}},
    )
    around.send_digest(DUE)
    assert len(digests(around)) == 1
    assert around.metrics == {"DigestPosted": 2}


def test_a_digest_that_is_out_does_not_fail_because_it_could_not_be_recorded(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = build_app()._table._client
    real = client.update_item

    def refuse_to_record(**request: Any) -> Any:
        if ":counts" in request["ExpressionAttributeValues"]:
            raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")
        return real(**request)

    monkeypatch.setattr(client, "update_item", refuse_to_record)
    assert around.send_digest(DUE) == {"open_violations": 0, "unreadable": 0}
    assert len(digests(around)) == 1
    assert around.metrics == {"DigestPosted": 1}
    (line,) = (line for line in around.log if line["level"] == "ERROR")
    assert "the digest of 2026-11-24T00:00:00Z is out, but" in line["why"]
    with pytest.raises(ClaimHeldError):
        around.send_digest(DUE)


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("chat.postMessage", {"status": 503}),
        ("files.getUploadURLExternal", {"status": 503}),
        ("files.getUploadURLExternal", {"retry_after": 3600}),
        ("upload", {"status": 500}),
        ("files.completeUploadExternal", {"error": "not_in_channel"}),
        ("files.completeUploadExternal", {"retry_after": 3600}),
    ],
    ids=str,
)
def test_while_slack_is_down_every_try_fails_and_the_first_after_it_posts_once(
    around: Surroundings, hub: RecordingHub, step: str, fault: dict[str, Any]
) -> None:
    hub.import_finding(finding(1))
    around.slack.fail_next(step, times=2, **fault)
    for _ in range(2):
        with pytest.raises(SlackError):
            around.send_digest(DUE)
        around.start_anew()
    assert [message.files for message in digests(around)] == ([] if step == "chat.postMessage" else [()])
    assert around.metrics == {}
    assert [around.send_digest(DUE) for _ in range(2)] == [{"open_violations": 1, "unreadable": 0}] * 2
    (delivered,) = (message for message in digests(around) if message.files)
    assert resources(delivered) == ["bucket-1"]
    assert around.metrics == {"DigestPosted": 1}


def test_an_empty_digest_that_slack_did_not_take_is_posted_by_its_retry(
    around: Surroundings, hub: RecordingHub
) -> None:
    around.slack.fail_next("chat.postMessage", retry_after=3600)
    with pytest.raises(SlackError):
        around.send_digest(DUE)
    around.start_anew()
    around.send_digest(DUE)
    assert "no open violations" in shown(only_message(around))


# ---- what could not be read to the end


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are asked for at once, and given up after three tries."""
    monkeypatch.setattr(shared.aws.scan, "SECONDS_BETWEEN_REQUESTS", 0)
    monkeypatch.setattr(shared.aws.scan, "MAX_ATTEMPTS", 3)


@pytest.mark.parametrize(
    ("status", "code", "times"),
    [
        (429, "TooManyRequestsException", 3),
        (500, "InternalException", 3),
        (403, "AccessDeniedException", 1),
        (400, "InvalidInputException", 2),
    ],
)
@pytest.mark.usefixtures("no_patience")
def test_a_digest_that_was_cut_short_lists_what_was_read_and_says_that_it_is_incomplete(
    around: Surroundings, hub: RecordingHub, status: int, code: str, times: int
) -> None:
    for number in range(250):
        hub.import_finding(finding(number))
    hub.fail_next(times, status, code, after=2)
    assert around.send_digest(DUE) == {"open_violations": 200, "unreadable": 0}
    message = only_message(around)
    assert len(resources(message)) == 200
    assert f"This list is incomplete. Security Hub stopped answering ({code})." in shown(message)
    assert "Findings read until then: 200." in shown(message)
    assert "250" not in shown(message)
    assert around.metrics == {"DigestPosted": 1, "DigestIncomplete": 1}
    (line,) = (line for line in around.log if line["level"] == "ERROR")
    assert line["message"] == "digest incomplete"
    assert code in line["why"]


@pytest.mark.usefixtures("no_patience")
def test_an_incomplete_digest_is_not_replaced_by_a_retry(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(150):
        hub.import_finding(finding(number))
    hub.fail_next(3, 500, after=1)
    assert around.send_digest(DUE) == around.send_digest(DUE) == {"open_violations": 100, "unreadable": 0}
    assert len(digests(around)) == 1


@pytest.mark.usefixtures("no_patience")
def test_a_digest_that_could_read_only_a_part_without_violations_does_not_say_that_all_is_well(
    around: Surroundings, hub: RecordingHub
) -> None:
    around.set(TARGET_CONTROL_IDS=",".join(f"S3.{number}" for number in range(1, 31)))
    hub.import_finding(control(1, "S3.30"))
    hub.fail_next(1, 403, "AccessDeniedException", after=1)
    assert around.send_digest(DUE) == {"open_violations": 0, "unreadable": 0}
    message = only_message(around)
    assert "whether there are open violations on 2026-11-24 is not known" in shown(message)
    assert "Not read to the end: 1 of 2 queries, for S3." in shown(message)
    assert "no open violations" not in shown(message)
    assert message.files == ()
    assert around.metrics == {"DigestPosted": 1, "DigestIncomplete": 1}


@pytest.mark.parametrize(
    ("status", "code", "times"),
    [
        (401, "InvalidAccessException", 1),  # Security Hub isn't on
        (403, "AccessDeniedException", 1),
        (429, "TooManyRequestsException", 3),
    ],
)
@pytest.mark.usefixtures("no_patience")
def test_a_digest_that_could_read_nothing_fails_and_its_retry_is_complete(
    around: Surroundings, hub: RecordingHub, status: int, code: str, times: int
) -> None:
    hub.import_finding(finding(1))
    hub.fail_next(times, status, code)
    with pytest.raises(Exception, match=code):
        around.send_digest(DUE)
    assert around.slack.calls == []
    assert around.metrics == {}
    around.send_digest(DUE)
    assert "1 open violation on" in shown(only_message(around))


def test_a_digest_whose_time_runs_short_is_sent_as_it_is(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(250):
        hub.import_finding(finding(number))
    around.send_digest(DUE, seconds_left=SECONDS_TO_SEND)
    message = only_message(around)
    assert len(resources(message)) == 100
    assert "This list is incomplete. There was not enough time to read everything." in shown(message)
    assert around.metrics == {"DigestPosted": 1, "DigestIncomplete": 1}


@pytest.mark.usefixtures("no_patience")
def test_what_slack_did_not_take_was_no_incomplete_digest(around: Surroundings, hub: RecordingHub) -> None:
    for number in range(150):
        hub.import_finding(finding(number))
    hub.fail_next(3, 500, after=1)
    around.slack.fail_next("chat.postMessage", status=500)
    with pytest.raises(SlackError):
        around.send_digest(DUE)
    assert around.metrics == {}
    around.send_digest(DUE)
    assert "150 open violations" in shown(digests(around)[-1])
    assert around.metrics == {"DigestPosted": 1}

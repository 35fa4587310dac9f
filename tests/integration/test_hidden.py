"""What fails and is suppressed, or rated lower than its check does, is counted by every digest."""

import gzip
import json
from typing import Any

import pytest

import shared.aws.scan
import shared.pipeline.counting
from local.terminal import as_text
from shared.aws.archive import Archive
from shared.digest.fate import Fate
from shared.digest.hidden import HiddenCount, Hiding
from shared.digest.summary import Summary
from shared.errors import ArchiveError, ArchiveFault
from tests.findings import finding
from tests.integration.surroundings import RecordingHub, Surroundings
from tests.integration.test_digest_history import FIRST_DAY, content, folder, go_on, put, send, set_status

SUPPRESSED = "Failing, but suppressed or resolved by hand"
LOWERED = "Severity lowered by hand or by a rule"
UNKNOWN = HiddenCount(count=None)


@pytest.fixture(autouse=True)
def fast(hub: RecordingHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.aws.scan, "SECONDS_BETWEEN_REQUESTS", 0)
    monkeypatch.setattr(hub, "_bucket", None)


@pytest.fixture
def at_most_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.pipeline.counting, "MOST_COUNTED", 10)


def update(hub: RecordingHub, *numbers: int, **changes: Any) -> None:
    """What BatchUpdateFindings lets an account do to its own findings."""
    identifiers = [{"Id": finding(number)["Id"], "ProductArn": finding(number)["ProductArn"]} for number in numbers]
    hub.batch_update_findings({"FindingIdentifiers": identifiers, **changes})


def suppress(hub: RecordingHub, *numbers: int, status: str = "SUPPRESSED") -> None:
    update(hub, *numbers, Workflow={"Status": status})


def lower(hub: RecordingHub, *numbers: int, label: str = "LOW") -> None:
    update(hub, *numbers, Severity={"Label": label})


def violate(hub: RecordingHub, count: int) -> None:
    for number in range(count):
        hub.import_finding(finding(number))


def shown(around: Surroundings, day: int = -1) -> str:
    return as_text(around.posted[day - 1 if day > 0 else day].payload())


def counts(summary: Summary) -> tuple[HiddenCount, HiddenCount]:
    return summary.hidden[Hiding.SUPPRESSED], summary.hidden[Hiding.LOWERED]


def exactly(count: int, since: int | None) -> HiddenCount:
    return HiddenCount(count=count, since=since)


@pytest.mark.parametrize("settings", [{}, {"MIN_SEVERITY": "HIGH"}, {"TARGET_CONTROL_IDS": "IAM.*,S3.8"}])
def test_what_a_member_hides_overnight_is_counted_in_the_morning_and_nothing_of_it_is_resolved(
    around: Surroundings, hub: RecordingHub, settings: dict[str, str]
) -> None:
    violate(hub, 8)
    send(around, 1, **settings)
    assert SUPPRESSED not in shown(around)
    assert LOWERED not in shown(around)
    lower(hub, 1, 2, 3)
    suppress(hub, 4, 5)
    summary = send(around, 2)
    assert counts(summary) == (exactly(2, since=2), exactly(3, since=3))
    assert f"{SUPPRESSED}  2 (2 since the last count)" in shown(around).splitlines()
    assert f"{LOWERED}  3 (3 since the last count)" in shown(around).splitlines()
    text = shown(around).replace(SUPPRESSED, "")
    assert "resolved" not in text
    assert "passed" not in text
    assert summary.comparison
    rerated = {Fate.RERATED: 3} if "MIN_SEVERITY" in settings else {}
    assert summary.comparison.left == {Fate.SUPPRESSED: 2, **rerated}
    suppress(hub, 6)
    assert counts(send(around, 3)) == (exactly(3, since=1), exactly(3, since=0))
    assert f"{LOWERED}  3 (0 since the last count)" in shown(around)


def test_a_first_digest_counts_and_tells_no_change(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 3)
    lower(hub, 0)
    suppress(hub, 1)
    assert counts(send(around, 1)) == (exactly(1, since=None), exactly(1, since=None))
    assert f"{SUPPRESSED}  1" in shown(around).splitlines()
    assert "since the last count" not in shown(around)


def test_a_digest_in_japanese_counts_too(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 4)
    send(around, 1, MESSAGE_LANGUAGE="ja")
    lower(hub, 0)
    suppress(hub, 1, 2)
    send(around, 2)
    lines = shown(around).splitlines()
    assert "不合格のまま、抑制または手動で「解決済み」に変更された違反  2 件（うち前回の集計以降 2 件）" in lines
    assert "手動またはルールで重要度が引き下げられた違反  1 件（うち前回の集計以降 1 件）" in lines


def test_what_was_suppressed_while_it_passed_is_counted_once_it_fails(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 2)
    set_status(hub, 1, "PASSED")
    suppress(hub, 1)
    assert counts(send(around, 1))[0] == exactly(0, since=None)
    failing = finding(1, **{"Workflow.Status": "SUPPRESSED"})
    hub.import_finding(failing)
    suppress(hub, 1)
    assert counts(send(around, 2))[0] == exactly(1, since=1)


def test_what_is_resolved_by_hand_and_lowered_and_suppressed_at_once_counts_as_suppressed(
    around: Surroundings, hub: RecordingHub
) -> None:
    violate(hub, 4)
    suppress(hub, 1, status="RESOLVED")
    lower(hub, 2, 3)
    suppress(hub, 2)
    assert counts(send(around, 1, MIN_SEVERITY="HIGH")) == (exactly(2, since=None), exactly(1, since=None))


def test_where_lowering_is_not_honoured_it_hides_nothing_and_is_counted_all_the_same(
    around: Surroundings, hub: RecordingHub
) -> None:
    violate(hub, 4)
    lower(hub, 1, 2, 3)
    suppress(hub, 3)
    summary = send(around, 1, MIN_SEVERITY="HIGH", HONOR_LOWERED_SEVERITY="false")
    assert (summary.total, counts(summary)) == (3, (exactly(1, since=None), exactly(2, since=None)))


def test_what_is_listed_for_another_finding_or_not_selected_is_not_hidden(
    around: Surroundings, hub: RecordingHub
) -> None:
    violate(hub, 2)
    hub.import_finding(finding(1, Id="of-another-standard"))
    suppress(hub, 1)
    lower(hub, 1)
    hub.import_finding(finding(2, **{"Compliance.SecurityControlId": "S3.9", "Workflow.Status": "SUPPRESSED"}))
    suppress(hub, 2)
    assert counts(send(around, 1, TARGET_CONTROL_IDS="*.8")) == (exactly(0, since=None), exactly(0, since=None))


@pytest.mark.parametrize(
    ("hide", "sentence"),
    [
        (suppress, "Some violations are suppressed, or were resolved by hand"),
        (lower, "Some violations are below MinSeverity only because their severity was lowered."),
    ],
)
def test_where_all_is_hidden_no_digest_says_that_every_control_passes(
    around: Surroundings, hub: RecordingHub, hide: Any, sentence: str
) -> None:
    violate(hub, 1)
    hide(hub, 0)
    send(around, 1, MIN_SEVERITY="HIGH")
    assert "no open violations" in shown(around)
    assert "Every selected control passes" not in shown(around)
    assert sentence in shown(around)


# ---- what it costs


@pytest.mark.parametrize(("settings", "requests"), [({}, 1), ({"MIN_SEVERITY": "HIGH"}, 3)])
def test_counting_takes_few_requests(
    around: Surroundings, hub: RecordingHub, settings: dict[str, str], requests: int
) -> None:
    violate(hub, 3)
    send(around, 1, **settings)
    assert len(hub.queries) == 1 + requests


def test_pages_are_followed_to_their_end(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 230)
    suppress(hub, *range(100))
    suppress(hub, *range(100, 200))
    suppress(hub, *range(200, 225))
    assert counts(send(around, 1))[0] == exactly(225, since=None)


@pytest.mark.usefixtures("at_most_ten")
def test_where_there_are_too_many_the_digest_says_more_and_compares_again_once_they_are_fewer(
    around: Surroundings, hub: RecordingHub
) -> None:
    violate(hub, 30)
    suppress(hub, *range(10))
    assert counts(send(around, 1))[0] == exactly(10, since=None)
    suppress(hub, *range(10, 25))
    asked = len(hub.queries)
    assert counts(send(around, 2))[0] == HiddenCount(count=10, is_more=True)
    assert f"{SUPPRESSED}  more than 10" in shown(around).splitlines()
    assert len([each for each in hub.queries[asked:] if "Id" not in each["Filters"]]) == 2
    suppress(hub, *range(2, 25), status="NEW")
    suppress(hub, 29)
    assert counts(send(around, 3))[0] == exactly(3, since=1)


@pytest.mark.usefixtures("at_most_ten")
def test_what_is_listed_with_a_lowered_severity_is_bounded_too(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 12)
    lower(hub, *range(12))
    assert counts(send(around, 1))[1] == HiddenCount(count=10, is_more=True)


# ---- where it can't be counted


def test_a_count_that_security_hub_refuses_is_not_known_and_the_digest_goes_out(
    around: Surroundings, hub: RecordingHub
) -> None:
    violate(hub, 5)
    suppress(hub, 1)
    send(around, 1)
    suppress(hub, 2)
    hub.fail_next(1, 403, "AccessDeniedException", after=2)  # behind the list and one look-up
    summary = send(around, 2)
    assert counts(summary) == (UNKNOWN, exactly(0, since=0))
    assert f"{SUPPRESSED}  not known" in shown(around).splitlines()
    assert summary.is_whole
    assert any(line["message"] == "digest counted not all" and "AccessDenied" in line["why"] for line in around.log)
    # What it did not count the next one tells, for it compares with what was known before.
    assert counts(send(around, 3))[0] == exactly(2, since=1)


def test_a_count_that_a_page_is_missing_of_is_not_known(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 151)
    suppress(hub, *range(100))
    suppress(hub, *range(100, 150))
    hub.fail_next(1, 403, "AccessDeniedException", after=2)
    assert counts(send(around, 1))[0] == UNKNOWN


def test_a_finding_that_cannot_be_read_makes_the_count_unknown(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 2)
    hub.import_finding(finding(1, Resources=[{"Type": "AwsS3Bucket"}]))
    suppress(hub, 1)
    assert counts(send(around, 1))[0] == UNKNOWN


def test_where_the_list_is_incomplete_nothing_is_counted(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 130)
    suppress(hub, 129)
    send(around, 1)
    hub.fail_next(1, 403, "AccessDeniedException", after=1)
    asked = len(hub.queries)
    assert counts(send(around, 2)) == (UNKNOWN, UNKNOWN)
    assert len(hub.queries) == asked + 1
    assert counts(send(around, 3))[0] == exactly(1, since=0)


def test_what_one_invocation_had_no_time_for_the_next_one_counts(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 4)
    suppress(hub, 1)
    first = around.send_digest({"scheduled_time": FIRST_DAY.isoformat(), "part": 0}, seconds_left=110)
    assert first["next"]["part"] == 1
    assert around.posted == []
    around.send_digest(first["next"])
    assert counts(Archive(around.client("s3"), around.name).summary(FIRST_DAY))[0] == exactly(1, since=None)
    assert len(hub.list_queries) == 1


def test_a_count_begins_no_third_invocation(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 2)
    assert len(go_on(around, seconds_left=110)) == 2
    assert counts(Archive(around.client("s3"), around.name).summary(FIRST_DAY)) == (UNKNOWN, exactly(0, since=None))


def test_without_another_invocation_the_digest_goes_out_uncounted(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 2)
    around.send_digest({"scheduled_time": FIRST_DAY.isoformat()}, seconds_left=110)
    assert f"{SUPPRESSED}  not known" in shown(around)
    assert len(hub.queries) == 1


def test_no_digest_fails_because_its_archive_takes_no_part_for_a_count(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise ArchiveError("work/part-1", ArchiveFault.REFUSED, "no room")

    monkeypatch.setattr(Archive, "keep_part", refuse)
    violate(hub, 2)
    answer = around.send_digest({"scheduled_time": FIRST_DAY.isoformat(), "part": 0}, seconds_left=110)
    assert answer["open_violations"] == 2
    assert f"{SUPPRESSED}  not known" in shown(around)


def test_a_count_that_takes_too_long_is_given_up(
    around: Surroundings, hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.pipeline.counting, "SECONDS_TO_COUNT", 0)
    violate(hub, 2)
    answer = around.send_digest({"scheduled_time": FIRST_DAY.isoformat(), "part": 0})
    assert answer["open_violations"] == 2
    assert counts(Archive(around.client("s3"), around.name).summary(FIRST_DAY))[0] == UNKNOWN


# ---- the archive


def test_a_digest_of_the_release_before_is_read_and_compared_with(around: Surroundings, hub: RecordingHub) -> None:
    violate(hub, 3)
    send(around, 1)
    memory, summary = f"{folder(1)}/memory.jsonl.gz", f"{folder(1)}/summary.json"
    header, *others = gzip.decompress(content(around, memory)).decode().splitlines(keepends=True)
    old = {name: value for name, value in json.loads(header).items() if name != "hidden"}
    put(around, memory, gzip.compress("".join([json.dumps(old) + "\n", *others]).encode()))
    told = {name: value for name, value in json.loads(content(around, summary)).items() if name != "hidden"}
    put(around, summary, json.dumps(told | {"schema": 3}).encode())
    suppress(hub, 1)
    second = send(around, 2)
    assert (second.archive_problems, counts(second)[0]) == ((), exactly(1, since=None))
    assert [point.total for point in second.trend] == [3, 2]

"""Whole lives of violations, told by a Security Hub to the real handler, and what the channel shows of them."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from local.security_hub.hub import SecurityHub
from local.terminal import as_text
from shared.aws.ledger import Claim, Ledger
from shared.slack.client import Slack
from tests.findings import Event, finding, opened
from tests.integration.surroundings import CHANNEL, Surroundings


class Life:
    """One Security Hub with a clock of its own; it collects the events it would send."""

    def __init__(self, around: Surroundings, **hub: Any) -> None:
        self._around = around
        self._now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.sent: list[Event] = []
        self.hub = SecurityHub(on_event=self.sent.append, now=lambda: self._now, **hub)

    def check(self, status: str, found: dict[str, Any] | None = None, *, hours: float = 1, **changes: Any) -> Event:
        """Let the control's check answer some hours later; the event of it."""
        self._now += timedelta(hours=hours)
        times = dict.fromkeys(("FirstObservedAt", "CreatedAt", "UpdatedAt"), self._now.isoformat())
        found = {**(found or finding()), **times}  # which only a new finding keeps
        self.hub.import_finding({**found, "Compliance": {**found["Compliance"], "Status": status}, **changes})
        return self.sent[-1]

    def set_workflow(self, status: str, found: dict[str, Any] | None = None, *, hours: float = 1) -> Event:
        """Let somebody set a finding's workflow status some hours later; the event of it."""
        self._now += timedelta(hours=hours)
        identifier = {key: (found or finding())[key] for key in ("Id", "ProductArn")}
        self.hub.batch_update_findings({"FindingIdentifiers": [identifier], "Workflow": {"Status": status}})
        return self.sent[-1]

    def later(self, event: Event, *, minutes: float) -> Event:
        """The same event, sent so much later."""
        return event | {"time": (datetime.fromisoformat(event["time"]) + timedelta(minutes=minutes)).isoformat()}

    def sweep(self, *, hours: float) -> None:
        """Let the sweep come some hours later, and the function handle what it queues."""
        queue = self._around.client("sqs").create_queue(QueueName=f"{self._around.name}-alerts")["QueueUrl"]
        self._around.set(ALERT_QUEUE_URL=queue)
        self._now += timedelta(hours=hours)
        self._around.sweep(self._now)
        answer = self._around.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        assert self._around.deliver(*(message["Body"] for message in answer.get("Messages", []))) == []

    def tell(self, *events: Event) -> None:
        """Let the function handle events, each in a batch of its own."""
        for event in events:
            assert self._around.deliver(event) == []


@pytest.fixture
def life(around: Surroundings) -> Life:
    return Life(around)


def shown(around: Surroundings, position: int = 0) -> str:
    return as_text(around.posted[position].payload())


def replies(around: Surroundings, position: int = 0) -> list[str]:
    return [reply.text for reply in around.slack.replies(around.posted[position].ts)]


def test_one_violation_from_its_first_report_to_its_return(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"), life.check("FAILED", hours=24), life.check("FAILED", hours=24))
    assert len(around.posted) == 1
    life.tell(life.check("PASSED", hours=2))
    assert len(around.posted) == 1
    assert "✅ Resolved · HIGH  ~S3 general purpose buckets" in shown(around)
    assert "2 days 2 hours" in shown(around)
    assert len(replies(around)) == 1
    assert "*Resolved* after 2 days 2 hours" in replies(around)[0]
    life.tell(life.check("FAILED", hours=5))
    assert len(around.posted) == 2
    assert "HIGH · Reopened" in shown(around, 1)
    assert around.posted[0].ts.replace(".", "") in str(around.posted[1].blocks)
    assert "✅ Resolved" in shown(around, 0)
    life.tell(life.check("PASSED"), life.check("FAILED"))
    assert "2 times so far" in shown(around, 2)


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_hub_that_leaves_fields_out_at_random_has_every_failure_told_once(
    around: Surroundings, moves: bool, seed: int
) -> None:
    life = Life(around, moves_first_observed=moves)
    life.hub.leaves_out = Random(seed)  # noqa: S311 - no secret
    for times in (1, 2, 3):
        life.tell(*(life.check("FAILED", hours=12) for _ in range(4)))
        assert len(around.posted) == times
        life.tell(*(life.check("PASSED", hours=12) for _ in range(2)))
        assert ["Resolved" in shown(around, position) for position in range(times)] == [True] * times
    assert around.metrics["AlertPosted"] == around.metrics["AlertClosed"] == 3


def test_four_standards_make_one_message_and_one_resolution(around: Surroundings, life: Life) -> None:
    findings = [finding() | {"Id": f"{finding()['Id']}-{standard}"} for standard in ("fsbp", "cis", "pci", "nist")]
    failures = [life.check("FAILED", found, hours=0.01) for found in findings]
    passes = [life.check("PASSED", found, hours=1) for found in findings]
    assert around.deliver(*failures) == []
    assert around.deliver(*passes) == []
    assert len(around.posted) == 1
    assert len(replies(around)) == 1
    assert around.metrics["AlertPosted"] == around.metrics["AlertClosed"] == 1


@pytest.mark.parametrize("status", ["SUPPRESSED", "RESOLVED"])
def test_what_is_closed_by_hand_says_so_and_is_reopened_when_taken_back(
    around: Surroundings, life: Life, status: str
) -> None:
    word = {"SUPPRESSED": "Suppressed", "RESOLVED": "Marked as resolved"}[status]
    life.tell(life.check("FAILED"), life.set_workflow(status, hours=3))
    assert f"{word} · HIGH" in shown(around)
    assert f"*{word}* after 3 hours" in replies(around)[0]
    life.tell(life.set_workflow("NEW", hours=3))
    assert len(around.posted) == 2
    assert "Reopened" in shown(around, 1)


ARCHIVED = {"RecordState": "ARCHIVED"}


def test_an_archived_finding_closes_its_message_after_an_hour(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"), life.check("NOT_AVAILABLE", **ARCHIVED))
    assert "Archived" not in shown(around)
    life.sweep(hours=0.9)
    assert "Archived" not in shown(around)
    life.sweep(hours=0.2)
    assert "Archived · HIGH" in shown(around)
    assert "Security Hub archived the finding, and has not reported it again for an hour." in shown(around)
    assert len(replies(around)) == 1
    life.sweep(hours=24)
    assert len(replies(around)) == 1
    assert around.metrics["AlertClosed"] == 1


def test_a_sweep_that_comes_late_closes_at_the_time_of_the_archive(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"), life.check("NOT_AVAILABLE", hours=2, **ARCHIVED))
    life.sweep(hours=9)
    assert "*Archived* after 2 hours" in replies(around)[0]


def test_a_title_that_looks_like_a_mention_stays_one_when_the_message_is_edited(
    around: Surroundings, life: Life
) -> None:
    title = "Everybody is meant: @channel @here"
    life.tell(life.check("FAILED", Title=title), life.check("PASSED", Title=title))
    assert "✅" in shown(around)
    assert "@channel @here" in around.posted[0].text
    assert "<!" not in around.posted[0].text


def test_what_is_archived_and_created_anew_day_by_day_makes_one_message(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"))
    for day in range(1, 4):
        before, anew = ({**finding(), "Id": f"{finding()['Id']}-{number}"} for number in (day - 1, day))
        before = finding() if day == 1 else before
        life.tell(life.check("NOT_AVAILABLE", before, hours=23.9, **ARCHIVED), life.check("FAILED", anew, hours=0.1))
        life.sweep(hours=2)
    assert len(around.slack.messages) == 1
    assert len(_item(around)["findings"]["M"]) == 4


def test_a_severity_that_rises_is_shown_and_told_and_one_that_falls_is_shown(around: Surroundings, life: Life) -> None:
    rated = {"CRITICAL": {"Label": "CRITICAL", "Normalized": 90}, "LOW": {"Label": "LOW", "Normalized": 1}}
    life.tell(life.check("FAILED"), life.check("FAILED", Severity=rated["CRITICAL"]))
    assert "CRITICAL" in shown(around)
    assert "The severity is now *CRITICAL*; it was HIGH." in replies(around)[0]
    life.tell(life.check("FAILED", Severity=rated["CRITICAL"]), life.check("FAILED", Severity=rated["LOW"]))
    assert "LOW" in shown(around)
    assert len(replies(around)) == 1
    assert around.metrics["AlertRaised"] == 1
    life.tell(life.check("PASSED"))
    assert "Resolved · LOW" in shown(around)


def test_a_severity_that_falls_below_the_lowest_to_announce_is_shown(around: Surroundings, life: Life) -> None:
    around.set(MIN_SEVERITY="HIGH")
    life.tell(life.check("FAILED"), life.check("FAILED", Severity={"Label": "LOW", "Normalized": 1}))
    assert "LOW" in shown(around)
    assert "HIGH" not in shown(around)


@pytest.mark.parametrize("setting", [{"TARGET_CONTROL_IDS": "IAM.*"}, {"MIN_SEVERITY": "CRITICAL"}])
def test_what_was_announced_gets_its_end_whatever_the_settings_say_by_then(
    around: Surroundings, life: Life, setting: dict[str, str]
) -> None:
    life.tell(life.check("FAILED"))
    around.set(**setting)
    life.tell(life.check("PASSED"))
    assert "Resolved · HIGH" in shown(around)
    life.tell(life.check("FAILED"))
    assert len(around.posted) == 1  # what begins anew is judged anew


@pytest.mark.parametrize("moves", [True, False])
def test_a_violation_comes_back_whether_or_not_its_first_observation_moves(around: Surroundings, moves: bool) -> None:
    life = Life(around, moves_first_observed=moves)
    life.tell(life.check("FAILED"), life.check("FAILED", hours=24), life.check("PASSED", hours=27))
    assert "*Resolved* after 2 days 3 hours" in replies(around)[0]
    life.tell(life.check("FAILED", hours=24), life.check("FAILED", hours=24))
    assert len(around.posted) == 2
    assert "Reopened" in shown(around, 1)


def test_a_pass_that_does_not_say_what_was_before_closes_and_else_costs_one_read(
    around: Surroundings, life: Life
) -> None:
    opened, closed = life.check("FAILED"), life.check("PASSED")
    del closed["detail"]["findings"][0]["ProductFields"]["PreviousComplianceStatus"]
    life.tell(closed)
    assert around.client("dynamodb").scan(TableName=around.name)["Items"] == []
    life.tell(opened, closed)
    assert "Resolved · HIGH" in shown(around)


def test_switching_consolidated_findings_on_is_silent(around: Surroundings, life: Life) -> None:
    old = [finding() | {"Id": f"{finding()['Id']}-{standard}"} for standard in ("fsbp", "cis")]
    life.tell(*(life.check("FAILED", found, hours=0.01) for found in old))
    reason = {"ArchivalReasons:0/ReasonCode": "CONSOLIDATED_CONTROL_FINDINGS_UPDATE"}
    life.tell(life.check("FAILED"))
    for found in old:
        life.tell(
            life.check("FAILED", found, RecordState="ARCHIVED", ProductFields={**found["ProductFields"], **reason})
        )
    assert len(around.posted) == 1
    assert replies(around) == []
    life.tell(life.check("PASSED"))
    assert "✅ Resolved" in shown(around)


def test_a_violation_that_was_never_announced_is_never_closed_aloud(around: Surroundings, life: Life) -> None:
    failed, passed = life.check("FAILED"), life.check("PASSED")
    life.tell(passed, failed)
    assert around.posted == []


def test_a_late_failure_from_before_the_pass_stays_silent(around: Surroundings, life: Life) -> None:
    first, refreshed, passed = life.check("FAILED"), life.check("FAILED", hours=20), life.check("PASSED")
    life.tell(first, passed, refreshed)
    assert len(around.posted) == 1
    assert "✅ Resolved" in shown(around)


def test_a_suppression_that_waits_for_slack_while_it_is_taken_back_does_not_close(
    around: Surroundings, life: Life
) -> None:
    life.tell(life.check("FAILED"))
    suppressed = life.set_workflow("SUPPRESSED")
    around.slack.fail_next("chat.update", status=503)
    assert around.deliver(suppressed) == [0]
    life.tell(life.set_workflow("NEW"), life.check("FAILED", hours=20), suppressed)
    assert len(around.posted) == 1
    assert "Open since" in shown(around)
    assert replies(around) == []


def test_a_global_resource_reported_by_several_regions_is_announced_once(around: Surroundings) -> None:
    events = []
    for region in ("eu-west-1", "us-east-1", "ap-northeast-1"):
        event = opened(Region=region, Compliance={"Status": "FAILED", "SecurityControlId": "IAM.4"})
        found = event["detail"]["findings"][0]
        found["Id"] += region
        found["Resources"] = [{"Type": "AwsAccount", "Id": "AWS::::Account:111122223333"}]
        events.append(event)
    assert around.deliver(*events) == []
    assert len(around.posted) == 1


@pytest.mark.parametrize("method", ["chat.update", "chat.postMessage"])
@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "is_archived"])
def test_a_close_waits_until_the_app_can_write_in_the_channel_again(
    around: Surroundings, life: Life, error: str, method: str
) -> None:
    life.tell(life.check("FAILED"))
    passed = life.check("PASSED")
    around.slack.fail_next(method, error=error)
    assert around.deliver(passed) == [0]
    life.tell(passed)
    assert "✅ Resolved" in shown(around)
    assert len(around.slack.replies(around.posted[0].ts)) == 1


@pytest.mark.parametrize("method", ["chat.update", "chat.postMessage"])
@pytest.mark.parametrize("error", ["channel_not_found", "is_archived"])
def test_a_close_of_a_message_in_a_channel_of_the_past_is_recorded(
    around: Surroundings, life: Life, error: str, method: str
) -> None:
    life.tell(life.check("FAILED"))
    passed = life.check("PASSED")
    around.set(SLACK_CHANNEL="C0000000009")
    around.slack.fail_next(method, error=error)
    life.tell(passed)
    assert "expires_at" in _item(around)


def test_a_return_is_announced_although_the_earlier_message_was_deleted(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"), life.check("PASSED"))
    around.slack.fail_next("chat.getPermalink", error="message_not_found")
    life.tell(life.check("FAILED"))
    assert "Reopened" in shown(around, 1)


def test_fifty_workers_racing_for_one_violation_announce_it_once(around: Surroundings, life: Life) -> None:
    event = life.check("FAILED")
    around.deliver(opened(2))  # makes the clients, which takes a while
    waiting = [event] * 50
    for _ in range(10):
        waiting = [event for event, failed in zip(waiting, _all_at_once(around, waiting), strict=True) if failed]
        if not waiting:
            break
    assert waiting == []
    assert len(around.posted) == 2


def _all_at_once(around: Surroundings, events: list[Event]) -> list[bool]:
    failed = [True] * len(events)
    start = threading.Barrier(len(events))

    def work(position: int) -> None:
        start.wait()
        failed[position] = bool(around.deliver(events[position]))

    threads = [threading.Thread(target=work, args=(position,)) for position in range(len(events))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


class WorkerKilled(BaseException):
    """Ends a handler as a crash does: nothing that would tidy up may run."""


def _kill(*_: Any, **__: Any) -> None:
    raise WorkerKilled


@pytest.mark.parametrize(
    ("owner", "method"),
    [(Slack, "post"), (Claim, "record"), (Claim, "take")],
    ids=["before the post", "between post and record", "before the claim"],
)
def test_a_worker_killed_at_any_step_loses_and_repeats_nothing(
    around: Surroundings,
    life: Life,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    method: str,
) -> None:
    event = life.check("FAILED")
    with monkeypatch.context() as killing:
        killing.setattr(owner, method, _kill)
        killing.setattr(Claim, "give_back", lambda *_, **__: None)
        with pytest.raises(WorkerKilled):
            around.deliver(event)
    _let_leases_end(monkeypatch)
    life.tell(event, event)
    assert len(around.posted) == 1


def test_while_a_killed_workers_lease_lasts_its_event_stays_in_the_queue(
    around: Surroundings, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = life.check("FAILED")
    with monkeypatch.context() as killing:
        killing.setattr(Slack, "post", _kill)
        killing.setattr(Claim, "give_back", lambda *_, **__: None)
        with pytest.raises(WorkerKilled):
            around.deliver(event)
    assert around.deliver(event) == [0]
    assert around.posted == []


def _let_leases_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(minutes=2)

    monkeypatch.setattr("shared.app.datetime", Later)


def test_a_repeat_costs_one_read_and_no_write(
    around: Surroundings, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.tell(life.check("FAILED"))
    repeat = life.check("FAILED", hours=24)
    calls = _recorded_calls(monkeypatch)
    life.tell(repeat)
    assert calls == ["GetItem"]


def _recorded_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from botocore.client import BaseClient

    calls: list[str] = []
    make: Callable[..., Any] = BaseClient._make_api_call

    def record(self: Any, operation: str, arguments: Any) -> Any:
        calls.append(operation)
        return make(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    return calls


# ---- coming and going


def test_a_violation_that_comes_and_goes_by_hand_is_soon_told_quietly(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"))
    for _ in range(15):
        life.tell(life.set_workflow("SUPPRESSED", hours=0.1), life.set_workflow("NEW", hours=0.1))
    assert len(around.posted) == 1 + 3
    assert "15 times" in shown(around, 3)
    life.tell(life.set_workflow("SUPPRESSED", hours=0.1))
    assert "Suppressed" in shown(around, 3)
    told = [reply for position in range(4) for reply in replies(around, position)]
    assert len([reply for reply in told if "Suppressed" in reply]) <= 4 + 3  # in three hours
    assert len([reply for reply in told if "it has come back" in reply]) in {1, 2, 3}
    assert around.metrics["AlertPosted"] == 4


def test_after_a_quiet_day_its_return_is_announced_again(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"))
    for _ in range(5):
        life.tell(life.set_workflow("SUPPRESSED", hours=0.1), life.set_workflow("NEW", hours=0.1))
    life.tell(life.set_workflow("SUPPRESSED", hours=25), life.set_workflow("NEW"))
    assert len(around.posted) == 1 + 3 + 1


def test_a_severity_that_goes_up_and_down_is_soon_only_edited(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"))
    identifier = {key: finding()[key] for key in ("Id", "ProductArn")}
    for number in range(20):
        severity = {"Label": "CRITICAL" if number % 2 else "LOW"}
        life.hub.batch_update_findings({"FindingIdentifiers": [identifier], "Severity": severity})
        life.tell(life.later(life.sent[-1], minutes=number))
    assert len(around.posted) == 1
    assert "CRITICAL" in shown(around)
    assert len(replies(around)) == 3 + 1


def test_entries_of_closed_violations_expire_and_those_of_open_ones_do_not(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"))
    assert "expires_at" not in _item(around)
    life.tell(life.check("PASSED"))
    days = (datetime.fromtimestamp(int(_item(around)["expires_at"]["N"]), UTC) - datetime.now(UTC)).days
    assert days in {89, 90}
    life.tell(life.check("FAILED"))
    assert "expires_at" not in _item(around)


def _item(around: Surroundings) -> dict[str, Any]:
    """The one violation that the ledger knows of."""
    items = around.client("dynamodb").scan(TableName=around.name)["Items"]
    [item] = [item for item in items if not item["violation"]["S"].startswith("burst/")]
    return dict(item)


def test_a_retried_write_that_had_arrived_after_all_counts_as_done(around: Surroundings) -> None:
    ledger = Ledger(around.table)
    found = ledger.look_up("violation")
    claim = Claim(around.table, found, datetime.now(UTC))
    claim.take(None)
    claim.take(None)
    assert ledger.look_up("violation").version == 0


class TestMarkNotified:
    """With MARK_NOTIFIED the finding's workflow status follows the message."""

    @pytest.fixture(autouse=True)
    def _marking(self, around: Surroundings, hub: SecurityHub) -> None:
        around.set(MARK_NOTIFIED="true")

    def test_a_posted_violation_is_marked_and_the_echo_is_silent(
        self, around: Surroundings, hub: SecurityHub, life: Life
    ) -> None:
        stored = hub.import_finding(finding())
        life.tell(opened())
        [marked] = hub.get_findings({})["Findings"]
        assert marked["Workflow"]["Status"] == "NOTIFIED"
        echo = opened(Workflow={"Status": "NOTIFIED"}, UpdatedAt=stored["UpdatedAt"])
        life.tell(echo)
        assert len(around.posted) == 1

    def test_a_failure_to_mark_does_not_repeat_the_post(
        self, around: Surroundings, hub: SecurityHub, life: Life
    ) -> None:
        life.tell(opened(), opened())
        assert len(around.posted) == 1
        assert "FindingNotFound" in next(line["problem"] for line in around.log if line["message"] == "not marked")

    def test_nothing_is_marked_before_the_post_is_recorded(
        self, around: Surroundings, hub: SecurityHub, life: Life
    ) -> None:
        hub.import_finding(finding())
        around.slack.fail_next("chat.postMessage", error="channel_not_found")
        assert around.deliver(opened()) == [0]
        assert hub.get_findings({})["Findings"][0]["Workflow"]["Status"] == "NEW"


def test_without_the_setting_nothing_is_marked(around: Surroundings, hub: SecurityHub, life: Life) -> None:
    hub.import_finding(finding())
    life.tell(opened())
    assert hub.get_findings({})["Findings"][0]["Workflow"]["Status"] == "NEW"


def test_messages_go_to_the_channel_of_the_settings(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"), life.check("PASSED"))
    assert {message.channel for message in around.slack.messages} == {CHANNEL}

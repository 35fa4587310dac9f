"""Whole lives of violations, told by a Security Hub to the real handler, and what the channel shows of them."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
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

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.sent: list[Event] = []
        self.hub = SecurityHub(on_event=self.sent.append, now=lambda: self._now)

    def check(self, status: str, found: dict[str, Any] | None = None, *, hours: float = 1, **changes: Any) -> Event:
        """Let the control's check answer some hours later; the event of it."""
        self._now += timedelta(hours=hours)
        found = {**(found or finding()), "FirstObservedAt": self._now.isoformat()}  # which only a new finding keeps
        self.hub.import_finding({**found, "Compliance": {**found["Compliance"], "Status": status}, **changes})
        return self.sent[-1]

    def set_workflow(self, status: str, found: dict[str, Any] | None = None, *, hours: float = 1) -> Event:
        """Let somebody set a finding's workflow status some hours later; the event of it."""
        self._now += timedelta(hours=hours)
        identifier = {key: (found or finding())[key] for key in ("Id", "ProductArn")}
        self.hub.batch_update_findings({"FindingIdentifiers": [identifier], "Workflow": {"Status": status}})
        return self.sent[-1]

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
    assert around.posted[0].ts.replace(".", "") in str(around.posted[1].attachments)
    assert "✅ Resolved" in shown(around, 0)
    life.tell(life.check("PASSED"), life.check("FAILED"))
    assert "2 times so far" in shown(around, 2)


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


def test_a_deleted_resource_archives_its_message(around: Surroundings, life: Life) -> None:
    life.tell(life.check("FAILED"), life.check("NOT_AVAILABLE", RecordState="ARCHIVED"))
    assert "Archived · HIGH" in shown(around)
    assert "The resource is gone, or its control was switched off." in shown(around)


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


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_close_whose_message_is_gone_is_recorded_and_not_tried_again(
    around: Surroundings, life: Life, error: str
) -> None:
    life.tell(life.check("FAILED"))
    passed = life.check("PASSED")
    around.slack.fail_next("chat.update", error=error)
    life.tell(passed, passed)
    assert [line["problem"] for line in around.log if line["message"] == "message is gone"] != []
    assert [call.method for call in around.slack.calls].count("chat.update") == 1


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
    make: Callable[..., Any] = BaseClient._make_api_call  # type: ignore[attr-defined]

    def record(self: Any, operation: str, arguments: Any) -> Any:
        calls.append(operation)
        return make(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    return calls


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

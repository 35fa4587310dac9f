"""Every row of the truth table, and what must hold whatever the order of arrival."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.alert.entry import Entry
from shared.alert.lifecycle import (
    ARCHIVE_IS_HELD_FOR,
    Action,
    Told,
    decide,
    decide_due,
    decide_vanished,
)
from shared.alert.sightings import MOST_ENDED_SIGHTINGS
from shared.finding.violation import CONSOLIDATION, Resource, Severity, State, Violation
from shared.message import Message
from tests.unit.wild import examples

START = datetime(2026, 11, 1, tzinfo=UTC)
MESSAGE = Message(channel="C0123456789", ts="1.000001")


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def report(hour: float, *, episode: float | None = None, finding: str = "fsbp", **changes: object) -> Violation:
    """What Security Hub reports at an hour; by default that a check has just failed."""
    violation = Violation(
        finding_id=finding,
        product_arn="arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        account_id="111122223333",
        account_name=None,
        region="eu-west-1",
        control_id="S3.8",
        title="S3 general purpose buckets should block public access",
        severity=Severity.HIGH,
        reason=None,
        standards=(),
        resources=(Resource(id="arn:aws:s3:::logs", type="AwsS3Bucket", name="logs"),),
        remediation_url=None,
        compliance_status="FAILED",
        previous_compliance_status="PASSED",
        record_state="ACTIVE",
        workflow_status="NEW",
        archival_reason=None,
        episode_started_at=at(hour if episode is None else episode),
        updated_at=at(hour),
        reported_at=at(hour),
    )
    return replace(violation, **changes)


def passed(hour: float, **changes: object) -> Violation:
    return report(
        hour,
        compliance_status="PASSED",
        workflow_status="RESOLVED",
        severity=Severity.INFORMATIONAL,
        previous_compliance_status="FAILED",
        **changes,
    )


def archived(hour: float, **changes: object) -> Violation:
    return report(hour, record_state="ARCHIVED", compliance_status="NOT_AVAILABLE", **changes)


def suppressed(hour: float, **changes: object) -> Violation:
    return report(hour, workflow_status="SUPPRESSED", **changes)


def resolved_by_hand(hour: float, **changes: object) -> Violation:
    return report(hour, workflow_status="RESOLVED", **changes)


CLOSINGS = {"passed": passed, "archived": archived, "suppressed": suppressed, "resolved by hand": resolved_by_hand}


def after(*reports: Violation) -> Entry | None:
    """The ledger entry once these reports have been dealt with, in this order, and what was held in between is due."""
    entry: Entry | None = None
    for violation in reports:
        entry = follow(violation, settled(entry, violation.reported_at))[1]
    return entry


def settled(entry: Entry | None, now: datetime) -> Entry | None:
    """The entry once the sweep has carried out what is due."""
    return decide_due(entry, now).entry or entry


def follow(violation: Violation, entry: Entry | None) -> tuple[Action, Entry | None]:
    decision = decide(violation, entry)
    if decision.entry is None:
        return decision.action, entry
    if decision.action in {Action.ANNOUNCE, Action.REOPEN}:
        return decision.action, replace(decision.entry, message=MESSAGE)
    return decision.action, decision.entry


def action(violation: Violation, *history: Violation) -> Action:
    return decide(violation, settled(after(*history), violation.reported_at)).action


def test_a_new_violation_is_announced() -> None:
    assert action(report(1)) is Action.ANNOUNCE


def test_the_same_finding_in_the_same_episode_costs_nothing() -> None:
    again = report(25, episode=1, previous_compliance_status="FAILED")
    assert decide(again, after(report(1))).entry is None


def test_the_same_event_again_costs_nothing() -> None:
    assert decide(report(1), after(report(1))).entry is None


def test_another_standards_finding_is_remembered_in_silence() -> None:
    assert action(report(1.01, finding="cis"), report(1)) is Action.REMEMBER


@pytest.mark.parametrize("undecided", ["WARNING", "NOT_AVAILABLE"])
def test_failing_again_after_an_undecided_check_is_no_news(undecided: str) -> None:
    assert action(report(9, previous_compliance_status=undecided), report(1)) is Action.REMEMBER


@pytest.mark.parametrize("previous", ["PASSED", "FAILED", None])
def test_a_recovery_that_was_missed_makes_the_next_failure_news(previous: str | None) -> None:
    assert action(report(9, previous_compliance_status=previous), report(1)) is Action.REOPEN


def test_a_violation_that_passed_is_closed_with_the_severity_it_was_announced_with() -> None:
    decision = decide(passed(9), after(report(1)))
    assert decision.action is Action.CLOSE
    assert decision.entry is not None
    assert (decision.entry.severity, decision.entry.closing and decision.entry.closing.at) == (Severity.HIGH, at(9))


def test_a_violation_that_fails_again_after_it_passed_is_reopened() -> None:
    decision = decide(report(20), after(report(1), passed(9)))
    assert decision.action is Action.REOPEN
    assert decision.entry is not None
    assert (decision.entry.announcements, decision.entry.message) == (2, MESSAGE)


@pytest.mark.parametrize("finding", ["fsbp", "cis"])
def test_a_late_failure_from_before_it_passed_is_no_news(finding: str) -> None:
    late = report(12, episode=1, finding=finding, updated_at=at(8))
    assert action(late, report(1), passed(9)) is Action.NOTHING


@pytest.mark.parametrize("close", [archived, suppressed, resolved_by_hand])
def test_what_is_taken_back_by_hand_is_reopened(close: object) -> None:
    history = (report(1), close(9, episode=1))
    assert action(report(20, episode=1), *history) is Action.REOPEN


@pytest.mark.parametrize("close", [archived, suppressed, resolved_by_hand])
def test_an_event_sent_before_the_closing_is_no_news(close: object) -> None:
    history = (report(1), close(9, episode=1))
    assert action(report(8, episode=1), *history) is Action.NOTHING


@pytest.mark.parametrize("close", [suppressed, resolved_by_hand])
def test_what_somebody_closed_stays_closed_for_the_findings_of_other_standards(close: object) -> None:
    history = (report(1), close(9, episode=1))
    assert action(report(20, finding="cis"), *history) is Action.NOTHING


def test_a_resource_made_anew_after_its_deletion_is_reopened_through_its_new_finding() -> None:
    assert action(report(20, finding="new"), report(1), archived(9)) is Action.REOPEN


@pytest.mark.parametrize("close", [archived, suppressed, resolved_by_hand])
def test_a_closing_waits_for_the_other_open_findings(close: object) -> None:
    history = (report(1), report(1.01, finding="cis"))
    assert action(close(9, episode=1), *history) is Action.REMEMBER
    last = close(10, episode=1.01, finding="cis")
    ending = Action.HOLD if close is archived else Action.CLOSE
    assert action(last, *history, close(9, episode=1)) is ending


def test_a_pass_closes_whatever_the_other_findings_still_say() -> None:
    assert action(passed(9), report(1), report(1.01, finding="cis")) is Action.CLOSE


def test_switching_consolidated_findings_closes_nothing_and_announces_nothing() -> None:
    old, new = report(1, finding="old"), report(13, finding="new")
    gone = archived(12, finding="old", archival_reason=CONSOLIDATION)
    assert action(gone, old) is not Action.CLOSE
    assert action(new, old, gone) is Action.REMEMBER
    assert action(gone, old, new) is not Action.CLOSE
    assert action(archived(30, finding="new"), old, gone, new) is Action.HOLD


def test_a_consolidation_that_archives_a_finding_nobody_knows_does_not_hide_its_successor() -> None:
    gone = archived(12, finding="old", archival_reason=CONSOLIDATION)
    assert action(report(11.9, finding="new"), gone) is Action.ANNOUNCE


@pytest.mark.parametrize("close", CLOSINGS.values(), ids=CLOSINGS)
def test_what_was_never_announced_is_never_closed_aloud(close: object) -> None:
    assert action(close(9)) is Action.REMEMBER


def test_a_violation_that_closed_before_it_could_be_announced_stays_silent() -> None:
    assert action(report(1), passed(9)) is Action.NOTHING
    assert action(report(1), suppressed(9, episode=1)) is Action.NOTHING


def test_a_first_announcement_after_a_silent_closing_is_not_called_reopened() -> None:
    assert action(report(20), passed(9)) is Action.ANNOUNCE


@pytest.mark.parametrize("close", CLOSINGS.values(), ids=CLOSINGS)
def test_a_closing_is_told_once(close: object) -> None:
    history = (report(1), close(9, episode=9))
    assert decide(close(9, episode=9), after(*history)).entry is None


@pytest.mark.parametrize("close", [archived, suppressed, resolved_by_hand])
def test_a_closing_from_before_the_announcement_is_no_news(close: object) -> None:
    assert action(close(8, episode=1), report(9, episode=1)) is Action.NOTHING


def test_a_pass_from_before_the_present_failure_is_no_news() -> None:
    assert action(passed(9), report(20)) is Action.NOTHING


def test_a_suppression_that_was_taken_back_before_it_arrived_changes_nothing() -> None:
    taken_back = report(20, episode=1, updated_at=at(1))
    assert action(suppressed(10, episode=1, updated_at=at(1)), report(1), taken_back) is Action.NOTHING


@pytest.mark.parametrize("history", [(), (report(1),), (report(1), passed(9))])
@pytest.mark.parametrize(
    "changes",
    [{"workflow_status": "NOTIFIED"}, {"compliance_status": "WARNING"}, {"compliance_status": "NOT_AVAILABLE"}],
)
def test_everything_else_changes_nothing(changes: dict[str, str], history: tuple[Violation, ...]) -> None:
    assert decide(report(30, **changes), after(*history)).entry is None


# ---- where optional fields are missing, or stand still


def still(hour: float, answer: object, previous: str | None) -> Violation:
    """The check's answer at an hour, with a FirstObservedAt that never moves."""
    return replace(answer(hour, episode=1), previous_compliance_status=previous)


@pytest.mark.parametrize("previous", ["PASSED", None])
def test_a_failure_after_a_pass_is_reopened_although_its_episode_never_moves(previous: str | None) -> None:
    history = (still(1, report, "PASSED"), still(52, passed, "FAILED"))
    entry = after(*history)
    assert entry is not None
    assert entry.closing is not None
    assert entry.closing.at == at(52)  # when the update said so
    assert action(still(76, report, previous), *history) is Action.REOPEN


@pytest.mark.parametrize("episodes", [(0.9, 0.95, 0.9), (0.95, 0.9, 0.95)], ids=["then lacks it", "lacked it"])
def test_a_finding_that_tells_its_episode_now_and_then_is_announced_and_closed_once(
    episodes: tuple[float, float, float],
) -> None:
    first, second, third = episodes
    entry = decide(report(1, episode=first), None).entry
    decision = decide(report(2, episode=second, previous_compliance_status=None), entry)
    assert decision.action is Action.NOTHING
    decision = decide(passed(3, episode=third), entry)
    assert decision.action is Action.CLOSE
    decision = decide(report(4, episode=second), decision.entry)
    assert decision.action is Action.REOPEN
    decision = decide(report(5, episode=4, previous_compliance_status=None), decision.entry)
    assert decision.action is Action.NOTHING


def test_a_recovery_that_was_missed_is_noticed_although_the_episode_never_moves() -> None:
    again = still(76, report, "PASSED")
    assert action(again, still(1, report, "PASSED")) is Action.REOPEN
    assert decide(again, after(still(1, report, "PASSED"), again)).entry is None


def test_a_pass_that_comes_after_the_failure_that_followed_it_is_no_news() -> None:
    history = (still(1, report, "PASSED"), still(76, report, "PASSED"))
    assert action(still(52, passed, "FAILED"), *history) is Action.NOTHING


def test_a_pass_of_what_was_never_announced_costs_no_write_if_nobody_says_that_it_failed() -> None:
    assert decide(replace(passed(9), previous_compliance_status=None), None).entry is None


def test_a_pass_closes_whether_or_not_it_tells_what_was_before() -> None:
    assert action(replace(passed(9), previous_compliance_status=None), report(1)) is Action.CLOSE


# ---- archived, and created anew


def test_an_archive_is_held_for_an_hour_and_carried_out_then() -> None:
    entry = after(report(1))
    decision = decide(archived(9, episode=1), entry)
    assert decision.action is Action.HOLD
    assert decision.entry is not None
    assert decision.entry.is_open
    assert decide_due(decision.entry, at(9.9)).action is Action.NOTHING
    due = decide_due(decision.entry, at(9) + ARCHIVE_IS_HELD_FOR)
    assert (due.action, due.entry and due.entry.closing and due.entry.closing.at) == (Action.CLOSE, at(9))
    assert decide_due(due.entry, at(20)).action is Action.NOTHING


@pytest.mark.parametrize("finding", ["fsbp", "made anew"])
@pytest.mark.parametrize("archive_first", [True, False])
def test_what_is_archived_and_reported_again_within_the_hour_is_no_news(finding: str, archive_first: bool) -> None:
    gone = archived(9, episode=1)
    back = report(9.1, finding=finding, episode=1 if finding == "fsbp" else 9.1, previous_compliance_status=None)
    events = [gone, back] if archive_first else [back, gone]
    entry = after(report(1))
    for event in events:
        done, entry = follow(event, entry)
        assert done not in {Action.ANNOUNCE, Action.REOPEN, Action.CLOSE}
    assert entry is not None
    assert entry.is_open
    if archive_first or finding != "fsbp":
        assert decide_due(entry, at(30)).action is Action.NOTHING


def test_an_old_report_does_not_take_back_an_archive() -> None:
    entry = after(report(1))
    entry = follow(archived(9, episode=1), entry)[1]
    entry = follow(report(8, episode=1, previous_compliance_status="FAILED"), entry)[1]
    assert decide_due(entry, at(30)).action is Action.CLOSE


@pytest.mark.parametrize("close", [passed, suppressed, resolved_by_hand])
def test_a_closing_of_another_kind_does_not_wait_for_the_archive(close: object) -> None:
    history = (report(1), archived(9, episode=1))
    event = close(9.2, episode=9.2 if close is passed else 1)
    done, entry = follow(event, after(*history))
    assert done is Action.CLOSE
    assert decide_due(entry, at(30)).action is Action.NOTHING


def test_a_violation_made_anew_every_day_for_a_year_keeps_few_traces() -> None:
    entry = after(report(1))
    for day in range(1, 366):
        finding = "fsbp" if day == 1 else f"made anew {day}"
        entry = follow(archived(24 * day, finding=finding, episode=1), entry)[1]
        entry = follow(report(24 * day + 0.1, finding=f"made anew {day + 1}"), entry)[1]
    assert entry is not None
    assert entry.is_open
    assert len(entry.findings) <= MOST_ENDED_SIGHTINGS + 2


# ---- another severity


def test_a_change_of_severity_is_told_and_remembered() -> None:
    entry = after(report(1, severity=Severity.MEDIUM))
    worse = report(9, episode=1, severity=Severity.CRITICAL, previous_compliance_status="FAILED")
    decision = decide(worse, entry)
    assert decision.action is Action.RERATE
    assert decision.why.facts == {"before": "MEDIUM", "now": "CRITICAL"}
    assert decision.entry is not None
    assert decision.entry.severity is Severity.CRITICAL
    assert decide(worse, decision.entry).entry is None
    older = replace(worse, severity=Severity.MEDIUM, reported_at=at(5))
    assert decide(older, decision.entry).entry is None


def test_standards_that_rate_a_control_differently_change_nothing_day_by_day() -> None:
    entry = after(report(1, severity=Severity.HIGH), report(1.01, finding="cis", severity=Severity.MEDIUM))
    daily = report(25, episode=1.01, finding="cis", severity=Severity.MEDIUM, previous_compliance_status="FAILED")
    assert decide(daily, entry).entry is None


# ---- coming and going


def test_what_is_no_longer_visible_is_closed_and_the_first_report_of_any_finding_reopens_it() -> None:
    decision = decide_vanished(report(2160), after(report(0), report(1, finding="cis"), archived(2, finding="cis")))
    assert decision.action is Action.CLOSE
    assert decision.entry
    assert decision.entry.closing
    assert (decision.entry.closing.state, decision.entry.closing.at) == (State.VANISHED, at(2160))
    assert not decision.entry.is_open_elsewhere("pci")
    for finding in ("fsbp", "cis", "its-successor"):
        assert decide(report(2161, episode=0, finding=finding), decision.entry).action is Action.REOPEN
        assert decide(report(2159, finding=finding), decision.entry).action is Action.NOTHING


def test_what_was_reported_since_it_was_found_to_be_gone_or_has_ended_stays_as_it_is() -> None:
    for entry in (None, after(report(0), report(2161, finding="its-successor")), after(report(0), passed(1))):
        decision = decide_vanished(report(2160), entry)
        assert (decision.action, decision.entry) == (Action.NOTHING, None)


def told_of(entry: Entry | None, *events: Violation) -> tuple[Entry | None, list[Told]]:
    """The entry after these events, and how loudly each that changes anything is told."""
    told = []
    for event in events:
        decision = decide(event, entry)
        if decision.action in {Action.ANNOUNCE, Action.REOPEN, Action.CLOSE, Action.RERATE}:
            told.append(decision.told)
        entry = decision.entry or entry
    return entry, told


def toggles(start: float, count: int, every: float) -> list[Violation]:
    """A suppression and its undoing, so often."""
    events = []
    for number in range(count):
        hour = start + number * every
        events += [suppressed(hour, episode=1), report(hour + every / 2, episode=1)]
    return events


def test_three_returns_a_day_are_told_aloud_and_what_follows_in_the_thread_at_most_hourly() -> None:
    entry, told = told_of(after(report(1)), *toggles(2, 450, 0.05))
    assert told[:7] == [Told.ALOUD] * 7
    aloud, in_thread = told.count(Told.ALOUD), told.count(Told.IN_THREAD)
    assert (len(told), aloud) == (900, 7)
    assert 20 <= in_thread <= 23  # within 22 hours
    assert entry is not None
    assert entry.announcements == 451


def test_after_a_quiet_day_returns_are_told_aloud_again() -> None:
    entry, _ = told_of(after(report(1)), *toggles(2, 20, 0.5))
    _, told = told_of(entry, suppressed(30, episode=1), report(36, episode=1), suppressed(37, episode=1))
    assert told[:2] != [Told.ALOUD] * 2
    _, told = told_of(entry, suppressed(60, episode=1), report(61, episode=1))
    assert told == [Told.ALOUD, Told.ALOUD]


def test_one_that_comes_back_every_day_is_told_aloud() -> None:
    _, told = told_of(after(report(1)), *toggles(24, 20, 12))
    assert set(told) == {Told.ALOUD}


def test_a_severity_that_is_raised_again_and_again_is_soon_told_at_most_hourly() -> None:
    rated = (Severity.MEDIUM, Severity.CRITICAL)
    changes = [
        report(2 + number / 60, episode=1, severity=rated[number % 2], previous_compliance_status="FAILED")
        for number in range(60)
    ]
    _, told = told_of(after(report(1)), *changes)
    assert told[:7] == [Told.ALOUD] * 7
    assert Counter(told[7:]) == {Told.IN_THREAD: 1, Told.SILENTLY: 52}


@dataclass
class Truth:
    """One finding as Security Hub keeps it, so that the histories below are such as can happen.

    Nobody knows whether FirstObservedAt moves with the answer, and PreviousComplianceStatus may be left out.
    """

    moves: bool = True
    says_previous: bool = True
    hour: float = 0
    compliance: str | None = None
    previous: str | None = None
    workflow: str = "NEW"
    record: str = "ACTIVE"
    episode: float = 0
    updated: float = 0

    def check(self, answer: str) -> None:
        self.previous = self.compliance
        if answer != self.compliance and (self.moves or self.compliance is None):
            self.episode = self.hour
        if answer == "PASSED" and self.workflow != "SUPPRESSED":
            self.workflow = "RESOLVED"
        if (self.compliance == "PASSED" and answer != "PASSED") or self.record == "ARCHIVED":
            self.workflow = "SUPPRESSED" if self.workflow == "SUPPRESSED" else "NEW"
        self.compliance, self.record, self.updated = answer, "ACTIVE", self.hour

    def archive(self) -> None:
        self.record, self.updated = "ARCHIVED", self.hour

    def event(self) -> Violation:
        return report(
            self.hour + 0.01,
            episode=self.episode,
            compliance_status=self.compliance,
            previous_compliance_status=self.previous if self.says_previous else None,
            workflow_status=self.workflow,
            record_state=self.record,
            updated_at=at(self.updated),
        )


CHECKS = ["FAILED", "PASSED", "WARNING"]
WORKFLOWS = ["NEW", "SUPPRESSED", "RESOLVED", "NOTIFIED"]


def history_of(steps: list[str], truth: Truth) -> list[Violation]:
    """What Security Hub sends, an hour apart: checks' answers, and what people set the workflow status to."""
    events = []
    for hour, step in enumerate(["FAILED", *steps], start=1):
        truth.hour = hour
        if step == "ARCHIVED":
            truth.archive()
        elif step in CHECKS:
            truth.check(step)
        elif truth.compliance == "FAILED" and truth.record == "ACTIVE":
            truth.workflow = step
        events.append(truth.event())
    return events


def deliver(order: list[Violation], entry: Entry | None = None) -> tuple[Entry | None, Counter[datetime]]:
    """The entry once everything has arrived and what was held is due, and how often each update was announced."""
    announced = Counter[datetime]()
    for violation in order:
        done, entry = follow(violation, entry)
        if done in {Action.ANNOUNCE, Action.REOPEN}:
            announced[violation.updated_at] += 1
    return settled(entry, at(100)), announced


def any_order(history: list[Violation], data: st.DataObject) -> list[Violation]:
    """The history as a queue may deliver it: some of it twice, in any order."""
    twice = data.draw(st.lists(st.sampled_from(history), max_size=4))
    return data.draw(st.permutations(history + twice))


def is_told(violation: Violation) -> bool:
    return violation.state is not State.OTHER


@examples(400)
@given(
    steps=st.lists(st.sampled_from(CHECKS + WORKFLOWS), max_size=8),
    ending=st.sampled_from([[], ["ARCHIVED"]]),
    moves=st.booleans(),
    data=st.data(),
)
def test_whatever_the_order_of_arrival_the_channel_ends_up_true(
    steps: list[str], ending: list[str], moves: bool, data: st.DataObject
) -> None:
    changes = [step for step, before in zip(steps, ["FAILED", *steps], strict=False) if step != before]
    history = history_of(changes + ending, Truth(moves=moves))
    entry, announced = deliver(any_order(history, data))
    last = [violation for violation in history if is_told(violation)][-1]
    assert entry is not None
    assert entry.is_open == (last.state is State.OPEN)
    for episode, times in announced.items():
        assert times <= 1 + taken_back(history, episode)


@examples(300)
@given(
    steps=st.lists(st.sampled_from([*CHECKS, *CHECKS, *WORKFLOWS, "ARCHIVED"]), max_size=9),
    truth=st.builds(Truth, moves=st.booleans(), says_previous=st.booleans()),
    data=st.data(),
)
def test_the_next_daily_report_rights_whatever_arrived_in_the_worst_of_orders(
    steps: list[str], truth: Truth, data: st.DataObject
) -> None:
    """A closing by hand that overtook only routine reports looks like a new one: those leave no trace in the ledger."""
    history = history_of(steps, truth)
    entry, _ = deliver(any_order(history, data))
    last = [violation for violation in history if is_told(violation)][-1]
    said = last.compliance_status if truth.says_previous else None
    daily = replace(last, reported_at=at(40), updated_at=at(40), previous_compliance_status=said)
    entry, _ = deliver([daily], entry)
    assert entry is not None
    assert entry.is_open == (last.state is State.OPEN)


def test_a_closing_that_waited_for_slack_while_it_was_taken_back_changes_nothing() -> None:
    entry = after(report(1))
    assert entry is not None
    waiting = replace(entry, closing_attempted_at=at(10))
    entry = follow(report(20, episode=1, updated_at=at(1)), waiting)[1]
    assert decide(suppressed(10, episode=1, updated_at=at(1)), entry).action is Action.NOTHING
    assert decide(report(44, episode=1, previous_compliance_status="FAILED"), entry).entry is None


def taken_back(history: list[Violation], episode: datetime) -> int:
    """How often a failure was open again after it had been suppressed, resolved or archived: each is news."""
    states = [one.state for one in history if is_told(one) and one.episode_started_at == episode]
    return sum(before is not State.OPEN and now is State.OPEN for before, now in pairwise(states))


@examples(300)
@given(answers=st.lists(st.booleans(), min_size=1, max_size=5), data=st.data())
def test_several_standards_are_announced_as_one_in_any_order(answers: list[bool], data: st.DataObject) -> None:
    """Each check answers for all standards, a few minutes apart from one to the next."""
    findings = ["fsbp", "cis", "pci", "nist"]
    waves = []
    failing = False
    for hour, fails in enumerate([True, *answers], start=1):
        if fails != failing:
            failing = fails
            waves.append([_answer(fails, hour, number, finding) for number, finding in enumerate(findings)])
    events = [event for wave in waves for event in wave]
    entry, announced = deliver(data.draw(st.permutations(events)))
    assert entry is not None
    assert entry.is_open == failing
    by_wave = Counter[int]()
    for episode, times in announced.items():
        by_wave[int((episode - START).total_seconds() // 3600)] += times
    assert set(by_wave.values()) <= {1}


def _answer(fails: bool, hour: int, number: int, finding: str) -> Violation:
    return (report if fails else passed)(hour + number * 0.05, finding=finding)

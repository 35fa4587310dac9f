"""What becomes of an event: the filter first, then the violation's life; and why, in words."""

from dataclasses import replace
from datetime import timedelta
from string import Formatter
from typing import Any

import pytest

from shared.alert.entry import Closing
from shared.alert.lifecycle import Action, decide
from shared.alert.verdict import judge, reject
from shared.alert.why import Reason, Why
from shared.finding.violation import Severity, State
from shared.policy.selection import Policy
from shared.view.english import ENGLISH
from shared.view.language import LANGUAGES
from shared.view.wording import Wording
from tests.findings import PASSED, violation

ALL = Policy(target_control_ids=("*",), min_severity=Severity.INFORMATIONAL)
FACTS = {
    Reason.NOT_TARGETED: {"control"},
    Reason.ACCEPTED: {"reason", "until"},
    Reason.DROPPED: {"reason"},
    Reason.TOO_LOW: {"severity", "min_severity"},
    Reason.LOWERED: {"severity", "lowered_from", "min_severity"},
    Reason.NOTHING_TO_TELL: {"workflow_status", "compliance_status"},
    **{reason: {"ended"} for reason in (Reason.BACK, Reason.BEFORE_ITS_END, Reason.ENDED, Reason.ENDED_BEFORE)},
    Reason.OPEN_ELSEWHERE: {"ended"},
    Reason.RERATED: {"before", "now"},
}


@pytest.mark.parametrize(
    ("policy", "changes", "sentence"),
    [
        (ALL, {}, None),
        (
            Policy(target_control_ids=("IAM.*",), min_severity=Severity.LOW),
            {},
            "control S3.8 is not in TargetControlIds",
        ),
        (
            Policy(target_control_ids=("*",), min_severity=Severity.CRITICAL),
            {"Severity.Label": "LOW"},
            "severity LOW is below MinSeverity CRITICAL",
        ),
        (
            Policy(target_control_ids=("*",), min_severity=Severity.HIGH),
            {"Severity.Label": "LOW"},
            "severity LOW, lowered from HIGH by hand or by a rule, is below MinSeverity HIGH",
        ),
        (Policy(target_control_ids=("*",), min_severity=Severity.HIGH, honors_lowered=False), {}, None),
    ],
)
def test_what_nobody_asked_for_is_filtered_and_told_why(
    policy: Policy, changes: dict[str, Any], sentence: str | None
) -> None:
    reported = violation(**changes)
    decision = judge(reported, policy, None)
    if sentence is None:
        assert decision == decide(reported, None)
        assert reject(reported, policy) is None
    else:
        assert (decision.action, ENGLISH.explain(decision.why)) == (Action.FILTER, sentence)


@pytest.mark.parametrize("changes", [PASSED, {"RecordState": "ARCHIVED"}, {"Workflow.Status": "SUPPRESSED"}])
def test_an_end_that_a_digest_found_concerns_only_what_is_still_open(changes: dict[str, Any]) -> None:
    opened, ended = violation(), violation(**changes)
    announced = decide(opened, None).entry
    found = replace(ended, reported_at=ended.reported_at + timedelta(days=3))
    assert announced
    assert judge(found, ALL, announced, is_found_by_digest=True) == judge(found, ALL, announced)
    known = replace(announced, closing=Closing(state=State.PASSED, finding_id="x", at=opened.reported_at))
    for entry in (None, known):
        decision = judge(found, ALL, entry, is_found_by_digest=True)
        assert (decision.action, decision.entry) == (Action.NOTHING, None)


def test_an_event_without_a_control_is_filtered() -> None:
    decision = judge(None, ALL, None)
    assert (decision.action, decision.why.reason, decision.entry) == (Action.FILTER, Reason.NO_CONTROL, None)


@pytest.mark.parametrize("wording", LANGUAGES.values())
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_with_its_facts_in_every_language(reason: Reason, wording: Wording) -> None:
    named = {name for _, name, _, _ in Formatter().parse(wording.reasons[reason]) if name}
    assert named == FACTS.get(reason, set())


@pytest.mark.parametrize("state", [state for state in State if state.is_closed])
def test_how_a_violation_ended_is_said_in_words(state: State) -> None:
    assert ENGLISH.explain(Why.ended(Reason.ENDED, state)).startswith("it ")
    assert len({wording.explain(Why.ended(Reason.ENDED, state)) for wording in LANGUAGES.values()}) == 2

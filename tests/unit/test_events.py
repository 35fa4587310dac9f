"""Every event of events/, as it is first met: what is done about it, why, and what people read.

The snapshots hold what is expected; UPDATE_SNAPSHOTS=1 writes them anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from shared.alert.lifecycle import Action
from shared.alert.verdict import judge
from shared.finding.event import parse_event
from shared.finding.violation import Severity
from shared.policy.selection import Policy
from shared.view.alert import render_alert
from shared.view.english import ENGLISH
from shared.view.language import LANGUAGES
from tests.findings import sample, sample_names

EVERYTHING = Policy(target_control_ids=("*",), min_severity=Severity.INFORMATIONAL)
SNAPSHOTS = Path(__file__).parent / "snapshots"
REMEDY = "look at the difference, then run `UPDATE_SNAPSHOTS=1 make test` if it is meant"


def met_first(event: dict[str, Any]) -> dict[str, Any]:
    violation = parse_event(event)
    decision = judge(violation, EVERYTHING, None)
    told: dict[str, Any] = {"outcome": decision.action.value, "why": ENGLISH.explain(decision.why)}
    if violation and decision.action is Action.ANNOUNCE:
        told["messages"] = {
            language: render_alert(violation, wording, "production") for language, wording in LANGUAGES.items()
        }
    return told


@pytest.mark.parametrize("name", sample_names())
def test_an_event_ends_as_its_snapshot_says(name: str) -> None:
    snapshot = SNAPSHOTS / f"{name}.json"
    outcome = met_first(sample(name))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        snapshot.write_text(json.dumps(outcome, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert snapshot.exists(), f"events/{name}.json has no snapshot: {REMEDY}"
    assert outcome == json.loads(snapshot.read_text(encoding="utf-8")), f"events/{name}.json ends otherwise: {REMEDY}"


def test_no_snapshot_has_lost_its_event() -> None:
    assert sorted(path.stem for path in SNAPSHOTS.glob("*.json")) == sample_names()


def test_the_events_show_every_first_outcome() -> None:
    outcomes = [met_first(sample(name))["outcome"] for name in sample_names()]
    assert len(outcomes) >= 15
    assert set(outcomes) == {"announce", "remember", "nothing", "filtered"}

"""Why an event is dropped: the same for the command and the page."""

import copy
from typing import Any

import pytest

from local.dropped import why_dropped
from local.panel.sentences import Sentences
from tests.findings import opened, sample

MANY = sample("custom_action")
MANY["detail"]["findings"] *= 2
PASSED_AGAIN = copy.deepcopy(sample("passed_never_announced"))
PASSED_AGAIN["detail"]["findings"][0]["ProductFields"]["PreviousComplianceStatus"] = "PASSED"


@pytest.mark.parametrize(
    ("event", "english", "japanese"),
    [
        (
            MANY,
            'its detail-type is "Security Hub Findings - Custom Action"',
            "detail-type が Security Hub Findings - Custom Action です",
        ),
        (
            PASSED_AGAIN,
            "it passed before, too (PreviousComplianceStatus)",
            "前回も合格していました（PreviousComplianceStatus）",
        ),
        (
            opened() | {"source": "my.own"},
            "it is no event of Security Hub (its source is 'my.own', its detail-type 'Security Hub Findings - Imp",
            "Security Hub のイベントではありません（source: my.own、detail-type: Security Hub Findings - Imported）",
        ),
        (
            sample("guardduty_finding"),
            "it carries no finding of a Security Hub control",
            None,
        ),
        (sample("warning_status"), "workflow status NEW, compliance WARNING: nothing to tell", None),
        (opened(**{"Severity": "HIGH"}), "Severity is text, not an object", None),
    ],
)
def test_the_reason_is_the_real_one(event: dict[str, Any], english: str, japanese: str | None) -> None:
    assert why_dropped(event, Sentences("en")).startswith(english)
    told = why_dropped(event, Sentences("ja"))
    assert told.startswith(japanese) if japanese else told != english

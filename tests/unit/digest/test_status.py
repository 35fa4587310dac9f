"""What became of a violation since the last digest: the whole table."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.digest.status import Known, Status, status_of
from tests.unit.findings import violation

NOW_LISTED = violation()
LISTED = Known(finding_id=NOW_LISTED.finding_id, episode_started_at=NOW_LISTED.episode_started_at)
EARLIER = replace(LISTED, episode_started_at=NOW_LISTED.episode_started_at - timedelta(days=3))
GONE = Known(finding_id=None, episode_started_at=None)


@pytest.mark.parametrize(
    ("known", "previous", "status"),
    [
        (None, None, Status.NEW),
        (LISTED, None, Status.OPEN),
        (LISTED, "PASSED", Status.OPEN),
        (EARLIER, "PASSED", Status.REOPENED),
        (EARLIER, None, Status.REOPENED),
        (EARLIER, "WARNING", Status.OPEN),
        (EARLIER, "NOT_AVAILABLE", Status.OPEN),
        (replace(EARLIER, finding_id="another standard's"), "PASSED", Status.OPEN),
        (replace(LISTED, episode_started_at=NOW_LISTED.episode_started_at + timedelta(days=1)), None, Status.OPEN),
        (GONE, None, Status.REOPENED),
        (GONE, "WARNING", Status.REOPENED),
    ],
)
def test_the_status_since_the_last_digest(known: Known | None, previous: str | None, status: Status) -> None:
    listed = replace(NOW_LISTED, previous_compliance_status=previous)
    assert status_of(listed, known, lists_all=True) is status


def test_what_a_digest_that_did_not_list_all_does_not_know_may_be_new_or_not() -> None:
    assert status_of(NOW_LISTED, None, lists_all=False) is None
    assert status_of(NOW_LISTED, LISTED, lists_all=False) is Status.OPEN

"""What became of a violation since the last digest: the whole table."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.digest.fate import Fate
from shared.digest.placement import Placement, Standing
from shared.digest.status import Change, Listed, change_of
from tests.findings import violation

NOW_LISTED = violation()
LISTED = Listed(finding_id=NOW_LISTED.finding_id, episode_started_at=NOW_LISTED.episode_started_at)
EARLIER = replace(LISTED, episode_started_at=NOW_LISTED.episode_started_at - timedelta(days=3))
GONE = Listed(finding_id=None, episode_started_at=None)

UNENDED = [fate for fate in Fate if not fate.is_end]


@pytest.mark.parametrize(
    ("known", "previous", "change"),
    [
        (None, None, Change.NEW),
        (LISTED, None, Change.OPEN),
        (LISTED, "PASSED", Change.OPEN),
        (EARLIER, "PASSED", Change.REOPENED),
        (EARLIER, None, Change.REOPENED),
        (EARLIER, "WARNING", Change.OPEN),
        (EARLIER, "NOT_AVAILABLE", Change.OPEN),
        (replace(EARLIER, finding_id="another standard's"), "PASSED", Change.OPEN),
        (replace(LISTED, episode_started_at=NOW_LISTED.episode_started_at + timedelta(days=1)), None, Change.OPEN),
        (GONE, None, Change.REOPENED),
        (GONE, "WARNING", Change.REOPENED),
        *((replace(EARLIER, fate=fate), previous, Change.OPEN) for fate in UNENDED for previous in (None, "WARNING")),
        *((replace(EARLIER, fate=fate), "PASSED", Change.REOPENED) for fate in UNENDED),
        *((replace(LISTED, fate=fate), None, Change.REOPENED) for fate in Fate if fate.is_end),
    ],
)
def test_the_status_since_the_last_digest(known: Listed | None, previous: str | None, change: Change) -> None:
    listed = replace(NOW_LISTED, previous_compliance_status=previous)
    assert change_of(listed, known, lists_all=True) is change


def test_what_a_digest_that_did_not_list_all_does_not_know_may_be_new_or_not() -> None:
    assert change_of(NOW_LISTED, None, lists_all=False) is None
    assert change_of(NOW_LISTED, LISTED, lists_all=False) is Change.OPEN


@pytest.mark.parametrize(
    ("standing", "before", "channel", "change"),
    [
        (Standing.OPEN, "C1", "C1", Change.OPEN),
        (Standing.OPEN, "C1", "C2", Change.MOVED),
        (Standing.OPEN, "C1", None, Change.OPEN),  # the routes are gone
        (Standing.ACCEPTED, "C1", "C1", Change.TOLD_AGAIN),
        (Standing.ACCEPTED, "C1", "C2", Change.TOLD_AGAIN),
        (Standing.DROPPED, None, "C1", Change.NEW),
    ],
)
def test_what_is_told_elsewhere_or_again_is_neither_new_nor_merely_open(
    standing: Standing, before: str | None, channel: str | None, change: Change
) -> None:
    known = replace(LISTED, placement=Placement(standing=standing, channel=before))
    assert change_of(NOW_LISTED, known, lists_all=True, channel=channel) is change

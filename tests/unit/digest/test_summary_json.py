"""A digest's summary, as the archive keeps it."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.digest.fate import Caveat, Fate
from shared.digest.hidden import HiddenCount, Hiding
from shared.digest.placement import Exemption
from shared.digest.summary import AcceptedCount, Comparison, Summary, UnknownOwner
from shared.digest.summary_json import decode, encode
from shared.finding.violation import Severity

NOW = datetime(2026, 11, 24, tzinfo=UTC)
COMPARISON = Comparison(since=NOW, new=1, reopened=0, resolved=2, left={Fate.PASSED: 2, Fate.UNDECIDED: 3})
SUMMARY = Summary(
    scheduled_time=NOW,
    counts={Severity.HIGH: 2},
    comparison=COMPARISON,
    caveats=(Caveat.SUPPRESSED, Caveat.UNKNOWN),
    hidden={
        Hiding.SUPPRESSED: HiddenCount(count=30_000, is_more=True),
        Hiding.LOWERED: HiddenCount(count=3, since=1),
    },
)


def test_a_summary_is_the_same_when_read_again() -> None:
    assert decode(encode(SUMMARY)) == SUMMARY


def test_what_it_says_of_routes_is_the_same_when_read_again() -> None:
    exemption = Exemption(what="S3.8", reason="a public site", until="2027-03-31")
    routed = replace(
        SUMMARY,
        comparison=replace(COMPARISON, moved=1, moved_away=2, told_again=3),
        channel="C0000TEAMA1",
        channels={"C0000TEAMA1": 2},
        accepted=(AcceptedCount(exemption=exemption, count=4),),
        dropped=5,
        unknown_owners=(UnknownOwner(name="left@example.com", count=6),),
        unknown_owner_count=1,
    )
    assert decode(encode(routed)) == routed


def test_a_summary_from_before_there_were_routes_says_nothing_of_them() -> None:
    content = json.loads(encode(SUMMARY)) | {"schema": 4}
    for name in ("channel", "channels", "accepted", "dropped", "unknown_owners", "unknown_owner_count"):
        del content[name]
    for name in ("moved", "moved_away", "told_again"):
        del content["comparison"][name]
    assert decode(json.dumps(content)) == SUMMARY


@pytest.mark.parametrize("count", [HiddenCount(count=None), HiddenCount(count=0, since=0)])
def test_a_count_that_is_not_known_is_read_as_that_and_not_as_nothing(count: HiddenCount) -> None:
    summary = replace(SUMMARY, hidden={Hiding.SUPPRESSED: count})
    assert decode(encode(summary)) == summary


def test_a_summary_from_before_anything_hidden_was_counted_says_nothing_of_it() -> None:
    content = json.loads(encode(SUMMARY)) | {"schema": 3}
    del content["hidden"]
    assert decode(json.dumps(content)) == replace(SUMMARY, hidden={})


@pytest.mark.parametrize("schema", [1, 2])
def test_a_summary_of_an_earlier_release_can_be_read_and_claims_no_more_than_it_knew(schema: int) -> None:
    content = json.loads(encode(SUMMARY)) | {"schema": schema}
    del content["caveats"], content["comparison"]["left"], content["hidden"]
    read = decode(json.dumps(content))
    assert read.comparison == Comparison(since=NOW, new=1, reopened=0, resolved=2)
    assert read.caveats == (Caveat.UNKNOWN,)


def test_a_way_off_the_list_that_nobody_knows_is_no_summary() -> None:
    with pytest.raises(ValueError, match="vanished"):
        decode(encode(SUMMARY).replace('"undecided": 3', '"vanished": 3'))

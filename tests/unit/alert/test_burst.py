"""Which announcements go out one by one, and how a burst counts the others."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.alert.burst import (
    CALM_AFTER,
    FOLLOW_UP_AFTER,
    MOST_OWNERS,
    WINDOW,
    WRITTEN_WITHIN,
    Burst,
    Lane,
    Member,
    Tally,
    Traffic,
    admit,
    calm_at,
    count,
    is_concluded,
    is_followed_up,
    lane_of,
    owners_to_count,
    tally_of,
)
from shared.finding.violation import Severity
from tests.findings import ACCOUNT, violation

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
severities = st.sampled_from(Severity)


def announce(
    traffic: Traffic,
    name: str,
    severity: Severity = Severity.HIGH,
    now: datetime = NOW,
    limit: int = 3,
    account: str = ACCOUNT,
) -> tuple[Traffic, bool]:
    """The traffic after an announcement, and whether that goes out by itself."""
    reported = violation(name, AwsAccountId=account, **{"Severity.Label": severity.name})
    after = admit(traffic, reported, limit=limit, now=now, new_burst_id="b1")
    return after, not after.takes_in(severity, account)


def storm(
    count: int, severity: Severity = Severity.HIGH, traffic: Traffic | None = None, **circumstances: Any
) -> tuple[Traffic, int]:
    """The traffic after so many different announcements at once, and how many went out by themselves."""
    traffic, singles = traffic or Traffic(), 0
    for number in range(count):
        traffic, alone = announce(traffic, f"{severity.name}-{number}", severity, **circumstances)
        singles += alone
    return traffic, singles


def member(number: int, **changes: object) -> Member:
    return Member(
        **{
            "key": f"k{number}",
            "severity": Severity.HIGH,
            "control_id": "S3.8",
            "account_id": "111122223333",
            "is_open": True,
            "joined_at": NOW + number * SECOND,
        }
        | changes
    )


def tally(number: int, *, still_open: int = 0) -> Tally:
    found = count([member(position, is_open=position < still_open) for position in range(number)])
    assert found is not None
    return found


# ---- which go out one by one


def test_up_to_the_limit_every_announcement_goes_out_by_itself() -> None:
    traffic, singles = storm(3)
    assert (singles, traffic.burst_id) == (3, None)


def test_beyond_the_limit_they_join_one_burst() -> None:
    traffic, singles = storm(10)
    assert (singles, traffic.burst_id) == (3, "b1")


def test_a_flood_of_lower_violations_leaves_the_critical_ones_their_own_limit() -> None:
    traffic, _ = storm(50)
    traffic, singles = storm(10, Severity.CRITICAL, traffic)
    assert singles == 3
    assert traffic.burst_id == "b1"


def test_a_flood_of_critical_violations_leaves_the_others_theirs() -> None:
    traffic, _ = storm(50, Severity.CRITICAL)
    assert storm(10, Severity.MEDIUM, traffic)[1] == 3


def test_high_and_lower_ones_share_a_limit() -> None:
    traffic, _ = storm(3, Severity.HIGH)
    assert storm(3, Severity.LOW, traffic)[1] == 0


def test_a_second_attempt_at_the_same_announcement_takes_no_second_place() -> None:
    traffic, _ = storm(3)
    for _ in range(5):
        traffic, alone = announce(traffic, "HIGH-0")
        assert alone
    assert traffic.burst_id is None


def test_places_are_free_again_after_the_window() -> None:
    traffic, _ = storm(3)
    assert not announce(traffic, "late", now=NOW + WINDOW - SECOND)[1]
    assert announce(traffic, "late", now=NOW + WINDOW)[1]


def test_while_a_burst_goes_on_every_one_joins_it_however_slowly_they_come() -> None:
    traffic, _ = storm(4)
    assert not announce(traffic, "late", now=NOW + WINDOW * 2)[1]


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.LOW])
def test_an_account_that_storms_leaves_the_others_half_of_the_limit(severity: Severity) -> None:
    traffic, singles = storm(1000, severity, limit=20)
    assert singles == 20
    for other in range(10):
        traffic, alone = announce(traffic, f"theirs-{other}", severity, limit=20, account=f"{other:012}")
        assert alone
    assert not announce(traffic, "theirs", severity, limit=20, account="999999999999")[1]


def test_two_accounts_share_the_limit() -> None:
    traffic, alone = Traffic(), 0
    for number in range(40):
        traffic, is_alone = announce(traffic, f"b-{number}", limit=20, account=f"{number % 2:012}")
        alone += is_alone
    assert alone == 20


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), severities, st.integers(0, 900)), max_size=60),
    st.integers(1, 5),
)
def test_no_window_ever_holds_more_than_the_limit_of_each_lane_and_half_as_many_of_others_beside_a_stormy_account(
    arrivals: list[tuple[int, int, Severity, int]], limit: int
) -> None:
    traffic, alone = Traffic(), dict[tuple[Lane, int, int], datetime]()
    for number, account, severity, seconds in sorted(arrivals, key=lambda arrival: arrival[3]):
        now = NOW + seconds * SECOND
        traffic, is_alone = announce(traffic, f"{severity}-{number}", severity, now, limit, f"{account:012}")
        if is_alone:
            alone[lane_of(severity), account, number + 100 * severity] = now
        for lane in Lane:
            recent = Counter(who for (one, who, _), at in alone.items() if one is lane and now - at < WINDOW)
            assert not recent or max(recent.values()) <= limit
            assert sum(recent.values()) <= limit + limit // 2


# ---- what a burst tells


def test_a_tally_counts_severities_controls_accounts_and_what_is_open() -> None:
    found = count(
        [
            member(1),
            member(2, severity=Severity.LOW, control_id="EC2.2"),
            member(3, account_id="444455556666", is_open=False),
        ]
    )
    assert found == Tally(
        severities={Severity.HIGH: 2, Severity.LOW: 1},
        controls={"S3.8": 2, "EC2.2": 1},
        accounts=2,
        last_joined_at=NOW + 3 * SECOND,
        still_open=2,
    )
    assert found.total == 3


def test_nothing_counted_is_no_tally() -> None:
    assert count([]) is None


def test_a_burst_is_calm_some_minutes_after_the_last_first_announcement_has_joined() -> None:
    assert calm_at(Burst(burst_id="b1", started_at=NOW)) == NOW + CALM_AFTER
    assert calm_at(Burst(burst_id="b1", started_at=NOW, prolonged_at=NOW + SECOND)) == NOW + SECOND + CALM_AFTER


def test_whatever_joins_it_a_burst_is_over_after_half_an_hour() -> None:
    burst = Burst(burst_id="b1", started_at=NOW, prolonged_at=NOW + timedelta(minutes=29))
    assert calm_at(burst) == NOW + timedelta(minutes=30)


def test_who_joins_after_the_end_opens_it_again() -> None:
    burst = Burst(burst_id="b1", started_at=NOW, concluded_at=NOW + 4 * SECOND)
    assert is_concluded(burst, tally(5))
    assert not is_concluded(burst, tally(6))


def test_once_it_is_over_a_burst_keeps_its_numbers_and_follows_what_is_open() -> None:
    final = tally(5, still_open=5)
    burst = Burst(burst_id="b1", started_at=NOW, concluded_at=NOW + CALM_AFTER, tally=final)
    now = tally_of(burst, [member(0, is_open=False), member(1)])  # the others came back in a later burst
    assert now is not None
    assert (now.total, now.still_open) == (5, 1)
    forgotten = tally_of(burst, [])
    assert forgotten is not None
    assert (forgotten.total, forgotten.still_open) == (5, 0)


def test_a_check_that_is_due_before_the_change_is_surely_written_does_not_count() -> None:
    def watched(in_: timedelta) -> bool:
        return is_followed_up(Burst(burst_id="b1", started_at=NOW, follow_up_at=NOW + in_), NOW)

    assert watched(FOLLOW_UP_AFTER)
    assert watched(WRITTEN_WITHIN)
    assert not watched(SECOND)
    assert not watched(-SECOND)
    assert not watched(CALM_AFTER)
    assert not is_followed_up(Burst(burst_id="b1", started_at=NOW), NOW)


def test_an_owner_beyond_those_with_a_place_is_counted_without_a_name() -> None:
    owners = {f"team-{number}": 1 for number in range(MOST_OWNERS - 1)}
    burst = Burst(burst_id="b1", started_at=NOW, owners=owners)
    assert owners_to_count(burst, ("team-0", "new")) == {"team-0", "new"}
    assert owners_to_count(burst, ("new", "newer")) == {"new", ""}
    full = Burst(burst_id="b1", started_at=NOW, owners={**owners, "new": 1, "": 4})
    assert owners_to_count(full, ("team-1", "newer")) == {"team-1", ""}
    assert owners_to_count(full, ()) == frozenset()

"""How often a channel is rung."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from shared.alert.bell import HOUR, MENTIONS_AN_HOUR, ring

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_a_channel_is_rung_so_often_an_hour_and_no_more() -> None:
    rung: Mapping[str, datetime] = {}
    rings = 0
    for number in range(500):
        after = ring(rung, f"{number}/1", NOW + timedelta(seconds=number))
        rings += after is not None
        rung = after or rung
    assert rings == MENTIONS_AN_HOUR == len(rung)
    assert ring(rung, "0/1", NOW + timedelta(seconds=500)) == rung  # a second attempt at the same message
    assert ring(rung, "500/1", NOW + HOUR - timedelta(seconds=1)) is None
    assert len(ring(rung, "500/1", NOW + HOUR) or ()) == MENTIONS_AN_HOUR

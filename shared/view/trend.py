"""The trend of open violations, seen at a glance: Slack's chart, or a line of characters where Slack has none yet.

Limits: Slack documentation, "Data visualization block".
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import takewhile

from shared.digest.summary import DIGESTS_IN_TREND, Summary
from shared.view.rich_text import Element, code, fact, plain, rich_text, shorten
from shared.view.wording import Wording

MAX_DATA_POINTS = 20
MAX_CHART_TITLE_CHARACTERS = 50
MAX_LABEL_CHARACTERS = 20
FEWEST_DAYS = 2  # fewer are no trend
BARS = "▁▂▃▄▅▆▇█"

Day = tuple[date, int]


def trend_blocks(summary: Summary, wording: Wording, today: str, *, with_chart: bool) -> list[Element]:
    """The block of the trend; none if there are too few digests for one, or nothing was ever open."""
    days = list(dict(_digests(summary, today)).items())  # the last of each day
    if len(days) < FEWEST_DAYS or not any(total for _, total in days):
        return []
    return [_chart(_few(days), wording) if with_chart else _line(days, wording)]


def empty_days(summary: Summary, today: str) -> list[date]:
    """The dates of the last digests in a row that found nothing, this one's at the end; none if only this one did."""
    empty = list(takewhile(lambda digest: not digest[1], reversed(_digests(summary, today))))
    return [day for day, _ in reversed(empty)] if len(empty) > 1 else []


def _digests(summary: Summary, today: str) -> list[Day]:
    """The last digests of the trend, by the dates on which readers got them.

    `today` is this one's. The others came at the same time of day, and so are as far from their date in UTC. An
    incomplete one is left out, for it would show a dip that never was.
    """
    shift = date.fromisoformat(today) - summary.scheduled_time.date()
    points = summary.trend[-DIGESTS_IN_TREND:]
    if summary.incomplete:
        points = tuple(point for point in points if point.scheduled_time != summary.scheduled_time)
    return [(_shifted(point.scheduled_time.date(), shift), point.total) for point in points]


def _shifted(day: date, shift: timedelta) -> date:
    try:
        return day + shift
    except OverflowError:
        return day  # at the calendar's very ends


def _few(days: Sequence[Day]) -> list[Day]:
    """Every day, every second, or every third …, back from the last one, as many as a chart takes."""
    step = -(-len(days) // MAX_DATA_POINTS)
    return list(days[::-1][::step][::-1])


def _chart(days: Sequence[Day], wording: Wording) -> Element:
    labels = _labels([day for day, _ in days])
    points = [{"label": label, "value": total} for label, (_, total) in zip(labels, days, strict=True)]
    title = wording.digest_trend_title.format(first=days[0][0], last=days[-1][0])
    return {
        "type": "data_visualization",
        "title": shorten(title, MAX_CHART_TITLE_CHARACTERS),
        "chart": {
            "type": "line",
            "series": [{"name": shorten(wording.digest_trend_series, MAX_LABEL_CHARACTERS), "data": points}],
            "axis_config": {"categories": labels},
        },
    }


def _labels(days: Sequence[date]) -> list[str]:
    """Month and day, such as 11-23; the year too where they go back further than one."""
    short = [f"{day:%m-%d}" for day in days]
    return short if len(set(short)) == len(short) else [day.isoformat() for day in days]


def _line(days: Sequence[Day], wording: Wording) -> Element:
    top = max(total for _, total in days)
    bars = "".join(BARS[_height(total, top)] for _, total in days)
    (first_day, first), (last_day, last) = days[0], days[-1]
    return rich_text(
        fact(
            wording.digest_trend,
            plain(f"{first:,} ({first_day})  "),
            code(bars),
            plain(f"  {last:,} ({last_day})"),
        )
    )


def _height(total: int, top: int) -> int:
    """Of a bar, where the lowest is for 0 alone."""
    return max(int(total > 0), total * (len(BARS) - 1) // top)

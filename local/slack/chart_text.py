"""Slack's charts drawn with characters."""

from typing import Any

from local.slack.shapes import members
from local.slack.text import printable

HEIGHT = 5  # lines
BARS = " ▁▂▃▄▅▆▇█"
COLUMN = 2  # characters a value takes

Object = dict[str, Any]


def chart(block: Object) -> str:
    """A data_visualization block: its title, and below it the values as columns from 0 up, or a pie's as a list."""
    drawn = block.get("chart") or {}
    lines = [str(block.get("title", ""))]
    lines += [f"{segment.get('label')}  {_number(segment.get('value'))}" for _, segment in members(drawn, "segments")]
    all_series = [series for _, series in members(drawn, "series")]
    for series in all_series:
        lines += [str(series.get("name"))] if len(all_series) > 1 else []
        lines += _columns([(str(point.get("label")), point.get("value", 0)) for _, point in members(series, "data")])
    return printable("\n".join(lines))


def _columns(points: list[tuple[str, float]]) -> list[str]:
    """The highest value stands at the first line, 0 at the last; below are the first label and the last."""
    if not points:
        return []
    top = max(0, *(value for _, value in points)) or 1
    margin = len(_number(top))
    lines = [
        f"{_number(top) if line == HEIGHT - 1 else '0' if line == 0 else '':>{margin}} ┤{_slice(points, line, top)}"
        for line in reversed(range(HEIGHT))
    ]
    first, last = points[0][0], points[-1][0]
    space = " " * max(1, len(points) * COLUMN - len(first) - len(last))
    under = first if len(points) == 1 else f"{first}{space}{last}"
    return [*lines, " " * (margin + 2) + under]


def _slice(points: list[tuple[str, float]], line: int, top: float) -> str:
    steps = len(BARS) - 1
    heights = (max(int(value > 0), round(value / top * HEIGHT * steps)) for _, value in points)
    return "".join(BARS[min(steps, max(0, height - line * steps))] * COLUMN for height in heights).rstrip()


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)

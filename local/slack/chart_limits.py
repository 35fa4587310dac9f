"""What a data_visualization block may hold. Source: "Data visualization block", Slack's Block Kit reference."""

import math
from collections.abc import Iterator
from typing import Any

from local.slack import shapes
from local.slack.shapes import Problem

CHART_TITLE_LENGTH = 50
CHART_LABEL_LENGTH = 20  # of a segment, a series, a data point and a category
AXIS_LABEL_LENGTH = 50
SEGMENTS = 6
SERIES = 6
DATA_POINTS = 20  # in a series
CHARTS = 2  # in a message; the page doesn't say so, Slack's refusals do

WITH_AXES = ("bar", "area", "line")

Object = dict[str, Any]


def chart_problems(block: Object, at: str) -> Iterator[Problem]:
    """Problems of {"type": "data_visualization", "title": "Open", "chart": {"type": "line", …}}.

    A pie has "segments": [{"label": "HIGH", "value": 3}]; the others have "series": [{"name": "Open", "data":
    [{"label": "11-23", "value": 3}]}] and "axis_config": {"categories": ["11-23"], "x_label"?: …, "y_label"?: …}.
    """
    yield from shapes.required(block, at, "title", "chart")
    yield from shapes.optional_string(block, "title", at, CHART_TITLE_LENGTH)
    if "chart" in block:
        chart, place = block["chart"], f"{at}/chart"
        wrong_type = list(shapes.typed(chart, place, ("pie", *WITH_AXES)))
        yield from wrong_type or (_pie if chart["type"] == "pie" else _with_axes)(chart, place)


def charts_problems(charts: list[tuple[str, Object]]) -> Iterator[Problem]:
    """Problems of all the charts of a message together, each given with its place."""
    yield from ((at, f"no more than {CHARTS} data_visualization blocks allowed") for at, _ in charts[CHARTS:])


def _pie(chart: Object, at: str) -> Iterator[Problem]:
    yield from _points(chart, "segments", at, SEGMENTS)
    for i, segment in shapes.members(chart, "segments"):
        if _is_number(segment.get("value")) and segment["value"] <= 0:
            yield f"{at}/segments/{i}/value", "must be greater than 0"


def _with_axes(chart: Object, at: str) -> Iterator[Problem]:
    yield from shapes.required(chart, at, "series", "axis_config")
    yield from shapes.items(chart.get("series", [{}]), f"{at}/series", SERIES)
    yield from _axes(chart.get("axis_config", {"categories": []}), f"{at}/axis_config")
    names: list[Any] = []
    for i, series in shapes.members(chart, "series"):
        yield from _series(series, f"{at}/series/{i}", _categories(chart))
        if series.get("name") in names:
            yield f"{at}/series/{i}/name", "must be unique"
        names.append(series.get("name"))


def _series(series: Object, at: str, categories: list[str]) -> Iterator[Problem]:
    yield from shapes.required(series, at, "name")
    yield from shapes.optional_string(series, "name", at, CHART_LABEL_LENGTH)
    yield from _points(series, "data", at, DATA_POINTS)
    if sorted(str(point.get("label")) for _, point in shapes.members(series, "data")) != categories:
        yield f"{at}/data", "must have one data point for each category"


def _points(owner: Object, key: str, at: str, most: int) -> Iterator[Problem]:
    yield from shapes.required(owner, at, key)
    yield from shapes.items(owner.get(key, [{}]), f"{at}/{key}", most)
    for i, point in shapes.members(owner, key):
        yield from shapes.required(point, f"{at}/{key}/{i}", "label", "value")
        yield from shapes.optional_string(point, "label", f"{at}/{key}/{i}", CHART_LABEL_LENGTH)
        if not _is_number(point.get("value", 0)):
            yield f"{at}/{key}/{i}/value", "must provide a number"


def _axes(axes: Any, at: str) -> Iterator[Problem]:
    if not isinstance(axes, dict):
        yield at, "must provide an object"
        return
    yield from shapes.required(axes, at, "categories")
    for i, category in shapes.entries(axes, "categories"):
        yield from shapes.string(category, f"{at}/categories/{i}", CHART_LABEL_LENGTH)
    yield from shapes.optional_string(axes, "x_label", at, AXIS_LABEL_LENGTH)
    yield from shapes.optional_string(axes, "y_label", at, AXIS_LABEL_LENGTH)


def _categories(chart: Object) -> list[str]:
    axes = chart.get("axis_config")
    return sorted(str(category) for _, category in shapes.entries(axes, "categories")) if isinstance(axes, dict) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

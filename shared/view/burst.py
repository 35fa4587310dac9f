"""A burst as one Slack message, which is written anew as the burst grows, calms down, and goes away."""

from collections.abc import Iterator

from shared.alert.burst import Burst, Tally, is_calm, is_concluded
from shared.view.rich_text import (
    Element,
    Payload,
    attachment,
    emoji,
    escape,
    fact,
    plain,
    rich_text,
    shorten,
    timestamp,
)
from shared.view.severity import COLOURS, severity_line, worst_first
from shared.view.wording import Wording

MAX_CONTROLS_SHOWN = 10
MAX_CONTROL_ID_CHARACTERS = 64
GONE_COLOUR = "#2eb67d"


def render_burst(burst: Burst, tally: Tally, wording: Wording, environment_name: str = "") -> Payload:
    """What a burst's message says now: {"text", "blocks", "attachments"}."""
    is_gone = not tally.still_open
    heading = [
        emoji(_symbol(burst, tally)),
        plain(f" {wording.burst}  ", bold=True),
        plain(_heading(tally, wording), bold=True),
    ]
    colour = GONE_COLOUR if is_gone else COLOURS[max(tally.severities)]
    return {
        "text": _notification(tally, wording),
        "blocks": [rich_text(heading)],
        "attachments": [attachment(colour, list(_facts(burst, tally, wording, environment_name)))],
    }


def _symbol(burst: Burst, tally: Tally) -> str:
    if not tally.still_open:
        return "white_check_mark"
    return "bar_chart" if is_concluded(burst, tally) else "chart_with_upwards_trend"


def _heading(tally: Tally, wording: Wording) -> str:
    if tally.total == 1:
        return wording.burst_heading_one
    return wording.burst_heading.format(count=f"{tally.total:,}")


def _notification(tally: Tally, wording: Wording) -> str:
    severities = ", ".join(f"{severity.name} {count:,}" for severity, count in worst_first(tally.severities))
    return escape(wording.burst_notification.format(heading=_heading(tally, wording), severities=severities))


def _facts(burst: Burst, tally: Tally, wording: Wording, environment_name: str) -> Iterator[list[Element]]:
    yield fact(wording.burst_severities, *severity_line(tally.severities))
    yield fact(wording.burst_controls, plain(_controls(tally, wording)))
    yield fact(wording.burst_accounts, plain(f"{tally.accounts:,}"))
    yield fact(wording.burst_started, timestamp(burst.started_at))
    if is_concluded(burst, tally):
        yield fact(wording.burst_ended, timestamp(tally.last_joined_at))
    open_count = wording.burst_open_count.format(open=f"{tally.still_open:,}", count=f"{tally.total:,}")
    yield fact(wording.burst_still_open, plain(open_count))
    if environment_name:
        yield fact(wording.environment, plain(environment_name))
    yield [plain(_outlook(burst, tally, wording))]


def _controls(tally: Tally, wording: Wording) -> str:
    """The controls with the most violations, those with as many in alphabetical order."""
    ranked = sorted(tally.controls.items(), key=lambda one: (-one[1], one[0]))
    shown = [f"{shorten(name, MAX_CONTROL_ID_CHARACTERS)} {count:,}" for name, count in ranked[:MAX_CONTROLS_SHOWN]]
    if len(ranked) > MAX_CONTROLS_SHOWN:
        shown.append(wording.burst_more_controls.format(count=len(ranked) - MAX_CONTROLS_SHOWN))
    return "  ·  ".join(shown)


def _outlook(burst: Burst, tally: Tally, wording: Wording) -> str:
    if not is_concluded(burst, tally):
        return wording.burst_growing
    if not tally.still_open:
        return wording.burst_gone
    return wording.burst_calm if is_calm(burst) else wording.burst_cut_short

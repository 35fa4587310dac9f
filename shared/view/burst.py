"""A burst as one Slack message, which is written anew as the burst grows, calms down, and goes away."""

from collections.abc import Iterator

from shared.alert.burst import Burst, News, Tally, is_calm, is_concluded, news_of
from shared.view.rich_text import (
    Element,
    Payload,
    aside,
    brief,
    emoji,
    escape,
    fact,
    facts,
    plain,
    rich_text,
    shorten,
    timestamp,
)
from shared.view.severity import severity_line, worst_first
from shared.view.wording import Wording

MAX_CONTROLS_SHOWN = 10
MAX_CONTROL_ID_CHARACTERS = 64
MAX_OWNERS_SHOWN = 5
MAX_OWNER_CHARACTERS = 100


def render_burst(burst: Burst, tally: Tally, wording: Wording, environment_name: str = "") -> Payload:
    """What a burst's message says now: {"text", "blocks"}; struck through once all are gone."""
    style = {"bold": True, "strike": True} if news_of(burst, tally) is News.GONE else {"bold": True}
    heading = [
        emoji(_symbol(burst, tally)),
        plain(f" {wording.burst}  ", bold=True),
        {"type": "text", "text": _heading(tally, wording), "style": style},
    ]
    environment = f"{wording.environment}: {environment_name}" if environment_name else ""
    return {
        "text": _notification(tally, wording),
        "blocks": [rich_text(heading, *_facts(burst, tally, wording)), *aside(environment)],
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


def _facts(burst: Burst, tally: Tally, wording: Wording) -> Iterator[list[Element]]:
    yield fact(wording.burst_severities, *severity_line(tally.severities))
    if news_of(burst, tally) is not News.GONE:
        yield fact(wording.burst_controls, plain(_controls(tally, wording)))
        open_count = wording.burst_open_count.format(open=f"{tally.still_open:,}", count=f"{tally.total:,}")
        yield facts(
            fact(wording.burst_still_open, plain(open_count)),
            fact(wording.burst_accounts, plain(f"{tally.accounts:,}")),
        )
        if burst.owners:
            yield fact(wording.burst_owners, plain(_owners(burst, wording)))
    since = fact(wording.burst_started, timestamp(burst.started_at))
    until = [fact(wording.burst_ended, timestamp(tally.last_joined_at))] if is_concluded(burst, tally) else []
    yield facts(since, *until)
    yield [plain(_outlook(burst, tally, wording))]


def _controls(tally: Tally, wording: Wording) -> str:
    """The controls with the most violations, those with as many in alphabetical order."""
    ranked = sorted(tally.controls.items(), key=lambda one: (-one[1], one[0]))
    shown = [f"{shorten(name, MAX_CONTROL_ID_CHARACTERS)} {count:,}" for name, count in ranked[:MAX_CONTROLS_SHOWN]]
    if len(ranked) > MAX_CONTROLS_SHOWN:
        shown.append(wording.burst_more_controls.format(count=len(ranked) - MAX_CONTROLS_SHOWN))
    return "  ·  ".join(shown)


def _owners(burst: Burst, wording: Wording) -> str:
    """Who looks after the most of them. An owner may be one of several, and what nobody owns isn't counted here."""
    named = {name: count for name, count in burst.owners.items() if name}
    ranked = sorted(named.items(), key=lambda one: (-one[1], one[0]))
    shown = [f"{brief(name, MAX_OWNER_CHARACTERS)} {count:,}" for name, count in ranked[:MAX_OWNERS_SHOWN]]
    more = len(burst.owners) > MAX_OWNERS_SHOWN
    return "  ·  ".join([*shown, *(["…"] if more else [])])


def _outlook(burst: Burst, tally: Tally, wording: Wording) -> str:
    if not is_concluded(burst, tally):
        return wording.burst_growing
    if not tally.still_open:
        return wording.burst_gone
    return wording.burst_calm if is_calm(burst) else wording.burst_cut_short

"""How severities look in Slack."""

from collections.abc import Iterator, Mapping

from shared.finding.violation import Severity
from shared.view.rich_text import Element, emoji, plain

EMOJI = {
    Severity.CRITICAL: "large_purple_circle",
    Severity.HIGH: "red_circle",
    Severity.MEDIUM: "large_yellow_circle",
    Severity.LOW: "large_blue_circle",
    Severity.INFORMATIONAL: "white_circle",
}


def worst_first(counts: Mapping[Severity, int]) -> list[tuple[Severity, int]]:
    """The severities that there are, with how many of each."""
    return sorted(((severity, count) for severity, count in counts.items() if count), reverse=True)


def severity_line(counts: Mapping[Severity, int]) -> Iterator[Element]:
    """How many there are of each severity."""
    for position, (severity, count) in enumerate(worst_first(counts)):
        yield from [plain("   ")] if position else []
        yield from (emoji(EMOJI[severity]), plain(f" {severity.name} "), plain(f"{count:,}", bold=True))

"""How severities look in Slack."""

from collections.abc import Iterator, Mapping

from shared.finding.violation import Severity
from shared.view.rich_text import Element, emoji, plain

COLOURS = {
    Severity.CRITICAL: "#7d1a7a",
    Severity.HIGH: "#d13212",
    Severity.MEDIUM: "#e8a200",
    Severity.LOW: "#2e77d0",
    Severity.INFORMATIONAL: "#8a8f98",
}
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

"""How a severity looks in Slack."""

from shared.finding.violation import Severity

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

"""How many controls are checked, as the book shows it. `python -m local.check.coverage en|ja` prints the table."""

import sys
from collections.abc import Iterable, Sequence

from local.check.controls import ACCOUNT, Control, controls
from shared.finding.violation import Severity

HEADINGS = {
    "en": ("Controls", "checked", "account", "none"),
    "ja": ("コントロール", "検査する", "アカウントが必要", "ルールなし"),
}
GROUPS = {
    "en": ("all", "FSBP", "FSBP, CRITICAL/HIGH", "CIS"),
    "ja": ("すべて", "FSBP", "FSBP、CRITICAL/HIGH", "CIS"),
}


def markdown(language: str, known: Sequence[Control] | None = None) -> str:
    """A table by standard, and then by service."""
    listed = controls() if known is None else known
    fsbp = [control for control in listed if "fsbp" in control.standards]
    worst = [control for control in fsbp if control.severity >= Severity.HIGH]
    cis = [control for control in listed if "cis" in control.standards]
    rows = [_row(name, group) for name, group in zip(GROUPS[language], (listed, fsbp, worst, cis), strict=True)]
    services: dict[str, list[Control]] = {}
    for control in listed:  # Security Hub writes Autoscaling.5 and AutoScaling.6
        services.setdefault(service_of(control).lower(), []).append(control)
    rows += [_row(service_of(services[key][0]), services[key]) for key in sorted(services)]
    header = HEADINGS[language]
    return "\n".join([_line(header), "|---" + "|---:" * (len(header) - 1) + "|", *rows])


def service_of(control: Control) -> str:
    """As "S3"."""
    return control.id.partition(".")[0]


def _row(name: str, group: Iterable[Control]) -> str:
    several = list(group)
    checked = sum(control.is_checked for control in several)
    account = sum(control.decided_by == ACCOUNT for control in several)
    return _line([name, *(f"{number:,}" for number in (checked, account, len(several) - checked - account))])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(markdown(sys.argv[1] if len(sys.argv) > 1 else "en"))

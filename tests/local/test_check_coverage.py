"""The book's table of how many controls are checked."""

from local.check.controls import Control
from local.check.coverage import markdown
from shared.finding.violation import Severity


def control(id_: str, decided_by: str, *standards: str, severity: Severity = Severity.LOW) -> Control:
    return Control(
        id=id_, title="…", severity=severity, standards=frozenset(standards), types=(), decided_by=decided_by
    )


def test_each_control_is_counted_once_by_standard_and_by_service() -> None:
    known = [
        control("S3.1", "account", "fsbp", "cis"),
        control("S3.8", "own", "fsbp", severity=Severity.HIGH),
        control("AutoScaling.1", "nag:Rule", "fsbp"),
        control("Autoscaling.5", "", "fsbp", severity=Severity.CRITICAL),
    ]
    assert markdown("en", known).splitlines() == [
        "| Controls | checked | account | none |",
        "|---|---:|---:|---:|",
        "| all | 2 | 1 | 1 |",
        "| FSBP | 2 | 1 | 1 |",
        "| FSBP, CRITICAL/HIGH | 1 | 0 | 1 |",
        "| CIS | 0 | 1 | 0 |",
        "| AutoScaling | 1 | 0 | 1 |",
        "| S3 | 1 | 1 | 0 |",
    ]
    assert markdown("ja", known).count("|") == markdown("en", known).count("|")

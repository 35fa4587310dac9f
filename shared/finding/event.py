"""An EventBridge event of Security Hub becomes the violation it reports."""

from shared.errors import MalformedEventError
from shared.finding.asff import parse_finding
from shared.finding.reader import required, utc_time
from shared.finding.violation import Violation

FINDING_DETAIL_TYPES = frozenset({"Security Hub Findings - Imported", "Security Hub Findings - Custom Action"})


def parse_event(event: object) -> Violation | None:
    """The violation an EventBridge event of Security Hub carries; None if it carries no control finding.

    Raises MalformedEventError if it isn't an event, or its finding lacks what ASFF requires.
    """
    detail_type = required(event, "detail-type", str)
    detail = required(event, "detail", dict)
    if detail_type not in FINDING_DETAIL_TYPES:
        return None
    findings = required({"detail": detail}, "detail.findings", list)
    if len(findings) != 1:
        raise MalformedEventError(f"detail.findings holds {len(findings)} findings; Security Hub sends exactly one")
    return parse_finding(findings[0], reported_at=utc_time(event, "time"))

"""An EventBridge event of Security Hub becomes the violation it reports, and a finding such an event."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shared.errors import MalformedEventError
from shared.finding.asff import parse_finding
from shared.finding.reader import required, utc_time
from shared.finding.violation import Violation
from shared.finding.violation_json import decode, encode

FINDING_DETAIL_TYPES = frozenset({"Security Hub Findings - Imported", "Security Hub Findings - Custom Action"})

FOUND_BY_DIGEST = "found by the digest"
VANISHED = "no longer visible"
TOLD_AGAIN = "no longer accepted"


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


def found_event(finding: dict[str, Any], found_at: datetime) -> dict[str, Any]:
    """The event that Security Hub would have sent of a finding that says so now, marked as the digest's (user guide,
    "EventBridge event formats for Security Hub CSPM")."""
    time = f"{found_at:%Y-%m-%dT%H:%M:%SZ}"
    product_arn, finding_id = required(finding, "ProductArn", str), required(finding, "Id", str)
    return {
        "version": "0",
        "id": str(uuid5(NAMESPACE_URL, f"{finding_id} {time}")),
        "detail-type": "Security Hub Findings - Imported",
        "source": "aws.securityhub",
        "account": finding.get("AwsAccountId"),
        "time": time,
        "region": finding.get("Region") or product_arn.split(":")[3],
        "resources": [f"{product_arn}/{finding_id}"],
        "detail": {"findings": [finding]},
        "shirase": FOUND_BY_DIGEST,
    }


def is_found_by_digest(event: object) -> bool:
    """Whether an event was made by a digest, and not sent by Security Hub."""
    return isinstance(event, dict) and event.get("shirase") == FOUND_BY_DIGEST


def vanished_event(violation: Violation, found_at: datetime) -> dict[str, Any]:
    """What tells, for want of an event, that Security Hub no longer shows any finding of a violation."""
    return _own_event(VANISHED, violation, found_at)


def vanished_violation(body: object) -> Violation | None:
    """The violation of which a message on the queue tells so, as reported then; None if it is anything else."""
    return _violation_of(VANISHED, body)


def told_again_event(violation: Violation, found_at: datetime) -> dict[str, Any]:
    """What tells, for want of an event, that a violation is open that an exception accepted until now."""
    return _own_event(TOLD_AGAIN, violation, found_at)


def violation_told_again(body: object) -> Violation | None:
    """The violation of which a message on the queue tells so, as reported then; None if it is anything else."""
    return _violation_of(TOLD_AGAIN, body)


def _own_event(what: str, violation: Violation, found_at: datetime) -> dict[str, Any]:
    return {"shirase": what, "time": found_at.isoformat(), "violation": json.loads(encode(violation))}


def _violation_of(what: str, body: object) -> Violation | None:
    if not isinstance(body, dict) or body.get("shirase") != what:
        return None
    return replace(decode(json.dumps(body["violation"])), reported_at=datetime.fromisoformat(body["time"]))

"""A violation that isn't there yet, as Security Hub would report it; what only a deployment gives is empty."""

from datetime import datetime

from shared.finding.violation import Resource, Severity, Violation


def foreseen(
    resource: Resource,
    *,
    control_id: str,
    title: str,
    severity: Severity,
    account_id: str,
    region: str,
    at: datetime,
    reason: str | None = None,
    remediation_url: str | None = None,
) -> Violation:
    """The violation of a control by a resource, as if it were reported `at` a time."""
    return Violation(
        finding_id="",
        product_arn="arn:aws:securityhub:::product/aws/securityhub",
        account_id=account_id,
        account_name=None,
        region=region,
        control_id=control_id,
        title=title,
        severity=severity,
        reason=reason,
        standards=(),
        resources=(resource,),
        remediation_url=remediation_url,
        compliance_status="FAILED",
        previous_compliance_status=None,
        record_state="ACTIVE",
        workflow_status="NEW",
        archival_reason=None,
        episode_started_at=at,
        updated_at=at,
        reported_at=at,
    )

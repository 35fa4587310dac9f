"""The workflow status of findings in Security Hub, as far as shirase sets it."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import MarkNotifiedError
from shared.finding.violation import Violation


def mark_notified(client: Any, violation: Violation) -> None:
    """Set a finding's workflow status to NOTIFIED; `client` is boto3's Security Hub client.

    Raises MarkNotifiedError if Security Hub doesn't do so.
    """
    finding = {"Id": violation.finding_id, "ProductArn": violation.product_arn}
    try:
        answer = client.batch_update_findings(FindingIdentifiers=[finding], Workflow={"Status": "NOTIFIED"})
    except (ClientError, BotoCoreError) as error:
        raise MarkNotifiedError(f"{violation.finding_id} could not be marked NOTIFIED: {error}") from error
    for refused in answer["UnprocessedFindings"]:
        raise MarkNotifiedError(
            f"{violation.finding_id} could not be marked NOTIFIED: {refused['ErrorCode']} {refused['ErrorMessage']}"
        )

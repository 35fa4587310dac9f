"""The workflow status of findings in Security Hub, as far as shirase sets it."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import MarkNotifiedError
from shared.finding.violation import Violation
from shared.text import excerpt


class Workflow:
    """Sets statuses; `client` is boto3's Security Hub client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def mark_notified(self, violation: Violation) -> None:
        """Set a finding's workflow status to NOTIFIED; raises MarkNotifiedError if Security Hub doesn't do so."""
        finding = {"Id": violation.finding_id, "ProductArn": violation.product_arn}
        try:
            answer = self._client.batch_update_findings(FindingIdentifiers=[finding], Workflow={"Status": "NOTIFIED"})
        except (ClientError, BotoCoreError) as error:
            raise _not_marked(violation, error) from error
        for refused in answer["UnprocessedFindings"]:
            raise _not_marked(violation, f"{refused['ErrorCode']} {refused['ErrorMessage']}")


def _not_marked(violation: Violation, why: object) -> MarkNotifiedError:
    return MarkNotifiedError(f"{excerpt(violation.finding_id)} could not be marked NOTIFIED: {excerpt(why)}")

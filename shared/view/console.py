"""Addresses of the consoles of AWS and Azure."""

import re
from urllib.parse import quote

from shared.finding.violation import Violation

REGION_NAME = re.compile(r"[a-z0-9-]+")
COMMERCIAL_CONSOLE = "console.aws.amazon.com"
CONSOLES = {"aws-us-gov": "console.amazonaws-us-gov.com", "aws-cn": "console.amazonaws.cn"}


def finding_url(violation: Violation) -> str:
    """The finding in Security Hub's console; the console wants the id encoded twice."""
    console = CONSOLES.get(violation.partition, COMMERCIAL_CONSOLE)
    if console == COMMERCIAL_CONSOLE and REGION_NAME.fullmatch(violation.region):
        console = f"{violation.region}.{console}"
    search = "Id%3D%255Coperator%255C%253AEQUALS%255C%253A" + quote(quote(violation.finding_id, safe=""), safe="")
    return f"https://{console}/securityhub/home?region={quote(violation.region)}#/findings?search={search}"


def resource_url(violation: Violation) -> str | None:
    """The resource's page in the console of AWS or Azure; None where the id alone doesn't lead to one."""
    resource_id = violation.resource.id
    if resource_id.startswith("arn:"):
        console = CONSOLES.get(violation.partition, COMMERCIAL_CONSOLE)
        return f"https://{console}/go/view?arn={quote(resource_id, safe='')}"
    if resource_id.lower().startswith("/subscriptions/"):
        return f"https://portal.azure.com/#resource{quote(resource_id)}"
    return None

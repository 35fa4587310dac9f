"""Which fields of a control's finding may be missing, and a finding without some of them.

Optional is what the Security Hub API Reference, page "AwsSecurityFinding", doesn't require, and what no rule of
EventBridge could do without: findings in public captures lack each of these. That a check's findings always carry them,
as the stand-in's do by itself, nobody promises.
"""

import copy
from random import Random

from local.security_hub.query import Finding

OPTIONAL_FIELDS = (
    "AwsAccountName",
    "CompanyName",
    "Compliance.AssociatedStandards",
    "Compliance.RelatedRequirements",
    "Compliance.SecurityControlId",
    "FindingProviderFields",
    "FirstObservedAt",
    "LastObservedAt",
    "ProcessedAt",
    "ProductFields.PreviousComplianceStatus",
    "ProductFields.aws/securityhub/annotation",
    "ProductName",
    "Region",
    "Remediation",
    "Severity.Label",
    "Severity.Normalized",
    "Severity.Original",
    "Types",
    "WorkflowState",
)
OPTIONAL_RESOURCE_FIELDS = ("Details", "Partition", "Region", "Tags")
CONSOLIDATED = "security-control/"  # begins the GeneratorId that names the control, too


def with_gaps(finding: Finding, choose: Random) -> Finding:
    """A copy without about half of the fields that it can do without; a severity keeps its label or its number."""
    thinned = copy.deepcopy(finding)
    for path in OPTIONAL_FIELDS:
        if choose.random() < 0.5 and _may_go(path, thinned):
            *above, last = path.split(".")
            owner = thinned.get(above[0], {}) if above else thinned
            owner.pop(last, None)
    for resource in thinned["Resources"]:
        for field in OPTIONAL_RESOURCE_FIELDS:
            if choose.random() < 0.5:
                resource.pop(field, None)
    return thinned


def _may_go(path: str, finding: Finding) -> bool:
    severity = finding["Severity"]
    if path == "Compliance.SecurityControlId":
        return str(finding["GeneratorId"]).startswith(CONSOLIDATED)
    return not (path == "Severity.Normalized" and "Label" not in severity) and not (
        path == "Severity.Label" and "Normalized" not in severity
    )

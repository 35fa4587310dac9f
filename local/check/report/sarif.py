"""SARIF 2.1.0, which code scanning of GitHub, GitLab and Azure DevOps reads (OASIS, "Static Analysis Results
Interchange Format")."""

import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from local.check.controls import Control
from local.check.decide import Predicted
from local.check.result import Result, doubt, fingerprint, remediation
from shared.finding.violation import Severity

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
# As GitHub sorts it: over 9.0 is critical, over 7.0 high, over 4.0 medium ("SARIF support for code scanning").
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFORMATIONAL: "0.0",
}


def sarif_text(result: Result) -> str:
    """One run: a rule for each control that was found, a result for each resource; what could not be checked is told as
    a notification."""
    listed = [*result.violations, *result.accepted, *result.undecided]
    rules = {one.control.id: one.control for one in listed}
    run = {
        "tool": {
            "driver": {
                "name": "shirase",
                "informationUri": "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html",
                "rules": [_rule(rules[id_]) for id_ in sorted(rules)],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not result.problems,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": problem}} for problem in result.problems
                ],
            }
        ],
        "results": [_result(one) for one in listed],
    }
    content = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _rule(control: Control) -> dict[str, Any]:
    return {
        "id": control.id,
        "shortDescription": {"text": control.title},
        "helpUri": f"https://docs.aws.amazon.com/console/securityhub/{control.id}/remediation",
        "defaultConfiguration": {"level": _LEVELS.get(control.severity, "note")},
        "properties": {"security-severity": _SCORES[control.severity], "tags": ["security"]},
    }


def _result(one: Predicted) -> dict[str, Any]:
    depends = "" if one.is_certain else f" ({doubt(one)})"
    region = {"region": {"startLine": one.resource.line}} if one.resource.line else {}
    result: dict[str, Any] = {
        "ruleId": one.control.id,
        "level": _LEVELS.get(one.control.severity, "note") if one.is_certain else "note",
        "message": {"text": f"{one.resource.name}: {one.control.title}{depends}. {remediation(one)}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(PurePath(one.template.file).as_posix())},
                    **region,
                },
                "logicalLocations": [{"name": one.resource.name, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"violation": fingerprint(one)},
    }
    if one.accepted:
        result["suppressions"] = [{"kind": "inSource", "justification": one.accepted.reason}]
    return result

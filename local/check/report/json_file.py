"""What was found as JSON, for other programs."""

import json
from typing import Any

from local.check.decide import Predicted
from local.check.report.csv_file import status_of
from local.check.result import Result, fingerprint, remediation

SCHEMA = 1


def json_text(result: Result) -> str:
    """{"schema", "found": […], "problems", "checked", "need_account", "without_rule",
    "parameters"}; lists of control ids, and by id those parameters that Security Hub has other values of."""
    content = {
        "schema": SCHEMA,
        "found": [_found(one) for one in (*result.violations, *result.accepted, *result.undecided)],
        "problems": list(result.problems),
        "checked": [control.id for control in result.scope.checked],
        "need_account": [control.id for control in result.scope.of_account],
        "without_rule": [control.id for control in result.scope.without_rule],
        "parameters": {control.id: control.parameters for control in result.scope.checked if control.parameters},
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _found(one: Predicted) -> dict[str, Any]:
    return {
        "control": one.control.id,
        "severity": one.control.severity.name,
        "title": one.control.title,
        "status": status_of(one),
        "file": one.template.file,
        "line": one.resource.line,
        "resource": one.resource.name,
        "logical_id": one.resource.logical_id,
        "type": one.resource.type,
        "account": one.template.account_id,
        "region": one.template.region,
        "depends_on": sorted(one.undecided),
        "problem": one.problem,
        "reason": one.accepted.reason if one.accepted else None,
        "until": one.accepted.until.isoformat() if one.accepted and one.accepted.until else None,
        "remediation": remediation(one),
        "fingerprint": fingerprint(one),
    }

"""SARIF 2.1.0, which code scanning of GitHub, GitLab and Azure DevOps reads (OASIS, "Static Analysis Results
Interchange Format")."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from local.check.controls import Control
from local.check.decide import Predicted
from local.check.result import REMEDIATION, Result, doubt, fingerprint, remediation
from local.words import language, said
from shared.finding.violation import Severity
from shared.view.language import LANGUAGES

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
# As GitHub sorts it: over 9.0 is critical, from 7.0 high, from 4.0 medium, from 0.1 low ("SARIF support for code
# scanning").
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0"}
MOST_CHARACTERS = 1024  # of a description
MOST_RESULTS = 25_000  # GitHub refuses a file that has more in one run


def sarif_text(result: Result) -> str:
    """One run: a rule for each control that was found, a result for each resource; what could not be checked is told as
    a notification."""
    found = [*result.violations, *result.accepted, *result.undecided]
    listed = found[:MOST_RESULTS]
    rules = {one.control.id: one.control for one in listed}
    uris = {file: _uri(file) for file in {one.template.file for one in listed}}
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
                "toolExecutionNotifications": _notifications(result.problems, len(found) - len(listed)),
            }
        ],
        "results": [_result(one, uris[one.template.file]) for one in listed],
    }
    content = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _notifications(problems: Sequence[str], left_out: int) -> list[dict[str, Any]]:
    told = [{"level": "error", "message": {"text": problem}} for problem in problems]
    if left_out:
        text = said(f"… and {left_out} more: --format csv has all")
        told.append({"level": "warning", "message": {"text": text}})
    return told


def _rule(control: Control) -> dict[str, Any]:
    title, address = control.title[:MOST_CHARACTERS], REMEDIATION.format(control=control.id)
    how_to_fix = LANGUAGES[language()].how_to_fix
    score = {"security-severity": _SCORES[control.severity]} if control.severity in _SCORES else {}
    return {
        "id": control.id,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": f"{how_to_fix}: {address}", "markdown": f"[{how_to_fix}]({address})"},
        "helpUri": address,
        "defaultConfiguration": {"level": _LEVELS.get(control.severity, "note")},
        "properties": {**score, "tags": ["security"]},
    }


def _result(one: Predicted, uri: str) -> dict[str, Any]:
    depends = "" if one.is_certain else f" ({doubt(one)})"
    result: dict[str, Any] = {
        "ruleId": one.control.id,
        "level": _LEVELS.get(one.control.severity, "note") if one.is_certain else "note",
        "message": {"text": f"{one.resource.name}: {one.control.title}{depends}. {remediation(one)}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": one.resource.line or 1},
                },
                "logicalLocations": [{"name": one.resource.name, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint(one)},  # no other is looked at
    }
    if one.accepted:
        result["suppressions"] = [{"kind": "inSource", "justification": one.accepted.reason}]
    return result


def _uri(file: str) -> str:
    """Where a file is in its repository or, outside of one, from here; links are followed, for code scanning shows
    nothing at one."""
    path = Path(file).resolve()
    root = next((folder for folder in path.parents if (folder / ".git").exists()), Path.cwd())
    return quote(path.relative_to(root).as_posix()) if path.is_relative_to(root) else path.as_uri()

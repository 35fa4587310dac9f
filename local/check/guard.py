"""cfn-guard with the rules of AWS Control Tower's proactive controls."""

import json
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.check.engines import ENGINE, damaged, run_engine
from local.check.errors import EngineError
from local.check.form import agreed, forms, reference_as_text
from local.check.said import Said, Verdicts
from local.check.template import Template

PACKAGE = ENGINE / "node_modules" / "@cdklabs" / "cdk-validator-cfnguard"
RULES = PACKAGE / "rules" / "control-tower"
_SYSTEMS = {"Linux": "ubuntu", "Darwin": "macos"}
_MACHINES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
_VIOLATED = 19  # cfn-guard's exit code
_RESOURCE = re.compile(r"/Resources/([^/]+)")
_CONTROL_TOWER_ID = re.compile(r"\[(CT\.[A-Z0-9-]+\.PR\.\d+)\]")
_FILE = re.compile(r"(ct)-(.+)-(pr)-(\d+)")  # of a rule: services have names with hyphens, too


def guard(templates: Sequence[Template], rules: Sequence[str]) -> list[Verdicts]:
    """What the rules, called by their Control Tower ids ("CT.S3.PR.1"), say of each template's resources; raises
    EngineError."""
    if not rules or not templates:
        return [{} for _ in templates]
    asked = [forms(template, reference_as_text) for template in templates]
    with TemporaryDirectory() as folder:
        names = []
        for number, of_one in enumerate(asked):
            for variant, form in enumerate(of_one):
                names.append((number, variant))
                file = Path(folder) / f"{number:05}-{variant}.json"
                file.write_text(json.dumps(form), encoding="utf-8")
        reports = _validated(Path(folder), rules)
    if len(reports) != len(names):
        raise EngineError("cfn-guard did not answer for every template")
    violated = {name: set(_violated(reports[f"{name[0]:05}-{name[1]}.json"])) for name in names}
    return [
        _verdicts(template, [violated[number, variant] for variant in range(len(asked[number]))], rules)
        for number, template in enumerate(templates)
    ]


def rule_files() -> Mapping[str, Path]:
    """The file of each rule, by its Control Tower id."""
    files = sorted((RULES / "cfn-guard").rglob("*.guard"))
    return {_FILE.sub(r"\1.\2.\3.\4", file.stem).upper(): file for file in files}


def _validated(folder: Path, rules: Sequence[str]) -> Mapping[str, Any]:
    """cfn-guard's report by the name of the file it is about."""
    files = rule_files()
    if not files:
        raise damaged("the rules of AWS Control Tower are missing")
    missing = [rule for rule in rules if rule not in files]
    if missing:
        raise EngineError(f"there is no rule {', '.join(missing)} of AWS Control Tower")
    named = [argument for rule in rules for argument in ("--rules", str(files[rule]))]
    command = [str(_binary()), "validate", *named, "--data", str(folder), "--structured", "-o", "json"]
    output = run_engine("cfn-guard", [*command, "--show-summary", "none"], accepted=(0, _VIOLATED))
    try:
        return {Path(report["name"]).name: report for report in json.loads(output)}
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError("cfn-guard answered what can't be read") from error


@cache
def _binary() -> Path:
    system, machine = _SYSTEMS.get(platform.system()), _MACHINES.get(platform.machine())
    if system is None or machine is None:
        raise EngineError(f"there is no cfn-guard for {platform.system()} on {platform.machine()}")
    binary = PACKAGE / "bin" / system / machine / "cfn-guard"
    if not binary.exists():
        raise damaged(f"{binary.name} is missing from its package")
    binary.chmod(0o755)
    return binary


def _violated(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each logical id and rule that a report names together."""
    for failed in report["not_compliant"]:
        texts = list(_texts(failed))
        ids = {found for text in texts for found in _CONTROL_TOWER_ID.findall(text)}
        resources = {found for text in texts for found in _RESOURCE.findall(text)}
        yield from ((resource, id_) for resource in resources for id_ in ids)


def _texts(node: Any, key: str = "") -> Iterator[str]:
    """The paths at which it failed, and what the rule says to that."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _texts(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, key)
    elif isinstance(node, str) and key in {"path", "custom_message"}:
        yield node


def _verdicts(template: Template, violated: Sequence[set[tuple[str, str]]], rules: Sequence[str]) -> Verdicts:
    found: Verdicts = {}
    for resource in template.resources:
        for rule in rules:
            is_violated = agreed(((resource.logical_id, rule) in one for one in violated), resource)
            found[resource.logical_id, rule] = Said(is_violated=is_violated)
    return found

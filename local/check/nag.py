"""cdk-nag's rules, called one by one in Node."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache

from local.check.engines import ENGINE, run_engine
from local.check.errors import BrokenOffError
from local.check.form import agreed, forms, reference_as_function
from local.check.said import Said, Verdicts
from local.check.template import Template
from local.node import NODE

PACKS = ENGINE / "node_modules" / "cdk-nag" / "lib" / "packs"
_PACK = re.compile(r"this\.packName = '([^']+)'")
_RULE = re.compile(r"ruleSuffixOverride: '([^']+)',(?:(?!applyRule).)*?rule: \w+\.(\w+),", re.DOTALL)


def nag(templates: Sequence[Template], rules: Sequence[str]) -> list[Verdicts]:
    """What the rules say of each template's resources; raises EngineError."""
    asked = [forms(template, reference_as_function) for template in templates]
    if not rules or not any(asked):
        return [{} for _ in templates]
    given = json.dumps({"templates": [form for of_one in asked for form in of_one], "rules": list(rules)})
    output = run_engine("cdk-nag", [str(NODE), str(ENGINE / "nag.mjs")], given)
    try:
        answers = [json.loads(line) for line in output.splitlines()]
    except ValueError as error:
        raise BrokenOffError("cdk-nag answered what is no JSON") from error
    if len(answers) != sum(map(len, asked)) or not all(isinstance(one, dict) for one in answers):
        raise BrokenOffError("cdk-nag did not answer for every template")
    waiting = iter(answers)
    return [
        _verdicts(template, [next(waiting) for _ in of_one]) for template, of_one in zip(templates, asked, strict=True)
    ]


def rule_called(id_: str) -> str:
    """The rule that a pack of cdk-nag has by an id: "AwsSolutions-S1" or "HIPAA.Security-S3BucketLoggingEnabled"."""
    return _ids().get(id_) or id_.partition("-")[2] or id_


@cache
def _ids() -> Mapping[str, str]:
    """The rules that a pack calls otherwise than cdk-nag itself does."""
    found = {}
    for file in sorted(PACKS.glob("*.js")):
        text = file.read_text(encoding="utf-8")
        if pack := _PACK.search(text):
            found.update({f"{pack[1]}-{suffix}": rule for suffix, rule in _RULE.findall(text)})
    return found


def _verdicts(template: Template, answers: list[Mapping[str, Mapping[str, bool | str]]]) -> Verdicts:
    found: Verdicts = {}
    for resource in template.resources:
        said = [answer.get(resource.logical_id, {}) for answer in answers]
        for rule in {rule for one in said for rule in one}:
            thrown = next((str(one[rule]) for one in said if isinstance(one.get(rule), str)), None)
            if thrown is not None:
                found[resource.logical_id, rule] = Said(problem=thrown)
            else:
                found[resource.logical_id, rule] = Said(
                    is_violated=agreed((one.get(rule) is True for one in said), resource)
                )
    return found

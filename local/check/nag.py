"""cdk-nag's rules, called one by one in Node."""

import json
from collections.abc import Mapping, Sequence

from local.check.engines import ENGINE, run_engine
from local.check.errors import EngineError
from local.check.form import agreed, forms, reference_as_function
from local.check.said import Said, Verdicts
from local.check.template import Template
from local.node import NODE


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
        raise EngineError("cdk-nag answered what is no JSON") from error
    if len(answers) != sum(map(len, asked)):
        raise EngineError("cdk-nag did not answer for every template")
    waiting = iter(answers)
    return [
        _verdicts(template, [next(waiting) for _ in of_one]) for template, of_one in zip(templates, asked, strict=True)
    ]


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

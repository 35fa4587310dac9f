"""What a Security Hub may set of its controls, and that it decides in the place of the defaults."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.check import decide
from local.check.answer import NO
from local.check.controls import Control, controls
from local.check.decide import predict
from local.check.load import load_template
from local.check.own import OWN_RULES
from local.check.rules.tags import STACK_TAGS
from local.check.said import Said
from tests.templates import template_of

TESTS = Path(__file__).parents[1]
CUSTOMIZABLE = {id_: rule for id_, rule in OWN_RULES.items() if rule.parameters}
BY_STACK = {id_ for id_, rule in CUSTOMIZABLE.items() if rule.parameters[0].name == "requiredTagKeys"}
VIOLATED = {"failed": True, "passed": False, "undecided": None}
GIVEN = yaml.safe_load((TESTS / "check_parameters.yaml").read_text(encoding="utf-8"))
DECIDED = [
    pytest.param(one, values, outcome, id=f"{one['control']}-{values}")
    for one in GIVEN
    for values, outcome in one["as_set"]
]
TRIED = {one["control"] for one in GIVEN}


@pytest.mark.parametrize(("given", "values", "outcome"), DECIDED)
def test_what_a_hub_has_set_decides(given: dict[str, Any], values: dict[str, Any], outcome: str) -> None:
    template = template_of(json.dumps({"Resources": given["resources"]}))
    checked, rule = template.by_id["Checked"], OWN_RULES[given["control"]]
    assert rule.violated(checked, template).truth is VIOLATED[given["by_default"]]
    assert rule.customized({}).violated(checked, template).truth is VIOLATED[given["by_default"]]
    assert rule.customized(values).violated(checked, template).truth is VIOLATED[outcome]


def test_each_rule_with_parameters_is_tried_with_some() -> None:
    assert CUSTOMIZABLE.keys() - BY_STACK == TRIED - BY_STACK
    assert len(BY_STACK) > 100


def test_a_required_tag_may_still_be_one_of_the_stack() -> None:
    template = template_of("Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {Tags: [{Key: Owner, Value: a}]}}}")
    answer = OWN_RULES["SQS.2"].customized({"requiredTagKeys": ["Stage"]}).violated(template.by_id["Q"], template)
    assert answer.sources == {STACK_TAGS}


UNREADABLE = (None, [], {}, {"name": "Else"}, [[]], float("inf"), 10**400)
PERHAPS_READABLE = ("", "nonsense", "nan", ["", 1], -1, True)


@pytest.mark.parametrize("control", sorted(TRIED))
def test_a_value_that_cannot_be_read_leaves_undecided_what_the_control_is_about(control: str) -> None:
    rule = OWN_RULES[control]
    bad = load_template(TESTS / "check" / control / "bad.yaml", "bad", {})
    asked = [one for one in bad.of_type(*rule.types) if rule.violated(one, bad).truth]
    for parameter in rule.parameters:
        depends = f"the parameter {parameter.name} of Security Hub"
        for value in UNREADABLE:
            answers = [rule.customized({parameter.name: value}).violated(one, bad) for one in asked]
            assert all(one.truth is None and depends in one.sources for one in answers), value
        for value in PERHAPS_READABLE:
            for one in asked:
                rule.customized({parameter.name: value}).violated(one, bad)  # raises nothing


def customized(id_: str, **parameters: Any) -> Control:
    (found,) = [one for one in controls() if one.id == id_]
    return replace(found, parameters=parameters)


def test_a_parameter_that_no_rule_asks_about_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where an engine decides, nor where a rule of our own does."""
    said = {("Files", "CT.ELASTICFILESYSYSTEM.PR.1"): Said(is_violated=NO)}
    monkeypatch.setattr(decide, "guard", lambda templates, rules: [said for _ in templates])
    template = template_of("""
        Resources:
          Files: {Type: "AWS::EFS::FileSystem", Properties: {Encrypted: true}}
          Closed: {Type: "AWS::S3::Bucket"}
          Open: {Type: "AWS::S3::Bucket", Properties: {PublicAccessBlockConfiguration: {BlockPublicAcls: false}}}
    """)
    assert {one.resource.logical_id for one in predict([template], [customized("EFS.8"), customized("S3.8")])} == {
        "Open"
    }
    found = predict([template], [customized("EFS.8", kmsKeyArns=["arn"]), customized("S3.8", days=3)])
    assert {one.resource.logical_id: one.undecided for one in found} == {
        "Files": {"the parameter kmsKeyArns of Security Hub"},
        "Open": {"the parameter days of Security Hub"},
    }

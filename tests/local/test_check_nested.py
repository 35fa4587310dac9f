"""Nested stacks whose templates are named, too: each is checked as its parent uses it."""

from datetime import date
from pathlib import Path

import pytest

from local.check import inputs
from local.check.controls import controls
from local.check.decide import predict
from local.check.inputs import Loaded, load_all

PROTECTED = [control for control in controls() if control.id == "DynamoDB.6"]
INNER = """
Parameters:
  Protection: {Type: String, Default: "false", AllowedValues: ["true", "false"]}
Resources:
  Table: {Type: AWS::DynamoDB::Table, Properties: {DeletionProtectionEnabled: !Ref Protection}}
"""
OUTER = """
Parameters:
  Stage: {Type: String}
  Keep: {Type: String}
Conditions:
  IsLive: !Equals [!Ref Stage, live]
Resources:
  Other: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: x}}
"""


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("inner.yaml").write_text(INNER, encoding="utf-8")


def stack(name: str, protection: str | None, more: str = "", file: str = "inner.yaml") -> str:
    parameters = "" if protection is None else f", Parameters: {{Protection: {protection}}}"
    return f"  {name}: {{Type: AWS::CloudFormation::Stack, {more}Properties: {{TemplateURL: ./{file}{parameters}}}}}\n"


def load(*stacks: str, **typed: str) -> Loaded:
    Path("outer.yaml").write_text(OUTER + "".join(stacks), encoding="utf-8")
    return load_all(["inner.yaml", "outer.yaml"], typed, date(2026, 11, 26))


def told(loaded: Loaded) -> dict[str, set[str]]:
    """By the name of each table that may be unprotected, what that depends on."""
    assert loaded.problems == []
    return {one.resource.name: set(one.undecided) for one in predict(loaded.templates, PROTECTED)}


@pytest.mark.parametrize(
    ("protection", "found"),
    [
        ("'true'", {}),
        ("true", {}),
        (None, {"Inner/Table": set()}),  # the default of the nested template holds
        ("!Ref Keep", {"Inner/Table": {"parameter Keep"}}),
        ("!If [IsLive, 'true', 'false']", {"Inner/Table": {"parameter Stage"}}),
        ("!If [IsLive, 'true', !Ref AWS::NoValue]", {"Inner/Table": {"parameter Stage"}}),
        ("!If [IsLive, 'false', !Ref AWS::NoValue]", {"Inner/Table": set()}),
        ("!GetAtt Other.Value", {"Inner/Table": {"resource Other"}}),
        ("!ImportValue keep", {"Inner/Table": {"import keep"}}),
    ],
)
def test_a_nested_template_has_the_values_that_its_parent_gives(
    protection: str | None, found: dict[str, set[str]]
) -> None:
    assert told(load(stack("Inner", protection))) == found


def test_what_is_typed_decides_by_the_parents_name_and_by_the_nested_ones_where_the_parent_does_not_know() -> None:
    assert told(load(stack("Inner", "!Ref Keep"), Keep="true")) == {}
    assert told(load(stack("Inner", "!ImportValue keep"), Protection="true")) == {}
    assert told(load(stack("Inner", "'false'"), Protection="true")) == {"Inner/Table": set()}


def test_a_template_is_checked_once_for_each_use_that_differs() -> None:
    loaded = load(
        stack("Test", "'false'"), stack("Copy", "'false'"), stack("Live", "'true'"), stack("Some", "!Ref Keep")
    )
    assert [one.file for one in loaded.templates] == ["outer.yaml", "inner.yaml", "inner.yaml", "inner.yaml"]
    assert told(loaded) == {"Test/Table": set(), "Some/Table": {"parameter Keep"}}


def test_more_uses_than_anybody_has_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MAX_USES", 1)
    loaded = load(stack("Test", "'false'"), stack("Live", "'true'"))
    assert loaded.problems == ["inner.yaml: it is used in more than 1 ways; not all are checked"]


def test_what_a_stack_may_not_be_there_for_may_not_be_there() -> None:
    assert told(load(stack("Inner", "'false'", "Condition: IsLive, "))) == {"Inner/Table": {"parameter Stage"}}
    assert told(load(stack("Inner", "'true'", "Condition: IsLive, "), Stage="test")) == {"Table": set()}


def test_values_reach_a_stack_within_a_nested_stack() -> None:
    middle = "Parameters: {Own: {Type: String}}\nResources:\n" + stack("Within", "!Ref Own")
    Path("middle.yaml").write_text(middle, encoding="utf-8")
    outer = stack("Middle", None, file="middle.yaml").replace("middle.yaml", "middle.yaml, Parameters: {Own: 'true'}")
    Path("outer.yaml").write_text(OUTER + outer, encoding="utf-8")
    names = ["inner.yaml", "middle.yaml", "outer.yaml"]
    assert told(load_all(names, {}, date(2026, 11, 26))) == {}
    assert told(load_all(names[:2], {"Own": "false"}, date(2026, 11, 26))) == {"Within/Table": set()}


def test_a_value_that_a_nested_template_does_not_allow_is_told_and_templates_within_themselves_end() -> None:
    assert load(stack("Inner", "perhaps")).problems == [
        "inner.yaml: the parameter Protection is perhaps, and may be: true, false"
    ]
    Path("inner.yaml").write_text(INNER + stack("Again", None, file="outer.yaml"), encoding="utf-8")
    assert [one.file for one in load(stack("Inner", "'true'")).templates] == ["inner.yaml", "outer.yaml"]

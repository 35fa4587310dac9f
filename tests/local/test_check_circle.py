"""Resources that depend on each other: in a circle that CloudFormation refuses, and in what is none."""

import pytest

from local.errors import TemplateError
from tests.templates import template_of

TWO = """
Parameters: {Stage: {Type: String}}
Conditions: {IsLive: !Equals [!Ref Stage, live]}
Resources:
  A: {Type: "AWS::SNS::Topic", %s}
  B: {Type: "AWS::SNS::Topic", %s}
"""


def name(value: str) -> str:
    return f"Properties: {{TopicName: {value}}}"


@pytest.mark.parametrize(
    ("first", "second", "circle"),
    [
        (name("!Ref A"), name("b"), "A → A"),
        ("DependsOn: [B]", name("!GetAtt [A, TopicName]"), "A → B → A"),
        (name("!If [IsLive, !Ref B, a]"), name("!Ref A"), "A → B → A"),
        (name("!Sub ['${it}', {it: !Ref B}]"), name("!Ref A"), "A → B → A"),
    ],
)
def test_a_circle_is_named(first: str, second: str, circle: str) -> None:
    with pytest.raises(TemplateError, match=f"in a circle: {circle}$"):
        template_of(TWO % (first, second), Stage="live")


@pytest.mark.parametrize(
    ("first", "second", "parameters"),
    [
        (name("!Sub '${!B}'"), name("!Ref A"), {}),
        (name("!Sub ['${B}', {B: b}]"), name("!Ref A"), {}),
        (name("!If [IsLive, !Ref B, a]"), name("!Ref A"), {"Stage": "test"}),
        (name("!If [IsLive, !Ref B, a]"), name("!If [IsLive, b, !Ref A]"), {}),
        (name("!Select [0, !Cidr [!Sub ['${B}', 5], 2, 8]]"), name("b"), {}),
        ("Condition: IsLive, DependsOn: B", name("!If [IsLive, b, !Ref A]"), {"Stage": "test"}),
    ],
)
def test_what_is_no_circle_is_checked(first: str, second: str, parameters: dict[str, str]) -> None:
    assert template_of(TWO % (first, second), **parameters).resources

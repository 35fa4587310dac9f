"""What intrinsic functions, parameters and conditions of a template come to before it is deployed."""

import base64
from typing import Any

import pytest

from local.check.value import Reference, Unknown
from local.errors import TemplateError
from tests.templates import property_of, resource_of, template_of

HEAD = """
    Parameters:
      Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
      Open: {Type: String, AllowedValues: [a, b]}
      Free: {Type: String}
      Names: {Type: CommaDelimitedList, Default: "x, y"}
      Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /some/name}
    Conditions:
      IsProd: !Equals [!Ref Stage, prod]
      IsA: !Equals [!Ref Open, a]
      IsNeither: !Equals [!Ref Open, c]
      IsOurs: !Equals [!Ref AWS::AccountId, "111122223333"]
      IsText: text
      IsNothing:
      Both: !And [!Condition IsProd, !Condition IsA]
      Either: !Or [!Condition IsA, !Not [!Condition IsProd]]
    Mappings:
      Sizes:
        dev: {cpu: 1, memory: 2}
        prod: {cpu: 4, memory: 8}
      Broken: [a]
      BrokenRow: {a: b}
"""
ANY = object()  # what may be anything


def unknown(source: str, *choices: Any) -> Unknown:
    return Unknown(source=source, choices=choices or None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("!Ref Stage", "dev"),
        ("!Ref Names", ["x", "y"]),
        ("!Ref Open", unknown("parameter Open", "a", "b")),
        ("!Ref Free", unknown("parameter Free")),
        ("!Ref Stored", unknown("parameter Stored")),
        ("!Ref AWS::AccountId", unknown("AWS::AccountId")),
        ("!Ref AWS::NoValue", None),
        ("!Ref Other", Reference(logical_id="Other")),
        ("!GetAtt Other.Arn", Reference(logical_id="Other", attribute="Arn")),
        ("!GetAtt [Other, Website.URL]", Reference(logical_id="Other", attribute="Website.URL")),
        ("!If [IsProd, big, small]", "small"),
        ("!If [IsA, big, small]", unknown("parameter Open", "big", "small")),
        ("!If [IsA, same, same]", "same"),
        ("!If [IsNeither, big, small]", "small"),
        ("!If [IsOurs, big, small]", unknown("AWS::AccountId", "big", "small")),
        ("!If [Both, big, small]", "small"),
        ("!If [Either, big, small]", "big"),
        ("!If [IsProd, big, !Ref AWS::NoValue]", None),
        ("!FindInMap [Sizes, !Ref Stage, cpu]", 1),
        ("!FindInMap [Sizes, !Ref Free, cpu]", unknown("parameter Free", 1, 4)),
        ("!FindInMap [Sizes, dev, !Ref Free]", unknown("parameter Free", 1, 2)),
        ("!FindInMap [Sizes, none, cpu, {DefaultValue: 3}]", 3),
        ("!FindInMap [Sizes, !Ref Free, cpu, {DefaultValue: 3}]", unknown("parameter Free", 1, 4, 3)),
        ("!FindInMap [Sizes, !Ref AWS::Region, disk, {DefaultValue: 3}]", 3),
        ("!Sub 'a-${Stage}'", "a-dev"),
        ("!Sub 'a-${!Stage}'", "a-${Stage}"),
        ("!Sub ['${A}-${B}', {A: 1, B: !Ref Stage}]", "1-dev"),
        ("!Sub '${Open}'", unknown("parameter Open", "a", "b")),
        ("!Sub '${Other}'", Reference(logical_id="Other")),
        ("!Sub '${Other.Arn}'", Reference(logical_id="Other", attribute="Arn")),
        ("!Sub 'arn:aws:iam::${AWS::AccountId}:root'", "arn:aws:iam::${AWS::AccountId}:root"),
        ("!Join ['-', [a, !Ref Stage]]", "a-dev"),
        ("!Join ['', [!GetAtt Other.Arn, '/*']]", "${Other.Arn}/*"),
        ("!Join ['', [a, !Ref Free]]", "a${parameter Free}"),
        ("!Join ['', [!Ref Free]]", unknown("parameter Free")),
        ("!Join [!Ref Free, [a, b]]", unknown("parameter Free")),
        ("!Join ['', [1, true, null]]", "1true${a value}"),
        ("!Sub '${Open}-${Open}'", unknown("parameter Open", "a-a", "b-b")),
        ("!Sub '${Open}-${Free}'", unknown("parameter Open", "a-${parameter Free}", "b-${parameter Free}")),
        ("!Join ['', [x, !If [IsA, '1', !Ref AWS::NoValue]]]", unknown("parameter Open", "x1", "x")),
        ("!Join ['.', !If [IsA, [a, b], [c, d]]]", unknown("parameter Open", "a.b", "c.d")),
        ("!Split ['-', !If [IsA, a-b, c]]", unknown("parameter Open", ["a", "b"], ["c"])),
        ("!Select [1, !If [IsA, [a, b], [c, d]]]", unknown("parameter Open", "b", "d")),
        ("!Select [1, !If [IsA, [a, b], [c]]]", "b"),
        ("!Split ['-', a-b]", ["a", "b"]),
        ("!Split [!Ref Free, a-b]", unknown("parameter Free")),
        ("!Select [!Ref Free, [a, b]]", unknown("parameter Free", "a", "b")),
        ("!Split ['-', !Ref Free]", unknown("parameter Free")),
        ("!Select [1, [a, b]]", "b"),
        ("!Select [0, !Ref Names]", "x"),
        ("!Select [0, !GetAZs '']", unknown("the availability zones")),
        ("!Base64 text", base64.b64encode(b"text").decode()),
        ("{'Fn::Length': [a, b]}", 2),
        ("{'Fn::ToJsonString': {a: 1}}", '{"a": 1}'),
        ("!ImportValue there", unknown("import there")),
        ("!ImportValue {'Fn::Sub': '${Free}-x'}", ANY),
        ("!Cidr [10.0.0.0/16, 2, 8]", unknown("Fn::Cidr")),
        ("{'Fn::Transform': {Name: 'AWS::Include'}}", unknown("a macro (Fn::Transform)")),
        ("{'Fn::Tomorrow': 1}", unknown("the function Fn::Tomorrow")),
        ("'{{resolve:ssm:/some/name}}'", unknown("{{resolve:ssm:/some/name}}")),
        ("!Sub '{{resolve:secretsmanager:${Other}}}'", unknown("{{resolve:secretsmanager:${Other}}}")),
        ("!Join ['', ['{{resolve:ssm:', /x, '}}']]", unknown("{{resolve:ssm:/x}}")),
        ("'a-{{resolve:ssm:/x}}'", "a-{{resolve:ssm:/x}}"),
        ("'{{resolve:ssm:/x}}-{{resolve:ssm:/y}}'", "{{resolve:ssm:/x}}-{{resolve:ssm:/y}}"),
        ("2027-03-31", "2027-03-31"),
    ],
)
def test_a_value_is_what_cloudformation_makes_of_it_as_far_as_the_template_tells(written: str, expected: Any) -> None:
    found = property_of(written, HEAD)
    if expected is ANY:
        assert isinstance(found, Unknown) or str(found)
    else:
        assert found == expected


def test_a_parameter_that_is_given_decides_more() -> None:
    assert property_of("!If [IsA, big, small]", HEAD, Open="a") == "big"
    assert property_of("!Sub '${Free}!'", HEAD, Free="it") == "it!"
    assert property_of("!Ref Names", HEAD, Names="q") == ["q"]


def test_an_account_and_a_region_that_are_known_are_used() -> None:
    text = "Resources:\n  A: {Type: AWS::SSM::Parameter, Properties: {Value: !Sub '${AWS::AccountId}/${AWS::Region}'}}"
    (resource,) = template_of(text, account_id="111122223333", region="eu-west-1").resources
    assert resource.properties["Value"] == "111122223333/eu-west-1"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("!Ref Nobody", "Ref names Nobody, which is no parameter and no resource of the template"),
        ("!GetAtt Nobody.Arn", "Fn::GetAtt names Nobody, which is no resource of the template"),
        ("!GetAtt Other", "Fn::GetAtt takes the logical id of a resource and an attribute"),
        ("!If [Nothing, 1, 2]", "the condition Nothing is not defined"),
        ("!If [IsProd, 1]", "Fn::If takes a condition and two values"),
        ("!FindInMap [None, dev, cpu]", "Fn::FindInMap names the map None, which is not defined"),
        ("!FindInMap [Sizes, test, cpu]", "the map Sizes has nothing under test and cpu"),
        ("!Select [2, [a, b]]", "Fn::Select takes item 2 of 2"),
        ("!Select [-1, [a, b]]", "Fn::Select takes item -1 of 2"),
        ("!Select [0.5, [a, b]]", "Fn::Select takes item 0.5 of 2"),
        ("!Select [0, text]", "Fn::Select takes a number and a list"),
        ("!Select [0, null]", "Fn::Select takes a number and a list"),
        ("!FindInMap [Broken, a, b]", "the map Broken has no keys and values"),
        ("!FindInMap [BrokenRow, a, b]", "the map BrokenRow has no keys and values"),
        ("!If [IsText, 1, 2]", "a condition is neither true nor false"),
        ("!If [IsNothing, 1, 2]", "a condition is neither true nor false"),
        ("!Join [a]", "Fn::Join takes a delimiter and a list"),
        ("!Join ['', text]", "Fn::Join takes a delimiter and a list"),
        ("!Sub [a]", "Fn::Sub takes a text, and perhaps values by name"),
        ("!Split [a]", "Fn::Split takes two arguments"),
        ("!Split ['', a]", "Fn::Split takes a delimiter and a text"),
        ("!Split [a, [b]]", "Fn::Split takes a delimiter and a text"),
    ],
)
def test_what_cloudformation_would_refuse_is_told_with_file_line_and_resource(written: str, said: str) -> None:
    with pytest.raises(TemplateError) as told:
        property_of(written, HEAD)
    file, _, rest = str(told.value).partition(", line ")
    assert file == "x.yaml"
    assert rest.endswith(f": Asked: {said}")
    assert int(rest.partition(":")[0]) > 1


@pytest.mark.parametrize(
    "conditions",
    ["{A: !Not [!Condition A]}", "{A: !Not [!Condition B], B: !Or [!Condition A, !Condition A]}"],
)
def test_conditions_that_depend_on_each_other_are_refused(conditions: str) -> None:
    with pytest.raises(TemplateError, match="the condition A depends on itself"):
        property_of("!If [A, 1, 2]", f"Conditions: {conditions}")


@pytest.mark.parametrize("value", ["!Ref P", "!If [C, true, false]", "!ImportValue x", "!Sub '${P}'", "'true'", "true"])
def test_a_boolean_may_come_from_anywhere(value: str) -> None:
    head = 'Parameters: {P: {Type: String, Default: "true"}}\nConditions: {C: !Equals [a, a]}\n'
    text = (
        f"{head}Resources:\n  A: {{Type: 'AWS::EC2::Volume', Properties: {{AvailabilityZone: a, Encrypted: {value}}}}}"
    )
    encrypted = resource_of(text).properties["Encrypted"]
    assert encrypted is True or isinstance(encrypted, Unknown)


def test_texts_become_what_the_properties_type_is_and_nothing_else() -> None:
    resource = resource_of(
        """
        Parameters: {Public: {Type: String, Default: "false"}, Days: {Type: String, Default: "7"}}
        Resources:
          A:
            Type: AWS::RDS::DBInstance
            Properties:
              PubliclyAccessible: !Ref Public
              BackupRetentionPeriod: !Ref Days
              AllocatedStorage: 20
              MultiAZ: !If [Unknown, "true", "false"]
        Conditions: {Unknown: !Equals [!Ref AWS::Region, x]}
        """
    )
    assert resource.properties["PubliclyAccessible"] is False
    assert resource.properties["BackupRetentionPeriod"] == 7
    assert resource.properties["MultiAZ"] == unknown("AWS::Region", True, False)


def test_a_policys_condition_stays_the_text_that_it_is() -> None:
    resource = resource_of(
        """
        Resources:
          A:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: b
              PolicyDocument: {Statement: [{Effect: Deny, Condition: {Bool: {"aws:SecureTransport": "false"}}}]}
        """
    )
    (statement,) = resource.properties["PolicyDocument"]["Statement"]
    assert statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"


def test_a_resource_of_a_condition_that_fails_does_not_exist_and_one_of_an_unknown_one_may() -> None:
    found = template_of(
        """
        Conditions: {Never: !Equals [a, b], Perhaps: !Equals [!Ref AWS::Region, x], Always: !Equals [a, a]}
        Resources:
          A: {Type: "AWS::SNS::Topic", Condition: Never}
          B: {Type: "AWS::SNS::Topic", Condition: Perhaps}
          C: {Type: "AWS::SNS::Topic", Condition: Always}
        """
    )
    assert {one.logical_id: one.existence and one.existence.source for one in found.resources} == {
        "B": "AWS::Region",
        "C": None,
    }

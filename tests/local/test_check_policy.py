"""Policy documents: what is public, and what isn't."""

from typing import Any

import pytest

from local.check.rules.policy import about, allowing, is_public, names, on_everything, some_statement
from local.check.value import ABSENT, Reference, Unknown

ACCOUNT = Unknown(source="AWS::AccountId")


def _document(principal: Any, condition: Any = None, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Resource": "*"} | more
    return {"Statement": [statement | ({"Condition": condition} if condition is not None else {})]}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (ABSENT, False),
        (_document("*"), True),
        (_document({"AWS": "*"}), True),
        (_document({"AWS": ["arn:aws:iam::111122223333:root", "*"]}), True),
        ({"Statement": _document("*")["Statement"][0]}, True),
        ('{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*"}}', True),
        (_document("*", Effect="Deny"), False),
        ({"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}}, True),
        (_document({"AWS": "arn:aws:iam::${AWS::AccountId}:root"}), False),
        (_document({"Service": "s3.amazonaws.com"}), False),
        (_document({"AWS": Unknown(source="parameter Partner")}), False),
        (_document({"AWS": Unknown(source="parameter Open", choices=("*", "111122223333"))}), None),
        (_document("*", {"StringEquals": {"aws:SourceAccount": ACCOUNT}}), False),
        (_document("*", {"ArnLike": {"AWS:SourceArn": Reference(logical_id="Rule", attribute="Arn")}}), False),
        (_document("*", {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:${AWS::AccountId}:*"}}), True),
        (_document("*", {"StringLike": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}), True),
        (_document("*", {"StringEquals": {"aws:SourceAccount": ["111122223333", "4444*"]}}), True),
        (_document("*", {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}), True),
        (_document("*", {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}), True),
        (_document("*", {"Bool": {"aws:SecureTransport": "true"}}), True),
        (_document("*", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), False),
        (_document("*", {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}), True),
        (_document("*", {"StringEquals": Unknown(source="an import")}), None),
        (_document("*", Unknown(source="parameter Closed", choices=({}, ABSENT))), True),
        (
            _document(
                "*",
                Unknown(source="parameter Closed", choices=({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, ABSENT)),
            ),
            None,
        ),
        (Unknown(source="an import"), None),
    ],
)
def test_what_everyone_may_use_is_public(document: Any, expected: bool | None) -> None:
    assert is_public(document).truth is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        (
            {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "BoolIfExists": {"aws:ViaAWSService": "false"}},
            False,
        ),
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:SecureTransport": "false"}}, True),
    ],
)
def test_what_is_denied_to_strangers_is_not_public(condition: dict[str, Any], expected: bool) -> None:
    document = _document("*")
    document["Statement"] += _document("*", condition, Effect="Deny")["Statement"]
    assert is_public(document).truth is expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": "kms:Decrypt"}, True),
        ({"Action": ["s3:*", "KMS:De*"]}, True),
        ({"Action": "*"}, True),
        ({"Action": "kms:?ecrypt"}, True),
        ({"Action": "kms:DescribeKey"}, False),
        ({"NotAction": "iam:*"}, True),
        ({"NotAction": ["kms:*", "iam:*"]}, False),
        ({"Action": Unknown(source="parameter Action")}, False),
        ({}, False),
    ],
)
def test_a_statement_is_about_the_actions_that_it_names_or_does_not_leave_out(
    statement: dict[str, Any], expected: bool
) -> None:
    assert about("kms:Decrypt", "kms:ReEncryptFrom")(statement).truth is expected


def test_a_statement_is_all_that_is_asked_by_itself() -> None:
    allowed = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": Reference(logical_id="Key", attribute="Arn")}
    wide = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["*"]}
    document = {"Statement": [allowed, wide]}
    assert some_statement(document, allowing, about("kms:Decrypt"), on_everything).truth is False
    assert some_statement(document, allowing, about("s3:GetObject"), on_everything).truth is True


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        (Reference(logical_id="Queue"), ABSENT, True),
        (Reference(logical_id="Other"), ABSENT, False),
        ("jobs", "jobs", True),
        ("arn:aws:sns:us-east-1:111122223333:jobs", "jobs", True),
        ("arn:aws:sns:us-east-1:111122223333:other", "jobs", False),
        ("https://${Queue}", ABSENT, True),
        (Unknown(source="parameter Name"), Unknown(source="parameter Name"), True),
        (Unknown(source="parameter Name"), "jobs", None),
        (Unknown(source="parameter Name"), ABSENT, False),
        (ABSENT, ABSENT, False),
    ],
)
def test_a_policy_is_of_the_resource_that_it_refers_to_or_names(value: Any, name: Any, expected: bool | None) -> None:
    assert names(value, "Queue", name).truth is expected

"""Risks that are accepted before they are deployed, by a resource's metadata and by a team's routes."""

from datetime import date
from typing import Any

import pytest

from local.check.acceptance import Accepted, accepted
from local.check.engines import install_engines
from local.check.exceptions import accepted_by_team
from local.check.template import Resource, Template
from local.errors import TemplateError
from shared.policy.route_file import parse_routes
from tests.templates import LOGGING

TODAY = date(2026, 11, 26)


def bucket(**metadata: Any) -> Resource:
    properties = {"BucketName": "logs", "Tags": [{"Key": "team", "Value": "a"}, {"Key": "other"}]}
    return Resource(logical_id="Logs", type="AWS::S3::Bucket", properties=properties, metadata=metadata)


def of_shirase(**entry: Any) -> Resource:
    return bucket(shirase={"accepted": [{"control": "S3.9", "reason": "log bucket", "until": "2026-11-26", **entry}]})


def of_nag(id_: str, **more: Any) -> Resource:
    return bucket(cdk_nag={"rules_to_suppress": [{"id": id_, "reason": "log bucket", **more}]})


def test_a_risk_is_accepted_to_the_end_of_its_last_day_and_counts_again_then() -> None:
    assert accepted(LOGGING, of_shirase(), TODAY) == Accepted(reason="log bucket", until=TODAY)
    assert accepted(LOGGING, of_shirase(), date(2026, 11, 27)) is None


@pytest.mark.parametrize(
    ("control", "is_accepted"), [("S3.9", True), ("s3.*", True), ("*", True), ("S3.8", False), ("S3.90", False)]
)
def test_a_pattern_accepts_what_it_matches(control: str, is_accepted: bool) -> None:
    assert (accepted(LOGGING, of_shirase(control=control), TODAY) is not None) is is_accepted


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"reason": ""}, "Logs: Metadata.shirase.accepted[0].reason is missing"),
        ({"reason": None}, "Logs: Metadata.shirase.accepted[0].reason is missing"),
        ({"until": None}, "Logs: Metadata.shirase.accepted[0].until is missing"),
        ({"control": 9}, "Logs: Metadata.shirase.accepted[0].control is missing"),
        ({"until": "soon"}, "Logs: Metadata.shirase.accepted[0].until is 'soon': write a day as 2027-03-31"),
    ],
)
def test_who_accepts_says_what_why_and_until_when(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(TemplateError) as told:
        accepted(LOGGING, of_shirase(**entry), TODAY)
    assert str(told.value).startswith(said)


@pytest.mark.parametrize("told", ["text", {"accepted": "S3.9"}, {"accepted": [7]}, [1]])
def test_metadata_that_cannot_be_meant_is_told(told: Any) -> None:
    with pytest.raises(TemplateError, match=r"Logs: Metadata\.shirase\.accepted"):
        accepted(LOGGING, bucket(shirase=told), TODAY)


@pytest.mark.parametrize(
    ("id_", "is_accepted"),
    [
        ("AwsSolutions-S1", True),  # as that pack calls the rule
        ("HIPAA.Security-S3BucketLoggingEnabled", True),
        ("NIST.800.53.R5-S3BucketLoggingEnabled", True),
        ("S3BucketLoggingEnabled", True),
        ("AwsSolutions-S2", False),
        ("AwsSolutions-S10", False),
    ],
)
def test_what_cdk_nag_is_told_to_pass_over_is_accepted(id_: str, is_accepted: bool) -> None:
    install_engines()
    reason = Accepted(reason="log bucket") if is_accepted else None
    assert accepted(LOGGING, of_nag(id_), TODAY) == reason
    acknowledged = Resource(logical_id="Logs", type="AWS::S3::Bucket", properties={}, acknowledged={id_: "log bucket"})
    assert accepted(LOGGING, acknowledged, TODAY) == reason


def test_what_is_passed_over_in_part_is_not_accepted() -> None:
    assert accepted(LOGGING, of_nag("AwsSolutions-S1", applies_to=["Resource::*"]), TODAY) is None


@pytest.mark.parametrize("told", ["text", {"rules_to_suppress": "x"}, {"rules_to_suppress": [1, {"id": 2}]}, None])
def test_metadata_of_other_tools_that_cannot_be_read_is_passed_over(told: Any) -> None:
    assert accepted(LOGGING, bucket(cdk_nag=told), TODAY) is None


@pytest.mark.parametrize(
    ("asked", "is_accepted"),
    [
        ({"control": "S3.9"}, True),
        ({"control": "S3.*", "resource": "logs"}, True),
        ({"resource": "Logs"}, True),
        ({"tag": {"Team": "a"}}, True),
        ({"account": "111122223333", "region": "eu-*"}, True),
        ({"control": "S3.8"}, False),
        ({"resource": "other"}, False),
        ({"tag": {"team": "b"}}, False),
        ({"account": "444455556666"}, False),
        ({"control": "S3.9", "until": "2026-11-25"}, False),
    ],
)
def test_the_exceptions_of_a_teams_routes_are_accepted(asked: dict[str, Any], is_accepted: bool) -> None:
    entry = {"reason": "log bucket", "until": "2026-11-26", **asked}
    document = {"version": 1, "default": {"channel": "C0123456789"}, "exceptions": [entry]}
    template = Template(file="x.yaml", resources=(), account_id="111122223333", region="eu-west-1")
    found = accepted_by_team(parse_routes(document).acceptances, LOGGING, bucket(), template, TODAY)
    assert found == (Accepted(reason="log bucket", until=TODAY) if is_accepted else None)


def test_an_exception_of_one_account_is_none_where_nobody_knows_the_account() -> None:
    entry = {"account": "1111*", "reason": "log bucket", "until": "2026-11-26"}
    document = {"version": 1, "default": {"channel": "C0123456789"}, "exceptions": [entry]}
    template = Template(file="x.yaml", resources=())
    assert accepted_by_team(parse_routes(document).acceptances, LOGGING, bucket(), template, TODAY) is None

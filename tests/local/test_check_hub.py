"""What a deployed stack and its Security Hub are asked for, and how long the answer is kept."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from local.check import command, hub
from local.check.controls import controls
from local.check.hub import Hub, HubControl, merged, read_definitions, read_hub
from local.errors import InputError
from local.stack import lookup
from local.stack.stack import Stack, StackError
from shared.finding.violation import Severity

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
CREDENTIALS = {"region_name": "eu-west-1", "aws_access_key_id": "any", "aws_secret_access_key": "any"}
IDS = [f"S3.{number}" for number in range(1, 251)]


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "FOLDER", tmp_path / ".check")
    monkeypatch.setattr(hub.time, "sleep", lambda seconds: None)


def stubbed(service: str) -> tuple[Any, Stubber]:
    client = boto3.client(service, **CREDENTIALS)
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber


def definition(id_: str) -> dict[str, Any]:
    return {
        "SecurityControlId": id_,
        "Title": f"Title of {id_}",
        "Description": "…",
        "RemediationUrl": "https://…",
        "SeverityRating": "LOW",
        "CurrentRegionAvailability": "AVAILABLE",
    }


def control(id_: str, status: str = "ENABLED", **parameters: Any) -> dict[str, Any]:
    return {
        "SecurityControlId": id_,
        "SecurityControlArn": f"arn:aws:securityhub:eu-west-1:111122223333:security-control/{id_}",
        "Title": f"Title of {id_}",
        "Description": "…",
        "RemediationUrl": "https://…",
        "SeverityRating": "HIGH",
        "SecurityControlStatus": status,
        "Parameters": parameters,
    }


def test_every_page_of_definitions_is_read_and_every_control_asked_for_a_hundred_at_a_time() -> None:
    client, stubber = stubbed("securityhub")
    pages = [IDS[:100], IDS[100:200], IDS[200:]]
    for number, page in enumerate(pages):
        more = {"NextToken": f"page {number + 1}"} if number < 2 else {}
        given = {"MaxResults": 100} | ({"NextToken": f"page {number}"} if number else {})
        answer = {"SecurityControlDefinitions": [definition(id_) for id_ in page], **more}
        stubber.add_response("list_security_control_definitions", answer, given)
    custom = {"days": {"ValueType": "CUSTOM", "Value": {"Integer": 30}}, "x": {"ValueType": "DEFAULT"}}
    for page in pages:
        answered = [
            control(id_, "DISABLED" if id_ == "S3.2" else "ENABLED", **custom if id_ == "S3.3" else {})
            for id_ in page
            if id_ != "S3.4"
        ]
        unprocessed = [{"SecurityControlId": "S3.4", "ErrorCode": "LIMIT_EXCEEDED", "ErrorReason": "…"}]
        answer = {"SecurityControls": answered, "UnprocessedIds": unprocessed}
        stubber.add_response("batch_get_security_controls", answer, {"SecurityControlIds": page})
    found = read_definitions(client)
    stubber.assert_no_pending_responses()
    assert list(found) == IDS
    assert found["S3.1"] == HubControl(title="Title of S3.1", severity="HIGH", is_enabled=True)
    assert not found["S3.2"].is_enabled
    assert found["S3.3"].parameters == {"days": 30}
    assert found["S3.4"] == HubControl(title="Title of S3.4", severity="LOW", is_enabled=True)


@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException", "TooManyRequestsException"])
def test_a_hub_that_wants_fewer_requests_is_asked_again(code: str) -> None:
    client, stubber = stubbed("securityhub")
    for _ in range(hub.MAX_TRIES - 1):
        stubber.add_client_error("list_security_control_definitions", code)
    stubber.add_response("list_security_control_definitions", {"SecurityControlDefinitions": [definition("S3.1")]})
    stubber.add_response("batch_get_security_controls", {"SecurityControls": [control("S3.1")], "UnprocessedIds": []})
    assert list(read_definitions(client)) == ["S3.1"]


def stack_of(monkeypatch: pytest.MonkeyPatch) -> dict[str, Stubber]:
    clients = {name: stubbed(name) for name in ("cloudformation", "securityhub")}
    stack = Stack(name="shirase", client=lambda name: clients[name][0], outputs={}, rules={})
    monkeypatch.setattr(lookup, "find_stack", lambda name: stack)
    return {name: stubber for name, (_, stubber) in clients.items()}


def described(**parameters: str) -> dict[str, Any]:
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    one = {"StackName": "shirase", "CreationTime": NOW, "StackStatus": "UPDATE_COMPLETE", "Parameters": given}
    return {"Stacks": [one]}


def test_an_answer_is_kept_for_a_day_where_nobody_else_may_read_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stubbers = stack_of(monkeypatch)
    for _ in range(2):
        stubbers["cloudformation"].add_response("describe_stacks", described(MinSeverity="HIGH", Other="x"))
        definitions = {"SecurityControlDefinitions": [definition("S3.1")]}
        stubbers["securityhub"].add_response("list_security_control_definitions", definitions)
        answer = {"SecurityControls": [control("S3.1")], "UnprocessedIds": []}
        stubbers["securityhub"].add_response("batch_get_security_controls", answer)
    first = read_hub("shirase", NOW)
    assert first.settings == {"TargetControlIds": "*", "MinSeverity": "HIGH", "MessageLanguage": "en"}
    assert first.enabled == {"s3.1"}
    (file,) = (tmp_path / ".check").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_hub("shirase", NOW + timedelta(hours=23, minutes=59)) == first  # asks nobody
    assert read_hub("shirase", NOW + timedelta(days=1)) == first
    for stubber in stubbers.values():
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 1, "read_at": "x", "settings": {}, "controls": {}}'])
def test_a_kept_answer_that_cannot_be_read_is_asked_for_again(
    content: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = Hub(settings={}, controls={})
    monkeypatch.setattr(hub, "_asked", lambda name: asked)
    read_hub("shirase", NOW)
    (file,) = (tmp_path / ".check").iterdir()
    file.write_text(content, encoding="utf-8")
    assert read_hub("shirase", NOW) == asked
    assert json.loads(file.read_text(encoding="utf-8"))["read_at"] == NOW.isoformat()


def test_who_may_not_ask_hears_which_permissions_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    stubbers = stack_of(monkeypatch)
    stubbers["cloudformation"].add_response("describe_stacks", described())
    stubbers["securityhub"].add_client_error("list_security_control_definitions", "AccessDeniedException", "no")
    with pytest.raises(InputError) as told:
        read_hub("shirase", NOW)
    assert "securityhub:ListSecurityControlDefinitions" in str(told.value)
    assert "AccessDeniedException" in str(told.value)


@pytest.mark.parametrize(
    "error", [StackError("the stack x can't be looked up"), EndpointConnectionError(endpoint_url="x")]
)
def test_without_network_it_is_told_and_exits_as_wrong_input(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise error

    monkeypatch.setattr(lookup, "find_stack", fail)
    with pytest.raises(InputError) as told:
        read_hub("x", NOW)
    assert told.value.exit_code == 2
    assert "the stack x" in str(told.value)


def test_another_profile_or_region_is_another_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hub, "_asked", lambda name: Hub(settings={}, controls={}))
    for profile in ("one", "two/../../x"):
        monkeypatch.setenv("AWS_PROFILE", profile)
        read_hub("shirase", NOW)
    assert len(list((tmp_path / ".check").iterdir())) == 2


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"Enum": "731"}, "1 violation (1 HIGH)"),
        ({"Enum": "365"}, "0 violations · 0 accepted · 0 undecided"),
        ({"StringList": ["731"]}, "it depends on: the parameter minRetentionTime of Security Hub"),
    ],
)
def test_what_a_hub_has_set_of_a_control_decides_whether_it_is_violated(
    value: dict[str, Any],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stubbers = stack_of(monkeypatch)
    definitions = {"SecurityControlDefinitions": [definition("CloudWatch.16")]}
    custom = {"minRetentionTime": {"ValueType": "CUSTOM", "Value": value}}
    answer = {"SecurityControls": [control("CloudWatch.16", **custom)], "UnprocessedIds": []}
    stubbers["cloudformation"].add_response("describe_stacks", described())
    stubbers["securityhub"].add_response("list_security_control_definitions", definitions)
    stubbers["securityhub"].add_response("batch_get_security_controls", answer)
    file = tmp_path / "logs.yaml"
    file.write_text("Resources: {Logs: {Type: 'AWS::Logs::LogGroup', Properties: {RetentionInDays: 400}}}")
    for _ in range(2):  # the second time from the file
        command.check(command.Wish(paths=[str(file)], stack="shirase"))
        out = capsys.readouterr().out
        assert told in out
        shown = json.dumps(next(iter(value.values()), None))
        assert f"Checked as your Security Hub has it: minRetentionTime {shown} (CloudWatch.16)" in out


def test_a_hub_says_what_a_control_is_called_and_how_severe_it_is() -> None:
    """Security Hub's ids differ in case from page to page."""
    found = {
        "s3.8": HubControl(title="T", severity="CRITICAL", is_enabled=True),
        "New.1": HubControl(title="N", severity="LOW", is_enabled=True),
    }
    known = {one.id: one for one in merged(controls(), Hub(settings={}, controls=found))}
    assert (known["S3.8"].title, known["S3.8"].severity) == ("T", Severity.CRITICAL)
    assert (known["New.1"].title, known["New.1"].is_checked) == ("N", False)
    assert len(known) == len(controls()) + 1

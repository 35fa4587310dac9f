"""What `make deploy` looks at before it builds: with real credentials and secrets of a local AWS, and what Security Hub
answers."""

import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber
from samcli.cli.types import CfnParameterOverridesType

from local.deploy import preflight
from local.deploy.answers import Answers
from local.deploy.preflight import Preflight
from local.errors import CommandError
from local.root import ROOT
from local.stack.aws import REGION, LocalAws

AGGREGATOR = "arn:aws:securityhub:{region}:111122223333:finding-aggregator/5a21"
OFF = ("InvalidAccessException", "Account 111122223333 is not subscribed to AWS Security Hub")
FORBIDDEN = ("AccessDeniedException", "not authorized")
CHANNEL = "C0123456789"
UNTOUCHED = (ROOT / "samconfig.toml").read_text(encoding="utf-8")


class Hub:
    """Security Hub, as far as it is asked: on unless `off`, with an aggregation Region or none."""

    def __init__(self) -> None:
        self.error: tuple[str, str] | None = None
        self.home: str | None = None
        self.tells_region = True
        self.administrator: dict[str, str] | None = None
        self.administrator_error: tuple[str, str] | None = None

    def client(self) -> Any:
        made: Any = boto3.client("securityhub", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
        stub = Stubber(made)
        calls = {"describe_hub": {}, "list_finding_aggregators": {"FindingAggregators": self._aggregators}}
        for call, answer in calls.items():
            if self.error:
                stub.add_client_error(call, *self.error)
            else:
                stub.add_response(call, answer)
        if self.home and not self.error:
            if self.tells_region:
                stub.add_response("get_finding_aggregator", {"FindingAggregationRegion": self.home})
            else:
                stub.add_client_error("get_finding_aggregator", *FORBIDDEN)
        if error := self.error or self.administrator_error:
            stub.add_client_error("get_administrator_account", *error)
        else:
            answer = {"Administrator": self.administrator} if self.administrator else {}
            stub.add_response("get_administrator_account", answer)
        stub.activate()
        return made

    @property
    def _aggregators(self) -> list[dict[str, str]]:
        return [{"FindingAggregatorArn": AGGREGATOR.format(region=self.home)}] if self.home else []


class Desk:
    """A person who types answers, in their order, and a session whose AWS is local."""

    region_name: str | None = None

    def __init__(self, aws: LocalAws, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._aws = aws
        self._capsys = capsys
        self.hub = Hub()
        self._hub_client: Any = None
        self.file = folder / "samconfig.local.toml"
        name = f"shirase/slack-{uuid4().hex[:8]}"
        self.secret = str(aws.client("secretsmanager").create_secret(Name=name, SecretString="{}")["ARN"])

    def client(self, service: str, **_: Any) -> Any:
        if service == "securityhub":
            self._hub_client = self._hub_client or self.hub.client()
            return self._hub_client
        return self._aws.client(service)

    @property
    def answers(self) -> Answers:
        return Answers(self.file, ROOT / "samconfig.toml")

    def look(self, *typed: str) -> tuple[bool, str]:
        """Whether it goes on, and all that was shown; every answer must have been asked for."""
        left = list(typed)

        def ask(prompt: str) -> str:
            print(prompt)
            if not left:
                raise EOFError
            return left.pop(0)

        goes_on = Preflight(self.answers, self, ask).run()
        assert left == []
        return goes_on, self._capsys.readouterr().out


@pytest.fixture
def desk(
    aws: LocalAws, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    yield Desk(aws, tmp_path, capsys)
    assert (ROOT / "samconfig.toml").read_text(encoding="utf-8") == UNTOUCHED


def test_what_is_fine_is_told_in_a_line_each_and_goes_on_unasked(desk: Desk) -> None:
    goes_on, told = desk.look(REGION, desk.secret, CHANNEL)
    assert goes_on
    for line in (
        "✓ Credentials     account 111122223333, as arn:aws",
        f"✓ Security Hub    on in {REGION}",
        f"✓ Aggregation     no Regions are linked: you will hear of {REGION} alone",
        "✓ Administrator   no other account administers Security Hub for this one",
        "✓ Secret          shirase/slack-",
        f"✓ Channel         {CHANNEL}; the app must be in it",
    ):
        assert f"\n  {line}" in told


def test_a_japanese_reader_is_told_all_of_it_in_japanese(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", "ja")
    desk.hub.administrator = {"AccountId": "999988887777", "MemberStatus": "Enabled"}
    desk.hub.home = "eu-central-1"
    missing = desk.secret.replace("shirase/slack", "shirase/other")
    wrong = ("xoxb-token", desk.secret.replace(REGION, "us-east-1"), missing)
    _, told = desk.look("Tokyo", REGION, *wrong, desk.secret, "#security", CHANNEL, "yes")
    lines = [line for line in told.splitlines() if line.startswith(("  ✓", "  !", "  ?", "  ✗"))]
    assert len(lines) == 11
    assert "\nこのままデプロイしますか？ 続けるには yes と入力してください: " in told
    assert [line for line in lines if not re.search("[ぁ-んァ-ン]", line) and "shirase/slack-" not in line] == []
    assert "  ✓ 認証情報        アカウント 111122223333、arn:aws" in told
    assert "  ! 管理者          このアカウントは 999988887777 のメンバー" in told


def test_a_wrong_answer_is_told_at_once_and_asked_for_again(desk: Desk) -> None:
    elsewhere = desk.secret.replace(REGION, "us-east-1")
    missing = desk.secret.replace("shirase/slack", "shirase/other")
    wrong = ("xoxb-token", elsewhere, missing)
    goes_on, told = desk.look("Tokyo", REGION, *wrong, desk.secret, "#security", "", CHANNEL)
    assert goes_on
    assert "✗ Region          give a Region such as ap-northeast-1" in told
    assert "✗ SlackSecretArn  give the ARN of the Secrets Manager secret" in told
    assert f"this secret is in us-east-1, and must be in the Region of the stack, {REGION}" in told
    assert "there is no such secret" in told
    assert told.count("✗ SlackChannel    give a channel ID such as C0123456789") == 2
    assert "xoxb-token" not in told


def test_what_was_answered_is_kept_for_the_next_try_and_offered_to_sam(desk: Desk) -> None:
    with pytest.raises(EOFError):
        desk.look(REGION, desk.secret, "#security")
    assert stat.S_IMODE(desk.file.stat().st_mode) == 0o600
    desk.answers.keep_parameter("DigestSchedule", 'cron(0 9 * * ? *) "x"')
    again, told = Desk.look(desk, "", "", CHANNEL)
    assert again
    assert f"SlackSecretArn [{desk.secret}]: " in told
    expected = {"SlackSecretArn": desk.secret, "DigestSchedule": 'cron(0 9 * * ? *) "x"', "SlackChannel": CHANNEL}
    assert (desk.answers.region, desk.answers.parameters) == (REGION, expected)
    written: str = desk.answers._settings["parameter_overrides"]
    assert CfnParameterOverridesType().convert((written,), None, None) == expected
    assert 'stack_name = "shirase"' in desk.file.read_text(encoding="utf-8")


def test_a_region_of_the_shell_is_offered(desk: Desk) -> None:
    desk.region_name = REGION
    _, told = desk.look("", desk.secret, CHANNEL)
    assert f"Region [{REGION}]: " in told


@pytest.mark.parametrize(("answer", "goes_on"), [("yes", True), ("", False)])
def test_what_would_hear_nothing_is_deployed_only_by_whoever_wants_that(desk: Desk, answer: str, goes_on: bool) -> None:
    desk.hub.error = OFF
    went_on, told = desk.look(REGION, desk.secret, CHANNEL, answer)
    assert went_on is goes_on
    assert f"! Security Hub    Security Hub CSPM is off in account 111122223333, Region {REGION}: turn it on" in told
    assert "Deploy all the same?" in told


@pytest.mark.parametrize("tells_region", [True, False])
def test_another_aggregation_region_is_told_and_doubted(desk: Desk, tells_region: bool) -> None:
    desk.hub.home = "eu-central-1"
    desk.hub.tells_region = tells_region
    goes_on, told = desk.look(REGION, desk.secret, CHANNEL, "no")
    assert not goes_on
    assert "! Aggregation     findings come together in eu-central-1: deploy there" in told


def test_the_aggregation_region_is_the_right_one(desk: Desk) -> None:
    desk.hub.home = REGION
    goes_on, told = desk.look(REGION, desk.secret, CHANNEL)
    assert goes_on
    assert f"✓ Aggregation     the findings of all linked Regions come together here, in {REGION}" in told


@pytest.mark.parametrize("status", [{"MemberStatus": "Enabled"}, {}])
def test_a_member_account_is_led_to_its_administrator_and_held_up_by_nothing(
    desk: Desk, status: dict[str, str]
) -> None:
    desk.hub.administrator = {"AccountId": "999988887777", **status}
    goes_on, told = desk.look(REGION, desk.secret, CHANNEL)
    assert goes_on
    assert "! Administrator   this account is a member of 999988887777: you will hear of this account alone" in told
    assert "deploy there to hear of all members" in told


@pytest.mark.parametrize(
    "administrator",
    [{"AccountId": "999988887777", "MemberStatus": "Resigned"}, {"AccountId": "111122223333"}],
    ids=["that it left", "that it is itself"],
)
def test_an_administrator_of_others_or_of_nobody_is_the_right_account(
    desk: Desk, administrator: dict[str, str]
) -> None:
    desk.hub.administrator = administrator
    _, told = desk.look(REGION, desk.secret, CHANNEL)
    assert "✓ Administrator   no other account" in told


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (FORBIDDEN, "? Administrator   not looked at: you may not"),
        (("InternalException", "later"), "? Administrator   not looked at: it failed"),
    ],
)
def test_where_the_administrator_cannot_be_looked_up_that_is_all_that_is_told(
    desk: Desk, error: tuple[str, str], line: str
) -> None:
    desk.hub.administrator_error = error
    goes_on, told = desk.look(REGION, desk.secret, CHANNEL)
    assert goes_on
    assert line in told


def test_what_may_not_be_looked_at_holds_nobody_up(desk: Desk) -> None:
    desk.hub.error = FORBIDDEN
    goes_on, told = desk.look(REGION, desk.secret, CHANNEL)
    assert goes_on
    assert told.count("not looked at: you may not") == 3


def test_an_address_in_place_of_aws_is_doubted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:4566")
    goes_on, told = desk.look(REGION, desk.secret, CHANNEL, "")
    assert not goes_on
    assert "AWS_ENDPOINT_URL is set: this would go to https://127.0.0.1:4566, and not to AWS" in told


def test_without_credentials_nothing_more_is_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def client(*_: object, **__: object) -> Any:
        raise NoCredentialsError

    monkeypatch.setattr(desk, "client", client)
    with pytest.raises(CommandError, match="No AWS credentials that work in ap-northeast-1"):
        desk.look(REGION)


def test_where_nobody_can_answer_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "ANSWERS", tmp_path / "samconfig.local.toml")
    monkeypatch.setattr(sys, "stdin", (tmp_path / "empty").open("w+"))
    assert preflight.main() == 2
    assert "run it in a terminal" in capsys.readouterr().err

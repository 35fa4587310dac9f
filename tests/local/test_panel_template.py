"""A template in the panel: which messages would come of it, and what a hostile one can't do."""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.check.engines import install_engines
from local.panel import template
from local.panel.body import BadRequestError
from local.panel.preview import read_settings
from local.panel.template import MAX_BYTES, check_template

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
OPEN = """
Parameters: {Block: {Type: String}}
Resources:
  Receipts:
    Type: AWS::S3::Bucket
    Properties: {PublicAccessBlockConfiguration: {BlockPublicAcls: false}}
  Perhaps:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: !Ref Block, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
  Website:
    Type: AWS::S3::Bucket
    Metadata: {shirase: {accepted: [{control: S3.8, reason: a website, until: "2999-12-31"}]}}
    Properties: {PublicAccessBlockConfiguration: {BlockPublicAcls: false}}
"""


@pytest.fixture(scope="module", autouse=True)
def _engines() -> None:
    install_engines()


def checked(text: str, *parameters: str, language: str = "en", **settings: str) -> dict[str, Any]:
    config = read_settings({"TARGET_CONTROL_IDS": "S3.8", "MESSAGE_LANGUAGE": language} | settings)
    return check_template(text, parameters, config, language, NOW)


def test_each_violation_has_the_message_that_it_would_become() -> None:
    told = checked(OPEN)
    (violation,), (accepted,), (undecided,) = told["violations"], told["accepted"], told["undecided"]
    assert (violation["control"], violation["resource"], violation["line"]) == ("S3.8", "Receipts", 4)
    shown = json.dumps(violation["message"])
    assert violation["title"] in shown
    assert "Predicted from template.yaml, line 4: nothing is deployed yet." in shown
    assert (accepted["resource"], accepted["why"]) == ("Website", "until 2999-12-31: a website")
    assert (undecided["resource"], undecided["why"]) == ("Perhaps", "it depends on: parameter Block")
    assert (told["checked"], told["problems"], told["left_out"]) == (1, [], 0)


def test_parameters_settings_and_language_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "MAX_MESSAGES", 1)
    told = checked(OPEN, "Block=false", language="ja", MIN_SEVERITY="HIGH")
    assert [one["resource"] for one in told["violations"]] == ["Receipts", "Perhaps"]
    assert [one["message"] is None for one in told["violations"]] == [False, True]
    assert told["left_out"] == 1
    shown = json.dumps(told["violations"][0]["message"], ensure_ascii=False)
    assert "template.yaml の 4 行目からの予測です。まだデプロイされていません。" in shown
    assert told["accepted"][0]["why"] == "2999-12-31 まで: a website"
    with pytest.raises(BadRequestError, match=r"^there is no such control"):
        checked(OPEN, MIN_SEVERITY="CRITICAL")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("Resources:\n  A: }\n", 2, "did not find expected"),
        ('{"Resources": {"A": {"Type": "AWS::S3::Bucketx"}}}', 1, "CloudFormation doesn't have"),
        ("name: no template\n", None, "is no CloudFormation template: it has no Resources"),
        ("\ud800", None, ""),
    ],
)
def test_what_can_not_be_read_is_told_with_its_line(text: str, line: int | None, problem: str) -> None:
    (told,) = checked(text)["problems"]
    assert told["line"] == line
    assert problem in told["text"]


def test_a_template_reads_no_file_of_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("Resources: {Leaked: {Type: AWS::S3::Bucket}}", encoding="utf-8")
    told = checked(f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: a, DefinitionUri: {secret}}}}}
  Stack: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {secret}}}}}
  Flow: {{Type: AWS::Serverless::StateMachine, Properties: {{Role: arn, DefinitionUri: {secret}}}}}
  Included:
    Type: AWS::S3::Bucket
    Properties: {{"Fn::Transform": {{Name: AWS::Include, Parameters: {{Location: {secret}}}}}}}
""")
    assert "Leaked" not in json.dumps(told)
    assert any("lies elsewhere" in problem["text"] for problem in told["problems"])


def test_it_knows_nobody_s_credentials_and_stands_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    spy = tmp_path / "spy"
    spy.write_text(
        f"#!{sys.executable}\nimport json, os\nprint(json.dumps({{'found': [], 'problems': [str(sorted(os.environ)), "
        "str(os.listdir())], 'checked': [], 'need_account': [], 'without_rule': []}))\n",
        encoding="utf-8",
    )
    spy.chmod(0o755)
    monkeypatch.setattr(template.sys, "executable", str(spy))
    variables, files = checked(OPEN)["problems"]
    assert "AWS_SECRET_ACCESS_KEY" not in variables["text"]
    assert files["text"] == "['template.yaml']"


def test_a_check_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\nsleep 60 & echo $! > {tmp_path}/pid\nwait\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setattr(template.sys, "executable", str(slow))
    monkeypatch.setattr(template, "TIMEOUT_SECONDS", 1)
    with pytest.raises(BadRequestError, match="took more than 1 s"):
        checked(OPEN)
    time.sleep(0.1)
    pid = (tmp_path / "pid").read_text(encoding="utf-8").strip()
    status = Path(f"/proc/{pid}/status")
    assert not status.exists() or "Z (zombie)" in status.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "parameter"), [("#" * (MAX_BYTES + 1), "A=b"), (OPEN, "--help"), (OPEN, "Block"), (OPEN, "=x")]
)
def test_what_is_no_template_and_no_parameter_is_refused(text: str, parameter: str) -> None:
    with pytest.raises(BadRequestError):
        checked(text, parameter)

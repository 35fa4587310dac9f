"""What the engines are asked, what they can't read, and what becomes of it."""

import sys
from pathlib import Path

import pytest

from local.check import decide, engines
from local.check.answer import NO
from local.check.controls import Control
from local.check.decide import predict
from local.check.engines import install_engines, run_engine
from local.check.errors import EngineError
from local.check.guard import guard, rule_files
from local.check.nag import nag
from local.check.rule import Rule, judged
from local.check.template import Resource, Template
from local.step import StepError
from shared.finding.violation import Severity
from tests.templates import template_of

# Tags of a queue are a list, and a key's id is a text: CfnInclude throws on the whole template.
ONE_IS_BROKEN = """
    Resources:
      Made: {Type: "Custom::Thing", Properties: {ServiceToken: x}}
      Bucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref Made}}
      Other: {Type: "AWS::S3::Bucket"}
      Broken: {Type: "AWS::SQS::Queue", Properties: {Tags: [7], KmsMasterKeyId: {a: !Ref Bucket}}}
      Policy: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: !Ref Other, PolicyDocument: text}}
"""


def control(id_: str, decided_by: str, *types: str) -> Control:
    return Control(id=id_, title=id_, severity=Severity.HIGH, standards=frozenset(), types=types, decided_by=decided_by)


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install_engines()


def test_what_a_rule_throws_on_one_resource_is_told_and_the_others_count() -> None:
    controls = [
        control("S3.5", "nag:S3BucketSSLRequestsOnly", "AWS::S3::Bucket"),
        control("S3.9", "nag:S3BucketLoggingEnabled", "AWS::S3::Bucket"),
        control("SQS.1", "nag:SQSQueueSSE", "AWS::SQS::Queue"),
        control("S3.7", "guard:CT.S3.PR.1", "AWS::S3::Bucket"),
    ]
    found = predict([template_of(ONE_IS_BROKEN)], controls)
    certain = {(one.resource.logical_id, one.control.id) for one in found if one.is_certain}
    told = {(one.resource.logical_id, one.control.id): one.problem for one in found if one.problem}
    # A text as a policy makes that rule throw, whichever bucket it is asked about; the bucket that the broken queue
    # names might be violated for want of the queue alone.
    assert certain == {("Other", "S3.9"), ("Bucket", "S3.7"), ("Other", "S3.7")}
    assert told.keys() == {("Bucket", "S3.5"), ("Other", "S3.5"), ("Bucket", "S3.9"), ("Broken", "SQS.1")}
    assert "kmsMasterKeyId" in str(told["Broken", "SQS.1"]) or "tag" in str(told["Broken", "SQS.1"]).lower()
    assert str(told["Bucket", "S3.9"]).startswith("Broken: ")


def break_off(resource: Resource, template: Template) -> None:
    raise KeyError(resource.logical_id)


@pytest.mark.parametrize(
    "broken",
    [judged("S3.1", "S3::Bucket", break_off), judged("S3.1", "S3::Bucket", lambda *_: NO, parts=break_off)],
    ids=["at the resource", "at its parts"],
)
def test_a_rule_of_our_own_that_breaks_off_is_told_and_the_others_count(
    broken: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "OWN_RULES", {"S3.1": broken, "S3.8": decide.OWN_RULES["S3.8"]})
    text = """
        Resources:
          A: {Type: "AWS::S3::Bucket", Properties: {PublicAccessBlockConfiguration: {BlockPublicAcls: false}}}
    """
    first, second = predict(
        [template_of(text)], [control("S3.1", "own", "AWS::S3::Bucket"), control("S3.8", "own", "AWS::S3::Bucket")]
    )
    assert (first.problem, first.is_certain) == ("KeyError: 'A'", False)
    assert (second.problem, second.is_certain) == (None, True)


def test_a_rule_that_an_engine_does_not_have_is_no_silence() -> None:
    with pytest.raises(EngineError, match=r"there is no rule CT\.S3\.PR\.99 of AWS Control Tower") as told:
        guard([template_of("Resources: {A: {Type: 'AWS::S3::Bucket'}}")], ["CT.S3.PR.99"])
    assert told.value.exit_code == 3


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ([sys.executable, "-c", "1/0"], "it broke off: ZeroDivisionError: division by zero"),
        ([sys.executable, "-c", "exit(5)"], "it broke off: exit code 5"),
        ([sys.executable, "-c", "import sys; sys.exit('why\\nError: that\\n  at x')"], "it broke off: Error: that"),
    ],
)
def test_an_engine_that_breaks_off_says_why(command: list[str], said: str) -> None:
    with pytest.raises(EngineError) as told:
        run_engine("it", command)
    assert str(told.value) == said


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["/no/such/program"], "it can't be run: No such file or directory"),
        (
            [sys.executable, "-c", "import sys; sys.exit('Error: Cannot find module x')"],
            "it broke off: Error: Cannot find module x",
        ),
    ],
)
def test_engines_that_are_not_complete_are_installed_anew(
    command: list[str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "ENGINE", tmp_path)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / ".installed").touch()
    with pytest.raises(EngineError) as told:
        run_engine("it", command)
    assert str(told.value) == f"the engines are not complete ({reason}): run it again, and they are installed anew"
    assert not engines.are_installed()


@pytest.mark.parametrize("text", ["", "[]", "{}", "no JSON"])
def test_an_answer_that_says_too_little_is_no_silence(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    template = template_of("Resources: {A: {Type: 'AWS::S3::Bucket'}}")
    for module in ("nag", "guard"):
        monkeypatch.setattr(f"local.check.{module}.run_engine", lambda *_, **__: text)
    if text != "{}":  # a line of cdk-nag's that says that no rule is about any resource
        with pytest.raises(EngineError):
            nag([template], ["SQSQueueSSE"])
    with pytest.raises(EngineError):
        guard([template], [next(iter(rule_files()))])


def test_engines_that_cannot_be_installed_are_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, folder: Path) -> Path:
        raise StepError("no network")

    monkeypatch.setattr("local.check.engines.install_packages", refuse)
    with pytest.raises(EngineError, match="the engines could not be installed: no network") as told:
        install_engines()
    assert told.value.exit_code == 3

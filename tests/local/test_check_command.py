"""`shirase check` as it is typed, and what the shell hears. Only controls of our own rules are asked for here, so that
no engine has to start."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local import cli
from local.check import command, hub
from local.check.engines import install_engines
from local.check.errors import EngineError
from local.check.hub import Hub, HubControl
from local.errors import InputError

OPEN = """
Resources:
  Open:
    Type: AWS::S3::Bucket
    Properties: {BucketName: receipts, PublicAccessBlockConfiguration: {BlockPublicAcls: false}}
  Closed: {Type: "AWS::S3::Bucket"}
"""
UNDECIDED = """
Parameters: {Block: {Type: String}}
Resources:
  Perhaps:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: !Ref Block, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
"""
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types `shirase check --controls S3.8 …` in a folder with open.yaml and undecided.yaml."""
    install_engines()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MESSAGE_LANGUAGE", "en")
    Path("open.yaml").write_text(OPEN, encoding="utf-8")
    Path("undecided.yaml").write_text(UNDECIDED, encoding="utf-8")

    def typed(*arguments: str, controls: str | None = "S3.8") -> tuple[int, str, str]:
        asked = ["--controls", controls] if controls is not None else []
        monkeypatch.setattr(sys, "argv", ["shirase", "check", *asked, *arguments])
        code = cli.main()
        told = capsys.readouterr()
        return code, told.out, told.err

    return typed


@pytest.mark.parametrize(
    "arguments", [("--format", "csv"), ("--output", "told.txt"), ("--format", "csv", "--output", "x")]
)
def test_what_could_not_be_checked_is_told_where_no_report_says_it(check: Typed, arguments: tuple[str, ...]) -> None:
    Path("bro\nken\x1b.yaml").write_text("a: [", encoding="utf-8")
    code, _, err = check("open.yaml", "bro\nken\x1b.yaml", *arguments)
    assert code == 2
    assert err.startswith("✗ bro ken\N{REPLACEMENT CHARACTER}.yaml, line 2: ")
    assert err.count("\n") == 1


def test_the_csv_gives_a_terminal_nothing_to_obey(check: Typed) -> None:
    template = (
        'Resources: {"A\\e[2J\\nB": {Type: AWS::S3::Bucket, Properties: {PublicAccessBlockConfiguration: {a: b}}}}'
    )
    Path("x.yaml").write_text(template, encoding="utf-8")
    _, out, _ = check("x.yaml", "--format", "csv")
    assert out.splitlines()[1].startswith('"A\N{REPLACEMENT CHARACTER}[2J B",')


def test_a_violation_is_told_with_its_line_and_ends_with_1(check: Typed) -> None:
    code, out, err = check("open.yaml")
    assert (code, err) == (1, "")
    assert out.startswith("HIGH      S3.8  ")
    assert "\n  open.yaml:3  Open\n" in out
    assert "Checked 1 control on 2 resources of 1 template." in out
    assert out.endswith("\n1 violation (1 HIGH) · 0 accepted · 0 undecided\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("open.yaml", "--fail-on", "CRITICAL"), 0),
        (("open.yaml", "--fail-on", "medium"), 1),
        (("undecided.yaml",), 0),
        (("undecided.yaml", "--strict"), 1),
        (("undecided.yaml", "--strict", "--parameters", "Block=true"), 0),
        (("undecided.yaml", "--parameters", "Block=false"), 1),
        (("open.yaml", "none.yaml"), 2),
        (("open.yaml", "--fail-on", "worst"), 2),
        (("open.yaml", "--min-severity", "worst"), 2),
        (("open.yaml", "--min-severity", "CRITICAL"), 2),  # no control is left
        (("open.yaml", "--standard", "pci"), 2),
        (("open.yaml", "--format", "xml"), 2),
        (("open.yaml", "--language", "fr"), 2),
        (("open.yaml", "--parameters", "Block"), 2),
        (("open.yaml", "--output", "no/such/folder/file"), 2),
        (("open.yaml", "--routes", "none.yaml"), 2),
        ((), 2),
    ],
)
def test_the_exit_code_says_what_came_of_it(check: Typed, arguments: tuple[str, ...], code: int) -> None:
    assert check(*arguments)[0] == code


@pytest.mark.parametrize("patterns", ["", " , ", "nonsense!", "Nothing.7"])
def test_controls_that_there_are_not_are_refused(check: Typed, patterns: str) -> None:
    code, out, err = check("open.yaml", controls=patterns)
    assert (code, out) == (2, "")
    assert "--controls" in err


def test_what_cannot_be_read_is_told_and_the_others_are_checked(check: Typed) -> None:
    Path("broken.yaml").write_text("Resources: [", encoding="utf-8")
    code, out, _ = check("open.yaml", "broken.yaml")
    assert code == 2
    assert "open.yaml:3  Open" in out
    assert "Not checked\n  ✗ broken.yaml, line " in out


def test_a_parameter_that_no_template_has_is_told(check: Typed) -> None:
    code, out, _ = check("open.yaml", "undecided.yaml", "--parameters", "Block=true", "--parameters", "Blok=true")
    assert code == 2
    assert "Not checked\n  ✗ no template that was read has a parameter Blok\n" in out


def test_an_engine_that_fails_is_no_silence(check: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise EngineError("cdk-nag broke off: it")

    monkeypatch.setattr(command, "predict", fail)
    assert check("open.yaml") == (3, "", "✗ cdk-nag broke off: it\n")


def test_it_speaks_japanese_but_titles_stay_those_of_aws(check: Typed) -> None:
    _, out, _ = check("open.yaml", "none.yaml", "--language", "ja")
    title = next(control.title for control in command.controls() if control.id == "S3.8")
    assert out.startswith(f"HIGH      S3.8  {title}\n")
    assert "  https://docs.aws.amazon.com/console/securityhub/S3.8/remediation" in out
    assert "✗ none.yaml がありません" in out
    assert "違反 1 件 (1 HIGH)" in out


def test_formats_are_written_to_a_file_or_to_the_terminal(check: Typed) -> None:
    for name in ("csv", "sarif", "junit", "json", "table"):
        code, out, _ = check("open.yaml", "--format", name, "--output", f"out.{name}")
        assert (code, out) == (1, "")
        first = Path(f"out.{name}").read_bytes()
        _, shown, _ = check("open.yaml", "--format", name)
        assert shown.encode().replace(b"\r\n", b"\n").rstrip() == first.replace(b"\r\n", b"\n").rstrip()
    rows = list(csv.reader(io.StringIO(Path("out.csv").read_text(encoding="utf-8-sig"))))
    assert [row[2] for row in rows] == ["Control ID", "S3.8"]
    assert json.loads(Path("out.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_what_the_routes_accept_does_not_count(check: Typed) -> None:
    text = """
version: 1
default: {channel: C0123456789}
exceptions: [{control: S3.8, resource: receipts, reason: a website, until: 2999-12-31}]
"""
    Path("routes.yaml").write_text(text, encoding="utf-8")
    code, out, _ = check("open.yaml", "--routes", "routes.yaml")
    assert code == 0
    assert "  open.yaml:3  Open\n  until 2999-12-31: a website" in out


def test_an_accepted_risk_that_cannot_be_meant_is_told_and_its_violation_stays(check: Typed) -> None:
    Path("open.yaml").write_text(
        OPEN.replace(
            "    Type: AWS::S3::Bucket\n", "    Type: AWS::S3::Bucket\n    Metadata: {shirase: {accepted: [{}]}}\n"
        ),
        encoding="utf-8",
    )
    code, out, _ = check("open.yaml")
    assert code == 2
    assert "open.yaml:3  Open" in out
    assert "✗ open.yaml: Open: Metadata.shirase.accepted[0].control is missing" in out


def of_stack(monkeypatch: pytest.MonkeyPatch, *, settings: dict[str, str], **controls: HubControl) -> None:
    named = {id_.replace("_", "."): control for id_, control in controls.items()}
    defaults = {"TargetControlIds": "*", "MinSeverity": "INFORMATIONAL", "MessageLanguage": "en"}
    answer = Hub(settings=defaults | settings, controls=named)
    monkeypatch.setattr(command, "read_hub", lambda name, now: answer)


def test_a_stack_tells_what_is_asked_for_and_its_hub_what_is_switched_on(
    check: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = HubControl(title="As the hub has it", severity="CRITICAL", is_enabled=True)
    off = HubControl(title="Off", severity="LOW", is_enabled=False)
    new = HubControl(title="New", severity="LOW", is_enabled=True)
    of_stack(monkeypatch, settings={"TargetControlIds": "S3.*"}, S3_8=block, S3_1=off, S3_999=new, EC2_3=new)
    code, out, _ = check("open.yaml", "--stack", "shirase", controls=None)
    assert code == 1
    assert out.startswith("CRITICAL  S3.8  As the hub has it\n")
    assert "Checked 1 control " in out
    assert "\nThere is no rule yet for 1 more control.\nWhat is not listed may still be reported.\n" in out
    assert "Only the deployed account" not in out
    assert "as your Security Hub has it" not in out


def test_a_stack_speaks_its_language_unless_another_is_typed(check: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    block = HubControl(title="As the hub has it", severity="HIGH", is_enabled=True)
    of_stack(monkeypatch, settings={"MessageLanguage": "ja"}, S3_8=block)
    _, table, _ = check("open.yaml", "--stack", "shirase", "--report", "markdown=x.md")
    assert "違反 1 件 (1 HIGH)" in table
    assert "### 違反" in Path("x.md").read_text(encoding="utf-8")
    _, table, _ = check("open.yaml", "--stack", "shirase", "--language", "en")
    assert "1 violation (1 HIGH)" in table


def test_what_is_typed_stands_in_the_place_of_the_stacks_settings(
    check: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = HubControl(title="Block", severity="HIGH", is_enabled=True)
    settings = {"TargetControlIds": "EC2.*", "MinSeverity": "CRITICAL", "MessageLanguage": "ja"}
    of_stack(monkeypatch, settings=settings, S3_8=block)
    code, out, _ = check("open.yaml", "--stack", "x", "--min-severity", "LOW", "--format", "csv")
    assert code == 1
    assert out.startswith('\ufeff"リソース')
    assert check("open.yaml", "--stack", "x", "--min-severity", "LOW", controls=None)[0] == 2


def test_a_stack_that_cannot_be_looked_up_is_wrong_input(check: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise InputError(f"the stack {name} can't be looked up")

    monkeypatch.setattr(hub, "_asked", fail)
    monkeypatch.setattr(hub, "FOLDER", Path("cache"))
    assert check("open.yaml", "--stack", "no", controls=None) == (2, "", "✗ the stack no can't be looked up\n")


def test_typing_it_wrong_costs_no_time() -> None:
    """Neither cfn-lint's code nor SAM's nor boto3 is loaded for help, or for a template that needs none of them."""
    program = (
        "import sys; sys.argv = ['shirase', 'check', '--help']\n"
        "from local import cli; cli.main(); import local.check.command\n"
        "print({'cfnlint', 'samtranslator', 'boto3', 'botocore'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_one_check_writes_several_reports(check: Typed) -> None:
    code, out, _ = check("open.yaml", "--report", "sarif=a.sarif", "--report", "markdown=b=c.md")
    assert code == 1
    assert out.startswith("HIGH      S3.8")
    assert json.loads(Path("a.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert "### Violations" in Path("b=c.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("report", ["sarif", "sarif=", "pdf=a.pdf", "=a"])
def test_a_report_that_can_not_be_meant_is_refused_before_anything_is_checked(check: Typed, report: str) -> None:
    code, out, err = check("open.yaml", "--report", report)
    assert (code, out) == (2, "")
    assert "--report" in err

"""What a check tells people, in the terminal and on a pull request."""

import re
from datetime import date

import pytest

from local.check.acceptance import Accepted
from local.check.controls import Control
from local.check.decide import Predicted
from local.check.report.markdown import markdown_text
from local.check.report.table import table
from local.check.result import Result
from local.check.selection import Scope
from local.check.template import Resource, Template
from local.words import speaking
from shared.finding.violation import Severity
from tests.templates import LOGGING

PUBLIC = Control(
    id="S3.2",
    title="S3 general purpose buckets should block public read access",
    severity=Severity.CRITICAL,
    standards=frozenset({"fsbp"}),
    types=("AWS::S3::Bucket",),
    decided_by="own",
)


def predicted(control: Control, name: str = "Bucket", line: int | None = 4, **more: object) -> Predicted:
    resource = Resource(logical_id=name, type="AWS::S3::Bucket", properties={}, line=line)
    template = Template(file="template.yaml", resources=(resource,))
    return Predicted(control=control, template=template, resource=resource, **more)


def result(*found: Predicted, problems: tuple[str, ...] = ()) -> Result:
    scope = Scope(checked=(PUBLIC, LOGGING), of_account=(), without_rule=())
    return Result(found=found, scope=scope, templates=1, resources=len(found), problems=problems)


MIXED = result(
    predicted(PUBLIC),
    predicted(LOGGING, "Other", 9, accepted=Accepted(reason="holds logs itself", until=date(2027, 3, 31))),
    predicted(LOGGING, "Third", 12, undecided=frozenset({"parameter Logs"})),
    problems=("broken.yaml, line 3: it is no YAML",),
)


def test_the_terminal_ends_with_what_it_comes_to() -> None:
    lines = table(MIXED).splitlines()
    assert lines[0] == "CRITICAL  S3.2  S3 general purpose buckets should block public read access"
    assert lines[-1] == "1 violation (1 CRITICAL) · 1 accepted · 1 undecided · 1 not checked"
    assert "To decide more: --parameters Logs=…" in lines


def test_a_control_of_many_resources_is_told_once_and_none_is_lost_from_the_count() -> None:
    many = table(result(*(predicted(LOGGING, f"Bucket{number}", number) for number in range(60))))
    assert many.count("S3.9  S3 general") == 1
    assert many.count("template.yaml") == 10
    assert "… and 50 more: --format csv has all" in many
    assert "60 violations (60 MEDIUM)" in many


def test_what_a_terminal_would_obey_is_shown_as_nothing() -> None:
    hostile = predicted(PUBLIC, "\x1b[2JGone\nForged", accepted=Accepted(reason="\x1b]0;title\x07 ok"))
    for colour in (True, False):
        text = table(result(hostile), colour=colour).replace("\x1b[1;31m", "").replace("\x1b[0m", "")
        assert "\x1b" not in text
        assert "\nForged" not in text


def test_titles_are_folded_to_the_terminal_and_only_there() -> None:
    one = result(predicted(LOGGING))
    assert max(map(len, table(one, width=60).splitlines()[:2])) <= 60
    assert f"{LOGGING.id}  {LOGGING.title}" in table(one)


def test_a_pull_request_shows_tables() -> None:
    text = markdown_text(MIXED)
    assert "**1 violation (1 CRITICAL) · 1 accepted · 1 undecided · 1 not checked**" in text
    assert (
        "| 🟣 CRITICAL | [S3.2](https://docs.aws.amazon.com/console/securityhub/S3.2/remediation) S3 general purpose "
        "buckets should block public read access | `template.yaml:4` `Bucket` |"
    ) in text
    assert "<br>until 2027-03-31: holds logs itself |" in text
    assert "<br>it depends on: parameter Logs |" in text
    assert "- broken.yaml, line 3: it is no YAML" in text


@pytest.mark.parametrize(
    "reason", ["| a | b |", "<img src=x>", "@everyone", "[here](https://example.com)", "one\n\n# two", "`x`", "&lt;"]
)
def test_a_template_writes_nothing_of_its_own_on_the_pull_request(reason: str) -> None:
    text = markdown_text(result(predicted(LOGGING, reason, accepted=Accepted(reason=reason))))
    row = next(line for line in text.splitlines() if "MEDIUM" in line)
    assert row.replace("\\|", "").count("|") == 4
    assert row.startswith("| 🟡")
    assert "\n# " not in text
    explained = row.rpartition("<br>")[2]
    assert not re.search(r"(?<!\\)[<\[`&]|@everyone", explained)


def test_it_is_told_in_japanese_with_aws_s_titles() -> None:
    with speaking("ja"):
        shown, posted = table(MIXED), markdown_text(MIXED)
    assert shown.endswith("違反 1 件 (1 CRITICAL) · 許容済み 1 件 · 判定不能 1 件 · 検査できなかったもの 1 件")
    assert "| 重要度 | コントロール | 場所 |" in posted
    assert PUBLIC.title in shown
    assert PUBLIC.title in posted

# ruff: noqa: E501 - a line of what is told is easier to compare whole
"""What routes say about a violation, as the sample cases have it, and as the command tells it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from local.routes.directory_file import Directory, read_directory
from local.routes.trial import trial
from local.routes.yaml_file import RoutesFile, check, read
from shared.finding.event import parse_event
from shared.finding.violation import Severity, Violation
from shared.policy.owner import Mention, MentionKind
from shared.policy.selection import Policy
from shared.view.rich_text import escape
from tests.book import LANGUAGES, page
from tests.findings import sample, violation

ROUTES = Path(__file__).parents[1] / "routes"
CASES = json.loads((ROUTES / "cases.json").read_text(encoding="utf-8"))
FILE = read(ROUTES / "routes.yaml")
DIRECTORY = read_directory(ROUTES / "directory.json")
EVERYTHING = Policy(target_control_ids=("*",), min_severity=Severity.INFORMATIONAL)
TODAY = date(2026, 11, 26)


def of(case: dict[str, Any]) -> Violation:
    return violation(
        **{"Compliance.SecurityControlId": case["control"], "Severity.Label": case["severity"]},
        AwsAccountId=case["account"],
        Region=case["region"],
        Resources=[{"Type": "AwsS3Bucket", "Id": case["resource"], "Tags": case["tags"]}],
    )


def written(mention: Mention) -> str:
    if mention.kind is MentionKind.GROUP:
        return f"<!subteam^{mention.id}>"
    return f"<@{mention.id}>" if mention.kind is MentionKind.USER else f"<!{mention.kind}>"


def told(file: RoutesFile, found: Violation, directory: Directory = DIRECTORY, policy: Policy = EVERYTHING) -> str:
    return "\n".join(trial(file, found, policy, directory, TODAY))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_violation_goes_where_it_should_and_the_command_says_why(case: dict[str, Any]) -> None:
    found, expected = of(case), case["expected"]
    destination = FILE.routes.destination(found, DIRECTORY.account_of(found.account_id), DIRECTORY.find_person)
    assert destination.channel == expected["channel"]
    assert list(map(written, destination.mentions)) == expected["mention"]
    text = told(FILE, found)
    assert expected["channel"] is None or f"channel    {expected['channel']}\n" in text
    for said in (expected.get("why", ""), expected.get("told", "")):
        assert said in text
    if "owner" in expected:
        assert expected["owner"] in destination.ownership.names
    if "shown" in expected:
        assert list(map(escape, destination.ownership.unknown)) == [expected["shown"]]


def test_the_line_that_matched_is_told_with_its_number_and_text() -> None:
    text = told(FILE, of(CASES[4]))
    assert f'{FILE.name}:20, routes[2]: {{ account: ["4444*"], region: ["eu-*"], channel: C0EUROPE001 }}' in text
    assert "platform, named by default" in text
    assert "@platform (S0PLATFORM)" in text


SMALL = """
version: 1
owners: { robot: { email: robot@example.com }, quiet: { channel: C01 } }
routes:
  - control: IAM.*
    drop: true
    reason: somebody else's
  - { control: EC2.1, channel: C02, mention: [], also: [C03] }
select: { controls: [S3.*, EC2.*, IAM.*], min_severity: LOW }
exceptions: [{ control: S3.1, reason: a website, until: 2026-11-26 }]
default: { channel: C0123456789 }
"""


@pytest.mark.parametrize(
    ("control", "changes", "lines"),
    [
        ("S3.8", {}, ["told       yes, if it is new", "owner      nobody", "line       none matches: f:11, default", "mentioned  nobody"]),
        ("S3.8", {"owner": "robot"}, ["mentioned  nobody", "mentioned  robot is a bot"]),
        ("S3.8", {"owner": "quiet"}, ["owner      quiet, named by the tag \"owner\"", "mentioned  the routes name nobody to mention for quiet"]),
        ("S3.8", {"owner": "left.person@example.com"}, ["owner      the tag names nobody known: left.person@example.com"]),
        ("S3.1", {}, ["told       no: accepted until 2026-11-26: a website"]),
        ("KMS.1", {}, ["told       no: S3.*, EC2.*, IAM.* is asked for"]),
        ("EC2.1", {}, ["line       f:8, routes[1]: { control: EC2.1, channel: C02, mention: [], also: [C03] }", "also       C03", "mentioned  nobody: none is asked for"]),
        ("IAM.1", {}, ["line       f:5, routes[0]: control: IAM.*", "channel    none, dropped: somebody else's"]),
    ],
)  # fmt: skip
def test_why_is_told_line_by_line(control: str, changes: dict[str, str], lines: list[str]) -> None:
    case = {"control": control, "severity": "HIGH", "account": "111122223333", "region": "eu-west-1", "tags": changes}
    text = told(check(SMALL, "f"), of({**case, "resource": "arn:aws:s3:::x"}))
    assert [line for line in lines if f"  {line}" not in text.split("\n")] == []


def test_without_a_directory_it_says_what_is_asked_for_only_in_use() -> None:
    case = {**CASES[1], "tags": {"owner": "hana.sato@example.com"}}
    text = told(FILE, of(case), Directory())
    assert "hana.sato@example.com is looked up in Slack only when the routes are in use" in text
    assert "Tags and organizational units of accounts are asked for only when the routes are in use." in text


def test_what_the_stack_asks_for_counts_where_the_file_says_nothing() -> None:
    policy = Policy(target_control_ids=("IAM.*",), min_severity=Severity.CRITICAL)
    assert "told       no: IAM.* is asked for" in told(FILE, of(CASES[0]), policy=policy)


def test_what_a_tag_says_does_nothing_in_a_terminal() -> None:
    text = told(FILE, of({**CASES[0], "tags": {"owner": "\x1b[2J\u202ex"}}))
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_book_shows_what_the_command_tells(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", language)
    found = parse_event(sample("s3_bucket_public"))
    assert found is not None
    assert f"\n{told(check(FILE.text, 'routes.yaml'), found)}\n```" in page(language, "routes")

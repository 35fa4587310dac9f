"""The routes in the panel: what is wrong with a text, where a violation goes by it, and how it comes into use."""

import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from local.errors import InputError
from local.panel.bench import Bench
from local.panel.body import BadRequestError
from local.panel.routes import destination_of, read_routes, routes_in_use, routing, use_routes, wrong_routes
from local.security_hub.hub import SecurityHub
from local.slack.workspace import SlackWorkspace
from local.stack.stack import Stack
from local.teams import CHANNELS, DIRECTORY, ROUTES
from shared.finding.event import parse_event
from shared.finding.violation import Severity
from shared.policy.selection import Policy
from tests.findings import sample

TODAY = date(2026, 11, 20)
EVERYTHING = Policy(target_control_ids=("*",), min_severity=Severity.INFORMATIONAL)
TEXT = ROUTES.read_text(encoding="utf-8")


class FakeBucket:
    """S3's client, of one object."""

    def __init__(self) -> None:
        self.content: bytes | None = None

    def get_object(self, **_: Any) -> dict[str, Any]:
        if self.content is None:
            from botocore.exceptions import ClientError

            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        return {"Body": io.BytesIO(self.content), "ETag": '"1"', "LastModified": datetime(2026, 11, 20, tzinfo=UTC)}

    def put_object(self, *, Body: bytes, **_: Any) -> None:  # noqa: N803 - boto3's name
        self.content = Body

    def delete_object(self, **_: Any) -> None:
        self.content = None


@pytest.fixture
def bench() -> Bench:
    bucket = FakeBucket()
    stack = Stack(name="demo", client=lambda _: bucket, outputs={"ArchiveBucketName": "archive"}, rules={})
    channels = {"C0000000001": "security", **CHANNELS}
    workspace = SlackWorkspace(token="xoxb", channels=channels, now=lambda: 0.0, directory=DIRECTORY)
    return Bench(stack=stack, workspace=workspace, slack_url="http://slack", hub=SecurityHub())


def rows(bench: Bench, event_name: str, text: str = TEXT, language: str = "en") -> dict[str, str]:
    file, violation = read_routes(text), parse_event(sample(event_name))
    assert file
    assert violation
    destination = destination_of(file, violation, bench)
    told = routing(file, violation, destination, EVERYTHING, bench, language, TODAY)
    return {row["name"]: row["text"] for row in told["rows"]}


def test_the_preview_says_which_line_has_it_and_whom_it_rings(bench: Bench) -> None:
    told = rows(bench, "s3_bucket_public")
    assert told["owner"] == 'team-settlement, named by the tag "owner"'
    assert "routes[1]" in told["line"]
    assert (told["channel"], told["mentioned"]) == ("C0SETTLEMENT", "@team-settlement (S0SETTLE001)")
    assert rows(bench, "s3_bucket_public", language="ja")["チャンネル"] == "C0SETTLEMENT"


def test_who_is_asked_for_by_address_is_found_among_the_workspaces_members(bench: Bench) -> None:
    text = TEXT.replace("min_severity: HIGH", "min_severity: LOW")
    assert rows(bench, "japanese_text", text)["mentioned"] == "@hana.sato (U0HANASATO1)"
    gone = text.replace("hana.sato@example.com", "left.person@example.com")
    assert rows(bench, "japanese_text", gone)["mentioned"] == "Slack knows nobody by the address of hana.sato"


def test_the_demos_story_reaches_both_teams_and_accepts_one_violation(bench: Bench) -> None:
    told = {
        name: rows(bench, name)
        for name in ("s3_bucket_public", "security_group_open_ssh", "iam_root_access_key_critical")
    }
    assert [each["channel"] for each in told.values()] == [*CHANNELS, "C0000000001"]
    assert rows(bench, "cloudtrail_unconsolidated_cis12_ruleset")["told"].startswith("no: accepted until")


def test_all_that_is_wrong_is_told_with_its_line() -> None:
    text = TEXT.replace("channel: owner }", "chanel: owner }").replace("most: 3", "most: many")
    with pytest.raises(InputError) as wrong:
        read_routes(text)
    told = wrong_routes(wrong.value, "en")
    lines = text.splitlines()
    assert {lines[each["line"] - 1].split()[0] for each in told} == {"-", "mention:"}
    assert any("did you mean channel" in each["text"] for each in told)
    assert not any("routes.yaml:" in each["text"] for each in told)


def test_a_text_comes_into_use_with_its_comments_and_goes_again(bench: Bench) -> None:
    assert routes_in_use(bench) == ""
    use_routes(bench, TEXT)
    assert routes_in_use(bench) == TEXT
    assert json.loads(bench.stack.client("s3").content)["default"] == {"channel": "C0000000001"}
    with pytest.raises(BadRequestError):
        use_routes(bench, "version: 1")
    assert routes_in_use(bench) == TEXT
    use_routes(bench, "\n")
    assert routes_in_use(bench) == ""

"""Routes put into use on a stack's real bucket: seen, agreed to, never over somebody else's, and brought back."""

import io
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from local import cli
from local.root import ROOT
from local.routes import routes as command
from local.stack.aws import LocalAws
from shared.aws.settings import ROUTES as KEY
from shared.policy.route_file import parse_routes

TEMPLATE = {
    "Parameters": {
        "SlackChannel": {"Type": "String", "Default": "C0123456789"},
        "MinSeverity": {"Type": "String", "Default": "CRITICAL"},
    },
    "Resources": {
        "ArchiveBucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"VersioningConfiguration": {"Status": "Enabled"}},
        }
    },
    "Outputs": {"ArchiveBucketName": {"Value": {"Ref": "ArchiveBucket"}}},
}
FIRST = "# who hears of what\nversion: 1\ndefault: { channel: C0123456789 }   # 既定\n"
SECOND = FIRST.replace("C0123456789", "C0999999999")
EVENT = str(ROOT / "events" / "s3_bucket_public.json")


class RoutesOfAStack:
    """A stack with nothing but its bucket, and the command run on it."""

    def __init__(self, aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.s3 = aws.client("s3")
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self._file = tmp_path / "routes.yaml"
        self.stack = f"shirase-{uuid4().hex[:12]}"
        cloudformation = aws.client("cloudformation")
        cloudformation.create_stack(StackName=self.stack, TemplateBody=json.dumps(TEMPLATE))
        [stack] = cloudformation.describe_stacks(StackName=self.stack)["Stacks"]
        self.bucket = stack["Outputs"][0]["OutputValue"]

    def run(self, *arguments: str, typed: str = "", stack: str | None = None) -> int:
        """The command's exit code, with what is typed when it asks."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        self._monkeypatch.setattr(sys, "argv", ["shirase", "routes", "--stack", stack or self.stack, *arguments])
        return cli.main()

    def put(self, text: str, *arguments: str, typed: str = "yes\n") -> int:
        self._file.write_text(text, encoding="utf-8")
        return self.run(str(self._file), *arguments, typed=typed)

    @property
    def printed(self) -> Any:
        """What the command wrote since the last time, as `out` and `err`."""
        return self._capsys.readouterr()

    @property
    def in_use(self) -> Any:
        """The object in use; None if there is none."""
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=KEY).get("Contents", [])
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=KEY)["Body"].read()) if found else None

    def version(self, number: int) -> str:
        """The id of a version, the first put being 0."""
        listed = self.s3.list_object_versions(Bucket=self.bucket, Prefix=KEY)["Versions"]
        return str(sorted(listed, key=lambda one: one["LastModified"])[number]["VersionId"])


@pytest.fixture
def routes(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[RoutesOfAStack]:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    terminate = signal.signal(signal.SIGTERM, lambda *_: None)
    yield RoutesOfAStack(aws, tmp_path, monkeypatch, capsys)
    signal.signal(signal.SIGTERM, terminate)


def test_a_file_is_put_into_use_once_somebody_agrees_and_shown_with_its_comments(routes: RoutesOfAStack) -> None:
    assert routes.put(FIRST) == 0
    told = routes.printed.out
    assert "+# who hears of what" in told
    assert "In use within 60 s in the stack" in told
    assert parse_routes(routes.in_use).routing.default_channel == "C0123456789"
    assert routes.run("--show") == 0
    assert routes.printed.out == FIRST
    assert routes.put(FIRST, typed="") == 0
    assert "has the same in use already" in routes.printed.out


def test_what_changes_is_shown_and_no_is_no(routes: RoutesOfAStack) -> None:
    routes.put(FIRST)
    assert routes.put(SECOND, typed="no\n") == 1
    printed = routes.printed
    assert "-default: { channel: C0123456789 }   # 既定\n+default: { channel: C0999999999 }   # 既定" in printed.out
    assert "goes to C0999999999, and no longer to the stack's SlackChannel C0123456789" in printed.out
    assert "Nothing was changed." in printed.err
    assert routes.in_use["default"]["channel"] == "C0123456789"
    assert routes.put(SECOND, "--yes", typed="") == 0
    assert routes.in_use["default"]["channel"] == "C0999999999"


@pytest.mark.parametrize("before", [None, FIRST])
def test_somebody_elses_change_in_between_is_told_and_kept(
    routes: RoutesOfAStack, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    if before:
        routes.put(before)

    def agree(_: str) -> bool:
        routes.s3.put_object(Bucket=routes.bucket, Key=KEY, Body=b'{"theirs": true}')
        return True

    monkeypatch.setattr(command, "is_agreed", agree)
    assert routes.put(SECOND) == 1
    assert "Somebody else changed the routes in use meanwhile" in routes.printed.err
    assert routes.in_use == {"theirs": True}


def test_a_wrong_file_is_not_put_into_use(routes: RoutesOfAStack) -> None:
    assert routes.put("version: 1\nroutes: [{ severty: HIGH }]\n", "--yes") == 2
    err = routes.printed.err
    assert "routes.yaml:2: routes[0].severty is no condition; did you mean severity?" in err
    assert "routes.yaml:1: default.channel is missing" in err
    assert routes.in_use is None


def test_earlier_ones_and_none_at_all_come_back(routes: RoutesOfAStack) -> None:
    routes.put(FIRST)
    routes.put(SECOND)
    assert routes.run("--restore", routes.version(0), "--yes") == 0
    assert routes.in_use["default"]["channel"] == "C0123456789"
    assert routes.run("--restore", "none", "--yes") == 0
    assert routes.in_use is None
    routes.printed  # noqa: B018 - forgets it
    assert routes.run("--versions") == 0
    lines = routes.printed.out.splitlines()
    assert len(lines) == 4
    assert "no routes" in lines[0]
    assert not any(line.endswith("in use") for line in lines)
    assert routes.run("--show") == 1
    assert "has no routes in use: everything goes to SlackChannel" in routes.printed.err
    assert routes.run("--restore", "no-such-version", "--yes") == 2
    assert "has no such version of its routes" in routes.printed.err


def test_json_that_a_hand_put_there_is_shown_as_yaml_and_told_from_what_the_text_says(routes: RoutesOfAStack) -> None:
    document = {"version": 1, "default": {"channel": "C0123456789"}}
    routes.s3.put_object(Bucket=routes.bucket, Key=KEY, Body=json.dumps(document))
    routes.run("--show")
    assert routes.printed.out == "version: 1\ndefault:\n  channel: C0123456789\n"
    routes.s3.put_object(Bucket=routes.bucket, Key=KEY, Body=json.dumps({**document, "routes": [], "source": FIRST}))
    assert routes.put(FIRST) == 0
    assert routes.in_use == {**document, "source": FIRST}


def test_an_event_is_tried_on_the_routes_in_use_and_the_settings_of_the_stack(routes: RoutesOfAStack) -> None:
    routes.put(SECOND)
    assert routes.run("--test", EVENT) == 0
    told = routes.printed.out
    assert "channel    C0999999999" in told
    assert "told       no: CRITICAL and higher are asked for" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "What of the stack? Name the file"),
        (["--show", "--versions"], "--show (SHOW=1), --versions (VERSIONS=1) and --restore (RESTORE=…) each take"),
        (["x.yaml", "--show"], "--show (SHOW=1), --versions (VERSIONS=1) and --restore (RESTORE=…) each take"),
        (["--directory", "x.json"], "--directory (DIRECTORY=…) stands in for accounts and people in a --test"),
        (["missing.yaml"], "missing.yaml can't be read (No such file or directory): name a file of routes"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_told_before_anything_is_looked_up(
    routes: RoutesOfAStack, arguments: list[str], told: str
) -> None:
    assert routes.run(*arguments, stack="no-such-stack") == 2
    assert told in routes.printed.err


def test_a_stack_that_is_not_there_is_one_sentence(routes: RoutesOfAStack) -> None:
    assert routes.run("--show", stack="no-such-stack") == 1
    assert routes.printed.err.startswith("✗ the stack no-such-stack can't be looked up")

"""What of this user's environment and files other programs and other users get."""

import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from local.deploy.preflight import ANSWERS
from local.private import open_private, private_folder, write_private
from local.root import ROOT
from local.slack.workspace import SlackWorkspace
from local.stack import child, deployment, settings
from local.stack.aws import LocalAws
from local.stack.secret import RUN_SECRET

MINE = {
    "AWS_ACCESS_KEY_ID": "AKIAMINE",
    "AWS_SECRET_ACCESS_KEY": "mine",
    "AWS_SESSION_TOKEN": "mine",
    "AWS_PROFILE": "production",
    "GITHUB_TOKEN": "mine",
    "SLACK_BOT_TOKEN": "mine",
    "PIP_INDEX_URL": "https://me:mine@packages.example/simple",
}
AWS = LocalAws(endpoint="https://127.0.0.1:1", ca_file="ca.pem")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_and_those_above_it_are_this_users_alone(tmp_path: Path) -> None:
    private_folder(tmp_path / "a" / "b")
    assert [mode(tmp_path / name) for name in ("a", "a/b")] == [0o700, 0o700]


def test_what_was_there_for_everybody_becomes_this_users_alone(tmp_path: Path) -> None:
    file = tmp_path / "open" / "state.json"
    file.parent.mkdir(mode=0o755)
    file.write_text("older and longer", encoding="utf-8")
    file.chmod(0o644)
    private_folder(file.parent)
    write_private(file, "new")
    assert (mode(file.parent), mode(file), file.read_text(encoding="utf-8")) == (0o700, 0o600, "new")


def test_a_file_is_never_readable_by_others_not_even_before_it_is_written(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open_private(tmp_path / "file"):
            assert mode(tmp_path / "file") == 0o600
    finally:
        os.umask(before)


@pytest.fixture
def my_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MINE.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("my_environment")
def test_other_programs_see_named_variables_alone() -> None:
    seen = child.environment({"AWS_REGION": "eu-west-1"})
    assert set(seen) <= {*child.NAMES, "AWS_REGION"}
    assert seen["PATH"]
    assert not MINE.keys() & seen.keys()


@pytest.mark.usefixtures("my_environment")
def test_a_deployment_has_the_local_keys_and_shows_nothing_on_its_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[tuple[list[str], dict[str, str], Any]] = []

    def run(command: list[str], *, env: dict[str, str], **_: Any) -> Any:
        [file] = [Path(each.removeprefix("file://")) for each in command if each.startswith("file://")]
        assert (mode(file), mode(file.parent)) == (0o600, 0o700)
        ran.append((command, env, json.loads(file.read_text(encoding="utf-8"))))
        return MagicMock(returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(deployment, "describe_stack", MagicMock())
    parameters = {"SlackApiUrl": f"http://127.0.0.1:1/{RUN_SECRET}/api/"}
    deployment.deploy(AWS, Path("build"), "name", parameters)
    [(command, environment, given)] = ran
    assert given == parameters
    assert RUN_SECRET not in " ".join(command)
    assert environment["AWS_ACCESS_KEY_ID"] == AWS.key_id
    assert not {value for value in environment.values() if "mine" in value}
    assert "AWS_PROFILE" not in environment


@pytest.mark.usefixtures("my_environment")
def test_functions_that_run_in_this_process_find_no_keys_of_the_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def local_aws(_: Path) -> Iterator[Any]:
        yield MagicMock(environment=AWS.environment, client=MagicMock())

    monkeypatch.setattr(settings, "local_aws", local_aws)
    monkeypatch.setattr(settings, "create_ledger_table", MagicMock())
    monkeypatch.setattr(settings.json, "dumps", str)
    monkeypatch.setattr(os, "environ", dict(os.environ) | {"SLACK_SECRET_ARN": ""})
    workspace = SlackWorkspace(token="xoxb", channels={}, now=lambda: 0.0)
    with settings.lambda_settings(workspace):
        seen = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    assert seen == AWS.environment


def test_the_keys_of_a_local_aws_are_told_by_no_repr() -> None:
    assert AWS.key not in repr(AWS)
    assert AWS.secret not in repr(AWS)


def test_the_answers_of_a_deployment_are_saved_where_git_ignores_them() -> None:
    planned = subprocess.run(
        ["make", "--dry-run", "--old-file", ".venv/.installed", "deploy"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    [file] = re.findall(r"sam deploy --guided --config-file (\S+)", planned)
    subprocess.run(["git", "check-ignore", "--quiet", file], cwd=ROOT, check=True)
    assert file == ANSWERS.name
    assert planned.index("local.deploy.preflight") < planned.index("sam build") < planned.index("sam deploy")

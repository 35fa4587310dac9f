"""One demo at a time, found by the other commands while it runs and not after it."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from local.errors import CommandError
from local.stack import running
from local.stack.aws import LocalAws
from local.stack.lookup import find_stack
from local.stack.running import RunningDemo, known_as, only_demo, running_demo, shell_file
from local.stack.stack import StackError

AWS = LocalAws(endpoint="https://127.0.0.1:1", ca_file="/tmp/a folder/ca.pem")  # noqa: S108 - a name
DEMO = RunningDemo(stack="shirase-demo", page="http://127.0.0.1:8400/9f1c/", aws=AWS)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / ".demo" / "stack.json"
    monkeypatch.setattr(running, "DEMO_STATE", path)
    return path


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine without credentials, Region and configuration."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return


def test_a_second_demo_is_led_to_the_first(state: Path) -> None:
    with only_demo(state):
        with pytest.raises(CommandError, match="a demo is just starting here"), only_demo(state):
            pass
        with known_as(DEMO, state), pytest.raises(CommandError, match=f"already, at {DEMO.page}"), only_demo(state):
            pass
    with only_demo(state):
        pass


def test_a_demo_is_found_while_it_runs_and_not_after_it(state: Path) -> None:
    assert running_demo() is None
    with only_demo(state):
        assert running_demo() is None
        with known_as(DEMO, state):
            assert running_demo() == DEMO
    assert running_demo() is None
    assert not state.exists()
    assert not shell_file(state).exists()


def test_a_demo_that_was_killed_is_not_taken_for_one_that_runs(state: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from local.stack.aws import LocalAws
from local.stack.running import RunningDemo, known_as, only_demo
state = Path({str(state)!r})
with only_demo(state), known_as(RunningDemo(stack="s", page="p", aws=LocalAws(endpoint="e", ca_file="c")), state):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert state.exists()
    assert running_demo() is None
    with only_demo(state):
        assert not state.exists()


@pytest.mark.parametrize("left", ["", "{", "[]", '{"stack": "shirase-demo", "aws": {"endpoint": "e"}}', '{"stack": 1}'])
def test_what_another_version_left_is_no_demo(state: Path, left: str) -> None:
    with only_demo(state):
        state.write_text(left, encoding="utf-8")
        assert running_demo() is None


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("name", ["shirase-demo", "shirase"])
def test_without_demo_and_credentials_a_stack_is_told_to_have_neither(state: Path, name: str) -> None:
    state.parent.mkdir()
    state.write_text(json.dumps({"stack": name, "aws": {"endpoint": "https://127.0.0.1:1"}}), encoding="utf-8")
    with pytest.raises(StackError) as raised:
        find_stack(name)
    assert f"the stack {name} can't be looked up: no demo runs here: make demo\n" in str(raised.value)
    assert "set credentials and Region" in str(raised.value)


@pytest.mark.usefixtures("nobody")
def test_a_name_that_is_not_the_demos_is_told_which_is(state: Path) -> None:
    with (
        only_demo(state),
        known_as(DEMO, state),
        pytest.raises(StackError, match="demo that runs here is shirase-demo"),
    ):
        find_stack("shirase")


@pytest.mark.usefixtures("nobody")
def test_a_demo_that_is_still_starting_is_told_as_that(state: Path) -> None:
    with only_demo(state), pytest.raises(StackError, match="has not come so far: try again in a minute"):
        find_stack("shirase-demo")


@pytest.mark.usefixtures("nobody")
def test_a_name_that_the_starting_demo_will_not_have_is_not_waited_for(state: Path) -> None:
    with only_demo(state), pytest.raises(StackError) as raised:
        find_stack("shirase")
    assert "try again" not in str(raised.value)
    assert "the demo that starts here has the stack shirase-demo alone" in str(raised.value)
    assert "set credentials and Region" in str(raised.value)


@pytest.mark.usefixtures("state")
def test_a_profile_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, nobody: None) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StackError, match="no demo runs here"):
        find_stack("shirase")


def test_a_shell_that_reads_the_file_speaks_to_the_local_aws_alone(
    aws: LocalAws, state: Path, nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with only_demo(state), known_as(RunningDemo(stack="s", page="p", aws=aws), state):
        file = shell_file(state)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        shell = ["sh", "-c", f". '{file}' && env"]
        seen = subprocess.run(
            shell, env={"AWS_PROFILE": "mine", "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
        )
    variables = dict(line.split("=", 1) for line in seen.stdout.splitlines() if line.startswith("AWS_"))
    assert variables == aws.environment
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    try:
        assert boto3.session.Session().client("sts").get_caller_identity()["Account"] == "111122223333"
    except ClientError as error:
        pytest.fail(str(error))

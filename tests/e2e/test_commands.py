"""What people run on the command line, as they run it."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.demo import Demo
from local.root import ROOT
from local.stack.events import event_files, load
from tests.book import README, code_blocks, is_shown_in, page

Result = subprocess.CompletedProcess[str]
OPEN_SSH = ROOT / "events" / "security_group_open_ssh.json"


def replay(*arguments: object, **environment: str) -> Result:
    return run("local.replay", *arguments, **environment)


def run(module: str, *arguments: object, **environment: str) -> Result:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def headlines(result: Result) -> dict[str, str]:
    """What the command says became of each file."""
    lines = [line[2:].split(" ", 1) for line in result.stdout.splitlines() if line.startswith(("●", "○", "→"))]
    return {line[0]: line[1] for line in lines}


@pytest.fixture(scope="module")
def all_events() -> Result:
    return replay()


def test_a_replay_tells_what_became_of_every_event(all_events: Result) -> None:
    assert all_events.returncode == 0, all_events.stderr
    assert set(headlines(all_events)) == {file.name for file in event_files()}


def test_a_replay_shows_announcements_closings_and_silence(all_events: Result) -> None:
    told = {file: headline.partition(":")[0] for file, headline in headlines(all_events).items()}
    assert told["s3_bucket_public.json"] == "announced"
    assert told["unchanged_daily_update.json"] == "silent"
    assert told["passed_after_failed.json"] == "closed"
    assert told["reopened_after_passed.json"] == "announced as reopened"
    assert told["guardduty_finding.json"] == "silent"
    assert "S3 general purpose buckets should block public access" in all_events.stdout
    assert any("↳" in line and "*Resolved* after" in line for line in all_events.stdout.splitlines())


def test_the_book_shows_what_a_replay_prints(all_events: Result) -> None:
    assert_shown(all_events, "en")


def test_the_japanese_book_shows_what_a_replay_prints_in_japanese() -> None:
    life = ("s3_bucket_public", "passed_after_failed", "reopened_after_passed")
    assert_shown(replay(*(ROOT / "events" / f"{name}.json" for name in life), MESSAGE_LANGUAGE="ja"), "ja")


def assert_shown(result: Result, language: str) -> None:
    """README shows the flow, a command with its output, and how a message ends; the page on messages shows all."""
    _, command, end = code_blocks(page(language, README))
    blocks = [command.partition("\n")[2], end, *code_blocks(page(language, "message"))]
    assert [block for block in blocks if not is_shown_in(without_margin(result.stdout), without_margin(block))] == []


def without_margin(text: str) -> str:
    return re.sub("^ {4}", "", text, flags=re.MULTILINE)


def test_a_broken_file_is_named_and_holds_no_other_back(tmp_path: Path) -> None:
    finding = load(OPEN_SSH)[0].event["detail"]["findings"][0]
    contents = {
        "broken.json": "{",
        "poem.json": '{"roses": "red"}',
        "finding.json": json.dumps(finding),
        "findings.json": json.dumps([finding, load(ROOT / "events" / "s3_bucket_public.json")[0].event]),
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    files = [tmp_path / name for name in (*contents, "missing.json")]
    result = replay(*files)
    assert result.returncode == 1
    assert f"{tmp_path}/broken.json: is no JSON" in result.stderr
    assert f"{tmp_path}/poem.json: is neither an EventBridge event" in result.stderr
    assert f"{tmp_path}/missing.json: can't be read (No such file or directory)" in result.stderr
    assert "Traceback" not in result.stderr
    lines = [line.partition(":")[0] for line in result.stdout.splitlines() if "finding" in line.partition(" ")[2][:7]]
    assert lines == [
        "● finding.json announced",
        "○ findings.json [1] silent",
        "● findings.json [2] announced",
    ]


def test_a_replay_keeps_to_the_settings_it_is_given() -> None:
    result = replay(OPEN_SSH, TARGET_CONTROL_IDS="S3.*", MESSAGE_LANGUAGE="ja")
    assert result.returncode == 0
    assert headlines(result) == {OPEN_SSH.name: "silent: control EC2.13 is not in TargetControlIds"}


def test_a_replay_to_a_stack_goes_through_its_rules_and_its_queue(demo: Demo) -> None:
    guard_duty = ROOT / "events" / "guardduty_finding.json"
    result = replay("--stack", demo.stack.name, OPEN_SSH, guard_duty, **demo.aws.environment)
    assert result.returncode == 0, result.stderr
    assert headlines(result) == {
        OPEN_SSH.name: "matches OpenedRule: sent",
        guard_duty.name: "matches no rule, EventBridge drops it: it carries no finding of a Security Hub control",
    }
    deadline = time.monotonic() + 20
    while not any("EC2.13" in message.text for message in demo.slack.messages):
        assert time.monotonic() < deadline, "it never arrived in Slack"
        time.sleep(0.02)


def test_a_stack_nobody_knows_is_told_with_what_to_do(demo: Demo) -> None:
    result = replay("--stack", "unknown-name", OPEN_SSH, **demo.aws.environment)
    assert result.returncode == 1
    assert "the stack unknown-name can't be looked up" in result.stderr
    assert "check its name, your AWS credentials and Region" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_digest_runs_here_with_the_events_findings_and_leaves_its_files_where_it_says() -> None:
    result = run("local.digest", MESSAGE_LANGUAGE="ja", ENVIRONMENT_NAME="e2e")
    assert result.returncode == 0, result.stderr
    assert "e2e: 未解決の違反は 13 件です" in result.stdout
    folder = result.stdout.rpartition("The files are in ")[2].splitlines()[0]
    assert (ROOT / folder / "open-violations.csv").read_text(encoding="utf-8-sig").startswith('"リソース名",')
    assert "Pages: 1, findings: 16" in result.stderr


def test_a_digest_runs_on_a_stack_and_leaves_its_files_where_it_says(demo: Demo) -> None:
    result = run("local.digest", "--stack", demo.stack.name, **demo.aws.environment)
    assert result.returncode == 0, result.stderr
    assert f'Sent to the channel of {demo.stack.name}: {{"open_violations"' in result.stdout
    folder = result.stdout.rpartition("The files are in ")[2].splitlines()[0]
    assert (ROOT / folder / "summary.json").is_file()


def test_a_digest_of_a_stack_nobody_knows_is_told_with_what_to_do(demo: Demo) -> None:
    result = run("local.digest", "--stack", "unknown-name", **demo.aws.environment)
    assert result.returncode == 1
    assert "the stack unknown-name can't be looked up" in result.stderr
    assert "Traceback" not in result.stderr

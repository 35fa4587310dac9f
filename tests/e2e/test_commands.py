"""What people run on the command line, as they run it, where no stack is deployed."""

import json
import re
import stat
import subprocess
from pathlib import Path

import pytest

from local.root import ROOT
from local.stack.events import event_files, foreign_service, load
from tests.book import README, code_blocks, is_shown_in, page
from tests.e2e.command import OPEN_SSH, Result, headlines, replay, shirase
from tests.findings import sample


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
    assert told["guardduty_finding.json"] == "matches no rule, EventBridge drops it"
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


def test_a_broken_file_in_a_folder_is_named_and_holds_no_other_back(tmp_path: Path) -> None:
    finding = load(OPEN_SSH)[0].event["detail"]["findings"][0]
    contents = {
        "broken.json": "{",
        "poem.json": '{"roses": "red"}',
        "finding.json": json.dumps(finding),
        "findings.json": json.dumps([finding, load(ROOT / "events" / "s3_bucket_public.json")[0].event]),
    }
    folder = tmp_path / "with space"
    folder.mkdir()
    for name, content in (contents | {"notes.txt": "no event"}).items():
        (folder / name).write_text(content, encoding="utf-8")
    result = replay(folder, folder / "missing.json")
    assert result.returncode == 2
    assert f"{folder}/broken.json: is no JSON" in result.stderr
    assert f"{folder}/poem.json: is neither an EventBridge event" in result.stderr
    assert f"{folder}/missing.json: can't be read (No such file or directory)" in result.stderr
    assert len(result.stderr.splitlines()) == 3
    lines = [line.partition(":")[0] for line in result.stdout.splitlines() if "finding" in line.partition(" ")[2][:7]]
    assert lines == [
        "● finding.json announced",
        "○ findings.json [1] silent",
        "● findings.json [2] announced",
    ]


def test_a_replay_says_what_the_stack_does_with_events_that_its_rules_drop(tmp_path: Path) -> None:
    of_many = sample("custom_action")
    of_many["detail"]["findings"] *= 2
    passed = sample("passed_never_announced")
    passed["detail"]["findings"][0]["ProductFields"]["PreviousComplianceStatus"] = "PASSED"
    file = tmp_path / "all.ndjson"
    foreign = sample("s3_bucket_public") | {"source": "my.own"}
    events = [passed, sample("custom_action"), of_many, foreign]
    file.write_text("\ufeff" + "\n".join(map(json.dumps, events)), encoding="utf-8")
    result = replay(tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    no_rule = "matches no rule, EventBridge drops it"
    custom = f'{no_rule}: its detail-type is "Security Hub Findings - Custom Action"'
    assert sorted(result.stdout.splitlines()) == [
        f"○ all.ndjson [1] {no_rule}: it passed before, too (PreviousComplianceStatus)",
        f"○ all.ndjson [2] {custom}",
        f"○ all.ndjson [3] {custom}",
        f"○ all.ndjson [4] {no_rule}: {foreign_service(foreign)}",
    ]


def test_make_replays_a_file_whose_path_has_spaces(tmp_path: Path) -> None:
    file = tmp_path / "some folder" / "my $finding's.json"
    file.parent.mkdir()
    file.write_text(json.dumps(sample("s3_bucket_public")), encoding="utf-8")
    command = ["make", "replay", f"EVENT={str(file).replace('$', '$$')}", "--old-file", ".venv/.installed"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert f"● {file.name} announced: new violation" in result.stdout


def test_a_replay_keeps_to_the_settings_it_is_given() -> None:
    result = replay(OPEN_SSH, TARGET_CONTROL_IDS="S3.*", MESSAGE_LANGUAGE="ja")
    assert result.returncode == 0
    assert headlines(result) == {OPEN_SSH.name: "通知なし: コントロール EC2.13 は TargetControlIds に含まれていません"}


@pytest.mark.parametrize("command", ["replay", "digest"])
def test_settings_that_can_not_be_are_told(command: str) -> None:
    result = shirase(command, MESSAGE_LANGUAGE="xx")
    assert result.returncode == 2
    assert "MESSAGE_LANGUAGE is 'xx': give one of en, ja" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_digest_runs_here_with_the_events_findings_and_leaves_its_files_where_it_says() -> None:
    result = shirase("digest", MESSAGE_LANGUAGE="ja", ENVIRONMENT_NAME="e2e")
    assert result.returncode == 0, result.stderr
    assert "e2e: 未解決の違反は 11 件です" in result.stdout
    folder = result.stdout.rpartition("ファイルの保存先: ")[2].splitlines()[0]
    file = ROOT / folder / "open-violations.csv"
    assert file.read_text(encoding="utf-8-sig").startswith('"リソース名",')
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, ROOT / ".digest")]
    assert modes == [0o600, 0o700, 0o700]
    assert re.search(r"検出結果 1[56] 件", result.stderr)  # one of them is suppressed, and not always asked for

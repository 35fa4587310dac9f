"""Event files that can't be used: each says what it looks like, and what to do. And what the samples leave behind."""

import gzip
import json
from pathlib import Path

import pytest

from local.replay import dropped
from local.root import ROOT
from local.security_hub.hub import SecurityHub
from local.stack.events import UnreadableEventError, load, parse, sample_events
from shared.finding.asff import parse_finding
from tests.findings import finding, opened

TEXT = json.dumps(finding(), ensure_ascii=False)
JAPANESE = '{"Title": "バケットの公開設定"}'


def problem(folder: Path, content: bytes) -> str:
    file = folder / "finding.json"
    file.write_bytes(content)
    with pytest.raises(UnreadableEventError) as raised:
        load(file)
    told = str(raised.value)
    assert told.startswith(f"{file}: is ")
    return told


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_redirect_of_powershell_is_recognised(tmp_path: Path, encoding: str) -> None:
    told = problem(tmp_path, TEXT.encode(encoding))
    assert "is UTF-16, as > of Windows PowerShell writes it" in told
    assert "| Out-File -Encoding utf8" in told


def test_japanese_as_windows_saves_it_is_recognised(tmp_path: Path) -> None:
    assert "is Japanese text in CP932 (Shift_JIS)" in problem(tmp_path, JAPANESE.encode("cp932"))


def test_other_text_is_not_taken_for_japanese(tmp_path: Path) -> None:
    told = problem(tmp_path, '{"Title": "Zugriff für Gäste, été à Besançon"}'.encode("cp1252"))
    assert "is no text in UTF-8" in told
    assert "save it as UTF-8" in told


def test_a_compressed_file_is_recognised(tmp_path: Path) -> None:
    assert "is compressed (gzip): unpack it first" in problem(tmp_path, gzip.compress(TEXT.encode()))


@pytest.mark.parametrize(
    "text", [(ROOT / "events" / "routes.yaml").read_text(encoding="utf-8"), "---\n\n'Resources':\n  A: {}\n"]
)
def test_yaml_is_recognised_and_led_to_the_command_that_takes_it(tmp_path: Path, text: str) -> None:
    told = problem(tmp_path, text.encode())
    assert "looks like YAML" in told
    assert "make routes FILE=" in told
    assert "make check TEMPLATE=" in told


@pytest.mark.parametrize("text", ["", "hello: world is no key {", "Error: no such file", "{a: 1}"])
def test_what_merely_has_a_colon_is_not_taken_for_yaml(tmp_path: Path, text: str) -> None:
    assert "YAML" not in problem(tmp_path, text.encode())


@pytest.mark.parametrize("text", [TEXT, f"\ufeff{TEXT}"])
def test_utf_8_is_read_with_its_mark_and_without(tmp_path: Path, text: str) -> None:
    (tmp_path / "finding.json").write_text(text, encoding="utf-8")
    assert len(load(tmp_path / "finding.json")) == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"AccountId": "1", "Id": "a", "Type": "Recon:EC2/Portscan", "Service": {}}, "GuardDuty's own format"),
        ({"findingArn": "arn", "awsAccountId": "1", "type": "PACKAGE_VULNERABILITY"}, "Inspector's own format"),
        ({"class_uid": 2003, "metadata": {}}, "OCSF, which the new Security Hub sends"),
    ],
)
def test_a_finding_in_another_format_is_named(content: object, name: str) -> None:
    with pytest.raises(UnreadableEventError) as raised:
        parse(json.dumps({"Findings": [content]}))
    assert f"it looks like a finding in {name}: take what `aws securityhub get-findings` shows" in str(raised.value)


def test_no_digest_after_all_samples_bears_the_hostile_ones_words() -> None:
    hub = SecurityHub()
    for each in sample_events():
        hub.hear(each.event)
    held = [violation for found in hub.get_findings({})["Findings"] if (violation := parse_finding(found))]
    listed = {violation.control_id for violation in held if violation.is_listed}
    assert "S3.8" in listed
    assert "Hostile.1" not in listed


def test_an_event_of_another_service_says_what_it_is_and_what_to_do_instead() -> None:
    event = opened() | {"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {"type": "Recon"}}
    told = str(dropped(event))
    assert "no event of Security Hub (its source is 'aws.guardduty', its detail-type 'GuardDuty Finding')" in told
    assert "lead other events to Slack by a rule of their own" in told

"""What people run on the command line, as they run it, on a deployed stack."""

import csv
import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len

from local import show
from local.demo import Demo
from local.root import ROOT
from local.stack.events import SampleEvent, event_files, load
from local.stack.settings import CHANNEL
from shared.aws.burst_ledger import traffic_key
from shared.aws.ledger import Ledger
from shared.aws.table import Table, encode
from shared.finding.asff import parse_finding
from shared.finding.event import parse_event
from shared.message import Message
from tests.e2e.command import OPEN_SSH, headlines, replay, shirase
from tests.findings import new_bucket, opened, sample


def test_a_replay_to_a_stack_goes_through_its_rules_and_its_queue(demo: Demo) -> None:
    guard_duty = ROOT / "events" / "guardduty_finding.json"
    result = replay("--yes", "--stack", demo.stack.name, OPEN_SSH, guard_duty, **demo.aws.environment)
    assert result.returncode == 0, result.stderr
    assert f"Sending 2 events to the stack {demo.stack.name} in account 111122223333" in result.stdout
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


def test_a_digest_runs_on_a_stack_and_leaves_its_files_where_it_says(demo: Demo) -> None:
    result = shirase("digest", "--stack", demo.stack.name, **demo.aws.environment)
    assert result.returncode == 0, result.stderr
    assert re.search(rf"Sent to the channel of {demo.stack.name}: \d+ open violations?\n", result.stdout)
    folder = result.stdout.rpartition("The files are in ")[2].splitlines()[0]
    assert (ROOT / folder / "summary.json").is_file()


def test_a_digest_of_a_stack_nobody_knows_is_told_with_what_to_do(demo: Demo) -> None:
    result = shirase("digest", "--stack", "unknown-name", **demo.aws.environment)
    assert result.returncode == 1
    assert "the stack unknown-name can't be looked up" in result.stderr
    assert "Traceback" not in result.stderr


@contextmanager
def deployed(demo: Demo) -> Iterator[None]:
    """Let the command find this stack deployed, with a quiet channel and an empty Security Hub."""

    @contextmanager
    def stack(*_: object, tell_address: Callable[[str], None], **__: object) -> Iterator[Demo]:
        tell_address(f"{demo.slack_url}/")
        yield demo

    demo.hub.reset()
    _forget_traffic(demo)
    # What other tests left held back, or to follow up a burst, would be waited for.
    demo.stack.client("sqs").purge_queue(QueueUrl=demo.stack.outputs["AlertQueueUrl"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(show, "local_stack", stack)
        patch.setenv("COLUMNS", "100")
        yield
    _forget_traffic(demo)


def _forget_traffic(demo: Demo) -> None:
    """Let announcements of other tests and these not make a burst together."""
    table = demo.stack.outputs["LedgerTableName"]
    demo.stack.client("dynamodb").delete_item(TableName=table, Key=encode({"violation": traffic_key(CHANNEL)}))


@pytest.fixture(scope="module")
def shown(demo: Demo) -> list[str]:
    """What a demo prints; the stack is as it left it."""
    with deployed(demo), redirect_stdout(io.StringIO()) as told:
        show.show_demo(once=True, verbose=False)
    return told.getvalue().splitlines()


def test_a_demo_fits_a_person(demo: Demo, shown: list[str]) -> None:
    lines = shown
    steps_of_the_deployment = 4
    assert len(lines) + steps_of_the_deployment <= 120
    assert all(cell_len(line) <= 100 for line in lines)

    page = [number for number, line in enumerate(lines) if f"{demo.slack_url}/" in line.split()]
    events = [number for number, line in enumerate(lines) if re.match(r"  \d\d-\d\d \d\d:\d\d  [●○] ", line)]
    assert len(events) == len(event_files())
    assert page[0] < events[0] < events[-1] < page[1]
    of_events = "\n".join(lines[number] for number in events)
    assert "11-20 02:14  ● announced  S3.8          receipts-export" in of_events
    assert "11-21 02:20  ○ silent     S3.8          receipts-export – already announced" in of_events
    assert "11-21 19:22  ○ no rule    guardduty_finding.json – it carries no finding" in of_events
    assert "hostile" not in "\n".join(lines[events[-1] + 1 : page[1]]).lower()

    assert any("The local AWS          . " in line and "/env " in line for line in lines[page[1] :])

    story = lines[events[-1] : page[1]]
    assert "  2026-11-20 02:14  ● s3_bucket_public.json announced: new violation" in story
    assert "    🔴 HIGH  S3 general purpose buckets should block public access" in story
    assert "      ↳ ✅ *Resolved* after 2 days 3 hours. The check passes again." in story
    assert "    🔴 HIGH · Reopened  S3 general purpose buckets should block public access" in story
    assert "    🟣 demo: 11 open violations on 2026-11-23" in story
    assert "    📎 open-violations-demo-2026-11-23.csv: 70 rows" in story
    assert any("Account 111122223333" in line and "IAM.4       CRITICAL" in line for line in story)


def test_at_its_end_channel_ledger_and_digest_tell_what_security_hub_holds(demo: Demo, shown: list[str]) -> None:
    held = [violation for found in all_findings(demo) if (violation := parse_finding(found))]
    is_open = {key: any(each.is_listed for each in held if each.key == key) for key in {each.key for each in held}}
    before_the_stack = key_of("custom_action")
    assert is_open[before_the_stack]
    ends = ("resolved_by_hand", "archived_resource_deleted", "passed_never_announced", "hostile_text")
    ended = {key_of(name) for name in ends}
    assert not any(is_open[key] for key in ended)

    files = [file for message in demo.slack.messages for file in message.files]
    (file,) = [file for file in files if file.name == "open-violations-demo-2026-11-23.csv"]
    rows = csv.DictReader(io.StringIO((file.content or b"").decode("utf-8-sig"), newline=""))
    listed = {each.key for row in rows for each in held if each.finding_id == row["Finding ID"]}
    assert listed == {key for key in is_open if is_open[key]}

    ledger = Ledger(Table(demo.stack.client("dynamodb"), demo.stack.outputs["LedgerTableName"]))
    entries = {key: entry for key in is_open if (entry := ledger.look_up(key).entry)}
    assert {key for key, entry in entries.items() if entry.is_open} == listed - {before_the_stack}
    announced = [entry for entry in entries.values() if entry.message]
    assert len(announced) > len(listed)
    assert [entry for entry in announced if has_closing(demo, entry.message) == entry.is_open] == []


def all_findings(demo: Demo) -> list[dict[str, Any]]:
    """All that Security Hub holds."""
    found: list[dict[str, Any]] = demo.hub.get_findings({})["Findings"]
    return found


def key_of(name: str) -> str:
    violation = parse_event(sample(name))
    assert violation is not None
    return violation.key


def has_closing(demo: Demo, message: Message | None) -> bool:
    """Whether the thread of a message says that it has ended."""
    assert message is not None
    marks = [reply.metadata or {} for reply in demo.slack.messages if reply.thread_ts == message.ts]
    return any(mark.get("event_type") == "shirase_closing" for mark in marks)


def test_a_verbose_demo_shows_all_there_is(
    demo: Demo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = new_bucket()
    samples = [SampleEvent(name="bucket.json", event=opened(bucket)), *load(ROOT / "events/guardduty_finding.json")]
    monkeypatch.setattr(show, "sample_events", lambda: samples)
    monkeypatch.setattr(show, "MORNINGS", (datetime(2027, 3, 3, 9, tzinfo=UTC), datetime(2027, 3, 4, 9, tzinfo=UTC)))
    with deployed(demo):
        show.show_demo(once=True, verbose=True)
    told = capsys.readouterr().out
    assert "→ bucket.json matches OpenedRule: sent" in told
    assert "○ guardduty_finding.json matches no rule, EventBridge drops it" in told
    channel = told.partition("The channel now")[2]
    assert f"`arn:aws:s3:::{bucket}`" in channel
    assert "Controls with the most open violations" in channel
    assert '\n    "Resource","Violation","Control ID","Severity",' in channel
    assert "… rows in all: 1\n" in channel

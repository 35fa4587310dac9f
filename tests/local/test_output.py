"""What the commands print of findings, logs, dead letters and files: nothing of it does anything to the terminal."""

import json
from datetime import timedelta

import pytest

from local.demo import Happening
from local.errors import tell_problem
from local.redrive.dead_letter import grouped, parse_letter
from local.redrive.dead_letter_listing import listing, short_listing
from local.replay import headline, sending_line
from local.slack.records import File, Message
from local.slack.workspace import SlackWorkspace
from local.stack.events import SampleEvent
from local.stack.outcome import Outcome
from local.summary import print_digest_in_short, print_events
from local.transcript import print_alerts, print_digest
from shared.view.language import LANGUAGES
from tests.findings import Event, event, finding, resource

WILD = "a\x1b]0;owned\x07\x1b[2Jb\u202ec\ud800\rd\x9be"
OBEYED = set("\x1b\x07\x9b\r\u202e\ud800")


def wild_event() -> Event:
    wild = {"Title": WILD, "AwsAccountName": WILD, "Resources": [resource(WILD, Tags={"Name": WILD})]}
    return event(finding(**wild, **{"Compliance.SecurityControlId": WILD}), id=WILD)


def is_tame(printed: str) -> bool:
    return bool(printed) and not OBEYED & set(printed)


def test_a_headline_is_one_line_of_text() -> None:
    sample = SampleEvent(name=f"{WILD}\n● all is well", event=wild_event() | {"detail-type": WILD})
    outcome = Outcome(event_id=None, what=WILD, why=WILD)
    lines = [
        headline(sample, [outcome]),
        headline(sample, []),
        headline(sample, [], ValueError(WILD)),
        sending_line(sample, "OpenedRule"),
        sending_line(sample, None),
        sending_line(SampleEvent(name="a", event=event(finding(), source=WILD)), None),
    ]
    assert all(is_tame(line) and "\n" not in line for line in lines)


def test_a_problem_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    tell_problem(ValueError(f"{WILD}\nsecond line"))
    printed = capsys.readouterr().err
    assert is_tame(printed)
    assert printed.endswith("\nsecond line\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_demo_prints_text(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", language)
    wording = LANGUAGES[language]
    columns = [*wording.columns, *wording.digest_columns]
    lines = [",".join(columns), ",".join([f'"{WILD}"'] * len(columns))]
    file = File(id="F1", name=WILD, title=WILD, content="\n".join(lines).encode(errors="replace"))
    message = Message(
        channel="C1", ts="1.000001", text=WILD, files=(file,), attachments=[{"color": "danger", "title": WILD}]
    )
    sample = SampleEvent(name=WILD, event=wild_event())
    outcome = Outcome(event_id=None, what="close", why=WILD)
    happenings = [Happening(sample=sample, rule="OpenedRule", outcome=outcome, messages=[message])]
    slack = SlackWorkspace(token="xoxb", channels={"C1": WILD, "C2": "security"}, now=lambda: 0.0)
    slack.say("C1", WILD)
    print_alerts(happenings, slack)
    print_digest("Today's digest", [message], slack)
    print_digest_in_short([message], slack)
    print_events([*happenings, Happening(sample=sample, rule=None, outcome=None, messages=[])])
    printed = capsys.readouterr().out
    assert is_tame(printed)
    assert [name for name in (columns[0], columns[1], columns[2], columns[3], columns[14]) if name not in printed] == []


def test_dead_letters_are_listed_as_text() -> None:
    for body in (json.dumps(wild_event()), WILD):
        attributes = {name: {"StringValue": f"{WILD}{'x' * 200_000}"} for name in ("ErrorType", "Reason")}
        message = {
            "MessageId": "1",
            "ReceiptHandle": "1",
            "Body": body,
            "Attributes": {"SentTimestamp": "1795392000001"},
            "MessageAttributes": attributes,
        }
        groups = grouped([parse_letter(message)])
        for text in (listing(groups, "shirase", timedelta(days=14)), short_listing(groups)):
            assert is_tame(text)
            assert len(text) < 3000

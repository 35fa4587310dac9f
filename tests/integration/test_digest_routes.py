"""What a digest makes of routes: whose each row is and where it is told, what is accepted, and each channel's own."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

import shared.app
import shared.aws.scan
import shared.pipeline.channel_digest
from local.slack.records import Message
from local.terminal import as_text
from shared.digest.summary import Summary
from shared.errors import SlackError
from shared.finding.account import Account
from shared.finding.event import TOLD_AGAIN
from shared.finding.violation import Severity
from shared.pipeline.router import Router
from shared.policy.condition import Condition
from shared.policy.owner import Owner, Person, Ring, Source, SourceKind
from shared.policy.route import OWNER, MentionRule, Route, Routing
from shared.policy.routes import Routes
from shared.policy.selection import Acceptance
from tests.findings import Finding, finding
from tests.integration.surroundings import CHANNEL, TEAM_A, TEAM_B, RecordingHub, Surroundings
from tests.integration.test_digest_history import FIRST_DAY, content, folder, send, set_status, statuses

ACCEPTED = "accepted-violations.csv"
TO_OWNERS = Route(condition=Condition(owners=("*",)), channel=OWNER)
DROP_SANDBOX = Route(condition=Condition(tags={"env": ("sandbox",)}), channel=None, reason="a playground")
ROUTES = Routes(
    owners=(Owner(name="team-a", group="S0000TEAMA", channel=TEAM_A), Owner(name="team-b", channel=TEAM_B)),
    sources=(Source(kind=SourceKind.TAG, keys=("owner",)),),
    routing=Routing(
        routes=(DROP_SANDBOX, TO_OWNERS),
        default_channel=CHANNEL,
        mention=MentionRule(min_severity=Severity.HIGH, most=3),
    ),
)
BY_CHANNEL = replace(ROUTES, digests_by_channel=True)
EXCEPTION = Acceptance(
    condition=Condition(controls=("S3.8",), resources=("bucket-1",)), reason="a public site", until=date(2026, 11, 25)
)


class InUse:
    """The routes that the functions find, and whom Slack knows."""

    def __init__(self) -> None:
        self.routes: Routes | None = None
        self.asked: list[str] = []
        self.ring = Ring.UNKNOWN
        self.units: dict[str, str] = {}

    def account_of(self, account_id: str, _: datetime) -> Account:
        if account_id not in self.units:
            return Account(is_told=False)
        return Account(units=frozenset({"r-ab12", self.units[account_id]}))

    def find(self, email: str, _: datetime) -> Person:
        self.asked.append(email)
        return Person(ring=self.ring)


@pytest.fixture
def in_use(monkeypatch: pytest.MonkeyPatch) -> InUse:
    """Routes, in the place of those that the archive bucket may hold."""
    found = InUse()
    build = Router.__init__

    def build_with(router: Router, **given: Any) -> None:
        ours = {"read_routes": lambda _: found.routes, "find_person": found.find, "account_of": found.account_of}
        build(router, **given | ours)

    monkeypatch.setattr(Router, "__init__", build_with)
    monkeypatch.setattr(shared.aws.scan, "SECONDS_BETWEEN_REQUESTS", 0)
    return found


@pytest.fixture(autouse=True)
def unlimited(hub: RecordingHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_bucket", None)


def tagged(number: int, **tags: str) -> Finding:
    found = finding(number)
    found["Resources"][0]["Tags"] = tags
    return found


def rows(around: Surroundings, day: int, name: str = "open-violations.csv") -> list[dict[str, str]]:
    return read(content(around, f"{folder(day)}/{name}"))


def read(file: bytes | None) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((file or b"").decode("utf-8-sig"), newline="")))


def told(around: Surroundings, channel: str) -> list[str]:
    """The digests of a channel."""
    return [as_text(message.payload()) for message in in_channel(around, channel)]


def in_channel(around: Surroundings, channel: str) -> list[Message]:
    return [message for message in around.posted if message.channel == channel]


def names(around: Surroundings, message: Message) -> list[list[str]]:
    """The resources in each file below a digest."""
    files = [file for reply in around.slack.replies(message.ts) for file in reply.files]
    return [[row["Resource"] for row in read(file.content)] for file in files]


def queued(around: Surroundings) -> list[dict[str, Any]]:
    url = around.client("sqs").get_queue_url(QueueName=f"{around.name}-alerts")["QueueUrl"]
    messages = around.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def count_of(summary: Summary) -> tuple[int, int, int | None, int]:
    found = summary.comparison
    assert found
    return found.new, found.reopened, found.resolved, found.moved


# ---- whose, and where


def test_each_row_says_whose_it_is_and_where_it_is_told(around: Surroundings, hub: RecordingHub, in_use: InUse) -> None:
    in_use.routes = ROUTES
    hub.import_finding(tagged(1, Owner="Team-A"))
    hub.import_finding(tagged(2, owner="left.person@example.com"))
    hub.import_finding(tagged(3, Env="sandbox", Owner="team-b"))
    hub.import_finding(finding(4))
    summary = send(around, 1)
    found = {row["Resource"]: (row["Owner"], row["Channel"]) for row in rows(around, 1)}
    assert found == {
        "bucket-1": ("team-a", TEAM_A),
        "bucket-2": ("left.person@example.com", CHANNEL),
        "bucket-4": ("", CHANNEL),
    }
    assert (summary.total, summary.dropped) == (3, 1)
    (text,) = told(around, CHANNEL)
    assert "Told nowhere, as the routes drop it  1" in text
    assert "Owners nobody knows (1)  left.person@example.com 1" in text
    assert in_use.asked == ["left.person@example.com"]


def test_whoever_cannot_be_looked_up_is_named_and_not_called_unknown(
    around: Surroundings, hub: RecordingHub, in_use: InUse
) -> None:
    in_use.routes, in_use.ring = ROUTES, Ring.UNAVAILABLE
    for number in range(3):
        hub.import_finding(tagged(number, owner=f"person-{number}@example.com"))
    send(around, 1)
    assert [row["Owner"] for row in rows(around, 1)] == [f"person-{number}@example.com" for number in range(3)]
    assert "nobody knows" not in told(around, CHANNEL)[0]
    assert len(in_use.asked) == 1  # Slack doesn't answer: the digest doesn't insist


def test_what_nobody_could_look_up_does_not_move(around: Surroundings, hub: RecordingHub, in_use: InUse) -> None:
    in_use.routes = replace(ROUTES, sources=(*ROUTES.sources, Source(kind=SourceKind.DEFAULT, owner="team-b")))
    hub.import_finding(tagged(1, owner="left.person@example.com"))
    send(around, 1)
    in_use.ring = Ring.UNAVAILABLE
    send(around, 2)
    assert [(row["Channel"], row["Status"]) for row in rows(around, 2)] == [(TEAM_B, "open")]


def test_an_account_that_nobody_could_look_up_does_not_move(
    around: Surroundings, hub: RecordingHub, in_use: InUse
) -> None:
    to_team_b = Route(condition=Condition(units=frozenset({"ou-b"})), channel=TEAM_B)
    in_use.routes = replace(ROUTES, routing=replace(ROUTES.routing, routes=(to_team_b,)))
    in_use.units = {"111122223333": "ou-b", "444455556666": "ou-b"}
    for number, account in enumerate(in_use.units):
        hub.import_finding(finding(number, AwsAccountId=account))
    send(around, 1)
    in_use.units = {"111122223333": "ou-a"}
    send(around, 2)
    found = {row["Resource"]: (row["Channel"], row["Status"]) for row in rows(around, 2)}
    assert found == {"bucket-0": (CHANNEL, f"moved from {TEAM_B}"), "bucket-1": (TEAM_B, "open")}
    in_use.units = {}  # AWS Organizations is out of reach
    send(around, 3)
    found = {row["Resource"]: (row["Channel"], row["Status"]) for row in rows(around, 3)}
    assert found == {"bucket-0": (CHANNEL, "open"), "bucket-1": (TEAM_B, "open")}


def test_without_routes_the_file_is_as_it_was(around: Surroundings, hub: RecordingHub, in_use: InUse) -> None:
    hub.import_finding(tagged(1, Owner="whoever"))
    send(around, 1)
    (row,) = rows(around, 1)
    assert list(row)[-2:] == ["Status", "Owner"]
    assert row["Owner"] == "whoever"


def test_the_routes_say_which_violations_are_listed(around: Surroundings, hub: RecordingHub, in_use: InUse) -> None:
    in_use.routes = replace(ROUTES, controls=("IAM.*",))
    hub.import_finding(finding(1))
    hub.import_finding(finding(2, **{"Compliance.SecurityControlId": "IAM.4"}))
    send(around, 1, TARGET_CONTROL_IDS="S3.*")
    assert [row["Control ID"] for row in rows(around, 1)] == ["IAM.4"]


# ---- exceptions


def test_what_is_accepted_is_listed_apart_and_told_again_when_that_is_over(
    around: Surroundings, hub: RecordingHub, in_use: InUse
) -> None:
    url = around.client("sqs").create_queue(QueueName=f"{around.name}-alerts")["QueueUrl"]
    around.set(ALERT_QUEUE_URL=url)
    for number in (1, 2):
        hub.import_finding(finding(number))
    in_use.routes = ROUTES
    send(around, 1)
    in_use.routes = replace(ROUTES, acceptances=(EXCEPTION,))
    during = send(around, 2)
    assert (during.total, during.accepted_total, count_of(during)) == (1, 1, (0, 0, 0, 0))
    assert statuses(around, 2) == {"bucket-2": "open"}
    assert statuses(around, 2, ACCEPTED) == {"bucket-1": "accepted until 2026-11-25: a public site"}
    text = told(around, CHANNEL)[1]
    assert "Accepted by exceptions (1)" in text
    assert "S3.8 · bucket-1  1 until 2026-11-25: a public site" in text
    assert queued(around) == []
    after = send(around, 3)
    assert after.comparison
    assert (after.total, after.comparison.told_again, count_of(after)) == (2, 1, (0, 0, 0, 0))
    assert statuses(around, 3) == {"bucket-1": "no longer accepted", "bucket-2": "open"}
    (event,) = queued(around)
    assert event["shirase"] == TOLD_AGAIN
    # the queue's other end: it was never announced, for it was accepted, and is now
    around.deliver(event)
    around.deliver(event)
    assert [one for one in around.posted if "bucket-1" in one.text and "violates" in one.text] != []
    assert around.metrics["AlertPosted"] == 1


def test_what_is_accepted_alone_does_not_pass(around: Surroundings, hub: RecordingHub, in_use: InUse) -> None:
    in_use.routes = replace(ROUTES, acceptances=(EXCEPTION,))
    hub.import_finding(finding(1))
    send(around, 1)
    (text,) = told(around, CHANNEL)
    assert "no open violations" in text
    assert "Every selected control passes" not in text
    assert "accepted by exceptions, or dropped by the routes" in text


# ---- each channel's own


def test_each_channel_gets_its_own_rows_and_the_default_one_all(
    around: Surroundings, hub: RecordingHub, in_use: InUse
) -> None:
    in_use.routes = BY_CHANNEL
    for number, owner in enumerate(("team-a", "team-a", "team-b", "nobody")):
        hub.import_finding(tagged(number, owner=owner))
    around.send_digest({"scheduled_time": FIRST_DAY.isoformat()})
    around.send_digest({"scheduled_time": FIRST_DAY.isoformat()})  # again, as a retry does
    (whole,), (a,), (b,) = (in_channel(around, channel) for channel in (CHANNEL, TEAM_A, TEAM_B))
    assert names(around, whole) == [["bucket-0", "bucket-1", "bucket-2", "bucket-3"]]
    assert names(around, a) == [["bucket-0", "bucket-1"]]
    assert names(around, b) == [["bucket-2"]]
    assert "2 open violations" in told(around, TEAM_A)[0]
    assert "This is what the routes send to this channel." in told(around, TEAM_A)[0]
    assert around.metrics["DigestPosted"] == 1


def test_what_ends_and_what_moves_is_told_to_whom_it_concerns(
    around: Surroundings, hub: RecordingHub, in_use: InUse
) -> None:
    in_use.routes = BY_CHANNEL
    for number, owner in enumerate(("team-a", "team-a", "team-b")):
        hub.import_finding(tagged(number, owner=owner))
    send(around, 1)
    set_status(hub, 0, "PASSED")
    hub.import_finding({**tagged(1, owner="team-b"), "UpdatedAt": "2026-11-24T12:00:00.000Z"})
    second = send(around, 2)
    assert count_of(second) == (0, 0, 1, 1)
    assert statuses(around, 2) == {"bucket-1": f"moved from {TEAM_A}", "bucket-2": "open"}
    assert "1 moved to another channel" in told(around, CHANNEL)[1]
    of_a, of_b = told(around, TEAM_A)[1], told(around, TEAM_B)[1]
    assert "no open violations" in of_a
    assert "1 moved away to another channel" in of_a
    assert "1 moved here from another channel" in of_b
    assert "new" not in of_b
    send(around, 3)
    assert len(told(around, TEAM_A)) == 2  # nothing open, nothing open before: nothing to tell


def test_what_becomes_routed_is_not_told_as_moved(around: Surroundings, hub: RecordingHub, in_use: InUse) -> None:
    hub.import_finding(tagged(1, owner="team-a"))
    send(around, 1)
    in_use.routes = BY_CHANNEL
    assert count_of(send(around, 2)) == (0, 0, 0, 0)
    in_use.routes = None
    assert count_of(send(around, 3)) == (0, 0, 0, 0)
    assert statuses(around, 3) == {"bucket-1": "open"}


@pytest.mark.parametrize(("refusal", "counted"), [("is_archived", 1), ("invalid_blocks", 0)])
def test_a_channel_that_refuses_keeps_no_other_from_its_own(
    around: Surroundings, hub: RecordingHub, in_use: InUse, refusal: str, counted: int
) -> None:
    in_use.routes = BY_CHANNEL
    for number, owner in enumerate(("team-a", "team-b")):
        hub.import_finding(tagged(number, owner=owner))
    around.slack.refuse("chat.postMessage", refusal, containing=f'"channel": "{TEAM_A}"')
    send(around, 1)
    assert (len(told(around, CHANNEL)), len(told(around, TEAM_A)), len(told(around, TEAM_B))) == (1, 0, 1)
    assert around.metrics.get("SlackChannelRefused", 0) == counted
    replies = [reply.text for reply in around.slack.replies(in_channel(around, CHANNEL)[0].ts)]
    assert [text for text in replies if f"<#{TEAM_A}>" in text] != []


def test_a_channel_that_asks_to_wait_is_waited_for_after_the_others(
    around: Surroundings, hub: RecordingHub, in_use: InUse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.app, "PATIENCE_SECONDS", 0)
    around.slack.fail_next("chat.postMessage", retry_after=1, containing=TEAM_A)
    in_use.routes = BY_CHANNEL
    for number, owner in enumerate(("team-a", "team-b")):
        hub.import_finding(tagged(number, owner=owner))
    send(around, 1)
    assert [message.channel for message in around.posted] == [CHANNEL, TEAM_B, TEAM_A]


def test_what_one_invocation_has_no_time_for_another_one_sends(
    around: Surroundings, hub: RecordingHub, in_use: InUse, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use.routes = BY_CHANNEL
    for number, owner in enumerate(("team-a", "team-b")):
        hub.import_finding(tagged(number, owner=owner))
    event = {"scheduled_time": FIRST_DAY.isoformat(), "part": 0}
    with monkeypatch.context() as patch:
        patch.setattr(shared.pipeline.channel_digest, "SECONDS_FOR_A_CHANNEL", 10_000)
        answer = around.send_digest(event)
    assert answer == {"next": event | {"part": 1}}
    assert [message.channel for message in around.posted] == [CHANNEL]
    counts = around.send_digest(answer["next"])
    assert counts == {"open_violations": 2, "unreadable": 0, "channels": 2}
    assert [message.channel for message in around.posted] == [CHANNEL, TEAM_A, TEAM_B]
    assert [names(around, message) for message in around.posted[1:]] == [[["bucket-0"]], [["bucket-1"]]]


def test_what_failed_is_sent_by_the_next_attempt_and_nothing_twice(
    around: Surroundings, hub: RecordingHub, in_use: InUse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.pipeline.channel_digest, "PAUSE_SECONDS", 0)
    in_use.routes = BY_CHANNEL
    for number, owner in enumerate(("team-a", "team-b")):
        hub.import_finding(tagged(number, owner=owner))
    around.slack.fail_next("chat.postMessage", status=500, containing=TEAM_A, times=3)
    with pytest.raises(SlackError, match="http_500"):
        send(around, 1)
    assert [message.channel for message in around.posted] == [CHANNEL, TEAM_B]
    around.start_anew()
    send(around, 1)
    assert [message.channel for message in around.posted] == [CHANNEL, TEAM_B, TEAM_A]
    assert [len(names(around, message)) for message in around.posted] == [1, 1, 1]
    assert around.metrics["DigestPosted"] == 1

"""Two teams with a channel each: who hears of a violation, where, and how loudly, whatever a channel refuses."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from local.slack.records import Message
from local.terminal import as_text
from shared.app import build_app
from shared.aws.burst_ledger import BurstLedger, traffic_key
from shared.aws.ledger import Claim
from shared.finding.violation import Severity
from shared.policy.condition import Condition
from shared.policy.owner import Mention, MentionKind, Owner, Person, Ring, Source, SourceKind
from shared.policy.route import OWNER, MentionRule, Route, Routing
from shared.policy.routes import Routes
from shared.policy.selection import Acceptance
from tests.findings import Event, event, finding, name_of, opened, passed
from tests.integration.surroundings import CHANNEL, Surroundings

A, B, ALSO = "C00000000AA", "C00000000BB", "C0000000ALS"
TO_OWNER = Route(condition=Condition(), channel=OWNER)
ROUTES = Routes(
    owners=(
        Owner(name="team-a", group="S0TEAMA001", channel=A),
        Owner(name="team-b", group="S0TEAMB001", channel=B),
        Owner(name="nobody"),
    ),
    sources=(Source(kind=SourceKind.TAG, keys=("owner",)),),
    routing=Routing(
        routes=(TO_OWNER,), default_channel=CHANNEL, mention=MentionRule(min_severity=Severity.HIGH, most=3)
    ),
)
BACK = dict.fromkeys(("FirstObservedAt", "UpdatedAt"), "2026-11-23T08:00:00.000Z")


@pytest.fixture(autouse=True)
def _two_teams(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    for channel in (A, B, ALSO):
        monkeypatch.setitem(around.slack._channels, channel, channel.lower())
    around.slack.reset()
    around.route(ROUTES)


def routed(*routes: Route, **changes: Any) -> Routes:
    return replace(ROUTES, routing=replace(ROUTES.routing, routes=routes), **changes)


def told(bucket: int, owner: str = "team-a", *, time: str = "2026-11-20T01:02:12Z", **changes: Any) -> Event:
    """That the bucket of an owner is public."""
    found = finding(bucket, **changes)
    found["Resources"][0]["Tags"] = {"Owner": owner, "Cost": "1f"}
    return event(found, time=time)


def rerated(severity: str, hour: int, owner: str = "team-a") -> Event:
    changes = {"Severity": {"Label": severity}, "UpdatedAt": f"2026-11-20T{hour:02}:00:00.000Z"}
    return told(1, owner, time=f"2026-11-20T{hour:02}:00:01Z", **changes)


def back(owner: str = "team-a") -> Event:
    return told(1, owner, time="2026-11-23T08:00:01Z", **BACK)


def shown(message: Message) -> str:
    return as_text(message.payload())


def rung(message: Message) -> list[str]:
    """Whom a message rings, as Slack reads it."""
    parts = [part for block in message.blocks for part in block.get("elements", [])]
    elements = [element for part in parts for element in part.get("elements", [])]
    return [
        str(element.get("usergroup_id") or element.get("user_id") or element.get("range"))
        for element in elements
        if element["type"] in {"user", "usergroup", "broadcast"}
    ]


def to(channel: str) -> str:
    """What a call says that is to write in a channel."""
    return f'"channel": "{channel}"'


def in_channel(around: Surroundings, channel: str) -> list[Message]:
    return [message for message in around.posted if message.channel == channel]


# ---- where it goes


def test_each_team_hears_of_what_is_theirs_by_name_and_the_others_go_to_the_default_channel(
    around: Surroundings,
) -> None:
    assert around.deliver(told(1), told(2, "team-b"), opened(3)) == []
    [a], [b], [other] = (in_channel(around, channel) for channel in (A, B, CHANNEL))
    assert (rung(a), rung(b), rung(other)) == (["S0TEAMA001"], ["S0TEAMB001"], [])
    assert "Owner  team-a" in shown(a)
    assert a.text.endswith("Owner: team-a.")
    assert "Owner" not in shown(other)


def test_what_was_announced_is_closed_where_it_stands_and_comes_back_where_it_belongs_by_then(
    around: Surroundings,
) -> None:
    around.deliver(told(1))
    around.route(routed(Route(condition=Condition(), channel=B)))
    assert around.deliver(passed(1)) == []
    [message] = around.posted
    assert "Resolved" in shown(message)
    assert {reply.channel for reply in around.slack.replies(message.ts)} == {A}
    assert rung(message) == []
    assert around.deliver(back()) == []
    [again] = in_channel(around, B)
    assert "Reopened" in shown(again)
    assert f"{A}/p" in str(again.blocks)  # the earlier message, in the other channel
    assert rung(again) == ["S0TEAMA001"]


def test_what_a_line_drops_or_a_team_accepts_is_told_nowhere_and_its_end_still_is(around: Surroundings) -> None:
    around.deliver(told(1))
    dropping = routed(Route(condition=Condition(controls=("S3.*",)), channel=None, reason="a sandbox"))
    around.route(dropping)
    assert around.deliver(told(2), passed(1)) == []
    accepted = Acceptance(condition=Condition(tags={"owner": ("team-a",)}), reason="agreed", until=date(2999, 1, 1))
    around.route(routed(TO_OWNER, acceptances=(accepted,)))
    assert around.deliver(told(3), told(4, "team-b")) == []
    assert [message.channel for message in around.posted] == [A, B]
    assert "Resolved" in shown(around.posted[0])
    assert around.metrics["AlertFiltered"] == 2
    whys = [line["why"] for line in around.log if line["message"] == "filtered"]
    assert "a sandbox" in whys[0]
    assert "agreed" in whys[1]
    around.route(ROUTES)
    assert around.deliver(told(2)) == []  # nothing was recorded as announced
    assert len(around.posted) == 3


def test_other_channels_get_one_line_and_stand_in_nobodys_way(around: Surroundings) -> None:
    around.route(routed(replace(TO_OWNER, also=(B, ALSO))))
    around.slack.refuse("chat.postMessage", "not_in_channel", containing=to(B))
    assert around.deliver(told(1), told(1), passed(1)) == []
    [message], [line] = in_channel(around, A), in_channel(around, ALSO)
    assert message.ts.replace(".", "") in str(line.blocks)
    assert len(shown(line).splitlines()) == 1
    assert around.metrics["SlackChannelRefused"] == 1
    assert "AlertFailed" not in around.metrics


# ---- a channel that refuses


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "is_archived", "restricted_action"])
def test_what_a_channel_refuses_goes_to_the_default_one_and_says_so(around: Surroundings, error: str) -> None:
    around.slack.refuse("chat.postMessage", error, containing=to(A))
    assert around.deliver(told(1), told(2), told(3, "team-b")) == []
    assert [message.channel for message in around.posted] == [CHANNEL, CHANNEL, B]
    first, second, *_ = shown(around.posted[0]).splitlines()
    assert A in first
    assert error in first
    assert "HIGH" in second
    assert rung(around.posted[0]) == ["S0TEAMA001"]
    assert around.metrics["SlackChannelRefused"] == 1  # not asked again at once
    assert around.deliver(passed(1)) == []
    assert "Resolved" in shown(around.posted[0])


def test_a_message_in_the_place_of_another_channels_says_so_as_long_as_it_is_open(around: Surroundings) -> None:
    around.slack.refuse("chat.postMessage", "not_in_channel", containing=to(A))
    assert around.deliver(rerated("MEDIUM", 2)) == []
    assert around.deliver(rerated("CRITICAL", 3)) == []
    first, second, *_ = shown(around.posted[0]).splitlines()
    assert A in first
    assert "CRITICAL" in second
    around.slack.clear_faults()
    around.start_anew()
    assert around.deliver(passed(1), back()) == []
    [again] = in_channel(around, A)
    assert around.deliver(told(1, **BACK, Severity={"Label": "LOW"}, time="2026-11-23T09:00:01Z")) == []
    assert A not in shown(again)


@pytest.mark.parametrize(
    ("error", "is_in_use"), [("not_in_channel", True), ("restricted_action", True), ("is_archived", False)]
)
def test_the_news_of_what_stands_in_a_channel_that_refuses_reach_the_default_one(
    around: Surroundings, error: str, is_in_use: bool
) -> None:
    around.deliver(told(1), told(3))
    for method in ("chat.update", "chat.postMessage"):
        around.slack.refuse(method, error, containing=to(A))
    if not is_in_use:
        around.route(routed(Route(condition=Condition(), channel=B), owners=()))
    assert around.deliver(passed(1), passed(1), passed(3)) == []
    first, second = in_channel(around, CHANNEL)
    assert all("Resolved" in shown(news) and rung(news) == [] for news in (first, second))
    assert (A in shown(first).splitlines()[0]) == is_in_use
    assert around.metrics.get("SlackChannelRefused", 0) == is_in_use
    assert "AlertFailed" not in around.metrics


def test_a_channel_that_takes_messages_again_gets_them_after_a_minute(around: Surroundings) -> None:
    now = datetime.now(UTC)
    around.slack.fail_next("chat.postMessage", error="not_in_channel", containing=to(A))
    alerts = build_app().alerts
    for bucket, seconds in ((1, 0), (2, 59), (3, 61)):
        alerts.handle(told(bucket), now + timedelta(seconds=seconds))
    assert [message.channel for message in around.posted] == [CHANNEL, CHANNEL, A]


def test_where_the_default_channel_refuses_the_queue_keeps_it(around: Surroundings) -> None:
    around.slack.refuse("chat.postMessage", "not_in_channel")
    assert around.deliver(told(1), opened(2)) == [0, 1]
    around.slack.clear_faults()
    assert around.deliver(told(1), opened(2)) == []
    assert [message.channel for message in around.posted] == [CHANNEL, CHANNEL]


def test_a_channel_that_asks_to_wait_holds_up_its_own_messages_alone(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", retry_after=60, containing=to(A))
    assert around.deliver(told(1), told(2, "team-b"), told(3), told(4, "team-b"), opened(5)) == [0, 2]
    assert Counter(message.channel for message in around.posted) == {B: 2, CHANNEL: 1}


def test_a_return_is_not_held_up_by_the_channel_of_its_earlier_message(around: Surroundings) -> None:
    around.deliver(told(1), passed(1))
    around.route(routed(Route(condition=Condition(), channel=B)))
    around.slack.fail_next("chat.getPermalink", retry_after=60)
    assert around.deliver(back()) == []
    [again] = in_channel(around, B)
    assert "Reopened" in shown(again)


# ---- who is rung


def test_a_rise_rings_in_the_thread_once_whatever_fails_and_an_edit_rings_nobody(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.deliver(rerated("MEDIUM", 2))
    [message] = around.posted
    assert rung(message) == []  # below what the routes say
    with monkeypatch.context() as crashing:
        crashing.setattr(Claim, "record", lambda *_: 1 / 0)
        assert around.deliver(rerated("CRITICAL", 3)) == [0]
    assert around.deliver(rerated("CRITICAL", 3)) == []
    [reply] = around.slack.replies(message.ts)
    assert reply.text.endswith("it was MEDIUM. <!subteam^S0TEAMA001>")
    [message] = around.posted
    assert "Owner  team-a" in shown(message)
    assert rung(message) == []
    assert around.deliver(rerated("LOW", 4)) == []
    assert len(around.slack.replies(message.ts)) == 1


def test_an_attempt_that_crashed_rings_once_and_costs_one_place(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crashing:
        crashing.setattr(Claim, "record", lambda *_: 1 / 0)
        assert around.deliver(told(1)) == [0]
    around.start_anew()
    assert around.deliver(told(1)) == []
    [message] = around.posted
    assert rung(message) == ["S0TEAMA001"]
    assert len(around.table.get(traffic_key(A))["rung"]) == 1
    with monkeypatch.context() as crashing:
        crashing.setattr(Claim, "record", lambda *_: 1 / 0)
        assert around.deliver(told(2)) == [0]
    around.start_anew()
    assert around.deliver(told(2)) == []
    assert len(around.table.get(traffic_key(A))["rung"]) == 2
    [counted] = [key for key in _keys(around) if key.startswith("mentions/")]
    assert len(around.table.get(counted)["rung"]) == 2


def test_what_comes_and_goes_rings_no_more(around: Surroundings) -> None:
    for hour in range(8):
        times = dict.fromkeys(("FirstObservedAt", "UpdatedAt"), f"2026-11-23T{hour:02}:00:00.000Z")
        ends = dict.fromkeys(("FirstObservedAt", "UpdatedAt"), f"2026-11-23T{hour:02}:30:00.000Z")
        around.deliver(told(1, time=f"2026-11-23T{hour:02}:00:01Z", **times))
        around.deliver(event(passed(1, **ends)["detail"]["findings"][0], time=f"2026-11-23T{hour:02}:30:01Z"))
    assert len(around.posted) == 4
    replies = [reply for message in around.posted for reply in around.slack.replies(message.ts)]
    assert not [reply for reply in replies if "subteam" in reply.text]
    assert around.deliver(told(1, time="2026-11-23T09:00:01Z", **dict.fromkeys(BACK, "2026-11-23T09:00:00.000Z"))) == []
    assert "Owner  team-a" in shown(around.posted[-1])
    assert rung(around.posted[-1]) == []


def test_one_group_is_rung_twenty_times_an_hour_at_most_in_all_its_channels_together(around: Surroundings) -> None:
    around.set(BURST_LIMIT="300")
    around.route(routed(Route(condition=Condition(resources=("*bucket-1*",)), channel=B), TO_OWNER))
    for start in range(0, 30, 10):
        assert around.deliver(*(told(number) for number in range(start, start + 10))) == []
        around.start_anew()
    assert {message.channel for message in around.posted} == {A, B}
    assert sum(map(len, map(rung, around.posted))) == 20
    assert all("Owner  team-a" in shown(message) for message in around.posted)


def test_tags_ring_nobody_whom_the_routes_or_slack_do_not_know(around: Surroundings) -> None:
    people = {"hana@example.com": Person(ring=Ring.RUNG, user_id="U0HANA0001")}
    around.route(ROUTES, people)
    hostile = "<!channel>, <@U0HANA0001>; U0HANA0001, left@example.com, S0TEAMB999"
    assert around.deliver(told(1, hostile), told(2, "hana@example.com; <!here>")) == []
    first, second = around.posted
    assert (first.channel, rung(first), rung(second)) == (CHANNEL, [], ["U0HANA0001"])
    assert "left@example.com, not in Slack" in shown(first)
    assert "<!channel>, nobody known" in shown(first)
    assert all(mark not in first.text + second.text for mark in ("<!", "<@"))


@pytest.mark.parametrize(
    ("owner", "whom"),
    [
        ("  TEAM-A \n", ["S0TEAMA001"]),
        ("team-\u0430; te\u200bam-a", []),  # a Cyrillic а, and a character that nobody sees
        ("hana@example.com,HANA@example.com", ["U0HANA0001"]),
        ("\u212aana@example.com", []),  # the sign for kelvin, whose small letter is k
        ("x" * 10_000, []),
        (",".join(f"nobody-{number}" for number in range(50)) + ",team-a", []),
        ("\n\n<!channel>\n*team-a*\n>quoted", []),
    ],
    ids=["other case", "look-alike", "twice", "kelvin", "long", "many", "marked up"],
)
def test_whatever_a_tag_says_it_rings_whom_it_names_and_the_message_stays_short(
    around: Surroundings, owner: str, whom: list[str]
) -> None:
    people = {name: Person(ring=Ring.RUNG, user_id="U0HANA0001") for name in ("hana@example.com", "HANA@example.com")}
    around.route(ROUTES, people | {"kana@example.com": Person(ring=Ring.RUNG, user_id="U0KANA0001")})
    assert around.deliver(told(1, owner, AwsAccountName="<!here>\n" * 500)) == []
    [message] = around.posted
    assert rung(message) == whom
    assert len(str(message.blocks)) < 12_000
    assert "<!" not in message.text


def test_where_slack_takes_no_blocks_the_text_rings_the_same(around: Surroundings) -> None:
    around.slack.refuse("chat.postMessage", "invalid_blocks", containing='"rich_text"')
    assert around.deliver(told(1, "team-a, <!here>")) == []
    [message] = around.posted
    assert "<!subteam^S0TEAMA001>" in message.text
    assert "<!here>" not in message.text


def test_here_is_rung_where_a_line_says_so(around: Surroundings) -> None:
    around.route(routed(Route(condition=Condition(), channel=B, mentions=(OWNER, "here", "U0ONCALL01"))))
    assert around.deliver(told(1)) == []
    assert rung(around.posted[0]) == ["S0TEAMA001", "here", "U0ONCALL01"]
    assert Mention(kind=MentionKind.HERE).id == ""


# ---- bursts


def test_a_storm_in_one_channel_leaves_the_others_their_own_limit_and_rings_no_more_than_that(
    around: Surroundings,
) -> None:
    around.set(BURST_LIMIT="3")
    for start in range(0, 20, 10):
        assert around.deliver(*(told(number) for number in range(start, start + 10))) == []
    assert around.deliver(*(told(number, "team-b, nobody") for number in range(20, 25))) == []
    a, b = in_channel(around, A), in_channel(around, B)
    assert (len(a), len(b), len(around.posted)) == (4, 4, 8)
    assert sum(map(len, map(rung, a))) == 3
    _follow_up(around)
    a, b = in_channel(around, A), in_channel(around, B)
    assert "17 new violations" in shown(a[-1])
    assert "Owners  team-a 17" in shown(a[-1])
    assert "Owners  nobody 2  ·  team-b 2" in shown(b[-1])
    assert rung(a[-1]) == rung(b[-1]) == []
    _follow_up(around, after=timedelta(minutes=6))
    assert [len(around.slack.replies(channel[-1].ts)) for channel in (a, b)] == [1, 1]


def test_a_burst_whose_channel_refuses_goes_on_in_the_default_one(around: Surroundings) -> None:
    around.set(BURST_LIMIT="1")
    assert around.deliver(told(1), told(2), told(3)) == []
    around.slack.refuse("chat.update", "not_in_channel", containing=to(A))
    around.slack.refuse("chat.postMessage", "not_in_channel", containing=to(A))
    _follow_up(around)
    [burst] = in_channel(around, CHANNEL)
    assert A in shown(burst).splitlines()[0]
    assert "2 new violations" in shown(burst)
    _follow_up(around, after=timedelta(seconds=30))
    assert A in shown(in_channel(around, CHANNEL)[0]).splitlines()[0]
    _follow_up(around, after=timedelta(minutes=6))
    assert [reply.channel for reply in around.slack.replies(burst.ts)] == [CHANNEL]


def test_a_burst_that_an_earlier_release_began_loses_nothing(around: Surroundings) -> None:
    around.set(BURST_LIMIT="1")
    around.route(None)
    assert around.deliver(opened(1), opened(2), opened(3)) == []
    [burst_id] = _bursts(around)
    around.client("dynamodb").update_item(
        TableName=around.name, Key={"violation": {"S": f"burst/{burst_id}"}}, UpdateExpression="REMOVE home"
    )
    around.start_anew()
    around.route(ROUTES)
    _follow_up(around)
    _, burst = around.posted
    assert "2 new violations" in shown(burst)
    _follow_up(around, after=timedelta(minutes=6))
    assert "calm again" in shown(around.posted[1])
    assert len(around.slack.replies(burst.ts)) == 1


def test_what_is_put_aside_has_the_tags_that_the_routes_ask_for_and_no_others(around: Surroundings) -> None:
    around.set(BURST_LIMIT="1")
    assert around.deliver(told(1), told(2)) == []
    around.route(None)
    assert around.deliver(told(3), told(4)) == []
    contents = {key: around.table.get(key).get("content", "") for key in _keys(around)}
    of_two, of_four = (
        next(content for key, content in contents.items() if key.endswith(name_of(bucket))) for bucket in (2, 4)
    )
    assert '"Owner"' in of_two
    assert '"tags"' not in of_four
    assert "Cost" not in of_two + of_four


def _keys(around: Surroundings) -> list[str]:
    items = around.client("dynamodb").scan(TableName=around.name, ConsistentRead=True)["Items"]
    return sorted(item["violation"]["S"] for item in items)


def _bursts(around: Surroundings) -> list[str]:
    found = [key.removeprefix("burst/") for key in _keys(around) if key.startswith("burst/")]
    return [burst_id for burst_id in found if not burst_id.startswith("traffic")]


def _follow_up(around: Surroundings, after: timedelta = timedelta(seconds=10)) -> None:
    for burst_id in _bursts(around):
        assert BurstLedger(around.table).look_up(burst_id)
        build_app().bursts.follow_up(burst_id, datetime.now(UTC) + after)

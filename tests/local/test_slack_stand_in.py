"""The Slack stand-in, called by the real slack_sdk over the loopback interface."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack.directory import Directory, Member
from local.slack.http import slack_app
from local.slack.workspace import SCOPES, SlackWorkspace
from local.stack.serving import serve

TOKEN = "xoxb-local"
CHANNEL = "C0000000001"
START = 1_795_392_000.0


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> float:
        return self.time


CLOCK = Clock()
OTHER = "C0000000002"
DIRECTORY = Directory(
    members=(
        Member(id="U0HANA0001", name="hana.sato", email="hana.sato@example.com"),
        Member(id="U0GUEST001", name="guest", email="guest@partner.example", is_ultra_restricted=True),
        Member(id="U0ROBOT001", name="robot", email="robot@example.com", is_bot=True),
        Member(id="U0LEFT0001", name="left.person", email="left.person@example.com", deleted=True),
    ),
    groups={"S0SETTLE01": "team-settlement"},
)
WORKSPACE = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security", OTHER: "quiet"}, now=CLOCK, directory=DIRECTORY)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(slack_app(WORKSPACE)) as base:
        yield base


@pytest.fixture
def workspace() -> Iterator[SlackWorkspace]:
    CLOCK.time = START
    WORKSPACE.reset()
    yield WORKSPACE
    WORKSPACE.rate_limited = False
    WORKSPACE.unknown_blocks = frozenset()
    WORKSPACE.scopes = SCOPES


@pytest.fixture
def slack(workspace: SlackWorkspace, url: str) -> WebClient:
    return WebClient(token=TOKEN, base_url=f"{url}/api/", timeout=5)


def post(slack: WebClient, **said: Any) -> str:
    return str(slack.chat_postMessage(**{"channel": CHANNEL, "text": "Hello"} | said)["ts"])


def refusal(call: Any, **arguments: Any) -> Any:
    """The answer Slack refuses a call with."""
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return refused.value.response


def reasons(slack: WebClient, **said: Any) -> tuple[str, list[str]]:
    answer = refusal(slack.chat_postMessage, channel=CHANNEL, text="Hello", **said)
    return answer["error"], answer["response_metadata"]["messages"]


def read(address: str, method: str = "GET", body: bytes | None = None) -> bytes:
    kind = {"Content-Type": "application/json"} if "/control/" in address else {}
    with urllib.request.urlopen(urllib.request.Request(address, body, kind, method=method), timeout=5) as answer:
        return bytes(answer.read())


def section(text: str = "Hello") -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def table(*rows: list[str]) -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text} for text in row] for row in rows]}


def chart(*values: float, label: str = "11-{:02}", name: str = "Open", **axes: Any) -> dict[str, Any]:
    points = [{"label": label.format(day), "value": value} for day, value in enumerate(values, 1)]
    axes = {"categories": [point["label"] for point in points]} | axes
    line = {"type": "line", "series": [{"name": name, "data": points}], "axis_config": axes}
    return {"type": "data_visualization", "title": "Open violations", "chart": line}


def pie(*values: float) -> dict[str, Any]:
    segments = [{"label": f"S3.{number}", "value": value} for number, value in enumerate(values, 1)]
    return {"type": "data_visualization", "title": "Open", "chart": {"type": "pie", "segments": segments}}


# Messages


def test_a_post_arrives_with_everything_it_says(slack: WebClient, workspace: SlackWorkspace) -> None:
    attachments = [{"color": "#e01e5a", "blocks": [section("Details")]}]
    metadata = {"event_type": "violation", "event_payload": {"id": "1", "place": {"region": "us-east-1"}}}
    answer = slack.chat_postMessage(
        channel=CHANNEL, text="Hello", blocks=[section()], attachments=attachments, metadata=metadata
    )
    [message] = workspace.messages
    assert (message.channel, message.ts, message.thread_ts) == (CHANNEL, answer["ts"], None)
    assert (message.text, message.blocks, message.attachments) == ("Hello", [section()], attachments)
    assert message.metadata == metadata
    assert answer["channel"] == CHANNEL
    assert answer["message"]["text"] == "Hello"


def test_no_two_messages_have_the_same_ts(slack: WebClient, workspace: SlackWorkspace) -> None:
    assert [post(slack), post(slack)] == ["1795392000.000000", "1795392000.000001"]


def test_the_token_says_who_is_calling(slack: WebClient) -> None:
    assert slack.auth_test()["user"] == "bot"


def test_a_wrong_token_is_refused(slack: WebClient, workspace: SlackWorkspace) -> None:
    slack.token = "xoxb-other"
    assert refusal(slack.auth_test)["error"] == "invalid_auth"
    assert refusal(slack.chat_postMessage, channel=CHANNEL, text="Hello")["error"] == "invalid_auth"
    assert workspace.messages == []


def test_a_missing_token_is_refused(slack: WebClient) -> None:
    slack.token = None
    assert refusal(slack.auth_test)["error"] == "not_authed"


def test_a_token_may_come_as_a_form_field(workspace: SlackWorkspace, url: str) -> None:
    assert json.loads(read(f"{url}/api/auth.test?token={TOKEN}"))["ok"]
    assert json.loads(read(f"{url}/api/auth.test", "POST", f"token={TOKEN}".encode()))["ok"]


def test_a_method_the_stand_in_does_not_know_is_refused(slack: WebClient) -> None:
    assert refusal(slack.users_list)["error"] == "unknown_method"


def test_a_channel_that_cannot_be_posted_to_says_why(slack: WebClient, workspace: SlackWorkspace) -> None:
    def error(channel: str) -> str:
        return str(refusal(slack.chat_postMessage, channel=channel, text="Hello")["error"])

    workspace.leave("C0000000002")
    assert error("C0000000002") == "not_in_channel"
    workspace.archive(CHANNEL)
    assert error(CHANNEL) == "is_archived"
    assert error("security") == "channel_not_found"
    workspace.join("C0000000002")
    post(slack, channel="C0000000002")


@pytest.mark.filterwarnings("ignore:The top-level `text` argument:UserWarning")
def test_an_empty_message_is_refused(slack: WebClient) -> None:
    assert refusal(slack.chat_postMessage, channel=CHANNEL, text="")["error"] == "no_text"


def test_a_text_above_40000_characters_is_cut(slack: WebClient, workspace: SlackWorkspace) -> None:
    answer = slack.chat_postMessage(channel=CHANNEL, text="x" * 40_001)
    assert len(workspace.messages[0].text) == 40_000
    assert answer["response_metadata"]["warnings"] == ["message_truncated"]


def test_an_update_keeps_the_earlier_version(slack: WebClient, workspace: SlackWorkspace) -> None:
    attachments = [{"color": "good", "blocks": [section()]}]
    metadata = {"event_type": "violation", "event_payload": {"id": "1"}}
    ts = post(slack, blocks=[section()], attachments=attachments, metadata=metadata)
    assert not workspace.messages[0].edited
    slack.chat_update(channel=CHANNEL, ts=ts, text="Solved", blocks=[section("Solved")])
    slack.chat_update(channel=CHANNEL, ts=ts, text="Solved again")
    [message] = workspace.messages
    assert (message.text, message.blocks, message.edited) == ("Solved again", [], True)
    assert (message.attachments, message.metadata) == (attachments, metadata)
    assert [earlier.text for earlier in message.history] == ["Hello", "Solved"]


def test_an_update_of_more_than_4000_characters_is_refused(slack: WebClient) -> None:
    ts = post(slack, text="x" * 4_001)
    assert refusal(slack.chat_update, channel=CHANNEL, ts=ts, text="x" * 4_001)["error"] == "msg_too_long"
    slack.chat_update(channel=CHANNEL, ts=ts, text="x" * 4_000)


def test_only_messages_of_the_bot_can_be_updated(slack: WebClient, workspace: SlackWorkspace) -> None:
    theirs = workspace.say(CHANNEL, "Looking at it")
    assert refusal(slack.chat_update, channel=CHANNEL, ts=theirs.ts, text="No")["error"] == "cant_update_message"
    assert refusal(slack.chat_update, channel=CHANNEL, ts="1.000000", text="No")["error"] == "message_not_found"


def test_a_deleted_message_is_gone(slack: WebClient, workspace: SlackWorkspace) -> None:
    ts = post(slack)
    slack.chat_delete(channel=CHANNEL, ts=ts)
    assert workspace.messages == []
    assert refusal(slack.chat_update, channel=CHANNEL, ts=ts, text="No")["error"] == "message_not_found"
    assert refusal(slack.chat_postMessage, channel=CHANNEL, thread_ts=ts, text="No")["error"] == "thread_not_found"


def test_a_thread_holds_its_replies_in_order(slack: WebClient, workspace: SlackWorkspace) -> None:
    ts = post(slack)
    post(slack, text="one", thread_ts=ts)
    post(slack, text="two", thread_ts=ts)
    assert [reply.text for reply in workspace.replies(ts)] == ["one", "two"]
    thread = slack.conversations_replies(channel=CHANNEL, ts=ts)["messages"]
    assert [message["text"] for message in thread] == ["Hello", "one", "two"]
    assert thread[0]["reply_count"] == 2


def test_history_is_newest_first_and_tells_metadata_when_asked(slack: WebClient) -> None:
    metadata = {"event_type": "violation", "event_payload": {"id": "1"}}
    stamps = [post(slack, text=text, metadata=metadata) for text in ("one", "two", "three")]
    post(slack, text="a reply", thread_ts=stamps[0])
    page = slack.conversations_history(channel=CHANNEL, limit=2, include_all_metadata=True)
    assert [(m["text"], m["metadata"]) for m in page["messages"]] == [("three", metadata), ("two", metadata)]
    assert [m["text"] for answer in page for m in answer["messages"]] == ["three", "two", "one"]
    between = slack.conversations_history(channel=CHANNEL, oldest=stamps[0], latest=stamps[2])["messages"]
    assert [("metadata" in m, m["text"]) for m in between] == [(False, "two")]


def test_a_permalink_leads_to_the_page(slack: WebClient, url: str) -> None:
    link = slack.chat_getPermalink(channel=CHANNEL, message_ts=post(slack))["permalink"]
    assert link == f"{url}/archives/{CHANNEL}/p1795392000000000"
    follows_redirects = urllib.request.build_opener()  # as a browser does, and the functions don't
    with follows_redirects.open(link, timeout=5) as answer:
        assert answer.url == f"{url}/#p1795392000000000"


def test_a_reaction_is_added_once(slack: WebClient, workspace: SlackWorkspace) -> None:
    ts = post(slack)
    slack.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")
    assert workspace.messages[0].reactions == ("eyes",)
    assert refusal(slack.reactions_add, channel=CHANNEL, timestamp=ts, name="eyes")["error"] == "already_reacted"


# Limits


def test_too_many_blocks_are_refused_with_a_pointer(slack: WebClient, workspace: SlackWorkspace) -> None:
    error, messages = reasons(slack, blocks=[{"type": "divider"}] * 51)
    assert error == "invalid_blocks"
    assert messages == ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"]
    assert workspace.messages == []


TEXT = {"type": "mrkdwn", "text": "x"}
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Open"}}


def mention(**element: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}


def header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def button(**keys: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": [BUTTON | keys]}


def image(**keys: Any) -> dict[str, Any]:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A"} | keys


ACCEPTED = [
    header("x" * 150),
    section("x" * 3_000),
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2_000}] * 10},
    {"type": "section", "text": TEXT, "accessory": BUTTON},
    {"type": "context", "elements": [TEXT] * 9 + [image()]},
    {"type": "divider", "block_id": "x" * 255},
    {"type": "actions", "elements": [BUTTON] * 25},
    button(text={"type": "plain_text", "text": "x" * 75}, url="x" * 3_000, value="x" * 2_000),
    image(alt_text="x" * 2_000),
    RICH,
    table(*[["S3.1"] * 20] * 100),
    table(["x" * 10_000]),
    {"type": "table", "rows": [[RICH, {"type": "raw_number", "value": 1, "text": "1"}]], "column_settings": [{}] * 20},
    {"type": "markdown", "text": "x" * 12_000},
    chart(*range(20), label="{:020}", name="x" * 20, x_label="x" * 50, y_label="x" * 50) | {"title": "x" * 50},
    chart(-1.5, 0),
    pie(1, 2, 3, 4, 5, 0.5),
]
REFUSED = [
    (header("x" * 151), "must be less than 151 characters", "/text/text"),
    (header(""), "must be more than 0 characters", "/text/text"),
    ({"type": "header"}, "missing required field: text", ""),
    ({"type": "header", "text": TEXT}, "unsupported type: mrkdwn", "/text/type"),
    (section("x" * 3_001), "must be less than 3001 characters", "/text/text"),
    ({"type": "section", "text": "x"}, "must provide an object", "/text"),
    ({"type": "section"}, "missing required field: text", ""),
    ({"type": "section", "fields": [TEXT] * 11}, "no more than 10 items allowed", "/fields"),
    (
        {"type": "section", "fields": [TEXT, {"type": "mrkdwn", "text": "x" * 2_001}]},
        "must be less than 2001 characters",
        "/fields/1/text",
    ),
    ({"type": "section", "text": TEXT, "accessory": {"type": "table"}}, "unsupported type: table", "/accessory/type"),
    ({"type": "context", "elements": [TEXT] * 11}, "no more than 10 items allowed", "/elements"),
    ({"type": "context", "elements": ["x"]}, "must provide an object", "/elements/0"),
    ({"type": "actions", "elements": ["x"]}, "must provide an object", "/elements/0"),
    ({"type": "rich_text", "elements": ["x"]}, "must provide an object", "/elements/0"),
    (
        mention(type="broadcast", range="S0SETTLE01"),
        "must be one of: here, channel, everyone",
        "/elements/0/elements/0/range",
    ),
    (
        mention(type="usergroup", usergroup_id=""),
        "must be more than 0 characters",
        "/elements/0/elements/0/usergroup_id",
    ),
    (mention(type="user"), "missing required field: user_id", "/elements/0/elements/0"),
    (
        mention(type="user", user_id="U1", style={"code": True}),
        "invalid additional property: code",
        "/elements/0/elements/0/style",
    ),
    ({"type": "context", "elements": []}, "no fewer than 1 items allowed", "/elements"),
    ({"type": "divider", "block_id": "x" * 256}, "must be less than 256 characters", "/block_id"),
    ({"type": "actions", "elements": [BUTTON] * 26}, "no more than 25 items allowed", "/elements"),
    (button(text={"type": "plain_text", "text": "x" * 76}), "must be less than 76 characters", "/elements/0/text/text"),
    (button(url="x" * 3_001), "must be less than 3001 characters", "/elements/0/url"),
    (button(value="x" * 2_001), "must be less than 2001 characters", "/elements/0/value"),
    (image(alt_text="x" * 2_001), "must be less than 2001 characters", "/alt_text"),
    ({"type": "image", "alt_text": "A"}, "missing required field: image_url", ""),
    ({"type": "rich_text", "elements": [TEXT]}, "unsupported type: mrkdwn", "/elements/0/type"),
    (
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}]},
        "must be more than 0 characters",
        "/elements/0/elements/0/text",
    ),
    (table(*[["S3.1"]] * 101), "no more than 100 items allowed", "/rows"),
    (table(["S3.1"] * 21), "no more than 20 items allowed", "/rows/0"),
    (table(["S3.1"]) | {"column_settings": [{}] * 21}, "no more than 20 items allowed", "/column_settings"),
    (table(["S3.1", ""]), "must be more than 0 characters", "/rows/0/1/text"),
    (table(["x" * 5_000], ["x" * 5_001]), "must be less than 10001 characters", "/rows"),
    ({"type": "markdown", "text": "x" * 12_001}, "must be less than 12001 characters", "/text"),
    (chart(1) | {"title": "x" * 51}, "must be less than 51 characters", "/title"),
    ({"type": "data_visualization", "title": "Open"}, "missing required field: chart", ""),
    (chart(1) | {"chart": {"type": "radar"}}, "unsupported type: radar", "/chart/type"),
    (chart(*range(21)), "no more than 20 items allowed", "/chart/series/0/data"),
    (chart(1, name="x" * 21), "must be less than 21 characters", "/chart/series/0/name"),
    (chart(1, x_label="x" * 51), "must be less than 51 characters", "/chart/axis_config/x_label"),
    (chart(1, categories=["11-02"]), "must have one data point for each category", "/chart/series/0/data"),
    (chart("1"), "must provide a number", "/chart/series/0/data/0/value"),
    (pie(*[1] * 7), "no more than 6 items allowed", "/chart/segments"),
    (pie(1, 0), "must be greater than 0", "/chart/segments/1/value"),
    ({"type": "alert", "text": TEXT}, "unsupported type: alert", "/type"),
    ({"type": "novelty"}, "unsupported type: novelty", "/type"),
]


@pytest.mark.parametrize("block", ACCEPTED, ids=lambda block: block["type"])
def test_a_block_at_its_limit_is_posted(slack: WebClient, block: dict[str, Any]) -> None:
    post(slack, blocks=[block])
    post(slack, attachments=[{"blocks": [block]}])


@pytest.mark.parametrize(("block", "reason", "place"), REFUSED, ids=lambda value: value if type(value) is str else "")
def test_a_block_over_its_limit_is_refused(slack: WebClient, block: dict[str, Any], reason: str, place: str) -> None:
    error, messages = reasons(slack, blocks=[section(), block])
    assert (error, messages) == ("invalid_blocks", [f"[ERROR] {reason} [json-pointer:/blocks/1{place}]"])
    error, messages = reasons(slack, attachments=[{"blocks": [block]}])
    pointer = f"/attachments/0/blocks/0{place}"
    assert (error, messages) == ("invalid_attachments", [f"[ERROR] {reason} [json-pointer:{pointer}]"])


def test_one_message_holds_one_table(slack: WebClient) -> None:
    error, messages = reasons(slack, blocks=[table(["a"])], attachments=[{"blocks": [table(["b"])]}])
    assert error == "invalid_attachments"
    assert messages == ["[ERROR] only_one_table_allowed [json-pointer:/attachments/0/blocks/0]"]


def test_one_message_holds_two_charts(slack: WebClient) -> None:
    error, messages = reasons(slack, blocks=[chart(1), pie(1), chart(2)])
    assert error == "invalid_blocks"
    assert messages == ["[ERROR] no more than 2 data_visualization blocks allowed [json-pointer:/blocks/2]"]


def test_a_series_needs_a_name_of_its_own(slack: WebClient) -> None:
    twice = chart(1)
    twice["chart"]["series"] *= 2
    _, messages = reasons(slack, blocks=[twice])
    assert messages == ["[ERROR] must be unique [json-pointer:/blocks/0/chart/series/1/name]"]


def test_a_workspace_may_not_have_a_new_block_yet(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.unknown_blocks = frozenset({"data_visualization"})
    error, messages = reasons(slack, blocks=[section(), chart(1)])
    assert error == "invalid_blocks"
    assert messages == ["[ERROR] unsupported type: data_visualization [json-pointer:/blocks/1/type]"]
    post(slack, blocks=[section()])


def test_markdown_is_counted_over_the_whole_message(slack: WebClient) -> None:
    half = {"type": "markdown", "text": "x" * 6_001}
    error, messages = reasons(slack, blocks=[half, half])
    assert error == "invalid_blocks"
    assert messages == ["[ERROR] must be less than 12001 characters [json-pointer:/blocks/1/text]"]


def test_more_than_100_attachments_are_refused(slack: WebClient) -> None:
    error, messages = reasons(slack, attachments=[{"text": "x", "fallback": "x"}] * 101)
    assert error == "too_many_attachments"
    assert messages == ["[ERROR] no more than 100 items allowed [json-pointer:/attachments]"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"event_type": "violation"},
        {"event_payload": {"id": "1"}},
        {"event_type": "", "event_payload": {}},
        {"event_type": "violation", "event_payload": {"place": {"region": {"name": "us-east-1"}}}},
    ],
)
def test_metadata_needs_a_type_and_a_flat_payload(slack: WebClient, metadata: dict[str, Any]) -> None:
    assert reasons(slack, metadata=metadata)[0] == "invalid_metadata_format"


# Files


def test_an_uploaded_file_arrives_byte_for_byte(slack: WebClient, workspace: SlackWorkspace, url: str) -> None:
    content = "\ufeffid,title\r\n1,公開\r\n".encode() + bytes(range(256))
    ts = post(slack)
    answer = slack.files_upload_v2(
        channel=CHANNEL, thread_ts=ts, content=content, filename="a.csv", title="Open", initial_comment="The list"
    )
    [file] = workspace.files
    assert (file.id, file.name, file.title, file.content) == (answer["file"]["id"], "a.csv", "Open", content)
    [reply] = workspace.replies(ts)
    assert (reply.text, reply.files) == ("The list", (file,))
    assert read(f"{url}/files/{file.id}") == content


def test_an_empty_file_cannot_be_uploaded(slack: WebClient) -> None:
    assert refusal(slack.files_getUploadURLExternal, filename="a.csv", length=0)["error"] == "missing_argument"


def test_an_upload_is_completed_once_and_only_with_its_bytes(slack: WebClient, workspace: SlackWorkspace) -> None:
    target = slack.files_getUploadURLExternal(filename="a.csv", length=2)
    files = [{"id": target["file_id"], "title": "a"}]
    complete = slack.files_completeUploadExternal
    assert refusal(complete, files=files, channel_id=CHANNEL)["error"] == "file_not_found"
    read(target["upload_url"], "POST", b"ab")
    complete(files=files, channel_id=CHANNEL)
    assert refusal(complete, files=files, channel_id=CHANNEL)["error"] == "file_not_found"
    assert [message.files[0].content for message in workspace.messages] == [b"ab"]


def test_a_file_needs_membership_of_its_channel(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.leave(CHANNEL)
    share = slack.files_upload_v2
    assert refusal(share, channel=CHANNEL, content=b"ab", filename="a.csv")["error"] == "not_in_channel"
    assert refusal(share, channel="C404", content=b"ab", filename="a.csv")["error"] == "channel_not_found"
    assert workspace.messages == []


# Several channels


def test_what_is_not_the_bots_to_read_is_refused(slack: WebClient, workspace: SlackWorkspace) -> None:
    ts = post(slack, channel=OTHER)
    workspace.leave(OTHER)
    calls: list[tuple[Any, dict[str, Any]]] = [
        (slack.conversations_history, {}),
        (slack.conversations_replies, {"ts": ts}),
        (slack.chat_getPermalink, {"message_ts": ts}),
        (slack.chat_update, {"ts": ts, "text": "No"}),
    ]
    for call, named in calls:
        assert refusal(call, channel=OTHER, **named)["error"] == "not_in_channel"


def test_a_private_channel_without_the_bot_is_none(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.add_channel("G0000000001", "secret", is_private=True)
    post(slack, channel="G0000000001")
    workspace.leave("G0000000001")
    assert refusal(slack.chat_postMessage, channel="G0000000001", text="Hello")["error"] == "channel_not_found"
    assert refusal(slack.conversations_history, channel="G0000000001")["error"] == "channel_not_found"
    workspace.join("G0000000001")
    post(slack, channel="G0000000001")


def test_a_message_is_found_in_its_own_channel_alone(slack: WebClient, workspace: SlackWorkspace) -> None:
    ts = post(slack)
    assert refusal(slack.chat_update, channel=OTHER, ts=ts, text="No")["error"] == "message_not_found"
    assert refusal(slack.chat_getPermalink, channel=OTHER, message_ts=ts)["error"] == "message_not_found"
    assert refusal(slack.chat_postMessage, channel=OTHER, thread_ts=ts, text="No")["error"] == "thread_not_found"
    assert slack.conversations_history(channel=OTHER)["messages"] == []


def test_one_channel_alone_is_held_until_its_time_is_over(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.hold(CHANNEL, 60)
    CLOCK.time += 20.5
    held = refusal(slack.chat_postMessage, channel=CHANNEL, text="Too soon")
    assert (held.status_code, held.headers["Retry-After"]) == (429, "40")
    post(slack, channel=OTHER)
    CLOCK.time += 39.5
    post(slack)
    assert [message.channel for message in workspace.messages] == [OTHER, CHANNEL]


def test_one_channel_alone_refuses(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.fail_next("chat.postMessage", status=500, channel=CHANNEL)
    workspace.refuse("chat.postMessage", "restricted_action", channel=OTHER)
    assert refusal(slack.chat_postMessage, channel=OTHER, text=CHANNEL)["error"] == "restricted_action"
    assert refusal(slack.chat_postMessage, channel=CHANNEL, text="Hello").status_code == 500
    post(slack)
    assert refusal(slack.chat_postMessage, channel=OTHER, text="Hello")["error"] == "restricted_action"


# People


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_person_is_found_by_their_address(slack: WebClient, verb: str) -> None:
    answer = slack.api_call("users.lookupByEmail", http_verb=verb, params={"email": "Hana.Sato@example.com"})
    user = answer["user"]
    assert (user["id"], user["deleted"], user["is_bot"]) == ("U0HANA0001", False, False)
    assert slack.users_lookupByEmail(email="robot@example.com")["user"]["is_bot"]
    assert slack.users_lookupByEmail(email="guest@partner.example")["user"]["is_ultra_restricted"]


@pytest.mark.parametrize("email", ["nobody@example.com", "left.person@example.com", "hana.sato", "U0HANA0001"])
def test_whoever_has_left_is_as_unknown_as_who_never_came(slack: WebClient, email: str) -> None:
    assert refusal(slack.users_lookupByEmail, email=email)["error"] == "users_not_found"


def test_people_are_not_told_of_without_the_scopes(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.scopes = frozenset({"chat:write"})
    refused = refusal(slack.users_lookupByEmail, email="hana.sato@example.com")
    assert (refused["error"], refused["needed"]) == ("missing_scope", "users:read,users:read.email")


def test_people_are_looked_up_50_times_a_minute(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.rate_limited = True
    for _ in range(50):
        slack.users_lookupByEmail(email="hana.sato@example.com")
    limited = refusal(slack.users_lookupByEmail, email="hana.sato@example.com")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "60")


def test_a_mention_of_somebody_unknown_is_posted(slack: WebClient, workspace: SlackWorkspace) -> None:
    mentions = [
        {"type": "usergroup", "usergroup_id": "S0NOBODY01"},
        {"type": "user", "user_id": "U0NOBODY01", "style": {"bold": True}},
        {"type": "broadcast", "range": "here"},
    ]
    section = {"type": "rich_text_section", "elements": mentions}
    post(slack, blocks=[{"type": "rich_text", "elements": [section]}])
    assert len(workspace.messages) == 1


# Rate limits and faults


def test_a_channel_takes_one_post_a_second(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.rate_limited = True
    post(slack)
    limited = refusal(slack.chat_postMessage, channel=CHANNEL, text="Too soon")
    assert (limited.status_code, limited["error"]) == (429, "ratelimited")
    assert limited.headers["Retry-After"] == "1"
    post(slack, channel="C0000000002")
    CLOCK.time += 1
    post(slack)
    assert [message.channel for message in workspace.messages] == [CHANNEL, "C0000000002", CHANNEL]


def test_updates_are_limited_to_50_a_minute(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.rate_limited = True
    ts = post(slack)
    for _ in range(50):
        slack.chat_update(channel=CHANNEL, ts=ts, text="Hello")
    CLOCK.time += 20.5
    limited = refusal(slack.chat_update, channel=CHANNEL, ts=ts, text="Too soon")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "40")
    CLOCK.time += 39.5
    slack.chat_update(channel=CHANNEL, ts=ts, text="Hello")


def test_an_ordered_error_happens_as_often_as_ordered(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.fail_next("chat.postMessage", error="channel_not_found", times=2)
    for _ in range(2):
        assert refusal(slack.chat_postMessage, channel=CHANNEL, text="Hello")["error"] == "channel_not_found"
    post(slack)
    assert len(workspace.messages) == 1
    assert [call.method for call in workspace.calls] == ["chat.postMessage"] * 3
    assert workspace.calls[0].at == START


def test_an_ordered_status_and_an_ordered_wait(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.fail_next("chat.postMessage", status=500)
    workspace.fail_next("chat.postMessage", retry_after=3)
    assert refusal(slack.chat_postMessage, channel=CHANNEL, text="Hello").status_code == 500
    limited = refusal(slack.chat_postMessage, channel=CHANNEL, text="Hello")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "3")


def test_a_dropped_answer_leaves_the_message_behind(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.fail_next("chat.postMessage", drop=True)
    assert refusal(slack.chat_postMessage, channel=CHANNEL, text="Hello").status_code == 504
    assert [message.text for message in workspace.messages] == ["Hello"]


def test_a_delay_outlasts_an_impatient_caller(slack: WebClient, workspace: SlackWorkspace) -> None:
    slack.timeout = 0.05
    workspace.fail_next("auth.test", delay=0.2)
    with pytest.raises(TimeoutError):
        slack.auth_test()


def test_an_upload_can_fail_too(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.fail_next("upload", status=503)
    with pytest.raises(urllib.error.HTTPError, match="503"):
        slack.files_upload_v2(channel=CHANNEL, content=b"ab", filename="a.csv")
    assert workspace.messages == []


def test_faults_are_ordered_and_cleared_over_http(slack: WebClient, workspace: SlackWorkspace, url: str) -> None:
    order = json.dumps({"method": "auth.test", "error": "internal_error", "times": 2}).encode()
    read(f"{url}/control/faults", "POST", order)
    assert refusal(slack.auth_test)["error"] == "internal_error"
    read(f"{url}/control/faults", "DELETE")
    assert slack.auth_test()["ok"]


@pytest.mark.parametrize("order", [b"", b"[]", b'{"method": "x"}', b'{"method": "x", "status": 500, "error": "y"}'])
def test_a_fault_that_makes_no_sense_is_not_taken(workspace: SlackWorkspace, url: str, order: bytes) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        read(f"{url}/control/faults", "POST", order)


def test_reset_empties_the_workspace(slack: WebClient, workspace: SlackWorkspace, url: str) -> None:
    post(slack)
    workspace.fail_next("auth.test", status=500)
    workspace.archive(CHANNEL)
    read(f"{url}/control/reset", "POST")
    assert (workspace.messages, workspace.calls) == ([], [])
    assert slack.auth_test()["ok"]
    post(slack)


# Reading


def test_everything_that_arrived_can_be_read_as_json(slack: WebClient, workspace: SlackWorkspace, url: str) -> None:
    ts = post(slack)
    slack.chat_update(channel=CHANNEL, ts=ts, text="Solved")
    slack.files_upload_v2(channel=CHANNEL, thread_ts=ts, content=b"ab", filename="a.csv")
    told = json.loads(read(f"{url}/messages"))
    [message] = told["messages"]
    assert (message["text"], message["edited"], message["history"][0]["text"]) == ("Solved", True, "Hello")
    expected = [{"id": "F0000000001", "name": "a.csv", "title": "a.csv", "size": 2}]
    assert message["replies"][0]["files"] == told["files"] == expected


# ---- what a workspace refuses for good


def test_what_is_forbidden_is_refused_until_it_is_allowed_again(slack: WebClient, workspace: SlackWorkspace) -> None:
    workspace.refuse("chat.postMessage", "restricted_action_non_threadable_channel", containing="thread_ts")
    message = slack.chat_postMessage(channel=CHANNEL, text="Hello")
    for _ in range(2):
        with pytest.raises(SlackApiError, match="restricted_action_non_threadable_channel"):
            slack.chat_postMessage(channel=CHANNEL, text="Hello", thread_ts=message["ts"])
    assert workspace.faults_waiting == 0
    workspace.clear_faults()
    slack.chat_postMessage(channel=CHANNEL, text="Hello", thread_ts=message["ts"])


def test_a_workspace_may_take_no_metadata(
    slack: WebClient, workspace: SlackWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "takes_metadata", False)
    metadata = {"event_type": "seen", "event_payload": {}}
    with pytest.raises(SlackApiError, match="invalid_metadata_schema"):
        slack.chat_postMessage(channel=CHANNEL, text="Hello", metadata=metadata)
    slack.chat_postMessage(channel=CHANNEL, text="Hello")


def test_a_reply_to_a_message_that_is_gone_may_stand_in_the_channel(
    slack: WebClient, workspace: SlackWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = slack.chat_postMessage(channel=CHANNEL, text="Hello")
    slack.chat_delete(channel=CHANNEL, ts=message["ts"])
    with pytest.raises(SlackApiError, match="thread_not_found"):
        slack.chat_postMessage(channel=CHANNEL, text="Hello", thread_ts=message["ts"])
    monkeypatch.setattr(workspace, "drops_threads", True)
    slack.chat_postMessage(channel=CHANNEL, text="Hello", thread_ts=message["ts"])
    assert [one.thread_ts for one in workspace.messages] == [None]

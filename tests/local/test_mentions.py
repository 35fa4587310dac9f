"""Whom the transcript says a message mentions, and whom it rings."""

import time
from typing import Any

import pytest

from local.channel_text import channel_text
from local.slack.directory import Directory, Member
from local.slack.workspace import SlackWorkspace

CHANNEL = "C0000000001"
DIRECTORY = Directory(
    members=(Member(id="U0HANA0001", name="hana.sato", email="hana.sato@example.com"),),
    groups={"S0SETTLE01": "team-settlement"},
)
GROUP = {"type": "usergroup", "usergroup_id": "S0SETTLE01"}


@pytest.fixture
def workspace() -> SlackWorkspace:
    channels = {CHANNEL: "security", "C0000000002": "team-settlement"}
    return SlackWorkspace(token="xoxb", channels=channels, now=time.time, directory=DIRECTORY)


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def call(workspace: SlackWorkspace, method: str, **said: Any) -> str:
    answer = workspace.answer(method, "xoxb", {"channel": CHANNEL, "text": "Open"} | said, "http://slack/").body
    assert answer["ok"], answer
    return str(answer["ts"])


def shown(workspace: SlackWorkspace) -> list[str]:
    return channel_text(workspace.messages[-1], workspace).splitlines()


def test_a_mention_at_the_top_is_shown_by_name_and_rings(workspace: SlackWorkspace) -> None:
    call(workspace, "chat.postMessage", blocks=[rich(text("HIGH "), GROUP, {"type": "broadcast", "range": "here"})])
    assert shown(workspace) == ["#security", "HIGH @team-settlement@here", "🔔 rings @team-settlement, @here"]


def test_a_mention_in_text_rings_where_there_are_no_blocks(workspace: SlackWorkspace) -> None:
    call(workspace, "chat.postMessage", text="Higher: <@U0HANA0001>, <!subteam^S0SETTLE01> and <!here>")
    assert shown(workspace)[1:] == [
        "Higher: @hana.sato, @team-settlement and @here",
        "🔔 rings @hana.sato, @team-settlement, @here",
    ]


def test_a_mention_in_an_attachment_or_an_edit_rings_nobody(workspace: SlackWorkspace) -> None:
    ts = call(workspace, "chat.postMessage", blocks=[rich(text("HIGH"))], attachments=[{"blocks": [rich(GROUP)]}])
    assert shown(workspace)[1:] == ["HIGH", "▌ @team-settlement", "🔕 names @team-settlement, and rings nobody"]
    call(workspace, "chat.update", ts=ts, blocks=[rich(GROUP)], attachments=[])
    assert shown(workspace)[1:] == ["@team-settlement", "🔕 names @team-settlement, and rings nobody"]


def test_what_was_rung_stays_told_after_an_edit(workspace: SlackWorkspace) -> None:
    ts = call(workspace, "chat.postMessage", blocks=[rich(GROUP)])
    call(workspace, "chat.update", ts=ts, blocks=[rich(text("Resolved"))])
    assert shown(workspace)[1:] == ["Resolved", "🔔 rang @team-settlement when it was posted"]


@pytest.mark.parametrize(
    "blocks",
    [
        [rich({"type": "usergroup", "usergroup_id": "S0NOBODY01"})],
        [rich(text("<!channel> <@U0HANA0001>"))],
        [{"type": "section", "text": {"type": "plain_text", "text": "<!channel>"}}],
    ],
    ids=["an unknown group", "typed in rich text", "typed in plain text"],
)
def test_what_is_no_mention_rings_nobody(workspace: SlackWorkspace, blocks: list[dict[str, Any]]) -> None:
    call(workspace, "chat.postMessage", blocks=blocks, text="<!channel>")
    assert not [line for line in shown(workspace) if "ring" in line]


def test_a_mention_stands_out_in_colour(workspace: SlackWorkspace) -> None:
    call(workspace, "chat.postMessage", blocks=[rich(text("HIGH "), GROUP)])
    said = channel_text(workspace.messages[-1], workspace, colour=True)
    assert "HIGH \x1b[1;34m@team-settlement\x1b[0m" in said


def test_the_only_channel_goes_without_saying() -> None:
    workspace = SlackWorkspace(token="xoxb", channels={CHANNEL: "security"}, now=time.time)
    workspace.say(CHANNEL, "Hello")
    assert shown(workspace) == ["Hello"]

"""What the stand-in's page reads: the channel as a stream of server-sent events, and what keeps other pages away."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.slack import live
from local.slack.directory import Directory
from local.slack.http import slack_app
from local.slack.workspace import SlackWorkspace
from local.stack.serving import serve

CHANNEL = "C0000000001"


@pytest.fixture
def workspace() -> SlackWorkspace:
    return SlackWorkspace(token="xoxb-local", channels={CHANNEL: "security"}, now=time.time)


@pytest.fixture
def url(workspace: SlackWorkspace) -> Iterator[str]:
    with serve(slack_app(workspace)) as base:
        yield base
        workspace.hang_up()


class Stream:
    """The events of one connection."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self._answer = answer

    def next(self) -> tuple[str, dict[str, Any]]:
        """The id and the data of the next event; blocks until there is one."""
        fields: dict[str, str] = {}
        while "data" not in fields or fields.get("event") != "channel":
            name, _, value = self._answer.readline().decode().rstrip("\n").partition(": ")
            fields[name] = value
        return fields["id"], json.loads(fields["data"])


@contextmanager
def listening(url: str, seen: str = "") -> Iterator[Stream]:
    request = urllib.request.Request(f"{url}/live", headers={"Last-Event-ID": seen} if seen else {})
    with urllib.request.urlopen(request, timeout=5) as answer:
        yield Stream(answer)


def texts(data: dict[str, Any]) -> list[str]:
    return [message["text"] for message in data["messages"]]


def test_who_comes_gets_all_there_is_and_then_each_change(workspace: SlackWorkspace, url: str) -> None:
    workspace.say(CHANNEL, "one")
    with listening(url) as stream:
        _, first = stream.next()
        assert first["reset"]
        assert [channel["name"] for channel in first["channels"]] == ["security"]
        assert texts(first) == ["one"]
        workspace.say(CHANNEL, "two")
        _, second = stream.next()
    assert not second["reset"]
    assert texts(second) == ["two"]


def test_an_edit_a_reply_a_reaction_a_file_and_a_deletion_are_told(workspace: SlackWorkspace, url: str) -> None:
    def call(method: str, **arguments: Any) -> Any:
        return workspace.answer(method, "xoxb-local", {"channel": CHANNEL} | arguments, f"{url}/").body

    ts = call("chat.postMessage", text="Open")["ts"]
    with listening(url) as stream:
        stream.next()
        call("chat.update", ts=ts, text="Closed")
        (edited,) = stream.next()[1]["messages"]
        assert (edited["text"], edited["edited"], "history" in edited) == ("Closed", True, False)
        call("chat.postMessage", text="Because", thread_ts=ts)
        assert stream.next()[1]["messages"][0]["thread_ts"] == ts
        call("reactions.add", timestamp=ts, name="eyes")
        assert stream.next()[1]["messages"][0]["reactions"] == ["eyes"]
        file_id = call("files.getUploadURLExternal", filename="a.csv", length=2)["file_id"]
        workspace.receive(file_id, b"ab")
        call("files.completeUploadExternal", files=[{"id": file_id}], channel_id=CHANNEL)
        assert stream.next()[1]["messages"][0]["files"] == [
            {"id": file_id, "name": "a.csv", "title": "a.csv", "size": 2}
        ]
        call("chat.delete", ts=ts)
        assert stream.next()[1]["gone"] == [ts]


def test_who_comes_back_gets_what_was_missed(workspace: SlackWorkspace, url: str) -> None:
    workspace.say(CHANNEL, "one")
    with listening(url) as stream:
        seen, _ = stream.next()
    workspace.say(CHANNEL, "two")
    with listening(url, seen) as stream:
        _, missed = stream.next()
    assert (missed["reset"], texts(missed)) == (False, ["two"])


@pytest.mark.parametrize("seen", ["of-another-run", "nonsense", "0-999999999999"])
def test_who_comes_back_from_elsewhere_begins_anew(workspace: SlackWorkspace, url: str, seen: str) -> None:
    workspace.say(CHANNEL, "one")
    with listening(url, seen) as stream:
        _, told = stream.next()
    assert (told["reset"], texts(told)) == (True, ["one"])


def test_an_emptied_workspace_is_told_as_such(workspace: SlackWorkspace, url: str) -> None:
    workspace.say(CHANNEL, "one")
    with listening(url) as stream:
        stream.next()
        workspace.reset()
        _, told = stream.next()
    assert (told["reset"], texts(told)) == (True, [])


def test_many_changes_at_once_are_told_without_loss_however_slow_the_reader(
    workspace: SlackWorkspace, url: str
) -> None:
    with listening(url) as stream:
        stream.next()
        writers = [
            threading.Thread(target=lambda: [workspace.say(CHANNEL, "x") for _ in range(50)], daemon=True)
            for _ in range(4)
        ]
        for writer in writers:
            writer.start()
        heard: set[str] = set()
        while len(heard) < 200:
            heard |= {message["ts"] for message in stream.next()[1]["messages"]}
    assert len(heard) == 200


def test_a_silent_connection_shows_signs_of_life(
    workspace: SlackWorkspace, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SECONDS_BETWEEN_SIGNS_OF_LIFE", 0.05)
    with urllib.request.urlopen(f"{url}/live", timeout=5) as answer:
        lines = [answer.readline() for _ in range(8)]
    assert any(line.startswith(b":") for line in lines)


def test_so_many_pages_at_once_and_no_more(
    workspace: SlackWorkspace, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MAX_STREAMS", 1)
    with listening(url) as stream:
        stream.next()
        with pytest.raises(urllib.error.HTTPError, match="503"), listening(url):
            pass


def test_a_server_with_an_open_page_stops_at_once(workspace: SlackWorkspace) -> None:
    with serve(slack_app(workspace)) as base:
        answer = urllib.request.urlopen(f"{base}/live", timeout=5)
        answer.readline()
        workspace.hang_up()
        asked_at = time.monotonic()
    assert time.monotonic() - asked_at < 0.9, "it waited for the page"
    answer.close()


def ask(url: str, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    """The answer to a call of the page's."""
    server = urlsplit(url)
    headers = {"Content-Type": "application/json"} | headers
    connection = http.client.HTTPConnection(server.netloc, timeout=5)
    connection.request(
        method, server.path + path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_the_page_may_load_nothing_from_elsewhere(url: str) -> None:
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in str(ask(url, "GET", "/").getheader("content-security-policy")).split(";")
    )
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}


def test_the_page_itself_may_change_things(workspace: SlackWorkspace, url: str) -> None:
    workspace.say(CHANNEL, "one")
    assert ask(url, "POST", "/control/reset", Origin=url.rpartition("/")[0], Sec_Fetch_Site="same-origin").status == 204
    assert workspace.messages == []


def test_who_is_connected_hears_of_a_new_channel_and_of_everybodys_name(workspace: SlackWorkspace, url: str) -> None:
    workspace.directory = Directory(groups={"S0SETTLE01": "team-settlement"})
    with listening(url) as stream:
        _, first = stream.next()
        assert first["groups"] == {"S0SETTLE01": "team-settlement"}
        workspace.add_channel("C0SETTLEMENT", "team-settlement")
        _, second = stream.next()
    assert [channel["name"] for channel in second["channels"]] == ["security", "team-settlement"]

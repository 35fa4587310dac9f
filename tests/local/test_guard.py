"""The servers on this machine, asked by other users' processes and other sites' pages, and what can't be read."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from local.panel.app import Panel
from local.security_hub.hub import SecurityHub
from local.slack.http import slack_app
from local.slack.workspace import SlackWorkspace
from local.stack.guard import LARGEST_BODY, PREFIX
from local.stack.secret import RUN_SECRET
from local.stack.serving import serve
from tests.findings import finding

CHANNEL, TOKEN = "C0000000001", "xoxb-of-this-test"
PANEL = ("inspect", "send", "advance", "digest", "faults", "storm")
HUB = (("POST", "/findings"), ("POST", "/findings/import"), ("PATCH", "/findings/batchupdate"))
WRITING = (
    *(("POST", f"/panel/{action}") for action in PANEL),
    *(("POST", "/control/reset"), ("POST", "/control/faults"), ("DELETE", "/control/faults")),
    ("POST", "/api/chat.delete"),
    *HUB,
)
READING = tuple(("GET", path) for path in ("/", "/messages", "/live", "/files/F0000000001", "/panel/state"))
WORKSPACE = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
HUB_STAND_IN = SecurityHub(requests_per_second=None)


@pytest.fixture(scope="module")
def slack() -> Iterator[str]:
    with serve(slack_app(WORKSPACE, Panel().mount())) as url:
        yield url
        WORKSPACE.hang_up()


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    with serve(HUB_STAND_IN.asgi()) as url:
        yield url


@pytest.fixture(autouse=True)
def something_to_lose() -> Iterator[None]:
    """A message in the channel and a finding in the hub, which every attack must leave as they are."""
    WORKSPACE.reset()
    HUB_STAND_IN.reset()
    message = WORKSPACE.say(CHANNEL, "still here")
    stored = HUB_STAND_IN.import_finding(finding())
    yield
    assert message in WORKSPACE.messages
    assert HUB_STAND_IN.get_findings({})["Findings"] == [stored]


def ask(url: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    """Status and body of an answer. The url's own path is left out unless `path` begins with it."""
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    status, text = answer.status, b"" if answer.getheader("content-type") == "text/event-stream" else answer.read()
    connection.close()
    return status, text.decode()


def sentence(text: str) -> str:
    problem: str = json.loads(text)["problem"]
    assert " " in problem
    return problem


@pytest.fixture
def server(request: pytest.FixtureRequest, path: str) -> str:
    url: str = request.getfixturevalue("hub" if path.startswith("/findings") else "slack")
    return url


Answers = dict[tuple[str, str], tuple[int, str]]


@pytest.fixture
def ask_all(slack: str, hub: str) -> Callable[..., Answers]:
    """Asks for all that is read and written below a prefix; status and sentence by method and path."""

    def ask_all(prefix: str, **headers: str) -> Answers:
        answers = {}
        for method, path in [*READING, *WRITING]:
            server = hub if path.startswith("/findings") else slack
            answers[method, path] = ask(server, method, f"{prefix}{path}", b"{}", **headers)
        return answers

    return ask_all


def unlike(answers: Answers, status: int, part: str) -> Answers:
    """The answers with another status, or whose sentence lacks a part."""
    return {asked: one for asked, one in answers.items() if one[0] != status or part not in sentence(one[1])}


@pytest.mark.parametrize(
    "guess",
    ["", "/" + "0" * len(RUN_SECRET), f"{PREFIX[:-1]}x", f"/{RUN_SECRET.upper()}x"],
    ids=["none", "zeros", "almost", "longer"],
)
def test_a_process_of_another_user_gets_nothing_without_the_secret(ask_all: Callable[..., Answers], guess: str) -> None:
    answers = ask_all(guess)
    assert unlike(answers, 403, "lacks the secret") == {}
    assert [asked for asked, (_, text) in answers.items() if RUN_SECRET in text] == []


@pytest.mark.parametrize(
    "agent",
    ["", "app/", f"app/{RUN_SECRET[:-1]}", f"app/{RUN_SECRET}x", RUN_SECRET],
    ids=["none", "empty", "almost", "longer", "bare"],
)
def test_another_application_id_opens_nothing(hub: str, agent: str) -> None:
    assert ask(hub, "POST", "/findings", b"{}", User_Agent=agent)[0] == 403


def test_an_sdk_that_names_the_secret_as_its_application_id_is_let_in(hub: str) -> None:
    status, text = ask(hub, "POST", "/findings", b"{}", User_Agent=f"Boto3/1 md/Botocore app/{RUN_SECRET} Powertools")
    assert (status, len(json.loads(text)["Findings"])) == (200, 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_page_of_another_site_does_nothing_even_if_it_knew_the_secret(
    ask_all: Callable[..., Answers], headers: dict[str, str]
) -> None:
    assert unlike(ask_all(PREFIX, **headers), 403, "another origin") == {}


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "evil.example:80", "[", "127.0.0.1:x", ""],
)
def test_a_name_that_somebody_else_points_at_this_machine_is_refused(
    ask_all: Callable[..., Answers], host: str
) -> None:
    assert unlike(ask_all(PREFIX, Host=host), 400, "127.0.0.1 and localhost only") == {}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path in WRITING if method != "DELETE" and "/api/" not in path]
)
def test_what_a_form_can_send_is_refused(server: str, method: str, path: str, kind: str) -> None:
    status, text = ask(server, method, f"{PREFIX}{path}", b'{"count": 1}', Content_Type=kind)
    assert (status, "application/json" in sentence(text)) == (415, True)


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/messages", "/findings"])
def test_other_methods_are_refused_and_no_page_gets_leave_to_use_them(server: str, method: str, path: str) -> None:
    status, text = ask(server, method, f"{PREFIX}{path}", Origin="https://evil.example")
    assert (status, method in sentence(text)) == (405, True)


@pytest.mark.parametrize("call", ["chat.postMessage", "chat.update", "chat.delete", "reactions.add", "none.such"])
def test_nothing_is_written_to_slack_by_get_as_an_image_on_a_page_would(slack: str, call: str) -> None:
    ts = WORKSPACE.messages[0].ts
    status, text = ask(slack, "GET", f"{PREFIX}/api/{call}?token={TOKEN}&channel={CHANNEL}&ts={ts}&text=gone")
    assert (status, "POST" in text) == (405, True)
    assert len(WORKSPACE.messages) == 1


def test_slack_calls_need_the_token_of_the_run_as_well(slack: str) -> None:
    body = json.dumps({"channel": CHANNEL, "text": "gone"}).encode()
    for token, error in (("", "not_authed"), ("Bearer xoxb-local", "invalid_auth")):
        _, text = ask(slack, "POST", f"{PREFIX}/api/chat.postMessage", body, Authorization=token)
        assert json.loads(text) == {"ok": False, "error": error}
    assert len(WORKSPACE.messages) == 1


DEEP = b"[" * 100_000
TOO_LARGE = b'{"text": "%s"}' % (b"x" * (LARGEST_BODY - 12))


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (TOO_LARGE, 413, "1 MiB or more"),
        (b"x" * (8 * LARGEST_BODY), 413, "1 MiB or more"),
        (b'{"text": "\\ud800"}', 400, "half of a character"),
        (b'{"\\udfff": 1}', 400, "half of a character"),
        (b'{"text": "a\\u0000b"}', 400, "NUL"),
        (b'{"events": [{"a": ["\\u0000"]}]}', 400, "NUL"),
        (b"\x00\xff\xfe garbage", 400, "no JSON"),
        (b'{"text": "\xff"}', 400, "no JSON"),
        (b"{", 400, "no JSON"),
        (b'{"count": NaN}', 400, "NaN is no number"),
        (b'{"count": 1e400, "n": -Infinity}', 400, "no number"),
        (b'{"count": ' + b"9" * 5000 + b"}", 400, "no JSON"),
        (DEEP, 400, "nested too deeply"),
    ],
    ids=lambda value: repr(value)[:20],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/panel/inspect"), ("POST", "/control/faults"), ("POST", "/findings/import"), HUB[2]]
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    server: str, method: str, path: str, body: bytes, status: int, problem: str
) -> None:
    answered, text = ask(server, method, f"{PREFIX}{path}", body)
    assert (answered, problem in sentence(text)) == (status, True), text


def test_a_text_that_only_speaks_of_nul_is_read(hub: str) -> None:
    assert ask(hub, "POST", f"{PREFIX}/findings", b'{"Comment": "\\\\u0000"}')[0] == 200


STRANGE = (None, True, 7, -1e308, "", "x", [], [[]], [None], [7], {}, {"a": None}, [{"Id": 7}], [{"": []}])


@pytest.mark.parametrize(
    ("path", "method", "fields"),
    [
        ("/findings", "POST", ("Filters", "SortCriteria", "NextToken", "MaxResults")),
        ("/findings/import", "POST", ("Findings",)),
        ("/findings/batchupdate", "PATCH", ("FindingIdentifiers", "Workflow", "Note", "Severity")),
    ],
)
def test_no_shape_of_a_request_brings_the_security_hub_stand_in_down(
    hub: str, path: str, method: str, fields: tuple[str, ...]
) -> None:
    identifiers = [{"Id": "none", "ProductArn": "none"}]
    for field in fields:
        for value in STRANGE:
            body = json.dumps({"FindingIdentifiers": identifiers, field: value}).encode()
            status, text = ask(hub, method, f"{PREFIX}{path}", body)
            assert status in {200, 400}, (field, value, text)
            assert status == 200 or " " in json.loads(text)["Message"], text
    for body in (b"7", b"[]", b'"x"', b"null"):
        assert ask(hub, method, f"{PREFIX}{path}", body)[0] == 400
    nearly = finding()
    for field in nearly:
        for value in STRANGE:
            ask_with = json.dumps({"Findings": [nearly | {"Id": "another", field: value}]}).encode()
            if path == "/findings/import" and field != "Id":
                status, text = ask(hub, method, f"{PREFIX}{path}", ask_with)
                assert status in {200, 400}, (field, value, text)
    _forget("another")


def _forget(*ids: str) -> None:
    """Take out what such an import was good for."""
    for id_ in ids:
        HUB_STAND_IN._findings.pop(id_, None)


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("chat.postMessage", ("channel", "text", "thread_ts", "blocks", "attachments", "metadata")),
        ("chat.update", ("channel", "ts", "text", "blocks", "attachments", "metadata")),
        ("chat.delete", ("channel", "ts")),
        ("chat.getPermalink", ("channel", "message_ts")),
        ("conversations.history", ("channel", "limit", "cursor", "oldest", "latest", "inclusive")),
        ("conversations.replies", ("channel", "ts", "limit")),
        ("reactions.add", ("channel", "timestamp", "name")),
        ("files.getUploadURLExternal", ("filename", "length")),
        ("files.completeUploadExternal", ("files", "channel_id", "channels", "thread_ts", "initial_comment", "blocks")),
    ],
)
def test_no_shape_of_a_call_brings_the_slack_stand_in_down(slack: str, call: str, fields: tuple[str, ...]) -> None:
    usual = {"channel": CHANNEL, "text": "x", "ts": "1.0"}
    texts = [*STRANGE, "\ud800", "\0", [{"type": "section", "text": {"type": "mrkdwn", "text": "\ud800"}}]]
    for field in fields:
        for value in texts:
            body = json.dumps(usual | {field: value}).encode()
            status, text = ask(slack, "POST", f"{PREFIX}/api/{call}", body, Authorization=f"Bearer {TOKEN}")
            assert (status, "ok" in json.loads(text)) == (200, True), (field, value, text)
            assert ask(slack, "GET", f"{PREFIX}/messages")[0] == 200
    for body in (b"7", b"[]", b"{", DEEP, b"\xff"):
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
            sent = {"Content_Type": kind, "Authorization": f"Bearer {TOKEN}"}
            status, text = ask(slack, "POST", f"{PREFIX}/api/{call}", body, **sent)
            assert (status, "ok" in json.loads(text)) == (200, True), text
    status, text = ask(slack, "POST", f"{PREFIX}/api/{call}", TOO_LARGE, Authorization=f"Bearer {TOKEN}")
    assert (status, "1 MiB or more" in sentence(text)) == (413, True)


def test_a_file_with_half_a_character_in_its_name_can_be_fetched(slack: str) -> None:
    asked = {"filename": "\ud800.csv", "length": 1}
    file = json.loads(
        ask(
            slack,
            "POST",
            f"{PREFIX}/api/files.getUploadURLExternal",
            json.dumps(asked).encode(),
            Authorization=f"Bearer {TOKEN}",
        )[1]
    )["file_id"]
    assert ask(slack, "POST", f"{PREFIX}/upload/v1/{file}", b"x", Content_Type="application/octet-stream")[0] == 200
    assert ask(slack, "GET", f"{PREFIX}/files/{file}") == (200, "x")


def test_the_address_without_its_last_slash_leads_to_the_page(slack: str) -> None:
    assert ask(slack, "GET", PREFIX)[0] == 307
    assert ask(slack, "GET", f"{PREFIX}/")[0] in {200, 503}  # 503 where the page isn't built

"""The panel's addresses, asked by those who shouldn't, or in ways they shouldn't."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from local.demo import Demo
from local.panel.app import Panel
from local.slack.http import slack_app
from local.slack.workspace import SlackWorkspace
from local.stack.serving import serve


def tell(url: str, body: object, **headers: str) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, raw, sent), timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("inspect", b"{", "the body is no JSON"),
        ("inspect", b"[]", "the body must be an object"),
        ("inspect", {"text": 7}, "text must be text"),
        ("inspect", {"text": "{}", "settings": {"A": 1}, "language": 3}, "language must be text"),
        ("send", {}, "events must be a list"),
        ("send", {"events": []}, "events must hold 1 to 100 objects"),
        ("send", {"events": [1]}, "events must hold 1 to 100 objects"),
        ("send", {"events": [{}] * 101}, "events must hold 1 to 100 objects"),
        ("hear", {}, "event must be an object"),
        ("renew", {}, "event must be an object"),
        ("advance", {"event": {}, "step": "resolve"}, "event must carry one finding"),
        ("advance", {"event": {"detail": {"findings": [{}]}}, "step": "resolve"}, "the finding has no Id"),
        ("advance", {"event": {"detail": {"findings": [{"Id": "a"}]}}, "step": "resolve"}, "The finding lacks"),
        ("advance", {"event": {"detail": {"findings": [{"Id": "a"}]}}, "step": "fly"}, "step must be one of"),
        ("storm", {"count": 0}, "count must be a whole number from 1 to 500"),
        ("storm", {"count": True}, "count must be a whole number"),
        ("storm", {"count": 501}, "count must be a whole number"),
        ("faults", {"kind": "404", "times": 1}, "kind must be one of"),
        ("faults", {"kind": "500", "times": 99}, "times must be a whole number from 1 to 20"),
    ],
)
def test_what_the_page_would_never_send_is_refused_with_a_reason(
    demo: Demo, path: str, body: object, problem: str
) -> None:
    status, answer = tell(f"{demo.slack_url}/panel/{path}", body)
    assert status == 400
    assert problem in answer


@pytest.mark.parametrize("text", ['{"detail-type": 7}', '{"detail-type": {"a": []}, "detail": "\\ud800"}', "[[[]]]"])
def test_strange_events_are_judged_without_a_crash(demo: Demo, text: str) -> None:
    status, answer = tell(f"{demo.slack_url}/panel/inspect", {"text": text, "settings": {}, "language": "ja"})
    assert status == 200
    assert answer.get("problem") or "detail-type" in answer["events"][0]["steps"][0]["why"]


def test_before_there_is_a_stack_the_panel_says_so() -> None:
    workspace = SlackWorkspace(token="xoxb", channels={"C01": "security"}, now=lambda: 0.0)
    with serve(slack_app(workspace, Panel().mount())) as url:
        status, answer = tell(f"{url}/panel/inspect", {"text": "{}"})
    assert (status, "still being deployed" in answer) == (503, True)

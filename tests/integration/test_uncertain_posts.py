"""A message of which nobody knows whether Slack took it: never lost, and not repeated where the token may look."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from shared.aws.ledger import Claim
from tests.findings import opened, passed
from tests.integration.surroundings import Surroundings

LOST_ANSWERS = {"dropped": {"drop": True}, "timed out at a gateway": {"status": 504}}
lost_answers = pytest.mark.parametrize("lost", LOST_ANSWERS.values(), ids=LOST_ANSWERS)


@pytest.fixture
def arrives_but_fails(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets the next attempt end in a crash after its message has arrived."""

    def crash(*_: object) -> None:
        raise OSError("the machine is gone")

    def arrange() -> None:
        with monkeypatch.context() as crashing:
            crashing.setattr(Claim, "record", crash)
            assert around.deliver(opened()) == [0]
        assert len(around.posted) == 1

    return arrange


def history_calls(around: Surroundings) -> int:
    return sum(call.method.startswith("conversations.") for call in around.slack.calls)


def test_a_message_that_had_arrived_is_not_posted_again(
    around: Surroundings, arrives_but_fails: Callable[[], None]
) -> None:
    arrives_but_fails()
    assert around.deliver(opened()) == []
    assert around.deliver(passed()) == []
    [message] = around.posted
    assert message.text.startswith("Resolved")  # the ledger knows where it stands


@pytest.mark.parametrize("refusal", ["missing_scope", "not_allowed_token_type", "unknown_method"])
def test_without_the_right_to_read_it_is_repeated_rather_than_lost(
    around: Surroundings, arrives_but_fails: Callable[[], None], refusal: str
) -> None:
    arrives_but_fails()
    around.slack.fail_next("conversations.history", error=refusal)
    assert around.deliver(opened()) == []
    assert around.deliver(opened()) == []
    assert len(around.posted) == 2
    assert "SlackTokenRefused" not in around.metrics


def test_where_slack_cannot_say_just_now_the_event_waits(
    around: Surroundings, arrives_but_fails: Callable[[], None]
) -> None:
    arrives_but_fails()
    around.slack.fail_next("conversations.history", retry_after=30)
    assert around.deliver(opened()) == [0]
    around.start_anew()
    assert around.deliver(opened()) == []
    assert len(around.posted) == 1


@lost_answers
def test_a_post_that_never_arrived_is_posted(around: Surroundings, lost: dict[str, object]) -> None:
    around.slack.fail_next("chat.postMessage", **lost)
    assert around.deliver(opened()) == [0]
    assert around.deliver(opened()) == []
    assert around.deliver(opened()) == []
    texts = [message.text for message in around.posted]
    assert len(texts) == len(set(texts)) == 1


def test_a_message_whose_answer_was_cut_off_is_looked_for_before_it_is_posted_again(around: Surroundings) -> None:
    address = os.environ["SLACK_API_URL"]
    with answers_cut_off(urlsplit(address).port or 80) as port:
        around.set(SLACK_API_URL=f"http://127.0.0.1:{port}{urlsplit(address).path}")
        assert around.deliver(opened()) == [0]
    assert len(around.posted) == 1
    around.set(SLACK_API_URL=address)
    assert around.deliver(opened()) == []
    assert len(around.posted) == 1


@contextmanager
def answers_cut_off(server: int) -> Iterator[int]:
    """A port that passes requests on to a server of this machine, and hangs up before the caller has the answer."""

    def relay(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                with caller, socket.create_connection(("127.0.0.1", server)) as callee:
                    caller.settimeout(0.2)  # by then the caller has said all
                    with suppress(TimeoutError):
                        while said := caller.recv(1 << 16):
                            callee.sendall(said)
                    callee.recv(1 << 16)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=relay, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def test_an_attempt_that_slack_surely_refused_costs_no_look(around: Surroundings) -> None:
    around.slack.fail_next("chat.postMessage", retry_after=30)
    assert around.deliver(opened()) == [0]
    around.start_anew()
    assert around.deliver(opened()) == []
    assert history_calls(around) == 0


def test_a_refusal_does_not_make_an_earlier_attempt_certain(
    around: Surroundings, arrives_but_fails: Callable[[], None]
) -> None:
    arrives_but_fails()
    around.slack.fail_next("conversations.history", error="missing_scope")
    around.slack.fail_next("chat.postMessage", retry_after=30)
    assert around.deliver(opened()) == [0]
    around.start_anew()
    assert around.deliver(opened()) == []
    assert len(around.posted) == 1


def test_the_messages_of_others_are_not_taken_for_ours(
    around: Surroundings, arrives_but_fails: Callable[[], None]
) -> None:
    arrives_but_fails()
    assert around.deliver(opened(2)) == []
    assert around.deliver(opened(), opened(2)) == []
    assert len(around.posted) == 2


def test_a_reply_that_had_arrived_is_not_posted_again(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise OSError("the machine is gone")

    assert around.deliver(opened()) == []
    with monkeypatch.context() as crashing:
        crashing.setattr(Claim, "record", crash)
        assert around.deliver(passed()) == [0]
    assert around.deliver(passed()) == []
    [message] = around.posted
    assert len(around.slack.replies(message.ts)) == 1


def test_a_violation_that_comes_back_is_announced_although_its_first_message_stands_there(
    around: Surroundings, arrives_but_fails: Callable[[], None]
) -> None:
    arrives_but_fails()
    back = {"FirstObservedAt": "2026-11-23T00:00:00.000Z", "UpdatedAt": "2026-11-23T00:00:01.000Z"}
    assert around.deliver(opened(), passed()) == []
    around.slack.fail_next("chat.postMessage", status=503)
    assert around.deliver(opened(**back)) == [0]
    assert around.deliver(opened(**back)) == []
    assert len(around.posted) == 2

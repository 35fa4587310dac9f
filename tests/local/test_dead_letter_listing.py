"""The page that shows dead letters."""

import shlex
from datetime import UTC, datetime, timedelta

import pytest

from local.redrive.dead_letter import DeadLetter, distinctive_text, grouped
from local.redrive.dead_letter_listing import ADVICE, listing
from shared import errors
from tests.book import LANGUAGES, ROOT, code_blocks, is_shown_in, page

START = datetime(2026, 11, 20, 2, 14, tzinfo=UTC)
ID = "1f6c2a90-7d3e-4b58-9c11-0a5e8d2b7f43"
KEPT = timedelta(days=14)


def letter(error: str = "GivenUpError", reason: str = "tried", *, hours: int = 0, body: str = "x") -> DeadLetter:
    sent_at = START + timedelta(hours=hours)
    return DeadLetter(id=ID, receipt_handle="handle", body=body, sent_at=sent_at, error=error, reason=reason)


def shown(*letters: DeadLetter) -> str:
    return listing(grouped(letters), "shirase", KEPT)


def test_a_page_begins_with_the_number_of_letters_and_ends_with_the_way_back() -> None:
    page = shown(letter(hours=5), letter(), letter("Crash", "crashed", hours=1)).split("\n")
    assert page[0] == "3 dead letters of the alert queue of shirase"
    assert page[2] == "2 × GivenUpError"
    assert page[4] == "  Since      2026-11-20 02:14 UTC, the last one 2026-11-20 07:14 UTC"
    assert "1 × Crash" in page
    assert "  make redrive STACK=shirase ALL=1" in page
    assert page[-1] == "SQS drops letters that stay here, the oldest on 2026-12-04 02:14 UTC."


def test_long_texts_are_folded_and_commands_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    page = shown(letter("A" * 60, "not-in-channel " * 10)).split("\n")
    command = f"make redrive STACK=shirase REASON={'A' * 60}"
    assert f"{' ' * 13}{command}" in page
    fields = [line for line in page if line.startswith(("  Reason", " " * 13 + "not"))]
    assert "".join(fields).count("not-in-channel") == 10
    assert all(len(line) <= 40 for line in fields)


def test_every_error_that_puts_an_event_aside_is_explained() -> None:
    assert {error.__name__ for error in errors.UndeliverableError.__subclasses__()} <= set(ADVICE)


def test_an_error_that_nobody_foresaw_is_shown_all_the_same() -> None:
    assert "Put back   once the cause is gone" in shown(letter("NewError", "who knows"))


@pytest.mark.parametrize(
    ("reasons", "text"),
    [
        (["tried", "SlackError: not_in_channel"], "SlackError"),
        (["SlackError: invalid_auth", "SlackError: not_in_channel"], "not_in_channel"),
        (["detail is missing", "Severity.Label is 'X', which is none of LOW, HIGH"], "Severity.Label"),
        (["Id is missing", "no JSON"], "no JSON"),
        (["short", " ".join(["again"] * 20)], " ".join(["again"] * 10)),
        (["AwsAccountId is missing", "Id is missing"], "GivenUpError: Id is missing"),
    ],
)
def test_the_text_for_a_group_is_short_and_means_it_alone(reasons: list[str], text: str) -> None:
    groups = grouped(letter(reason=reason) for reason in reasons)
    assert distinctive_text(groups[1], groups) == text
    assert [group.mentions(text) for group in groups] == [False, True]


def test_the_only_group_goes_by_its_errors_name() -> None:
    assert "REASON=GivenUpError" in shown(letter(reason="SlackError: not_in_channel"))


@pytest.mark.parametrize("reason", ["it's no JSON", 'a "b" c', "costs $5", "it's $5 `ls` \\ !", "two words", "(a; b)"])
def test_a_command_survives_the_shell(reason: str) -> None:
    page = shown(letter(reason=reason), letter(reason="another one"))
    commands = [shlex.split(line) for line in page.split("\n") if "REASON=" in line]
    assert f"REASON={reason.replace('$', '$$')}" in [command[-1] for command in commands]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_book_shows_dead_letters_as_they_look(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("MESSAGE_LANGUAGE", language)
    event = (ROOT / "events" / "s3_bucket_public.json").read_text(encoding="utf-8")
    refused = "SlackError: Slack refuses for now: not_in_channel: invite the app to the channel"
    reason = f"given up after four days; the last failure: {refused}"
    waited = [letter(reason=reason, body=event, hours=96 + number) for number in range(12)]
    (block,) = code_blocks(page(language, "operation"))
    command, _, said = block.partition("\n")
    assert command == "$ make redrive STACK=shirase"
    assert is_shown_in(shown(*waited, letter("Crash", "crashed")), said)

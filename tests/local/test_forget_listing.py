"""What is shown of a person before anything is changed."""

import pytest

from local.forget.archive import ArchiveTrace
from local.forget.ledger import LedgerTrace
from local.forget.listing import Traces, listing, looking
from local.forget.person import Person
from local.stack.place import Place
from shared.message import Message
from tests.book import LANGUAGES, code_blocks, is_shown_in, page

USER = "111122223333/IAM.5/arn:aws:iam::111122223333:user/alice@example.com"


def place(**parameters: str) -> Place:
    return Place(stack_name="shirase", account_id="111122223333", region="eu-west-1", parameters=parameters)


def entry(key: str, **fields: object) -> LedgerTrace:
    found = {"is_named_so": key == USER, "message": None, "burst_id": None} | fields
    return LedgerTrace(key=key, **found)


def version(key: str, *, is_current: bool = True) -> ArchiveTrace:
    return ArchiveTrace(key=key, version_id="1", etag='"1"', is_current=is_current)


def person() -> Person:
    found = Person("alice@example.com")
    found.written.update({"Alice@Example.com": 14, "arn:aws:iam::111122223333:user/alice@example.com": 4})
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_book_shows_what_is_shown(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", language)
    files = ["open-violations.csv", "resolved-violations.csv", "memory.jsonl.gz", "summary.json"]
    keys = [f"digests/2026/11/2{day}/0000Z/{name}" for day in (4, 5) for name in files]
    current = [version(key) for key in keys if key != "digests/2026/11/25/0000Z/resolved-violations.csv"]
    traces = Traces(
        ledger=[entry(USER), entry("a"), entry("b")], archive=[*current, version(keys[0], is_current=False)]
    )
    where = place(EnvironmentName="production")
    [block] = code_blocks(page(language, "privacy"))
    command = "$ make forget STACK=shirase TEXT=alice@example.com"
    shown = "\n".join([command, looking(where), listing(person(), where, traces), "…"])
    assert is_shown_in(shown, block), shown


def test_files_are_named_in_the_language_and_time_zone_of_the_stack() -> None:
    archive = [version("digests/2026/11/24/0000Z/open-violations.csv", is_current=False)]
    ledger = [
        entry(USER, message=Message(channel="C0123456789", ts="1764000000.000100")),
        entry("a", burst_id="2026-11-24T02:14:07Z-0a1b2c3d", message=Message(channel="C0123456789", ts="1764000001.1")),
    ]
    where = place(MessageLanguage="ja", DigestTimezone="America/New_York", EnvironmentName="")
    shown = listing(person(), where, Traces(ledger=ledger, archive=archive)).splitlines()
    files = [line for line in shown if line.startswith("file ")]
    assert any("2026-11-23" in name and "111122223333" in name for name in files)
    assert any("2026-11-24T0214Z" in name for name in files)
    assert [line for line in shown if line.startswith("message")] == [
        "message of 2025-11-24 16:00:00 UTC in C0123456789"
    ]


def test_nothing_found_is_one_sentence() -> None:
    traces = Traces(ledger=[], archive=[])
    assert listing(person(), place(), traces) == "The ledger and the archive have no trace of them."

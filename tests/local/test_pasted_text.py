"""What people paste: understood, or told what is wrong in their own language."""

import json
from typing import Any

import pytest

from local.panel.sentences import Sentences
from local.stack.events import UnreadableEventError, parse
from shared.errors import MalformedEventError
from shared.finding.asff import parse_finding
from shared.finding.event import parse_event
from tests.findings import ABSENT, finding, sample

JAPANESE = Sentences("ja")
CHANGES = [
    {"Severity": ABSENT},
    {"Severity": "HIGH"},
    {"Resources": []},
    {"Resources": {}},
    {"UpdatedAt": "yesterday"},
    {"Severity.Label": "WORST"},
    {"Title": " "},
    {"ProductArn": 7},
]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (json.dumps(finding()), 1),
        (json.dumps([finding(), sample("s3_bucket_public")]), 2),
        (json.dumps({"Findings": [finding()], "NextToken": "a"}), 1),
        ("\ufeff" + json.dumps(sample("s3_bucket_public")), 1),
        ("\ufeff" + "\r\n".join(map(json.dumps, [finding(), sample("s3_bucket_public")])) + "\r\n\r\n", 2),
        (json.dumps(finding(), indent=1) + json.dumps({"Findings": [finding(1), finding(2)]}, indent=1), 3),
    ],
)
def test_an_event_a_finding_a_list_an_answer_and_one_after_another_are_understood(text: str, count: int) -> None:
    events = parse(text)
    assert len(events) == count
    assert all(parse_event(event) for event in events)


def test_a_mistake_in_json_has_its_place() -> None:
    with pytest.raises(UnreadableEventError) as raised:
        parse('{\n  "a": 1,\n  "b" 2\n}')
    assert (raised.value.line, raised.value.column) == (3, 7)


def test_a_mistake_in_a_line_of_many_has_its_place() -> None:
    with pytest.raises(UnreadableEventError) as raised:
        parse(f"{json.dumps(finding())}\n{json.dumps(finding())},\n")
    assert (raised.value.line, raised.value.column) == (2, len(json.dumps(finding())) + 1)


def test_an_item_of_many_lines_that_is_no_event_is_named() -> None:
    with pytest.raises(UnreadableEventError, match="item 3 is neither"):
        parse("\n".join(map(json.dumps, [finding(), [finding(), {}]])))


@pytest.mark.parametrize(
    "text", ["", "  ", "NaN", "[]", "[1]", "{}", "nonsense", "[" * 100_000, '{"a": Infinity}', "7"]
)
def test_what_is_no_event_is_told_in_both_languages(text: str) -> None:
    with pytest.raises(UnreadableEventError) as raised:
        parse(text)
    assert Sentences("en").unreadable(str(raised.value)).startswith("What you pasted ")
    assert is_japanese(JAPANESE.unreadable(str(raised.value)))


def test_a_finding_with_a_product_of_no_region_is_an_event_all_the_same() -> None:
    (event,) = parse('{"Id": "a", "ProductArn": "arn"}')
    assert event["region"] == ""


@pytest.mark.parametrize("changes", CHANGES, ids=" ".join)
def test_what_is_wrong_with_a_finding_is_told_in_japanese(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError) as raised:
        parse_finding(finding(**changes))
    assert is_japanese(JAPANESE.reason(str(raised.value)))


def test_what_has_no_japanese_sentence_is_told_as_it_is() -> None:
    assert JAPANESE.reason("something unheard of") == "something unheard of"


def is_japanese(text: str) -> bool:
    return any("\u3040" <= character <= "\u30ff" for character in text)

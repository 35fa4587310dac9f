"""Messages as mere text: nothing is missing but the looks."""

from datetime import UTC, datetime

import pytest

from shared.alert.entry import Closing, Entry
from shared.finding.violation import Severity, State
from shared.view.alert import render_alert, render_closed
from shared.view.english import ENGLISH
from shared.view.mark import bears, signed
from shared.view.plain_text import MAX_BYTES, forms_of, plain_text
from shared.view.rich_text import code, emoji, link, plain, rich_text, timestamp
from tests.findings import resource, violation

AT = datetime(2026, 11, 20, 1, 2, tzinfo=UTC)
MARK = {"event_type": "shirase_announcement", "event_payload": {"violation": "1f", "announcement": 1}}


def said(*elements: dict[str, object]) -> str:
    return str(plain_text({"text": "", "blocks": [rich_text(list(elements))]})["text"])


def test_an_announcement_says_all_that_its_blocks_say() -> None:
    text = plain_text(render_alert(violation(), ENGLISH, "production"))["text"]
    first, *_ = text.split("\n")
    assert first == ":red_circle: *HIGH*  *S3 general purpose buckets should block public access*"
    for fact in (
        "*Control*  <https://docs.aws.amazon.com/console/securityhub/S3.8/remediation|S3.8>",
        "payroll",
        "`arn:aws:s3:::payroll`",
        "payments (111122223333)",
        "eu-west-1",
        "The bucket is public.",
        "production",
        "|Open the finding>",
        "<!date^1795136523^{date_short_pretty} {time}|2026-11-20 01:02 UTC>",
    ):
        assert fact in text


def test_a_closing_is_struck_through() -> None:
    closing = Closing(state=State.PASSED, finding_id="f", at=AT)
    entry = Entry(severity=Severity.HIGH, episode_started_at=AT, closing=closing)
    text = plain_text(render_closed(violation(), entry, ENGLISH))["text"]
    assert ":white_check_mark: *Resolved · HIGH*" in text
    assert "~S3 general purpose buckets should block public access~" in text


@pytest.mark.parametrize(
    ("element", "text"),
    [
        (plain("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        (plain(" Label  ", bold=True), " *Label*  "),
        (plain("  ", bold=True), ""),
        (code("a`b<c>"), "`ab&lt;c&gt;`"),
        (emoji("red_circle"), ":red_circle:"),
        (link("https://a.example/?b=1&c=<d|e>", "f > g"), "<https://a.example/?b=1&amp;c=%3Cd%7Ce%3E|f &gt; g>"),
        (timestamp(AT), "<!date^1795136520^{date_short_pretty} {time}|2026-11-20 01:02 UTC>"),
    ],
)
def test_nothing_in_it_is_taken_for_a_mention_or_a_mark(element: dict[str, object], text: str) -> None:
    assert said(element) == text


@pytest.mark.parametrize("letter", ["&", "界", "x"])
def test_it_is_never_longer_than_an_edit_may_be(letter: str) -> None:
    many = [resource(f"arn:aws:s3:::{number}{letter * 500}") for number in range(9)]
    text = plain_text(render_alert(violation(Title=letter * 250, Resources=many), ENGLISH))["text"]
    assert len(text.encode()) <= MAX_BYTES
    assert text.startswith(":red_circle: *HIGH*")


def test_what_has_no_blocks_has_one_form() -> None:
    assert forms_of({"text": "Resolved"}) == ({"text": "Resolved"},)


@pytest.mark.parametrize("payload", [*forms_of(render_alert(violation(), ENGLISH)), {"text": "Resolved"}])
def test_a_message_without_metadata_is_known_by_its_signature(payload: dict[str, object]) -> None:
    other = {**MARK, "event_payload": {"violation": "1f", "announcement": 2}}
    assert bears(signed(payload, MARK), MARK)
    assert bears(payload | {"metadata": MARK}, MARK)
    assert not bears(signed(payload, other), MARK)
    assert not bears(payload | {"metadata": other}, MARK)
    assert not bears(payload, MARK)

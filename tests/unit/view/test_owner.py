"""Whose a violation is, and who is rung, as Slack and its reader see it."""

from typing import Any

import pytest

from local.slack.limits import UPDATED_TEXT_LENGTH, problems
from local.terminal import as_text
from shared.finding.violation import Severity
from shared.policy.owner import KnownOwner, Mention, MentionKind, Owner, Ownership, Ring
from shared.view.alert import raised_sentence, render_alert, render_pointer, render_redirected
from shared.view.english import ENGLISH
from shared.view.japanese import JAPANESE
from shared.view.language import LANGUAGES
from shared.view.mark import bears, signed
from shared.view.plain_text import MAX_BYTES, plain_text
from shared.view.wording import Wording
from tests.findings import violation

GROUP = Mention(kind=MentionKind.GROUP, id="S0SETTLE01")
PERSON = Mention(kind=MentionKind.USER, id="U0HANA0001")
HERE = Mention(kind=MentionKind.HERE)
HOSTILE = "<!channel> & <@U1> *x* `y`"
in_both_languages = pytest.mark.parametrize("wording", LANGUAGES.values(), ids=LANGUAGES)


def owned(*names: str, unknown: tuple[str, ...] = (), ring: Ring = Ring.RUNG) -> Ownership:
    owners = tuple(KnownOwner(owner=Owner(name=name), mention=None, ring=ring) for name in names)
    return Ownership(owners=owners, unknown=unknown)


def alert(wording: Wording = ENGLISH, **options: Any) -> dict[str, Any]:
    return render_alert(violation(), wording, "production", **options)


def test_the_owner_stands_among_the_facts_and_in_the_notification() -> None:
    payload = alert(ownership=owned("team-settlement", "hana.sato"))
    assert "\nOwner  team-settlement  ·  hana.sato\n" in as_text(payload)
    assert payload["text"].endswith("should block public access · Owner: team-settlement, hana.sato.")
    assert "attachments" not in payload  # a mention there would ring nobody
    assert "\n担当者  team-settlement\n" in as_text(alert(JAPANESE, ownership=owned("team-settlement")))


def test_without_an_owner_nothing_is_said_of_one() -> None:
    assert alert(ownership=Ownership(), mentions=()) == render_alert(violation(), ENGLISH, "production")


def test_who_is_rung_follows_the_title_in_the_first_block() -> None:
    payload = alert(ownership=owned("a"), mentions=(GROUP, PERSON, HERE))
    heading = payload["blocks"][0]["elements"][0]["elements"]
    assert [element for element in heading if element["type"] in {"user", "usergroup", "broadcast"}] == [
        {"type": "usergroup", "usergroup_id": "S0SETTLE01"},
        {"type": "user", "user_id": "U0HANA0001"},
        {"type": "broadcast", "range": "here"},
    ]
    assert problems(payload) == []


@in_both_languages
def test_as_mere_text_it_rings_the_same_and_nobody_else(wording: Wording) -> None:
    payload = alert(wording, ownership=owned("a", unknown=(HOSTILE,)), mentions=(GROUP, PERSON, HERE))
    mark = {"event_type": "shirase_announcement", "event_payload": {"announcement": 1}}
    text = signed(plain_text(payload), mark)["text"]
    assert text.split("\n")[0].endswith("  <!subteam^S0SETTLE01>  <@U0HANA0001>  <!here>")
    assert "&lt;!channel&gt; &amp; &lt;@U1&gt;" in text
    assert "<!channel>" not in text
    assert "<@U1>" not in text
    assert bears({"text": text}, mark)


def test_whoever_cannot_be_rung_is_named_with_the_reason_as_text_alone() -> None:
    ownership = owned("team-a", unknown=("left.person@example.com", HOSTILE))
    payload = alert(ownership=ownership)
    assert f"Owner  team-a  ·  left.person@example.com, not in Slack  ·  {HOSTILE}, nobody known" in as_text(payload)
    assert {element["type"] for part in payload["blocks"][0]["elements"] for element in part["elements"]} <= {
        *("text", "emoji", "link", "date")
    }
    assert "<!channel>" not in payload["text"]
    assert "Owner  hana.sato, not in Slack" in as_text(alert(ownership=owned("hana.sato", ring=Ring.UNKNOWN)))
    assert "Owner  build-bot\n" in as_text(alert(ownership=owned("build-bot", ring=Ring.BOT)))


@in_both_languages
def test_slack_takes_the_longest_names(wording: Wording) -> None:
    names = tuple(f"{number}{'&' * 300}" for number in range(10))
    ownership = owned(*names, unknown=names)
    payload = render_alert(violation(Title="&" * 250), wording, ownership=ownership, mentions=(GROUP, PERSON, HERE))
    assert problems(payload) == []
    assert len(payload["text"]) < UPDATED_TEXT_LENGTH
    assert len(plain_text(payload)["text"].encode()) <= MAX_BYTES
    assert "15" in as_text(payload)


@in_both_languages
def test_a_rise_rings_in_its_sentence(wording: Wording) -> None:
    quiet = raised_sentence(Severity.HIGH, Severity.CRITICAL, wording)
    assert raised_sentence(Severity.HIGH, Severity.CRITICAL, wording, (GROUP, HERE)) == (
        f"{quiet} <!subteam^S0SETTLE01> <!here>"
    )


@in_both_languages
def test_another_channel_gets_one_line_with_the_way_to_the_message(wording: Wording) -> None:
    url = "https://example.slack.com/archives/C1/p1"
    payload = render_pointer(violation(), url, wording)
    (line,) = as_text(payload).splitlines()
    assert "HIGH" in line
    assert url in line
    assert problems(payload) == []


@in_both_languages
@pytest.mark.parametrize("reason", ["channel_not_found", "is_archived", "not_in_channel", "restricted_action"])
def test_what_a_channel_refuses_says_so_first_wherever_it_is_posted(wording: Wording, reason: str) -> None:
    payload = render_redirected(alert(wording, mentions=(GROUP,)), "C0SETTLEMENT", reason, wording)
    first, second, *_ = as_text(payload).splitlines()
    assert "C0SETTLEMENT" in first
    assert reason in first
    assert "HIGH" in second
    assert plain_text(payload)["text"].startswith(":warning:")
    assert problems(payload) == []

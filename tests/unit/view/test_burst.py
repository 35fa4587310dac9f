"""What a burst's message says, and that Slack takes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack.limits import UPDATED_TEXT_LENGTH, problems
from local.terminal import as_text
from shared.alert.burst import CALM_AFTER, Burst, Tally
from shared.finding.violation import Severity
from shared.view.burst import render_burst
from shared.view.english import ENGLISH
from shared.view.language import LANGUAGES
from shared.view.wording import Wording
from tests.book import code_blocks, is_shown_in, page
from tests.unit.wild import texts

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
GROWING = Burst(burst_id="b1", started_at=START)
TALLY = Tally(
    severities={Severity.LOW: 69, Severity.HIGH: 1_215},
    controls={"EC2.8": 310, "S3.8": 900} | {f"IAM.{number}": 6 for number in range(1, 13)} | {"KMS.4": 2},
    accounts=37,
    last_joined_at=START + timedelta(minutes=29),
    still_open=1_270,
)
OVER = replace(GROWING, concluded_at=TALLY.last_joined_at + CALM_AFTER, tally=TALLY)
in_both_languages = pytest.mark.parametrize("wording", LANGUAGES.values(), ids=LANGUAGES)


def shown(burst: Burst, tally: Tally, wording: Wording = ENGLISH) -> list[str]:
    return as_text(render_burst(burst, tally, wording, "production")).splitlines()


def test_while_it_grows() -> None:
    assert shown(GROWING, TALLY) == [
        "📈 Burst  1,284 new violations counted here",
        "Severities  🔴 HIGH 1,215   🔵 LOW 69",
        "Controls  S3.8 900  ·  EC2.8 310  ·  IAM.1 6  ·  IAM.10 6  ·  IAM.11 6  ·  IAM.12 6  ·  IAM.2 6  ·  IAM.3 6"
        "  ·  IAM.4 6  ·  IAM.5 6  ·  and 5 more",
        "Still open  1,270 of 1,284   Accounts  37",
        "Since  2026-11-23 09:00 UTC",
        ENGLISH.burst_growing,
        "Environment: production",
    ]


def test_when_it_is_over() -> None:
    lines = shown(OVER, TALLY)
    assert lines[0] == "📊 Burst  1,284 new violations counted here"
    assert "Since  2026-11-23 09:00 UTC   Until  2026-11-23 09:29 UTC" in lines
    assert ENGLISH.burst_calm in lines


def test_when_all_are_gone_it_is_struck_through_and_quiet() -> None:
    lines = shown(OVER, replace(TALLY, still_open=0))
    assert lines == [
        "✅ Burst  ~1,284 new violations counted here~",
        "Severities  🔴 HIGH 1,215   🔵 LOW 69",
        "Since  2026-11-23 09:00 UTC   Until  2026-11-23 09:29 UTC",
        ENGLISH.burst_gone,
        "Environment: production",
    ]


def test_all_gone_while_it_still_grows_is_not_the_end() -> None:
    assert ENGLISH.burst_growing in shown(GROWING, replace(TALLY, still_open=0))


def test_it_has_no_attachments_which_slack_may_fold_away() -> None:
    assert render_burst(OVER, TALLY, ENGLISH, "production").keys() == {"text", "blocks"}


def test_the_first_one() -> None:
    one = replace(TALLY, severities={Severity.HIGH: 1}, controls={"S3.8": 1}, accounts=1, still_open=1)
    assert shown(GROWING, one)[0] == "📈 Burst  1 new violation counted here"


@in_both_languages
def test_the_notification_tells_the_numbers(wording: Wording) -> None:
    text = render_burst(GROWING, TALLY, wording)["text"]
    assert "1,284" in text
    assert "HIGH 1,215, LOW 69" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_book_shows_a_burst_as_it_looks(language: str) -> None:
    controls = (
        {"S3.8": 402, "EC2.8": 310, "IAM.6": 120} | {f"RDS.{number}": 46 for number in range(1, 9)} | {"KMS.4": 84}
    )
    tally = replace(
        TALLY,
        severities={Severity.HIGH: 212, Severity.MEDIUM: 1_003, Severity.LOW: 69},
        controls=controls,
        still_open=1_284,
    )
    burst = replace(GROWING, started_at=START + timedelta(minutes=2))
    said = as_text(render_burst(burst, tally, LANGUAGES[language]))
    (block,) = code_blocks(page(language, "burst"))
    assert sum(controls.values()) == tally.total
    assert is_shown_in(said, block)


@given(
    st.dictionaries(texts.filter(str.strip), st.integers(1, 10**6), min_size=1, max_size=40),
    st.sampled_from(list(LANGUAGES)),
    texts,
)
def test_slack_takes_the_wildest_burst(controls: dict[str, int], language: str, environment: str) -> None:
    for burst in (GROWING, OVER):
        payload = render_burst(burst, replace(TALLY, controls=controls), LANGUAGES[language], environment.strip())
        assert problems(payload) == []
        assert len(payload["text"]) < UPDATED_TEXT_LENGTH


@in_both_languages
def test_the_owners_with_the_most_are_named_and_nobody_is_rung(wording: Wording) -> None:
    owners = {"team-a": 1_200, "<!here>": 80} | {f"team-{letter}": 3 for letter in "bcdefg"} | {"": 7}
    payload = render_burst(replace(GROWING, owners=owners), TALLY, wording)
    text = as_text(payload)
    assert f"{wording.burst_owners}  team-a 1,200  ·  <!here> 80  ·  team-b 3  ·  team-c 3  ·  team-d 3  ·  …" in text
    assert not [part for part in str(payload).split("'") if part in {"usergroup", "user", "broadcast"}]
    assert wording.burst_owners not in as_text(render_burst(GROWING, TALLY, wording))

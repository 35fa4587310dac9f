"""The commands speak the language of whoever sits at the terminal."""

from string import Formatter

import pytest

from local.errors import tell_problem
from local.japanese import JAPANESE
from local.screen import print_heading
from local.step import step
from local.words import said, speaks_japanese


@pytest.mark.parametrize(
    ("environment", "is_japanese"),
    [
        ({}, False),
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "en_US.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, True),
        ({"LANG": "ja_JP.UTF-8", "MESSAGE_LANGUAGE": "en"}, False),
        ({"MESSAGE_LANGUAGE": "ja"}, True),
    ],
)
def test_the_setting_decides_and_then_the_locale(environment: dict[str, str], *, is_japanese: bool) -> None:
    assert speaks_japanese(environment) is is_japanese


def test_steps_headings_and_errors_are_japanese(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", "ja")
    with step("Local AWS"):
        print_heading("Where to look")
    tell_problem("the alert queue did not drain within 120 s; see .demo/aws.log")
    told = capfd.readouterr()
    assert "ローカルの AWS …" in told.out
    assert "── 見る場所と試し方 ─" in told.out
    assert ".demo/aws.log を確認してください" in told.err


def test_a_sentence_of_another_program_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", "ja")
    assert said("An error occurred (AccessDenied)") == "An error occurred (AccessDenied)"
    monkeypatch.setenv("MESSAGE_LANGUAGE", "en")
    assert said("Local AWS") == "Local AWS"


def test_what_is_said_within_a_sentence_is_japanese_and_what_a_person_wrote_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", "ja")
    assert said("a.yaml:2: routes is a list: write a text") == (
        "a.yaml:2: routes が リスト になっています。文字列で書いてください"
    )
    assert said("x.severty is no condition; did you mean severity?") == (
        "x.severty という条件はありません。severity の間違いではありませんか？"
    )
    assert said('owner, named by the tag "owner"') == "owner（タグ「owner」による指定）"


@pytest.mark.parametrize("english", JAPANESE)
def test_japanese_puts_in_no_value_that_english_lacks(english: str) -> None:
    names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (english, JAPANESE[english])]
    assert names[1] <= names[0]

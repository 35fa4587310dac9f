"""The commands speak the language of whoever sits at the terminal."""

import re
import sys

import pytest

from local import cli
from local.errors import tell_problem
from local.fold import columns_of, line_spans
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


def test_japanese_puts_in_no_value_that_english_lacks() -> None:
    value = re.compile(r"\{(\w+)\}")
    assert [one for one in JAPANESE if not {*value.findall(JAPANESE[one])} <= {*value.findall(one)}] == []


def test_a_sentence_that_quotes_another_is_japanese_in_all_of_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", "ja")
    asked = "Send 3 events to the stack a in account 1, Region b, which posts to Slack's channel C1?"
    assert said(asked) == (
        "スタック a（アカウント 1、リージョン b）の Slack チャンネル C1 に、イベント 3 件を送信しますか？"
    )
    settings = "The settings need a change:\n- SLACK_CHANNEL is not set: give true or false\n- X is 'y': give , or ;"
    assert said(settings) == (
        "設定に誤りがあります:\n- SLACK_CHANNEL が設定されていません: true または false を指定してください\n"
        "- X の値 'y': , または ; を指定してください"
    )


def test_help_is_japanese_and_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", "ja")
    for command in ("", "demo", "replay", "digest", "redrive", "forget", "check"):
        monkeypatch.setattr(sys, "argv", ["shirase", *command.split(), "--help"])
        assert cli.main() == 0
    lines = capsys.readouterr().out.splitlines()
    english = [line for line in lines if re.search(r"[A-Za-z']+ [a-z']{2,} [a-z']{2,}", line.partition("shirase ")[0])]
    assert english == []
    assert [line for line in lines if columns_of(line) > 80] == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1 時間以内に、報告されなければ終了", ["1 時間以内", "に、報告さ", "れなければ", "終了"]),
        ("the worst controls", ["the worst ", "controls"]),
        ("x" * 25, ["x" * 10, "x" * 10, "x" * 5]),
        ("", [""]),
    ],
)
def test_lines_end_where_a_reader_expects(text: str, lines: list[str]) -> None:
    assert [text[start:end] for start, end in line_spans(text, 11 if "時" in text else 10)] == lines


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        (
            "the stack a in account 1, Region eu-west-1 has the same in use already.",
            "スタック a（アカウント 1、リージョン eu-west-1）には、すでに同じ内容が適用されています。",
        ),
        ("a.yaml:2: owner is no part of the file", "a.yaml:2: owner という項目はありません"),
        ("a.yaml:1: the file is empty: write keys and values", "a.yaml:1: ファイル が空です。キーと値で書いてください"),
        ("10 messages", "メッセージ 10 件"),
        (
            "No such option: --stak (Possible options: --stack); `shirase digest --help` shows what can be typed.",
            "--stak というオプションはありません。候補: --stack。使い方は `shirase digest --help` で確認できます。",
        ),
    ],
)
def test_a_sentence_is_japanese_to_its_end_and_the_words_of_the_file_stay(
    english: str, japanese: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", "ja")
    assert said(english) == japanese

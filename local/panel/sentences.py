"""What the panel says, in the language of its reader. Problems come in English, as errors say them."""

import re
from dataclasses import dataclass

from local.stack.outcome import Outcome
from shared.alert.why import Why
from shared.view.language import LANGUAGES

LONGEST_REASON = 1000  # characters; what quotes more is no sentence of ours, and some patterns take long on it
NEITHER = "EventBridge イベント（detail-type が必要）でも ASFF の検出結果（Id と ProductArn が必要）でもありません"

# Each problem of a text or an event, as a pattern, and what it is in Japanese; {0} is its first group.
JAPANESE_REASONS: tuple[tuple[str, str], ...] = (
    # rules
    (
        r"it passed before, too \(PreviousComplianceStatus\)",
        "前回も合格していました（PreviousComplianceStatus）",
    ),
    ('its detail-type is "(.*)"', "detail-type が {0} です"),
    (
        r"it is no event of Security Hub \(its source is '(.*)', its detail-type '(.*)'\); .*",
        "Security Hub のイベントではありません（source: {0}、detail-type: {1}）。shirase が扱うのは Security Hub 自身の"
        "チェックだけです。ほかのイベントは専用のルールで SNS トピックに送り、"
        "Amazon Q Developer in chat applications で Slack に届けてください",
    ),
    ("its fields are not those that the rules look for", "ルールが対象とするフィールドの値ではありません"),
    (r"EventBridge takes it for no event: (.*)", "EventBridge のイベントとして認められません: {0}"),
    # what cannot be read
    (r"(\S+) is missing", "フィールド {0} がありません"),
    (r"(\S+) is empty", "フィールド {0} が空です"),
    (r"Resources is empty; .*", "Resources が空です。検出結果には 1 つ以上のリソースが必要です"),
    (r"(.+) is (.+), not an ISO 8601 time", "{0} の値 {1} は ISO 8601 形式の日時ではありません"),
    (r"(.+) is (.+), which is none of (.+)", "{0} の値 {1} は {2} のいずれでもありません"),
    (r"GeneratorId is (.+), which names no control", "GeneratorId の値 {0} からコントロールを特定できません"),
    (r"(.+) is (.+), not text", "{0} は文字列でなければなりません（現在の値: {1}）"),
    (r"(.+) is (.+), not an object", "{0} はオブジェクトでなければなりません（現在の値: {1}）"),
    (r"(.+) is (.+), not a list", "{0} はリストでなければなりません（現在の値: {1}）"),
    (
        r"detail.findings holds (\d+) findings; .*",
        "detail.findings に検出結果が {0} 件あります。Security Hub は必ず 1 件ずつ送ります",
    ),
    ("is empty", "何も入力されていません"),
    ("is an empty list", "リストが空です"),
    (r"is no JSON \((.*)\)", "JSON として読み取れません（{0}）"),
    (
        r"is neither an EventBridge event .*; it looks like (?:a finding in )?(.+): take what (.+) shows",
        NEITHER + "（形式: {0}）。{1} の出力を使ってください",
    ),
    (r"is neither an EventBridge event .*", NEITHER),
    (r"item (\d+) is neither an EventBridge event .*", "{0} 番目の項目は " + NEITHER),
    (
        r"holds (\d+) events or findings; (\d+) are the most at a time",
        "{0} 件あります。一度に扱えるのは {1} 件です",
    ),
    (r"The finding lacks (.+)", "検出結果に {0} がありません"),
    ("the message's body is no JSON", "メッセージの本文を JSON として読み取れません"),
    # what keeps an event from being announced
    (r"Slack asks to wait for (\d+) s: .*", "Slack から {0} 秒待つよう求められています"),
    (r"Slack could not be reached \((.+)\)", "Slack に接続できません（{0}）"),
    (r"Slack refuses for now: (.+)", "Slack に今は受け付けられません: {0}"),
    (r"Slack refuses the message: (.+)", "Slack にメッセージを拒否されました: {0}"),
    (r"another attempt is at work on (.+); it will be tried again", "別の試行が {0} を処理中です。後で再試行します"),
    (
        r"too many announcements at once to admit (.+); it will be tried again",
        "同時に通知するものが多すぎるため、{0} は後で再試行します",
    ),
    (r"the events before it took all the time; .*", "先のイベントに時間がかかったため、次の実行で処理します"),
)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Tells reasons in a language, "en" or "ja"."""

    language: str

    def why(self, why: Why) -> str:
        """Why an event is told of, or not."""
        return LANGUAGES[self.language].explain(why)

    def fate(self, outcome: Outcome) -> str:
        """Why an event came to its end."""
        return self.why(outcome.decided_by) if outcome.decided_by else self.reason(outcome.why)

    def reason(self, text: str) -> str:
        """The reason in the reader's language; as it is if that knows no word for it."""
        if self.language != "ja":
            return text
        if len(text) > LONGEST_REASON:
            return text
        for pattern, japanese in JAPANESE_REASONS:
            if found := re.fullmatch(pattern, text, re.DOTALL):
                return japanese.format(*found.groups())
        return text

    def unreadable(self, reason: str) -> str:
        """Why a text that was pasted can't be read."""
        if self.language == "ja":
            return f"{self.reason(reason)}。"
        return f"What you pasted {reason}."

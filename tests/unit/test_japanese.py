"""One word for a thing, all Japanese texts long: in messages, on the demo's page, at the command line, in the book."""

import re
from pathlib import Path

import pytest

from tests.book import ROOT, path_of, prose, subjects

SOURCES = (
    "shared/view/japanese.py",
    "local/japanese.py",
    "local/page/src/words.ts",
    "local/panel/sentences.py",
    "template.yaml",
    "slack-app-manifest.yaml",
    "routes.example.yaml",
)
BOOK = [path_of("ja", subject) for subject in subjects("ja")]
TEXTS = [*(ROOT / name for name in SOURCES), *BOOK]
LETTER = "ぁ-んァ-ヶー一-龥"
# Sentences that end in a verb, an adjective or the past, but not in です or ます.
PLAIN_END = re.compile(r"(?:[うくぐすつぬぶむるいただ])(?<!です)(?<!ます)(?<!はい)$")
PLAIN_SENTENCE = re.compile(r"(?:[うくぐすつぬぶむる]|ない|った|した)(?<!です)(?<!ます)。")
# What isn't said, and what is said instead.
WORDS = {
    r"合格され": "合格する、合格した",
    r"手動で解決|手動解決|解決済みにされ": "手動で「解決済み」に変更",
    r"解決済み(?![」）])": "解消。AWS のワークフローステータスだけは「解決済み」",
    r"違反の開始": "違反開始日時",
    r"落ち着きましたら": "収まりしだい",
    r"経緯": "結果",
    r"（[^（）]*\d[\d,]* 個）": "（… 件）",
    r"、表示中": "表示する検出結果（全 … 件）",
    r"どう扱われるか": "判定結果",
    r"回復": "復旧",
    r"下に貼り付けた": "自分で貼り付ける",
    r"代役": "模擬サーバー",
    r"本物|実物": "本番と同じ、実際の",
    r"コンプライアンスのステータス": "コンプライアンスステータス",
    r"差し替え(?!られる)": "変更する",
    r"ダイジェスト": "一覧",
    r"大量発生": "大量検出",
    r"アラートのキュー": "アラートキュー",
    r"アラートの関数|通知の関数": "アラート関数",
    r"本アプリ": "shirase",
    r"既定": "デフォルト",
    rf"(?<![{LETTER}])ルート(?!（`r|ィング)": "振り分け",
    r"使用中の(?:設定|振り分け)": "適用中の振り分け",
    r"該当者が見つからない|知られていない名前": "該当者のいない",
    r"許容の終了": "許容終了",
    r"最も長く未解決": "未解決の期間が長い",
    r"だれ": "誰",
    r"メモリー": "メモリ",
    r"機械": "マシン",
    r"素朴な": "単純な実装",
    r"発報": "発生",
    r"番人|所在|系統図": "検査、位置、階層",
    r"〜": "～",
    rf"[{LETTER}] ?\([^)\n]*[{LETTER}]|[{LETTER}]\)(?![(\]])": "全角の括弧",
}


@pytest.mark.parametrize("word", WORDS)
def test_a_thing_has_one_word_in_every_japanese_text(word: str) -> None:
    said = [
        f"{path.relative_to(ROOT)}: …{text[max(0, found.start() - 20) : found.end() + 20]}…"
        for path in TEXTS
        for text in (re.sub(r"\]\([^)]*\)", "]", path.read_text(encoding="utf-8")),)
        for found in re.finditer(word, text)
    ]
    assert said == [], f"better: {WORDS[word]}"


@pytest.mark.parametrize("path", BOOK, ids=lambda path: str(path.stem))
def test_what_japanese_tables_tell_is_told_politely(path: Path) -> None:
    last_cells = re.findall(r"([^|]+?) \|$", prose(path.read_text(encoding="utf-8")), re.MULTILINE)
    assert [cell for cell in last_cells if PLAIN_END.search(cell) or PLAIN_SENTENCE.search(cell)] == []

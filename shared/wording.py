"""Every sentence a person reads in Slack or in the CSV, in English and Japanese.

AWS's own words (titles, reasons, severity labels, names) stay as AWS writes them, as they do in its console.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.errors import ArchiveFault
from shared.status import Status
from shared.violation import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One language. Names in braces are filled in by str.format."""

    # an alert
    notification: str
    notification_reopened: str
    notification_closed: str
    control: str
    resource: str
    account: str
    region: str
    open_since: str
    reason: str
    standards: str
    environment: str
    more_resources: str
    how_to_fix: str
    open_finding: str
    open_resource: str
    reopened: str
    times: str
    times_one: str
    earlier_message: str

    # its end
    closed_words: Mapping[State, str]
    closed_reasons: Mapping[State, str]
    what_happened: str
    open_from: str
    closed_at: str
    closing_reply: str
    duration: Callable[[timedelta], str]

    # a burst
    burst: str
    burst_heading: str
    burst_heading_one: str
    burst_notification: str
    burst_severities: str
    burst_controls: str
    burst_more_controls: str
    burst_accounts: str
    burst_started: str
    burst_ended: str
    burst_still_open: str
    burst_open_count: str
    burst_growing: str
    burst_calm: str
    burst_gone: str
    burst_comment: str
    burst_filename: str
    burst_title: str

    # a digest
    digest_heading: str
    digest_heading_one: str
    digest_heading_incomplete: str
    digest_empty: str
    digest_unknown: str
    digest_unreadable: str
    digest_incomplete: str
    digest_missing: str
    digest_out_of_time: str
    digest_broken_off: str
    digest_rest_unknown: str
    digest_unfinished: str
    more: str
    digest_since: str
    digest_new: str
    digest_reopened: str
    digest_resolved: str
    digest_resolved_unknown: str
    digest_unchanged: str
    digest_first: str
    digest_not_compared: str
    digest_calm: str
    digest_longest: str
    digest_accounts: str
    digest_pointer: str
    digest_pointer_incomplete: str
    digest_pointer_resolved: str
    digest_trend: str
    digest_trend_title: str
    digest_trend_series: str
    digest_controls: str
    digest_controls_part: str
    digest_controls_columns: tuple[str, ...]
    digest_notification: str
    digest_notification_changes: str
    digest_filename: str
    digest_title: str
    resolved_filename: str
    resolved_title: str
    archive_faults: Mapping[ArchiveFault, str]
    archive_gap: str
    columns: tuple[str, ...]
    digest_columns: tuple[str, str]
    status_words: Mapping[Status, str]
    status_gone: str


def _english_duration(duration: timedelta) -> str:
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in _two_largest(duration, _ENGLISH_UNITS)]
    return " ".join(parts) or "less than a minute"


def _japanese_duration(duration: timedelta) -> str:
    parts = [f"{count} {unit}" for count, unit in _two_largest(duration, _JAPANESE_UNITS)]
    return " ".join(parts) or "1 分未満"


_ENGLISH_UNITS = ("day", "hour", "minute")
_JAPANESE_UNITS = ("日", "時間", "分")


def _two_largest(duration: timedelta, units: tuple[str, ...]) -> list[tuple[int, str]]:
    minutes = int(duration.total_seconds()) // 60
    counts = zip((minutes // 1440, minutes // 60 % 24, minutes % 60), units, strict=True)
    return [(count, unit) for count, unit in counts if count][:2]


ENGLISH = Wording(
    notification="{severity}: {resource} in {account} violates {control}: {title}",
    notification_reopened="{severity}, reopened: {resource} in {account} violates {control} again: {title}",
    notification_closed="{word} ({severity}): {resource} in {account}, {control}: {title}",
    control="Control",
    resource="Resource",
    account="Account",
    region="Region",
    open_since="Open since",
    reason="Reason",
    standards="Standards",
    environment="Environment",
    more_resources="and {count} more, listed in the finding",
    how_to_fix="How to fix it",
    open_finding="Open the finding",
    open_resource="Open the resource",
    reopened="Reopened",
    times="{count} times so far",
    times_one="for the first time",
    earlier_message="earlier message",
    closed_words={
        State.PASSED: "Resolved",
        State.ARCHIVED: "Archived",
        State.SUPPRESSED: "Suppressed",
        State.RESOLVED: "Marked as resolved",
    },
    closed_reasons={
        State.PASSED: "The check passes again.",
        State.ARCHIVED: "The resource is gone, or its control was switched off.",
        State.SUPPRESSED: "Someone suppressed the finding in Security Hub.",
        State.RESOLVED: "Someone marked the finding as resolved; the check still fails.",
    },
    what_happened="What happened",
    open_from="Open since",
    closed_at="Until",
    closing_reply="{emoji} *{word}* after {duration}. {reason}",
    duration=_english_duration,
    burst="Burst",
    burst_heading="{count} new violations counted here",
    burst_heading_one="1 new violation counted here",
    burst_notification="Burst: {heading} ({severities})",
    burst_severities="Severities",
    burst_controls="Controls",
    burst_more_controls="and {count} more",
    burst_accounts="Accounts",
    burst_started="Since",
    burst_ended="Until",
    burst_still_open="Still open",
    burst_open_count="{open} of {count}",
    burst_growing=(
        "They come too fast to be announced one by one. This message keeps count; once it is calm, its thread gets the "
        "whole list as a CSV file."
    ),
    burst_calm="It is calm again. The thread has the whole list as a CSV file.",
    burst_gone="All of them are gone. The thread has the whole list as a CSV file.",
    burst_comment="Every violation of this burst, worst first, as it was when it was reported.",
    burst_filename="burst-{time}.csv",
    burst_title="Burst of {time}",
    digest_heading="{environment}: {count} open violations on {date}",
    digest_heading_one="{environment}: 1 open violation on {date}",
    digest_heading_incomplete="{environment}: open violations on {date}, as far as they could be read: {count}",
    digest_empty="{environment}: no open violations on {date}. Every selected control passes.",
    digest_unknown="{environment}: whether there are open violations on {date} is not known.",
    digest_unreadable="Findings that could not be read and are missing here: {count}. The function's log says why.",
    digest_incomplete="This list is incomplete.",
    digest_missing="{why} Findings read until then: {count}. {missing}",
    digest_out_of_time="There was not enough time to read everything.",
    digest_broken_off="Security Hub stopped answering ({problem}).",
    digest_rest_unknown="How many are missing is not known.",
    digest_unfinished="Not read to the end: {unfinished} of {queries} queries, for {controls}.",
    more="and {count} more",
    digest_since="Since the last digest",
    digest_new="{count} new",
    digest_reopened="{count} reopened",
    digest_resolved="{count} resolved",
    digest_resolved_unknown="resolved: not known",
    digest_unchanged="nothing new, nothing resolved",
    digest_first="This is the first digest. The next one tells what is new and what was resolved since.",
    digest_not_compared="What has changed since the last digest is not known.",
    digest_calm="Nothing was open at any of the last {count} digests, since {first}.",
    digest_longest="Open longest",
    digest_accounts="Accounts ({count})",
    digest_pointer="The thread has the whole list as a CSV file, worst first.",
    digest_pointer_incomplete="The thread has what was read as a CSV file, worst first.",
    digest_pointer_resolved="The thread has what was resolved as a CSV file.",
    digest_trend="Trend",
    digest_trend_title="Open violations, {first} to {last}",
    digest_trend_series="Open violations",
    digest_controls="Controls with the most open violations",
    digest_controls_part="{shown} of {count}",
    digest_controls_columns=("Open", "Severity", "Control", "Violation"),
    digest_notification="{heading} ({severities}).",
    digest_notification_changes="Since the last digest: {changes}.",
    digest_filename="open-violations-{environment}-{date}.csv",
    digest_title="Open violations in {environment}, {date}",
    resolved_filename="resolved-violations-{environment}-{date}.csv",
    resolved_title="Resolved in {environment} since the last digest, {date}",
    archive_faults={
        ArchiveFault.MISSING: "{key} is missing in the archive.",
        ArchiveFault.BROKEN: "{key} in the archive can't be understood.",
        ArchiveFault.FOREIGN: "{key} in the archive belongs to no digest.",
        ArchiveFault.REFUSED: "The archive could not be reached for {key}.",
    },
    archive_gap="The last digest, of {date}, was incomplete, so that nothing can be compared with it.",
    columns=(
        "Resource",
        "Violation",
        "Control ID",
        "Severity",
        "Resource ID",
        "Account ID",
        "Account name",
        "Region",
        "Open since",
        "Days open",
        "Workflow status",
        "Standards",
        "How to fix",
        "Finding ID",
    ),
    digest_columns=("Status", "Owner"),
    status_words={Status.NEW: "new", Status.OPEN: "open", Status.REOPENED: "reopened"},
    status_gone="resolved",
)

JAPANESE = Wording(
    notification="{severity}: {account} の {resource} が {control} に違反しています: {title}",
    notification_reopened="{severity}（再発）: {account} の {resource} が再び {control} に違反しています: {title}",
    notification_closed="{word}（{severity}）: {account} の {resource}、{control}: {title}",
    control="コントロール",
    resource="リソース",
    account="アカウント",
    region="リージョン",
    open_since="違反の開始",
    reason="理由",
    standards="セキュリティ標準",
    environment="環境",
    more_resources="ほか {count} 件（検出結果に記載）",
    how_to_fix="修復手順",
    open_finding="検出結果を開く",
    open_resource="リソースを開く",
    reopened="再発",
    times="{count} 回目",
    times_one="1 回目",
    earlier_message="前回のメッセージ",
    closed_words={
        State.PASSED: "解決済み",
        State.ARCHIVED: "アーカイブ済み",
        State.SUPPRESSED: "抑制済み",
        State.RESOLVED: "手動で解決済み",
    },
    closed_reasons={
        State.PASSED: "チェックに合格しました。",
        State.ARCHIVED: "リソースが削除されたか、コントロールが無効になりました。",
        State.SUPPRESSED: "Security Hub で検出結果が抑制されました。",
        State.RESOLVED: "検出結果が手動で解決済みにされました。チェックはまだ不合格です。",
    },
    what_happened="経緯",
    open_from="違反の開始",
    closed_at="終了",
    closing_reply="{emoji} *{word}*（継続期間: {duration}）{reason}",
    duration=_japanese_duration,
    burst="大量発生",
    burst_heading="新しい違反 {count} 件をまとめてお知らせします",
    burst_heading_one="新しい違反 1 件をまとめてお知らせします",
    burst_notification="大量発生: {heading}（{severities}）",
    burst_severities="重要度別",
    burst_controls="コントロール別",
    burst_more_controls="ほか {count} 個",
    burst_accounts="アカウント数",
    burst_started="開始",
    burst_ended="終了",
    burst_still_open="未解決",
    burst_open_count="{count} 件中 {open} 件",
    burst_growing=(
        "短時間に多くの違反が検出されたため、1 件ずつの通知に代えて、このメッセージで件数を更新しています。"
        "落ち着きましたら、スレッドに全件の CSV ファイルを投稿します。"
    ),
    burst_calm="新たな検出は落ち着きました。スレッドに全件の CSV ファイルがあります。",
    burst_gone="すべて解消しました。スレッドに全件の CSV ファイルがあります。",
    burst_comment="まとめてお知らせした違反の一覧です（重要度の高い順、内容は検出時点のもの）。",
    burst_filename="burst-{time}.csv",
    burst_title="大量発生した違反（{time}）",
    digest_heading="{environment}: 未解決の違反は {count} 件です（{date}）",
    digest_heading_one="{environment}: 未解決の違反は 1 件です（{date}）",
    digest_heading_incomplete="{environment}: 読み取れた範囲で、未解決の違反は {count} 件です（{date}）",
    digest_empty="{environment}: 未解決の違反はありません（{date}）。対象のコントロールはすべて合格しています。",
    digest_unknown="{environment}: 未解決の違反があるかどうか、確認できませんでした（{date}）。",
    digest_unreadable="読み取れなかった検出結果が {count} 件あり、一覧にありません。詳細は関数のログをご覧ください。",
    digest_incomplete="この一覧は不完全です。",
    digest_missing="{why}それまでに読み取った検出結果は {count} 件です。{missing}",
    digest_out_of_time="すべてを読み取るには時間が足りませんでした。",
    digest_broken_off="Security Hub が途中から応答しなくなりました（{problem}）。",
    digest_rest_unknown="残りの件数は不明です。",
    digest_unfinished="{queries} 回に分けた検索のうち {unfinished} 回分（{controls}）が最後まで読み取れていません。",
    more="ほか {count} 件",
    digest_since="前回の一覧から",
    digest_new="新規 {count} 件",
    digest_reopened="再発 {count} 件",
    digest_resolved="解消 {count} 件",
    digest_resolved_unknown="解消した件数は不明",
    digest_unchanged="新規・解消ともになし",
    digest_first="初回の一覧です。次回からは、新規と解消の件数をここでお知らせします。",
    digest_not_compared="前回の一覧と比較できませんでした。",
    digest_calm="{first} 以降、{count} 回続けて未解決の違反はありません。",
    digest_longest="未解決の期間が長い違反",
    digest_accounts="アカウント（{count} 個）",
    digest_pointer="すべての違反を重要度の高い順に、スレッドの CSV ファイルに記載しています。",
    digest_pointer_incomplete="読み取れた違反を重要度の高い順に、スレッドの CSV ファイルに記載しています。",
    digest_pointer_resolved="解消した違反は、スレッドの CSV ファイルに記載しています。",
    digest_trend="推移",
    digest_trend_title="未解決の違反（{first} ～ {last}）",
    digest_trend_series="未解決の違反",
    digest_controls="未解決の違反が多いコントロール",
    digest_controls_part="{count} 個のうち上位 {shown} 個",
    digest_controls_columns=("未解決", "重要度", "コントロール", "違反事項"),
    digest_notification="{heading}。内訳: {severities}。",
    digest_notification_changes="前回の一覧から: {changes}。",
    digest_filename="open-violations-{environment}-{date}.csv",
    digest_title="{environment} の未解決の違反（{date}）",
    resolved_filename="resolved-violations-{environment}-{date}.csv",
    resolved_title="{environment} で前回から解消した違反（{date}）",
    archive_faults={
        ArchiveFault.MISSING: "アーカイブに {key} がありません。",
        ArchiveFault.BROKEN: "アーカイブの {key} を読み取れません。",
        ArchiveFault.FOREIGN: "アーカイブの {key} は、どの日の一覧のものでもありません。",
        ArchiveFault.REFUSED: "アーカイブの {key} にアクセスできませんでした。",
    },
    archive_gap="前回（{date}）の一覧が不完全だったため、比較できません。",
    columns=(
        "リソース名",
        "違反事項",
        "コントロールID",
        "重要度",
        "リソースID",
        "アカウントID",
        "アカウント名",
        "リージョン",
        "違反の開始",
        "経過日数",
        "ワークフローステータス",
        "セキュリティ標準",
        "修復手順",
        "検出結果ID",
    ),
    digest_columns=("状態", "所有者"),
    status_words={Status.NEW: "新規", Status.OPEN: "継続", Status.REOPENED: "再発"},
    status_gone="解消",
)

LANGUAGES = {"en": ENGLISH, "ja": JAPANESE}

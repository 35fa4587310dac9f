"""Japanese."""

from datetime import timedelta

from shared.alert.why import Reason
from shared.digest.fate import Caveat, Fate
from shared.digest.hidden import Hiding
from shared.digest.status import Change
from shared.errors import ArchiveFault
from shared.finding.violation import State
from shared.view.wording import Wording, two_largest


def _duration(duration: timedelta) -> str:
    parts = [f"{count} {unit}" for count, unit in two_largest(duration, _UNITS)]
    return " ".join(parts) or "1 分未満"


_UNITS = ("日", "時間", "分")

JAPANESE = Wording(
    notification="{severity}: {account} の {resource} が {control} に違反しています: {title}",
    notification_reopened="{severity}（再発）: {account} の {resource} が再び {control} に違反しています: {title}",
    notification_closed="{word}（{severity}）: {account} の {resource}、{control}: {title}",
    control="コントロール",
    resource="リソース",
    account="アカウント",
    account_named="アカウント {id}",
    region="リージョン",
    owner="担当者",
    owner_not_in_slack="{name}（Slack にいません）",
    owner_unknown="{name}（該当者なし）",
    open_since="違反開始日時",
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
    open_message="メッセージを開く",
    redirected="チャンネル {channel} に投稿できないため、こちらにお知らせします: {why}（{reason}）。",
    standing_in="チャンネル {channel} に投稿できなかったため、こちらにお知らせしました。",
    channel_refusals={
        "channel_not_found": "存在しないか、アプリが未参加の非公開チャンネルです",
        "is_archived": "アーカイブされています",
        "not_in_channel": "アプリが参加していません",
    },
    channel_refusal_unknown="アプリの投稿が許可されていません",
    flapping_reply=(
        ":repeat: 再び違反しています（再発 {count} 回目）。解消と再発を繰り返しているため、丸 1 日変化がなくなるまでは"
        "このメッセージを更新し、スレッドへのお知らせは 1 時間に 1 回までとします。"
    ),
    lowered="重要度の引き下げ",
    lowered_from="{severity} から（手動またはルールによる）",
    raised_reply="{emoji} 重要度が {before} から *{now}* に変わりました。",
    closed_words={
        State.PASSED: "解消",
        State.ARCHIVED: "アーカイブ済み",
        State.SUPPRESSED: "抑制済み",
        State.RESOLVED: "手動で「解決済み」に変更",
        State.VANISHED: "確認不能",
    },
    closed_reasons={
        State.PASSED: "チェックに合格しました。",
        State.ARCHIVED: "Security Hub が検出結果をアーカイブし、その後 1 時間、再び報告されていません。",
        State.SUPPRESSED: "Security Hub で検出結果が抑制されました。",
        State.RESOLVED: "検出結果が手動で「解決済み」に変更されました。チェックはまだ不合格です。",
        State.VANISHED: (
            "Security Hub で 90 日間、検出結果を確認できていません（アカウントやリージョンが対象から外れたか、"
            "検出結果が削除されました）。解消したかどうかはわかりません。"
        ),
    },
    closed_times={
        State.PASSED: "違反開始日時 {start}  解消日時 {end}",
        State.ARCHIVED: "違反開始日時 {start}  アーカイブ日時 {end}",
        State.SUPPRESSED: "違反開始日時 {start}  対応日時 {end}",
        State.RESOLVED: "違反開始日時 {start}  対応日時 {end}",
        State.VANISHED: "違反開始日時 {start}  判定日時 {end}",
    },
    note="メモ",
    closing_reply="{emoji} *{word}*（違反開始から {duration}）{reason}",
    duration=_duration,
    bracketed="（{text}）",
    labelled="{label}: {text}。",
    burst="大量検出",
    burst_heading="新しい違反 {count} 件をまとめてお知らせします",
    burst_heading_one="新しい違反 1 件をまとめてお知らせします",
    burst_notification="大量検出: {heading}（{severities}）",
    burst_severities="重要度別",
    burst_controls="コントロール別",
    burst_more_controls="ほか {count} 件",
    burst_accounts="アカウント数",
    burst_owners="担当者別",
    burst_started="開始",
    burst_ended="終了",
    burst_still_open="未解決",
    burst_open_count="{count} 件中 {open} 件",
    burst_growing=(
        "短時間に多くの違反が検出されたため、1 件ずつの通知に代えて、このメッセージで件数を更新しています。"
        "収まりしだい、スレッドに全件の CSV ファイルを投稿します。"
    ),
    burst_calm="新たな検出は収まりました。スレッドに全件の CSV ファイルがあります。",
    burst_cut_short=(
        "30 分が経過したため、集計を締め切りました。スレッドに全件の CSV ファイルがあります。"
        "以後の違反は改めてお知らせします。"
    ),
    burst_gone="すべて解消しました。スレッドに全件の CSV ファイルがあります。",
    burst_comment="まとめてお知らせした違反の一覧です（重要度の高い順、内容は検出時点のもの）。",
    burst_filename="burst-{time}.csv",
    burst_title="大量検出された違反の一覧（{time}）",
    digest_heading="{environment}: 未解決の違反は {count} 件です（{date}）",
    digest_heading_one="{environment}: 未解決の違反は 1 件です（{date}）",
    digest_heading_incomplete="{environment}: 読み取れた範囲で、未解決の違反は {count} 件です（{date}）",
    digest_empty="{environment}: 未解決の違反はありません（{date}）。",
    digest_all_well="{environment}: 未解決の違反はありません（{date}）。対象のコントロールはすべて合格しています。",
    digest_caveats={
        Caveat.SUPPRESSED: "不合格のまま、抑制された違反や、手動で「解決済み」に変更された違反があります。",
        Caveat.LOWERED: "重要度が引き下げられたために MinSeverity を下回っている違反があります。",
        Caveat.UNDECIDED: "合否を判定できなかったチェックがあります（WARNING、NOT_AVAILABLE）。",
        Caveat.EXEMPT: "例外として許容している違反や、どこにも通知しない違反があります。",
        Caveat.UNKNOWN: "対象のコントロールがすべて合格しているかどうかは、確認できませんでした。",
    },
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
    digest_moved="別のチャンネルへ移動 {count} 件",
    digest_moved_here="別のチャンネルからここへ移動 {count} 件",
    digest_moved_away="ここから別のチャンネルへ移動 {count} 件",
    digest_told_again="許容終了 {count} 件",
    digest_left="一覧から外れたものの、終了していない違反",
    fate_counts={
        Fate.PASSED: "合格 {count} 件",
        Fate.ARCHIVED: "アーカイブ {count} 件",
        Fate.SUPPRESSED: "抑制 {count} 件",
        Fate.RESOLVED: "手動で「解決済み」に変更 {count} 件",
        Fate.RERATED: "重要度が MinSeverity 未満 {count} 件",
        Fate.UNDECIDED: "判定できず {count} 件",
        Fate.OUT_OF_SIGHT: "アカウントやリージョンを参照できず {count} 件",
        Fate.UNVERIFIED: "照会できず {count} 件",
    },
    digest_hidden={
        Hiding.SUPPRESSED: "不合格のまま、抑制または手動で「解決済み」に変更された違反",
        Hiding.LOWERED: "手動またはルールで重要度が引き下げられた違反",
    },
    digest_hidden_count="{count} 件",
    digest_hidden_more="{count} 件超",
    digest_hidden_since="（うち前回の集計以降 {since} 件）",
    digest_hidden_unknown="件数は不明",
    digest_part="振り分けの設定により、このチャンネルに届く違反の一覧です。",
    digest_accepted="例外として許容している違反（{count} 件）",
    digest_accepted_one="{until} まで {count} 件: {reason}",
    digest_dropped="振り分けの設定により、どこにも通知しない違反",
    digest_unknown_owners="該当者のいない担当者名（{count} 件）",
    digest_refused=(
        ":warning: 次のチャンネルには、それぞれの一覧を投稿できませんでした: {channels}。該当する違反は上の一覧に"
        "含まれています。詳細は関数のログをご覧ください。"
    ),
    digest_first="初回の一覧です。次回からは、新規と解消の件数をここでお知らせします。",
    digest_not_compared="前回の一覧と比較できませんでした。",
    digest_calm="{first} 以降、{count} 回続けて未解決の違反はありません。",
    digest_longest="未解決の期間が長い違反",
    digest_accounts="アカウント（{count} 件）",
    digest_pointer="すべての違反を重要度の高い順に、スレッドの CSV ファイルに記載しています。",
    digest_pointer_incomplete="読み取れた違反を重要度の高い順に、スレッドの CSV ファイルに記載しています。",
    digest_pointer_resolved="終了した違反とその理由は、スレッドの CSV ファイルに記載しています。",
    digest_pointer_accepted="許容している違反とその期限は、スレッドの CSV ファイルに記載しています。",
    digest_trend="推移",
    digest_trend_title="未解決の違反（{first} ～ {last}）",
    digest_trend_series="未解決の違反",
    digest_controls="未解決の違反が多いコントロール",
    digest_controls_part="{count} 件のうち上位 {shown} 件",
    digest_controls_columns=("未解決", "重要度", "コントロール", "違反事項"),
    digest_notification="{heading}。内訳: {severities}。",
    digest_notification_changes="前回の一覧から: {changes}。",
    digest_filename="open-violations-{environment}-{date}.csv",
    digest_title="{environment} の未解決の違反（{date}）",
    resolved_filename="resolved-violations-{environment}-{date}.csv",
    resolved_title="{environment} で前回から終了した違反（{date}）",
    accepted_filename="accepted-violations-{environment}-{date}.csv",
    accepted_title="{environment} で許容している違反（{date}）",
    archive_faults={
        ArchiveFault.MISSING: "アーカイブに {subject} がありません。",
        ArchiveFault.BROKEN: "アーカイブの {subject} を読み取れません。",
        ArchiveFault.FOREIGN: "アーカイブの {subject} は、どの日の一覧のものでもありません。",
        ArchiveFault.REFUSED: "アーカイブの {subject} にアクセスできませんでした。",
        ArchiveFault.INCOMPLETE: "前回（{subject}）の一覧が不完全だったため、比較できません。",
    },
    columns=(
        "リソース名",
        "違反事項",
        "コントロールID",
        "重要度",
        "リソースID",
        "アカウントID",
        "アカウント名",
        "リージョン",
        "違反開始日時",
        "経過日数",
        "ワークフローステータス",
        "セキュリティ標準",
        "修復手順",
        "検出結果ID",
    ),
    digest_columns=("状態", "担当者"),
    channel_column="チャンネル",
    accepted_status="{until} まで許容: {reason}",
    change_words={
        Change.NEW: "新規",
        Change.OPEN: "継続",
        Change.REOPENED: "再発",
        Change.MOVED: "{channel} から移動",
        Change.TOLD_AGAIN: "許容終了",
    },
    fate_words={
        Fate.PASSED: "合格",
        Fate.ARCHIVED: "アーカイブ",
        Fate.SUPPRESSED: "抑制",
        Fate.RESOLVED: "手動で「解決済み」に変更",
    },
    files_refused=":paperclip: CSV ファイルを添付できませんでした: {why}（`{reason}`）。{where}",
    file_refusals={
        "file_type_not_allowed": "ワークスペースでこの形式のファイルが許可されていません",
        "file_upload_size_restricted": "ファイルがワークスペースの上限サイズを超えています",
        "file_uploads_disabled": "ワークスペースでファイルのアップロードが許可されていません",
        "file_uploads_except_images_disabled": "ワークスペースで画像以外のアップロードが許可されていません",
        "missing_scope": "アプリに files:write スコープがありません",
        "storage_limit_reached": "ワークスペースのストレージ容量が上限に達しています",
    },
    file_refusal_unknown="Slack に拒否されました",
    files_archived="アーカイブバケットにあります: {keys}",
    files_nowhere="未解決のものは、次回の毎朝の一覧に載ります。",
    reasons={
        Reason.NO_CONTROL: "Security Hub コントロールの検出結果ではありません",
        Reason.NOT_TARGETED: "コントロール {control} は TargetControlIds に含まれていません",
        Reason.ACCEPTED: "例外として {until} まで許容しています（理由: {reason}）",
        Reason.DROPPED: "振り分けの設定により通知しません（理由: {reason}）",
        Reason.TOO_LOW: "重要度 {severity} は MinSeverity（{min_severity}）より低いため対象外です",
        Reason.LOWERED: (
            "重要度が（手動またはルールで）{lowered_from} から {severity} に下げられ、"
            "MinSeverity（{min_severity}）より低いため対象外です"
        ),
        Reason.NOTHING_TO_TELL: (
            "ワークフローステータスが {workflow_status}、コンプライアンスステータスが {compliance_status} のため、"
            "お知らせすることはありません"
        ),
        Reason.NEW: "新しい違反です",
        Reason.BACK: "一度{ended}後に再発しました",
        Reason.RECOVERY_MISSED: "再び不合格になりました（合格したという報告は届いていません）",
        Reason.KNOWN: "通知済みです",
        Reason.KNOWN_ELSEWHERE: "別の検出結果として通知済みです",
        Reason.KNOWN_UNDECIDED: "通知済みです（途中で別のチェック結果になりました）",
        Reason.BEFORE_ITS_END: "{ended}時点より前の報告です",
        Reason.BEFORE_ITS_ANNOUNCEMENT: "通知より前の出来事です",
        Reason.NEVER_ANNOUNCED: "通知したことのない違反です",
        Reason.REPLACED: "統合検出結果の切り替えによるアーカイブです。後継の検出結果が届きます",
        Reason.ENDED: "{ended}違反です",
        Reason.ENDED_BEFORE: "すでに{ended}違反です",
        Reason.HELD: "アーカイブされました。1 時間以内に再び報告されなければ終了とします",
        Reason.NOTHING_HELD: "保留中のものはありません",
        Reason.RERATED: "重要度が {before} から {now} に変わりました",
        Reason.OPEN_ELSEWHERE: "{ended}ものの、別の検出結果では未解決です",
        Reason.SEEN_SINCE: "その後、再び報告されました",
    },
    ended={
        State.PASSED: "チェックに合格した",
        State.ARCHIVED: "アーカイブされた",
        State.SUPPRESSED: "抑制された",
        State.RESOLVED: "手動で「解決済み」に変更された",
        State.VANISHED: "確認できなくなった",
    },
)

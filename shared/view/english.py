"""English."""

from datetime import timedelta

from shared.alert.why import Reason
from shared.digest.fate import Caveat, Fate
from shared.digest.hidden import Hiding
from shared.digest.status import Change
from shared.errors import ArchiveFault
from shared.finding.violation import State
from shared.view.wording import Wording, two_largest


def _duration(duration: timedelta) -> str:
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in two_largest(duration, _UNITS)]
    return " ".join(parts) or "less than a minute"


_UNITS = ("day", "hour", "minute")

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
    flapping_reply=(
        ":repeat: It is open again; it has come back {count} times so far. As it comes and goes, this message is kept "
        "up to date, and its thread told once an hour at most, until it has been quiet for a day."
    ),
    lowered="Lowered",
    lowered_from="from {severity}, by hand or by a rule",
    raised_reply="{emoji} The severity is now *{now}*; it was {before}.",
    closed_words={
        State.PASSED: "Resolved",
        State.ARCHIVED: "Archived",
        State.SUPPRESSED: "Suppressed",
        State.RESOLVED: "Marked as resolved",
        State.VANISHED: "No longer visible",
    },
    closed_reasons={
        State.PASSED: "The check passes again.",
        State.ARCHIVED: "Security Hub archived the finding, and has not reported it again for an hour.",
        State.SUPPRESSED: "Someone suppressed the finding in Security Hub.",
        State.RESOLVED: "Someone marked the finding as resolved; the check still fails.",
        State.VANISHED: (
            "Security Hub has shown no finding of it for 90 days: its account or Region left, or the finding was "
            "deleted. Whether it was fixed is not known."
        ),
    },
    note="Note",
    closing_reply="{emoji} *{word}* after {duration}. {reason}",
    duration=_duration,
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
    burst_cut_short="After half an hour the thread has the whole list as a CSV file; what comes now is told anew.",
    burst_gone="All of them are gone. The thread has the whole list as a CSV file.",
    burst_comment="Every violation of this burst, worst first, as it was when it was reported.",
    burst_filename="burst-{time}.csv",
    burst_title="Burst of {time}",
    digest_heading="{environment}: {count} open violations on {date}",
    digest_heading_one="{environment}: 1 open violation on {date}",
    digest_heading_incomplete="{environment}: open violations on {date}, as far as they could be read: {count}",
    digest_empty="{environment}: no open violations on {date}.",
    digest_all_well="{environment}: no open violations on {date}. Every selected control passes.",
    digest_caveats={
        Caveat.SUPPRESSED: "Some violations are suppressed, or were resolved by hand while their check still fails.",
        Caveat.LOWERED: "Some violations are below MinSeverity only because their severity was lowered.",
        Caveat.UNDECIDED: "Some checks could not be carried out (WARNING, NOT_AVAILABLE).",
        Caveat.UNKNOWN: "Whether all selected controls pass is not known.",
    },
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
    digest_left="No longer listed, but not over",
    fate_counts={
        Fate.PASSED: "{count} passed",
        Fate.ARCHIVED: "{count} archived",
        Fate.SUPPRESSED: "{count} suppressed",
        Fate.RESOLVED: "{count} resolved by hand",
        Fate.RERATED: "{count} now rated below MinSeverity",
        Fate.UNDECIDED: "{count} could not be checked",
        Fate.OUT_OF_SIGHT: "{count} out of sight (account or Region)",
        Fate.UNVERIFIED: "{count} could not be looked up",
    },
    digest_hidden={
        Hiding.SUPPRESSED: "Failing, but suppressed or resolved by hand",
        Hiding.LOWERED: "Severity lowered by hand or by a rule",
    },
    digest_hidden_count="{count}",
    digest_hidden_more="more than {count}",
    digest_hidden_since=" ({since} since the last count)",
    digest_hidden_unknown="not known",
    digest_first="This is the first digest. The next one tells what is new and what was resolved since.",
    digest_not_compared="What has changed since the last digest is not known.",
    digest_calm="Nothing was open at any of the last {count} digests, since {first}.",
    digest_longest="Open longest",
    digest_accounts="Accounts ({count})",
    digest_pointer="The thread has the whole list as a CSV file, worst first.",
    digest_pointer_incomplete="The thread has what was read as a CSV file, worst first.",
    digest_pointer_resolved="The thread has what has ended, and how, as a CSV file.",
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
    resolved_title="Ended in {environment} since the last digest, {date}",
    archive_faults={
        ArchiveFault.MISSING: "{subject} is missing in the archive.",
        ArchiveFault.BROKEN: "{subject} in the archive can't be understood.",
        ArchiveFault.FOREIGN: "{subject} in the archive belongs to no digest.",
        ArchiveFault.REFUSED: "The archive could not be reached for {subject}.",
        ArchiveFault.INCOMPLETE: (
            "The last digest, of {subject}, was incomplete, so that nothing can be compared with it."
        ),
    },
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
    change_words={Change.NEW: "new", Change.OPEN: "open", Change.REOPENED: "reopened"},
    fate_words={
        Fate.PASSED: "passed",
        Fate.ARCHIVED: "archived",
        Fate.SUPPRESSED: "suppressed",
        Fate.RESOLVED: "resolved by hand",
    },
    files_refused=":paperclip: There is no CSV file here: {why} (`{reason}`). {where}",
    file_refusals={
        "file_type_not_allowed": "the workspace takes no files of this type",
        "file_upload_size_restricted": "it is larger than the workspace allows",
        "file_uploads_disabled": "the workspace takes no files",
        "file_uploads_except_images_disabled": "the workspace takes no files but images",
        "missing_scope": "the app lacks the scope files:write",
        "storage_limit_reached": "the workspace's storage is full",
    },
    file_refusal_unknown="Slack refuses it",
    files_archived="The archive bucket has it: {keys}",
    files_nowhere="What is still open is listed by the next daily digest.",
    reasons={
        Reason.NO_CONTROL: "it carries no finding of a Security Hub control",
        Reason.NOT_TARGETED: "control {control} is not in TargetControlIds",
        Reason.TOO_LOW: "severity {severity} is below MinSeverity {min_severity}",
        Reason.LOWERED: (
            "severity {severity}, lowered from {lowered_from} by hand or by a rule, is below MinSeverity {min_severity}"
        ),
        Reason.NOTHING_TO_TELL: ("workflow status {workflow_status}, compliance {compliance_status}: nothing to tell"),
        Reason.NEW: "new violation",
        Reason.BACK: "back after it {ended}",
        Reason.RECOVERY_MISSED: "failed anew; its recovery was never reported",
        Reason.KNOWN: "already announced",
        Reason.KNOWN_ELSEWHERE: "already announced through another finding",
        Reason.KNOWN_UNDECIDED: "already announced; the check had another answer in between",
        Reason.BEFORE_ITS_END: "reported before it {ended}",
        Reason.BEFORE_ITS_ANNOUNCEMENT: "older than its announcement",
        Reason.NEVER_ANNOUNCED: "never announced",
        Reason.REPLACED: "archived because consolidated findings were switched; its successor is on the way",
        Reason.ENDED: "it {ended}",
        Reason.ENDED_BEFORE: "it {ended} before",
        Reason.HELD: "archived; closed in an hour, unless it is reported again",
        Reason.NOTHING_HELD: "nothing is held any more",
        Reason.RERATED: "its severity was {before} and is {now}",
        Reason.OPEN_ELSEWHERE: "it {ended}, but is still open through another finding",
        Reason.SEEN_SINCE: "reported again since then",
    },
    ended={
        State.PASSED: "passed",
        State.ARCHIVED: "was archived",
        State.SUPPRESSED: "was suppressed",
        State.RESOLVED: "was resolved by hand",
        State.VANISHED: "was no longer visible",
    },
)

"""What a person reads in Slack or in the CSV: the sentences that every language has.

AWS's own words (titles, reasons, severity labels, names) stay as AWS writes them, as they do in its console.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.alert.why import Reason, Why
from shared.digest.fate import Caveat, Fate
from shared.digest.hidden import Hiding
from shared.digest.status import Change
from shared.errors import ArchiveFault
from shared.finding.violation import State
from shared.text import excerpt

_ACCOUNT = re.compile(r"\bAccount (\d{12})(?=\)?$)")


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
    account_named: str
    region: str
    owner: str
    owner_not_in_slack: str
    owner_unknown: str
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
    open_message: str
    redirected: str
    standing_in: str
    channel_refusals: Mapping[str, str]
    channel_refusal_unknown: str
    lowered: str
    lowered_from: str
    raised_reply: str
    flapping_reply: str

    # its end
    closed_words: Mapping[State, str]
    closed_reasons: Mapping[State, str]
    closed_times: Mapping[State, str]
    note: str
    closing_reply: str
    duration: Callable[[timedelta], str]

    # anywhere
    bracketed: str
    labelled: str

    # a burst
    burst: str
    burst_heading: str
    burst_heading_one: str
    burst_notification: str
    burst_severities: str
    burst_controls: str
    burst_more_controls: str
    burst_accounts: str
    burst_owners: str
    burst_started: str
    burst_ended: str
    burst_still_open: str
    burst_open_count: str
    burst_growing: str
    burst_calm: str
    burst_cut_short: str
    burst_gone: str
    burst_comment: str
    burst_filename: str
    burst_title: str

    # a digest
    digest_heading: str
    digest_heading_one: str
    digest_heading_incomplete: str
    digest_empty: str
    digest_all_well: str
    digest_caveats: Mapping[Caveat, str]
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
    digest_moved: str
    digest_moved_here: str
    digest_moved_away: str
    digest_told_again: str
    digest_left: str
    fate_counts: Mapping[Fate, str]
    digest_hidden: Mapping[Hiding, str]
    digest_hidden_count: str
    digest_hidden_more: str
    digest_hidden_since: str
    digest_hidden_unknown: str
    digest_part: str
    digest_accepted: str
    digest_accepted_one: str
    digest_dropped: str
    digest_unknown_owners: str
    digest_refused: str
    digest_first: str
    digest_not_compared: str
    digest_calm: str
    digest_longest: str
    digest_accounts: str
    digest_pointer: str
    digest_pointer_incomplete: str
    digest_pointer_resolved: str
    digest_pointer_accepted: str
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
    accepted_filename: str
    accepted_title: str
    archive_faults: Mapping[ArchiveFault, str]
    columns: tuple[str, ...]
    digest_columns: tuple[str, str]
    channel_column: str
    accepted_status: str
    change_words: Mapping[Change, str]
    fate_words: Mapping[Fate, str]

    # what stands in the place of files that Slack refuses, in mrkdwn
    files_refused: str
    file_refusals: Mapping[str, str]
    file_refusal_unknown: str
    files_archived: str
    files_nowhere: str

    # the log and the demo: why an event is told of, or not
    reasons: Mapping[Reason, str]
    ended: Mapping[State, str]

    def instead_of_files(self, reason: str, archive_keys: Sequence[str]) -> str:
        """What is said where Slack takes no files, by the name of its error, and where the archive has them."""
        keys = ", ".join(f"`{key}`" for key in archive_keys)
        return self.files_refused.format(
            why=self.file_refusals.get(reason, self.file_refusal_unknown),
            reason=reason,
            where=self.files_archived.format(keys=keys) if keys else self.files_nowhere,
        )

    def name_of(self, resource: str) -> str:
        """A resource's name; that of an account, which is made of its id, in this language."""
        return _ACCOUNT.sub(lambda found: self.account_named.format(id=found[1]), resource)

    def explain(self, why: Why) -> str:
        """A reason with its facts, as a sentence."""
        facts = {name: excerpt(fact) for name, fact in why.facts.items()}
        if "ended" in facts:
            facts["ended"] = self.ended[State(facts["ended"])]
        return self.reasons[why.reason].format(**facts)


def two_largest(duration: timedelta, units: tuple[str, ...]) -> list[tuple[int, str]]:
    minutes = int(duration.total_seconds()) // 60
    counts = zip((minutes // 1440, minutes // 60 % 24, minutes % 60), units, strict=True)
    return [(count, unit) for count, unit in counts if count][:2]

"""All that is told in one channel, or in any → the files and the summary of its digest."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.aws.archive import ACCEPTED_VIOLATIONS, OPEN_VIOLATIONS, RESOLVED_VIOLATIONS
from shared.digest.fate import Absent, Fate
from shared.digest.open_list import OpenList
from shared.digest.placement import Standing
from shared.digest.section import Section
from shared.digest.status import Change
from shared.digest.summary import AcceptedCount, Comparison, Summary
from shared.pipeline.history import Baseline
from shared.pipeline.sheet import Sheets
from shared.policy.selection import Policy

ROWS_IN_SUMMARY = 50  # more than a message shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A digest ready to be sent, and whether the archive has all of it; without a file where there is nothing to
    list."""

    summary: Summary
    open_violations: Path | None
    resolved_violations: Path | None
    accepted_violations: Path | None = None
    is_archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of a list a digest tells: all of it, or what belongs to a `channel`; compared with the `baseline`, if there
    is one. Where the list isn't complete, nobody can say what has ended."""

    open_list: OpenList
    policy: Policy
    due: datetime
    baseline: Baseline | None
    is_complete: bool
    channel: str | None = None

    @property
    def section(self) -> Section:
        return self.open_list.section(self.channel)

    def absent(self) -> Iterator[Absent]:
        """What an earlier digest listed and this one doesn't, although its control is still asked for."""
        return (one for one in self.section.absent() if self.policy.targets(one.violation.control_id))

    def left(self) -> Counter[Fate]:
        """What became of what left the list since the last digest."""
        return Counter(one.fate or Fate.UNVERIFIED for one in self.absent() if one.is_news)


def write_part(part: Part, sheets: Sheets, folder: Path) -> Summary:
    """Write the files into the folder, and say at a glance what they hold."""
    section, is_placed = part.section, part.open_list.is_placed
    changes = sheets.write_open(section, part.baseline, part.due, folder / OPEN_VIOLATIONS, is_placed=is_placed)
    comparison = _comparison(part, changes)
    if comparison and comparison.resolved:
        sheets.write_ended(part.absent(), part.due, folder / RESOLVED_VIOLATIONS, is_placed=is_placed)
    exemptions, accepted = part.open_list.exemptions, section.accepted() if is_placed else {}
    if accepted:
        sheets.write_accepted(section, exemptions, part.due, folder / ACCEPTED_VIOLATIONS)
    return Summary(
        scheduled_time=part.due,
        counts=section.counts(),
        controls=section.controls(ROWS_IN_SUMMARY),
        control_count=section.control_count(),
        accounts=section.accounts(ROWS_IN_SUMMARY),
        account_count=section.account_count(),
        longest_open=section.longest_open(ROWS_IN_SUMMARY),
        comparison=comparison,
        channel=part.channel,
        accepted=tuple(AcceptedCount(exemption=exemptions[one], count=count) for one, count in accepted.items()),
        dropped=section.count(Standing.DROPPED) if is_placed else 0,
        unknown_owners=section.unknown_owners(ROWS_IN_SUMMARY) if is_placed else (),
        unknown_owner_count=section.unknown_owner_count() if is_placed else 0,
    )


def edition_of(summary: Summary, folder: Path) -> Edition:
    """The digest of a summary whose files are in the folder."""
    has_resolved = summary.comparison is not None and bool(summary.comparison.resolved)
    return Edition(
        summary=summary,
        open_violations=folder / OPEN_VIOLATIONS if summary.total else None,
        resolved_violations=folder / RESOLVED_VIOLATIONS if has_resolved else None,
        accepted_violations=folder / ACCEPTED_VIOLATIONS if summary.accepted_total else None,
    )


def _comparison(part: Part, changes: Counter[Change]) -> Comparison | None:
    if part.baseline is None or not part.baseline.lists_all:
        return None
    left = part.left() if part.is_complete else None
    return Comparison(
        since=part.baseline.scheduled_time,
        new=changes[Change.NEW],
        reopened=changes[Change.REOPENED],
        resolved=None if left is None else sum(count for fate, count in left.items() if fate.is_end),
        left=dict(left or {}),
        moved=changes[Change.MOVED],
        moved_away=part.section.moved_away() if part.channel else 0,
        told_again=changes[Change.TOLD_AGAIN],
    )

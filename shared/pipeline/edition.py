"""The list of open violations → a digest's files and summary, compared with the last one, and archived."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from shared.aws.archive import MEMORY, OPEN_VIOLATIONS, RESOLVED_VIOLATIONS, Archive
from shared.digest.fate import Absent, Away, Caveat, Fate
from shared.digest.hidden import HiddenCount, Hiding
from shared.digest.memory import Gone, write_memory
from shared.digest.open_list import OpenList
from shared.digest.status import Change, change_of
from shared.digest.summary import Comparison, Summary, TrendPoint
from shared.errors import ArchiveError
from shared.finding.violation import REMEMBERED_FOR, Violation
from shared.finding.violation_json import decode, encode
from shared.pipeline.gathering import Gathered
from shared.pipeline.history import Baseline, History, archive_problem
from shared.policy.selection import Policy
from shared.telemetry import Telemetry
from shared.view.csv_file import csv_rows, write_csv
from shared.view.wording import Wording

ROWS_IN_SUMMARY = 50  # more than a message shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A digest ready to be sent, and whether the archive has all of it; without a file where there is nothing to
    list."""

    summary: Summary
    open_violations: Path | None
    resolved_violations: Path | None
    is_archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the archive tells of the digests before, and the one to compare with, if there is one."""

    history: History
    baseline: Baseline | None


class Press:
    """Makes editions; without an `archive` they are compared with nothing, and kept nowhere."""

    def __init__(
        self,
        *,
        archive: Archive | None,
        policy: Policy,
        wording: Wording,
        csv_delimiter: str,
        telemetry: Telemetry,
    ) -> None:
        self._archive = archive
        self._policy = policy
        self._wording = wording
        self._csv_delimiter = csv_delimiter
        self._telemetry = telemetry

    def look_back(self, open_list: OpenList, due: datetime, folder: Path) -> Past:
        """Tell the list what the last digest of the archive knew."""
        history = History(due, archive=self._archive, telemetry=self._telemetry)
        return Past(history=history, baseline=history.remember_last(open_list, folder))

    def make(
        self,
        gathered: Gathered,
        past: Past,
        hidden: Mapping[Hiding, HiddenCount],
        caveats: tuple[Caveat, ...],
        due: datetime,
        folder: Path,
    ) -> Edition:
        """Compare with what was, write the files into the folder, and archive them."""
        open_list, baseline = gathered.open_list, past.baseline
        summary = _summarize(gathered, due)
        changes = self._write_open(open_list, baseline, due, folder / OPEN_VIOLATIONS)
        left = Counter(one.fate or Fate.UNVERIFIED for one in self._absent(open_list) if one.is_news)
        comparison = _comparison(baseline, changes, left if gathered.incomplete is None else None)
        if comparison and comparison.resolved:
            self._write_resolved(open_list, due, folder / RESOLVED_VIOLATIONS)
        # What couldn't be read of a finding or two doesn't make everything new tomorrow.
        lists_all = gathered.incomplete is None or (baseline is not None and baseline.lists_all)
        known = _known_as_hidden(open_list, hidden)
        write_memory(folder / MEMORY, self._memory(open_list, due), lists_all=lists_all, hidden=known)
        summary = replace(
            summary,
            comparison=comparison,
            archive_problems=tuple(past.history.problems),
            trend=(*past.history.trend, TrendPoint(scheduled_time=due, total=summary.total)),
            caveats=caveats if all(fate.is_end for fate in left) else (*caveats, Caveat.UNKNOWN),
            hidden=hidden,
        )
        return self._keep(_edition(summary, folder), folder)

    def fetch(self, due: datetime, folder: Path) -> Edition | None:
        """What an earlier attempt archived; None without an archive. Raises ArchiveError."""
        if self._archive is None:
            return None
        summary = self._archive.summary(due)
        if summary.total:
            self._archive.fetch(due, folder / OPEN_VIOLATIONS)
        if summary.comparison and summary.comparison.resolved:
            self._archive.fetch(due, folder / RESOLVED_VIOLATIONS)
        return replace(_edition(summary, folder), is_archived=True)

    def _keep(self, edition: Edition, folder: Path) -> Edition:
        """The edition once the archive has it, the summary last; or else, with the problem told: a digest that nobody
        gets, for the sake of the next one's comparison, would be worse."""
        if self._archive is None:
            return edition
        summary = edition.summary
        files = [folder / name for name in (OPEN_VIOLATIONS, RESOLVED_VIOLATIONS, MEMORY)]
        try:
            for file in files:
                if file.exists():
                    self._archive.keep(summary.scheduled_time, file)
            self._archive.keep_summary(summary)
        except ArchiveError as error:
            problems = (*summary.archive_problems, archive_problem(error, self._telemetry))
            return replace(edition, summary=replace(summary, archive_problems=problems))
        return replace(edition, is_archived=True)

    def _write_open(self, open_list: OpenList, baseline: Baseline | None, due: datetime, file: Path) -> Counter[Change]:
        """Write the CSV file; how many violations have changed in each way."""
        words, changes = self._wording.change_words, Counter[Change]()

        def rows() -> Iterator[str]:
            for content, listed in open_list.listed():
                violation = decode(content)
                change = change_of(violation, listed, lists_all=baseline.lists_all) if baseline else None
                if change:
                    changes[change] += 1
                yield self._rows(violation, due, words[change] if change else "")

        self._write(file, rows())
        return changes

    def _write_resolved(self, open_list: OpenList, due: datetime, file: Path) -> None:
        """Write the CSV file of what has ended, each with the way it did."""
        words = self._wording.fate_words
        ended = (
            self._rows(one.violation, due, words[one.fate])
            for one in self._absent(open_list)
            if one.fate and one.fate.is_end and one.is_news
        )
        self._write(file, ended)

    def _rows(self, violation: Violation, due: datetime, status: str) -> str:
        return csv_rows(violation, due, status, delimiter=self._csv_delimiter, wording=self._wording)

    def _write(self, file: Path, rows: Iterator[str]) -> None:
        columns = self._wording.columns + self._wording.digest_columns
        write_csv(file, rows, columns, delimiter=self._csv_delimiter)

    def _absent(self, open_list: OpenList) -> Iterator[Absent]:
        """What an earlier digest listed and this one doesn't, although its control is still asked for."""
        return (one for one in open_list.no_longer_listed() if self._policy.targets(one.violation.control_id))

    def _memory(self, open_list: OpenList, due: datetime) -> Iterator[str | Gone | Away]:
        """What the next digest is to know: what is not known to have ended stays known."""
        yield from open_list.contents()
        for absent in self._absent(open_list):
            yield from _remembered(absent, due)
        yield from (gone for gone in open_list.still_gone() if due - gone.since < REMEMBERED_FOR)


def _known_as_hidden(open_list: OpenList, hidden: Mapping[Hiding, HiddenCount]) -> dict[Hiding, list[str]]:
    """What the next digest is to know: what was counted, or else what the last one to count it knew."""
    counted = {hiding: open_list.hidden(hiding) for hiding, found in hidden.items() if found.is_exact}
    return open_list.remembered_hidden() | counted


def _remembered(absent: Absent, due: datetime) -> Iterator[str | Gone | Away]:
    fate, before = absent.fate, absent.before
    since = before.since if before and fate in (None, before.fate) else due
    if fate and fate.is_end and absent.is_passed_on:
        yield Gone(key=absent.violation.key, since=due)
    elif fate is None and before is None:
        yield encode(absent.violation)
    elif (due - since < REMEMBERED_FOR or not absent.is_passed_on) and (known := fate or (before and before.fate)):
        yield Away(violation=absent.violation, fate=known, since=since)


def _summarize(gathered: Gathered, due: datetime) -> Summary:
    open_list = gathered.open_list
    return Summary(
        scheduled_time=due,
        counts=open_list.counts(),
        unreadable=gathered.unreadable,
        incomplete=gathered.incomplete,
        controls=open_list.controls(ROWS_IN_SUMMARY),
        control_count=open_list.control_count(),
        accounts=open_list.accounts(ROWS_IN_SUMMARY),
        account_count=open_list.account_count(),
        longest_open=open_list.longest_open(ROWS_IN_SUMMARY),
    )


def _edition(summary: Summary, folder: Path) -> Edition:
    has_resolved = summary.comparison is not None and bool(summary.comparison.resolved)
    return Edition(
        summary=summary,
        open_violations=folder / OPEN_VIOLATIONS if summary.total else None,
        resolved_violations=folder / RESOLVED_VIOLATIONS if has_resolved else None,
    )


def _comparison(baseline: Baseline | None, changes: Counter[Change], left: Counter[Fate] | None) -> Comparison | None:
    """What has changed; `left` is None where nobody could tell what has ended."""
    if baseline is None or not baseline.lists_all:
        return None
    return Comparison(
        since=baseline.scheduled_time,
        new=changes[Change.NEW],
        reopened=changes[Change.REOPENED],
        resolved=None if left is None else sum(count for fate, count in left.items() if fate.is_end),
        left=dict(left or {}),
    )

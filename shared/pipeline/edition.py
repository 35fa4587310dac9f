"""The list of open violations → a digest's files and summary, compared with the last one, and archived."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from shared.aws.archive import MEMORY, OPEN_VIOLATIONS, RESOLVED_VIOLATIONS, Archive
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

    def make(self, gathered: Gathered, due: datetime, folder: Path) -> Edition:
        """Compare with the last digest of the archive, write the files into the folder, and archive them."""
        open_list = gathered.open_list
        history = History(due, archive=self._archive, telemetry=self._telemetry)
        baseline = history.remember_last(open_list, folder)
        summary = _summarize(gathered, due)
        changes = self._write_open(open_list, baseline, due, folder / OPEN_VIOLATIONS)
        resolved = None
        if baseline and baseline.lists_all and summary.is_whole:
            resolved = self._write_resolved(open_list, due, folder / RESOLVED_VIOLATIONS)
        # What couldn't be read of a finding or two doesn't make everything new tomorrow.
        lists_all = gathered.incomplete is None or (baseline is not None and baseline.lists_all)
        memory = self._memory(open_list, due, is_whole=summary.is_whole)
        write_memory(folder / MEMORY, memory, lists_all=lists_all)
        trend = (*history.trend, TrendPoint(scheduled_time=due, total=summary.total))
        comparison = _comparison(baseline, changes, resolved)
        summary = replace(summary, comparison=comparison, archive_problems=tuple(history.problems), trend=trend)
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

    def _write_resolved(self, open_list: OpenList, due: datetime, file: Path) -> int:
        """Write the CSV file of what is no longer listed; how many violations that are."""
        gone = (self._rows(violation, due, self._wording.gone) for violation in self._gone(open_list))
        return self._write(file, gone)

    def _rows(self, violation: Violation, due: datetime, status: str) -> str:
        return csv_rows(violation, due, status, delimiter=self._csv_delimiter)

    def _write(self, file: Path, rows: Iterator[str]) -> int:
        columns = self._wording.columns + self._wording.digest_columns
        return write_csv(file, rows, columns, delimiter=self._csv_delimiter)

    def _gone(self, open_list: OpenList) -> Iterator[Violation]:
        """What the last digest listed and this one doesn't, although it is still asked for."""
        return (violation for violation in open_list.no_longer_listed() if self._policy.selects(violation))

    def _memory(self, open_list: OpenList, due: datetime, *, is_whole: bool) -> Iterator[str | Gone]:
        """What the next digest is to know. Nobody knows whether what an incomplete one doesn't list is gone: it
        stays."""
        yield from open_list.contents()
        for violation in self._gone(open_list):
            yield Gone(key=violation.key, since=due) if is_whole else encode(violation)
        yield from (gone for gone in open_list.still_gone() if due - gone.since < REMEMBERED_FOR)


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


def _comparison(baseline: Baseline | None, changes: Counter[Change], resolved: int | None) -> Comparison | None:
    if baseline is None or not baseline.lists_all:
        return None
    return Comparison(
        since=baseline.scheduled_time,
        new=changes[Change.NEW],
        reopened=changes[Change.REOPENED],
        resolved=resolved,
    )

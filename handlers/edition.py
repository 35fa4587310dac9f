"""The list of open violations → a digest's files and summary, compared with the last one, and archived."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from handlers.gathering import Gathered
from handlers.history import Base, History, tell
from shared.app import App
from shared.aws.archive import MEMORY, OPEN_VIOLATIONS, RESOLVED_VIOLATIONS
from shared.digest.memory import Gone, write_memory
from shared.digest.open_list import OpenList
from shared.digest.status import GONE_IS_REMEMBERED_FOR, Status, status_of
from shared.digest.summary import Comparison, Summary, TrendPoint
from shared.errors import ArchiveError
from shared.finding.violation import Violation
from shared.finding.violation_json import decode, encode
from shared.view.csv_file import csv_rows, write_csv

ROWS_IN_SUMMARY = 50  # more than a message shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A digest ready to be sent; without a file where there is nothing to list."""

    summary: Summary
    open_violations: Path | None
    resolved_violations: Path | None


def make_edition(gathered: Gathered, due: datetime, app: App, folder: Path) -> Edition:
    """Compare with the last digest of the archive, and write the files into the folder."""
    open_list = gathered.open_list
    history = History(due, app)
    base = history.remember_last(open_list, folder)
    summary = _summarize(gathered, due)
    statuses = _write_open(open_list, base, app, due, folder / OPEN_VIOLATIONS)
    resolved = None
    if base and base.lists_all and summary.is_whole:
        resolved = _write_resolved(open_list, app, due, folder / RESOLVED_VIOLATIONS)
    # What couldn't be read of a finding or two doesn't make everything new tomorrow.
    lists_all = gathered.incomplete is None or (base is not None and base.lists_all)
    write_memory(folder / MEMORY, _memory(open_list, app, due, is_whole=summary.is_whole), lists_all=lists_all)
    trend = (*history.trend, TrendPoint(scheduled_time=due, total=summary.total))
    comparison = _comparison(base, statuses, resolved)
    summary = replace(summary, comparison=comparison, archive_problems=tuple(history.problems), trend=trend)
    return _edition(summary, folder)


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


def archive(edition: Edition, app: App, folder: Path) -> Summary | None:
    """Keep all of it, the summary last. None if that is done, else the summary that tells of the problem: a digest
    that nobody gets, for the sake of the next one's comparison, would be worse."""
    summary = edition.summary
    files = [folder / name for name in (OPEN_VIOLATIONS, RESOLVED_VIOLATIONS, MEMORY)]
    try:
        for file in files:
            if file.exists():
                app.archive.keep(summary.scheduled_time, file)
        app.archive.keep_summary(summary)
    except ArchiveError as error:
        return replace(summary, archive_problems=(*summary.archive_problems, tell(error, app)))
    return None


def fetch_edition(due: datetime, app: App, folder: Path) -> Edition:
    """What an earlier attempt archived; raises ArchiveError."""
    summary = app.archive.summary(due)
    if summary.total:
        app.archive.fetch(due, folder / OPEN_VIOLATIONS)
    if summary.comparison and summary.comparison.resolved:
        app.archive.fetch(due, folder / RESOLVED_VIOLATIONS)
    return _edition(summary, folder)


def _edition(summary: Summary, folder: Path) -> Edition:
    has_resolved = summary.comparison is not None and bool(summary.comparison.resolved)
    return Edition(
        summary=summary,
        open_violations=folder / OPEN_VIOLATIONS if summary.total else None,
        resolved_violations=folder / RESOLVED_VIOLATIONS if has_resolved else None,
    )


def _write_open(open_list: OpenList, base: Base | None, app: App, due: datetime, file: Path) -> Counter[Status]:
    """Write the CSV file; how many violations have each status."""
    words, statuses = app.wording.status_words, Counter[Status]()

    def rows() -> Iterator[str]:
        for content, known in open_list.listed():
            violation = decode(content)
            status = status_of(violation, known, lists_all=base.lists_all) if base else None
            if status:
                statuses[status] += 1
            yield csv_rows(violation, due, words[status] if status else "")

    write_csv(file, rows(), _columns(app))
    return statuses


def _write_resolved(open_list: OpenList, app: App, due: datetime, file: Path) -> int:
    """Write the CSV file of what is no longer listed; how many violations that are."""
    gone = (csv_rows(violation, due, app.wording.status_gone) for violation in _gone(open_list, app))
    return write_csv(file, gone, _columns(app))


def _columns(app: App) -> tuple[str, ...]:
    return app.wording.columns + app.wording.digest_columns


def _gone(open_list: OpenList, app: App) -> Iterator[Violation]:
    """What the last digest listed and this one doesn't, although it is still asked for."""
    return (violation for violation in open_list.no_longer_listed() if app.config.policy.selects(violation))


def _memory(open_list: OpenList, app: App, due: datetime, *, is_whole: bool) -> Iterator[str | Gone]:
    """What the next digest is to know. Nobody knows whether what an incomplete one doesn't list is gone: it stays."""
    yield from open_list.contents()
    for violation in _gone(open_list, app):
        yield Gone(key=violation.key, since=due) if is_whole else encode(violation)
    yield from (gone for gone in open_list.still_gone() if due - gone.since < GONE_IS_REMEMBERED_FOR)


def _comparison(base: Base | None, statuses: Counter[Status], resolved: int | None) -> Comparison | None:
    if base is None or not base.lists_all:
        return None
    return Comparison(
        since=base.scheduled_time,
        new=statuses[Status.NEW],
        reopened=statuses[Status.REOPENED],
        resolved=resolved,
    )

"""The list of open violations → a digest's files and summary, compared with the last one, and archived."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from shared.aws.archive import ACCEPTED_VIOLATIONS, MEMORY, OPEN_VIOLATIONS, RESOLVED_VIOLATIONS, Archive
from shared.digest.fate import Absent, Away, Caveat
from shared.digest.hidden import HiddenCount, Hiding
from shared.digest.memory import Gone, write_memory
from shared.digest.open_list import OpenList
from shared.digest.placement import Placement
from shared.digest.summary import TrendPoint
from shared.errors import ArchiveError
from shared.finding.violation import REMEMBERED_FOR
from shared.finding.violation_json import encode
from shared.pipeline.gathering import Gathered
from shared.pipeline.history import Baseline, History, archive_problem
from shared.pipeline.part import Edition, Part, edition_of, write_part
from shared.pipeline.sheet import Sheets
from shared.policy.selection import Policy
from shared.telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the archive tells of the digests before, and the one to compare with, if there is one."""

    history: History
    baseline: Baseline | None


class Press:
    """Makes editions; without an `archive` they are compared with nothing, and kept nowhere."""

    def __init__(self, *, archive: Archive | None, sheets: Sheets, telemetry: Telemetry) -> None:
        self._archive = archive
        self._sheets = sheets
        self._telemetry = telemetry

    def look_back(self, open_list: OpenList, due: datetime, folder: Path) -> Past:
        """Tell the list what the last digest of the archive knew."""
        history = History(due, archive=self._archive, telemetry=self._telemetry)
        return Past(history=history, baseline=history.remember_last(open_list, folder))

    def make(
        self,
        gathered: Gathered,
        policy: Policy,
        past: Past,
        hidden: Mapping[Hiding, HiddenCount],
        caveats: tuple[Caveat, ...],
        channels: Mapping[str, int],
        due: datetime,
        folder: Path,
    ) -> Edition:
        """Compare with what was, write the files into the folder, and archive them; `channels` get a digest each."""
        open_list, baseline = gathered.open_list, past.baseline
        whole = Part(
            open_list=open_list, policy=policy, due=due, baseline=baseline, is_complete=not gathered.incomplete
        )
        summary = write_part(whole, self._sheets, folder)
        known = _known_as_hidden(open_list, hidden)
        # What couldn't be read of a finding or two doesn't make everything new tomorrow.
        lists_all = gathered.incomplete is None or (baseline is not None and baseline.lists_all)
        memory, is_placed = _memory(whole), open_list.is_placed
        write_memory(folder / MEMORY, memory, lists_all=lists_all, hidden=known, is_placed=is_placed)
        summary = replace(
            summary,
            unreadable=gathered.unreadable,
            incomplete=gathered.incomplete,
            archive_problems=tuple(past.history.problems),
            trend=(*past.history.trend, TrendPoint(scheduled_time=due, total=summary.total)),
            caveats=caveats if all(fate.is_end for fate in whole.left()) else (*caveats, Caveat.UNKNOWN),
            hidden=hidden,
            channels=channels,
        )
        return self._keep(edition_of(summary, folder), folder)

    def fetch(self, due: datetime, folder: Path) -> Edition | None:
        """What an earlier attempt archived; None without an archive. Raises ArchiveError."""
        if self._archive is None:
            return None
        summary = self._archive.summary(due)
        if summary.total:
            self._archive.fetch(due, folder / OPEN_VIOLATIONS)
        if summary.comparison and summary.comparison.resolved:
            self._archive.fetch(due, folder / RESOLVED_VIOLATIONS)
        if summary.accepted_total:
            self._archive.fetch(due, folder / ACCEPTED_VIOLATIONS)
        return replace(edition_of(summary, folder), is_archived=True)

    def _keep(self, edition: Edition, folder: Path) -> Edition:
        """The edition once the archive has it, the summary last; or else, with the problem told: a digest that nobody
        gets, for the sake of the next one's comparison, would be worse."""
        if self._archive is None:
            return edition
        summary = edition.summary
        files = [folder / name for name in (OPEN_VIOLATIONS, RESOLVED_VIOLATIONS, ACCEPTED_VIOLATIONS, MEMORY)]
        try:
            for file in files:
                if file.exists():
                    self._archive.keep(summary.scheduled_time, file)
            self._archive.keep_summary(summary)
        except ArchiveError as error:
            problems = (*summary.archive_problems, archive_problem(error, self._telemetry))
            return replace(edition, summary=replace(summary, archive_problems=problems))
        return replace(edition, is_archived=True)


def _memory(whole: Part) -> Iterator[tuple[str | Gone | Away, Placement | None]]:
    """What the next digest is to know: what is not known to have ended stays known, and where it was told."""
    yield from whole.open_list.contents()
    for absent in whole.absent():
        for entry in _remembered(absent, whole.due):
            yield entry, absent.placed_before
    for gone in whole.open_list.still_gone():
        if whole.due - gone.since < REMEMBERED_FOR:
            yield gone, None


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

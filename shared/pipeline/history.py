"""What the archive knows of the digests before this one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.aws.archive import MEMORY, SUMMARY, Archive, PastDigest, key_of
from shared.digest.memory import Memory
from shared.digest.open_list import OpenList
from shared.digest.summary import DIGESTS_IN_TREND, ArchiveProblem, TrendPoint
from shared.errors import ArchiveError, ArchiveFault
from shared.telemetry import Telemetry
from shared.text import excerpt

REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The digest to compare with, and whether it listed all that was open."""

    scheduled_time: datetime
    lists_all: bool


class History:
    """The last digests, their totals, all in all and by channel, and what is wrong with the archive; without an
    `archive` there are none."""

    def __init__(self, due: datetime, *, archive: Archive | None, telemetry: Telemetry) -> None:
        self._archive = archive
        self._telemetry = telemetry
        self.problems: list[ArchiveProblem] = []
        self.channel_totals: list[tuple[datetime, Mapping[str, int]]] = []
        self._digests = self._past(due)
        self.trend = tuple(sorted(self._trend(), key=lambda point: point.scheduled_time))

    def remember_last(self, open_list: OpenList, folder: Path) -> Baseline | None:
        """Tell the list what the last digest knew, or, where that can't be read, the one before."""
        for archive, digest in self._archived():
            try:
                lists_all = _remember(archive, digest, open_list, folder / f"last-{MEMORY}")
            except ArchiveError as error:
                self._note(error)
                continue
            if not lists_all:
                date = f"{digest.scheduled_time:%Y-%m-%d}"
                self.problems.append(ArchiveProblem(fault=ArchiveFault.INCOMPLETE, subject=date))
            return Baseline(scheduled_time=digest.scheduled_time, lists_all=lists_all)
        return None

    def _archived(self) -> Iterator[tuple[Archive, PastDigest]]:
        if self._archive:
            yield from ((self._archive, digest) for digest in self._digests)

    def _past(self, due: datetime) -> list[PastDigest]:
        if self._archive is None:
            return []
        try:
            digests, problems = self._archive.past(due, DIGESTS_IN_TREND - 1)
        except ArchiveError as error:
            digests, problems = [], [error]
        for problem in problems:
            self._note(problem)
        return digests

    def _trend(self) -> Iterator[TrendPoint]:
        """Their totals; an incomplete one's would show a dip that never was."""
        for archive, digest in self._archived():
            try:
                _require(SUMMARY, digest)
                summary = archive.summary(digest.scheduled_time)
            except ArchiveError as error:
                self._note(error)
                continue
            if summary.incomplete is None:
                self.channel_totals.append((summary.scheduled_time, summary.channels))
                yield TrendPoint(scheduled_time=summary.scheduled_time, total=summary.total)

    def _note(self, error: ArchiveError) -> None:
        self.problems.append(archive_problem(error, self._telemetry))


def remembered_baseline(open_list: OpenList) -> Baseline | None:
    """What `remember_last` answered about a list that was put aside since."""
    known = open_list.noted(REMEMBERED)
    return known and Baseline(scheduled_time=datetime.fromisoformat(known["digest"]), lists_all=known["lists_all"])


def archive_problem(error: ArchiveError, telemetry: Telemetry) -> ArchiveProblem:
    """The problem for the digest's reader; the log has the details."""
    telemetry.log.warning("archive problem", extra={"why": str(error)})
    return ArchiveProblem(fault=error.fault, subject=excerpt(error.key))


def _remember(archive: Archive, digest: PastDigest, open_list: OpenList, file: Path) -> bool:
    """Whether the digest listed all there was; an earlier part of this one may have read it already."""
    known, name = open_list.noted(REMEMBERED) or {}, digest.scheduled_time.isoformat()
    if known.get("digest") == name:
        return bool(known["lists_all"])
    _require(MEMORY, digest)
    archive.fetch(digest.scheduled_time, file, MEMORY)
    open_list.note(REMEMBERED, None)
    try:
        memory = Memory(file)
        open_list.remember(memory.entries())
    except ValueError as error:
        raise ArchiveError(key_of(digest.scheduled_time, MEMORY), ArchiveFault.BROKEN, error) from error
    open_list.remember_hidden(memory.hidden)
    open_list.note(REMEMBERED, {"digest": name, "lists_all": memory.lists_all})
    return memory.lists_all


def _require(name: str, digest: PastDigest) -> None:
    if name not in digest.names:
        raise ArchiveError(key_of(digest.scheduled_time, name), ArchiveFault.MISSING, "it was not listed")

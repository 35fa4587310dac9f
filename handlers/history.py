"""What the archive knows of the digests before this one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.app import App
from shared.aws.archive import MEMORY, SUMMARY, PastDigest, key_of
from shared.digest.memory import Memory
from shared.digest.open_list import OpenList
from shared.digest.summary import TrendPoint
from shared.errors import ArchiveError, ArchiveFault

DIGESTS_IN_TREND = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The digest to compare with, and whether it listed all that was open."""

    scheduled_time: datetime
    lists_all: bool


class History:
    """The last digests, their totals, and, in words, what is wrong with the archive."""

    def __init__(self, due: datetime, app: App) -> None:
        self._app = app
        self.problems: list[str] = []
        self._digests = self._past(due) if app.config.archive_bucket else []
        self.trend = tuple(sorted(self._trend(), key=lambda point: point.scheduled_time))

    def remember_last(self, open_list: OpenList, folder: Path) -> Base | None:
        """Tell the list what the last digest knew, or, where that can't be read, the one before."""
        for digest in self._digests:
            try:
                lists_all = self._remember(digest, open_list, folder / f"last-{MEMORY}")
            except ArchiveError as error:
                self.problems.append(tell(error, self._app))
                continue
            if not lists_all:
                self.problems.append(self._app.wording.archive_gap.format(date=f"{digest.scheduled_time:%Y-%m-%d}"))
            return Base(scheduled_time=digest.scheduled_time, lists_all=lists_all)
        return None

    def _past(self, due: datetime) -> list[PastDigest]:
        try:
            digests, problems = self._app.archive.past(due, DIGESTS_IN_TREND - 1)
        except ArchiveError as error:
            digests, problems = [], [error]
        self.problems += [tell(problem, self._app) for problem in problems]
        return digests

    def _trend(self) -> Iterator[TrendPoint]:
        """Their totals; an incomplete one's would show a dip that never was."""
        for digest in self._digests:
            try:
                _require(SUMMARY, digest)
                summary = self._app.archive.summary(digest.scheduled_time)
            except ArchiveError as error:
                self.problems.append(tell(error, self._app))
                continue
            if summary.incomplete is None:
                yield TrendPoint(scheduled_time=summary.scheduled_time, total=summary.total)

    def _remember(self, digest: PastDigest, open_list: OpenList, file: Path) -> bool:
        _require(MEMORY, digest)
        self._app.archive.fetch(digest.scheduled_time, file, MEMORY)
        try:
            memory = Memory(file)
            open_list.remember(memory.entries())
        except ValueError as error:
            raise ArchiveError(key_of(digest.scheduled_time, MEMORY), ArchiveFault.BROKEN, error) from error
        return memory.lists_all


def _require(name: str, digest: PastDigest) -> None:
    if name not in digest.names:
        raise ArchiveError(key_of(digest.scheduled_time, name), ArchiveFault.MISSING, "it was not listed")


def tell(error: ArchiveError, app: App) -> str:
    """A problem in the reader's words; the log has the details."""
    app.telemetry.log.warning("archive problem", extra={"why": str(error)})
    return app.wording.archive_faults[error.fault].format(key=error.key)

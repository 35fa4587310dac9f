"""Security Hub → the list of open violations; over several invocations where one is too short."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from shared.aws.archive import Archive
from shared.aws.query import queries
from shared.aws.scan import Page, Position, Scan, shortfall
from shared.digest.open_list import OpenList
from shared.digest.summary import Shortfall
from shared.errors import ArchiveError, ArchiveFault, ScanIncompleteError
from shared.policy.selection import Policy
from shared.telemetry import Telemetry

SECONDS_TO_SEND = 120  # of the function's 900: a last request that hangs takes 35, then come files, archive and Slack
SECONDS_PER_VIOLATION = 0.0006  # to compare, write, archive and send one; "make bench BENCH=scale" measures it
FILE_NAME = "open-list.sqlite"
FINDINGS_BETWEEN_WORDS = 10_000  # half a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a digest asks for, exceptions aside, for what they accept is listed, too; and the names of the tags that are
    kept, as `tag_name` gives them."""

    policy: Policy
    tag_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The list, how many findings were unreadable, and what is missing of it, if anything may be."""

    open_list: OpenList
    unreadable: int
    incomplete: Shortfall | None

    @property
    def may_go_on(self) -> bool:
        """Whether nothing but time was missing."""
        return self.incomplete is not None and self.incomplete.problem is None


class Gathering:
    """Fills lists; without an `archive` a scan has one invocation."""

    def __init__(self, *, scan: Scan, archive: Archive | None, telemetry: Telemetry) -> None:
        self._scan = scan
        self._archive = archive
        self._telemetry = telemetry

    def resume(self, wanted: Wanted, due: datetime, part: int | str, folder: Path) -> OpenList:
        """The list as an earlier part left it; an empty one for part 0, or if the settings ask for other things by now.

        Raises ArchiveError if that part is not in the archive, or is broken.
        """
        file = folder / FILE_NAME
        if part and self._archive:
            self._archive.fetch_part(due, part, file)
        try:
            open_list = OpenList(file)
        except ValueError as error:
            raise ArchiveError(f"part {part} of the digest of {due}", ArchiveFault.BROKEN, error) from error
        if open_list.noted("queries") in (None, queries(wanted.policy)):
            return open_list
        self._telemetry.log.warning("digest begun anew", extra={"why": "the settings have changed"})
        open_list.close()
        file.unlink()
        return OpenList(file)

    def put_aside(self, open_list: OpenList, due: datetime, part: int | str, folder: Path) -> bool:
        """Keep the list, and how far it goes, for the next part; False if there is no archive to keep it in."""
        if self._archive is None:
            return False
        open_list.save()
        self._archive.keep_part(due, part, folder / FILE_NAME)
        return True

    def gather(self, open_list: OpenList, wanted: Wanted, seconds_left: Callable[[], float]) -> Gathered:
        """Read what is open into the list, from the beginning or from where it ends."""
        open_list.note("queries", queries(wanted.policy))
        position = Position(**(open_list.noted("position") or {}))
        incomplete = None

        try:
            for page in self._scan.pages(wanted.policy, lambda: seconds_to_read(seconds_left, open_list), position):
                self._take(page, open_list, wanted, position)
                position = page.position
        except ScanIncompleteError as error:
            self._telemetry.log.info("digest scan cut short", extra={"why": str(error)})
            incomplete = shortfall(error, wanted.policy, position)
        open_list.note("position", asdict(position))
        return Gathered(open_list=open_list, unreadable=position.unreadable, incomplete=incomplete)

    def _take(self, page: Page, open_list: OpenList, wanted: Wanted, before: Position) -> None:
        if page.position.begun_anew != before.begun_anew:
            self._telemetry.log.warning("digest query begun anew", extra={"query": page.position.begun_anew})
        for why in page.unreadable:
            self._telemetry.log.error("finding unreadable", extra={"why": why})
        for violation in page.violations:
            open_list.add(violation.with_tags(wanted.tag_names))
        read = page.position.findings_read
        if read // FINDINGS_BETWEEN_WORDS > before.findings_read // FINDINGS_BETWEEN_WORDS:
            self._telemetry.log.info("digest reading", extra={"findings_read": read})


def seconds_to_read(seconds_left: Callable[[], float], open_list: OpenList) -> float:
    """How many of the seconds left are not needed to send the list."""
    return seconds_left() - SECONDS_TO_SEND - len(open_list) * SECONDS_PER_VIOLATION

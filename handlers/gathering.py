"""Security Hub → the list of open violations; over several invocations where one is too short."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.app import App
from shared.aws.query import queries
from shared.aws.scan import Position, open_violations
from shared.digest.open_list import OpenList
from shared.errors import ArchiveError, ArchiveFault, MalformedEventError, ScanIncompleteError
from shared.retry import seconds_remaining

SECONDS_TO_SEND = 120  # of the function's 900: a last request that hangs takes 35, then come files, archive and Slack
SECONDS_PER_VIOLATION = 0.0006  # to compare, write, archive and send one; "make bench BENCH=scale" measures it
FILE_NAME = "open-list.sqlite"
FINDINGS_BETWEEN_WORDS = 10_000  # half a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The list, how many findings were unreadable, and why there are no more, if there may be."""

    open_list: OpenList
    unreadable: int
    incomplete: ScanIncompleteError | None

    @property
    def may_go_on(self) -> bool:
        """Whether nothing but time was missing."""
        return self.incomplete is not None and self.incomplete.problem is None


def fetch_part(due: datetime, part: int, app: App, folder: Path) -> OpenList:
    """The list as an earlier part left it; an empty one for part 0, or if the settings ask for other things by now."""
    file = folder / FILE_NAME
    if part:
        app.archive.fetch_part(due, part, file)
    try:
        open_list = OpenList(file)
    except ValueError as error:
        raise ArchiveError(f"part {part} of the digest of {due}", ArchiveFault.BROKEN, error) from error
    if open_list.noted("queries") in (None, queries(app.config.policy)):
        return open_list
    app.telemetry.log.warning("digest begun anew", extra={"why": "the settings have changed"})
    open_list.close()
    file.unlink()
    return OpenList(file)


def put_aside(open_list: OpenList, due: datetime, part: int, app: App, folder: Path) -> None:
    """Keep the list, and how far it goes, for the next part."""
    open_list.close()
    app.archive.keep_part(due, part, folder / FILE_NAME)


def gather(open_list: OpenList, app: App, context: Any) -> Gathered:
    """Read what is open into the list, from the beginning or from where it ends."""
    open_list.note("queries", queries(app.config.policy))
    position = Position(**(open_list.noted("position") or {}))
    unreadable, incomplete = open_list.noted("unreadable") or 0, None

    def seconds_left() -> float:
        return seconds_remaining(context) - SECONDS_TO_SEND - len(open_list) * SECONDS_PER_VIOLATION

    try:
        told = position.findings_read
        for found in open_violations(
            app.patient_security_hub, app.config.policy, seconds_left=seconds_left, position=position
        ):
            if isinstance(found, MalformedEventError):
                unreadable += 1
                app.telemetry.log.error("finding unreadable", extra={"why": str(found)})
            else:
                open_list.add(found)
            if position.findings_read >= told + FINDINGS_BETWEEN_WORDS:
                told = position.findings_read
                app.telemetry.log.info("digest reading", extra={"findings_read": told})
    except ScanIncompleteError as error:
        incomplete = error
    open_list.note("position", asdict(position))
    open_list.note("unreadable", unreadable)
    return Gathered(open_list=open_list, unreadable=unreadable, incomplete=incomplete)

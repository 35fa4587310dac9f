"""A scheduled time → every open violation as a CSV → Slack, once."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.aws.digest_record import Counts, DigestClaim, DigestRecord
from shared.digest.fate import Caveat
from shared.digest.hidden import HiddenCount, Hiding, doubts
from shared.digest.open_list import OpenList
from shared.digest.summary import Summary
from shared.errors import ArchiveError, NotRecordedError, ScanIncompleteError
from shared.pipeline.counting import Counting
from shared.pipeline.delivery import Delivery
from shared.pipeline.edition import Edition, Press
from shared.pipeline.gathering import Gathered, Gathering
from shared.pipeline.inquiry import Inquiry
from shared.telemetry import Telemetry

MAX_PARTS = 12  # to read some 1,100,000 violations, or to look up half as many


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What one invocation has to do: the digest `due` then (an aware time in its readers' time zone), in which `part`
    of a scan (None if nobody would start another), for which environment, and in how many seconds."""

    due: datetime
    part: int | None
    environment_name: str
    seconds_left: Callable[[], float]

    @property
    def scheduled_time(self) -> datetime:
        return self.due.astimezone(UTC)

    @property
    def has_another_part(self) -> bool:
        return self.part is not None and self.part + 1 < MAX_PARTS


class DigestPipeline:
    """Makes and sends digests."""

    def __init__(
        self,
        *,
        record: DigestRecord,
        gathering: Gathering,
        inquiry: Inquiry,
        counting: Counting,
        press: Press,
        delivery: Delivery,
        telemetry: Telemetry,
        clock: Callable[[], datetime],
    ) -> None:
        self._record = record
        self._gathering = gathering
        self._inquiry = inquiry
        self._counting = counting
        self._press = press
        self._delivery = delivery
        self._telemetry = telemetry
        self._clock = clock

    def send(self, assignment: Assignment) -> Counts | None:
        """What the digest counted; None if its scan is to go on in another invocation.

        Raises ClaimHeldError if another attempt is at it.
        """
        counts = self._record.posted(assignment.due)
        if counts is not None:
            self._telemetry.log.info("digest already posted", extra=counts)
            return counts
        with self._record.claim(assignment.due, self._clock()) as claim, TemporaryDirectory() as folder:
            edition = self._archived(assignment, claim, Path(folder)) or self._make(assignment, claim, Path(folder))
            if edition:
                date = f"{assignment.due:%Y-%m-%d}"
                self._delivery.send(edition, claim, date=date, environment_name=assignment.environment_name)
        if edition is None:
            claim.give_back()
            return None
        return self._conclude(edition.summary, claim)

    def _archived(self, assignment: Assignment, claim: DigestClaim, folder: Path) -> Edition | None:
        """What an earlier attempt archived but could not send; an incomplete one only if its message is out already."""
        progress = claim.progress
        if not progress.is_archived:
            return None
        try:
            edition = self._press.fetch(assignment.scheduled_time, folder)
        except ArchiveError as error:
            self._telemetry.log.warning("digest made anew", extra={"why": str(error)})
            return None
        return edition if edition and (progress.message or not edition.summary.incomplete) else None

    def _make(self, assignment: Assignment, claim: DigestClaim, folder: Path) -> Edition | None:
        """Scan, look up what is no longer listed, count what is hidden, compare and archive; None if another invocation
        is to go on with it."""
        due = assignment.scheduled_time
        with closing(self._gathering.resume(due, assignment.part or 0, folder)) as open_list:
            gathered = self._gathering.gather(open_list, assignment.seconds_left)
            if gathered.may_go_on and self._goes_on(open_list, assignment, folder):
                return None
            past = self._press.look_back(open_list, due, folder)
            if gathered.incomplete:
                # Sent as it is: what cut it short may cut the retries short too, and nobody would get any list.
                why = gathered.incomplete.problem or "no time was left"
                self._telemetry.log.error("digest incomplete", extra={"why": why})
            else:
                try:
                    self._inquiry.ask(open_list, due, assignment.seconds_left)
                except ScanIncompleteError as error:
                    if error.problem is None and self._goes_on(open_list, assignment, folder):
                        return None
                    self._telemetry.log.error("digest not verified", extra={"why": str(error)})
                else:
                    self._counting.count(open_list, assignment.seconds_left)
                    if self._counts_on(open_list, assignment, folder):
                        return None
            hidden = self._counting.counted(open_list)
            caveats = self._caveats(gathered, hidden, assignment)
            edition = self._press.make(gathered, past, hidden, caveats, due, folder)
        if edition.is_archived:
            claim.record_archived()
        return edition

    def _goes_on(self, open_list: OpenList, assignment: Assignment, folder: Path) -> bool:
        """Whether another invocation goes on from here."""
        part = (assignment.part or 0) + 1
        if not assignment.has_another_part:
            return False
        if not self._gathering.put_aside(open_list, assignment.scheduled_time, part, folder):
            return False
        self._telemetry.log.info("digest goes on", extra={"part": part})
        return True

    def _counts_on(self, open_list: OpenList, assignment: Assignment, folder: Path) -> bool:
        """Whether another invocation counts what this one had no time for; for that alone no digest fails."""
        try:
            return self._counting.goes_on(open_list) and self._goes_on(open_list, assignment, folder)
        except ArchiveError as error:
            self._telemetry.log.warning("digest can't go on", extra={"why": str(error)})
            return False

    def _caveats(
        self, gathered: Gathered, hidden: Mapping[Hiding, HiddenCount], assignment: Assignment
    ) -> tuple[Caveat, ...]:
        """What keeps the digest from saying that every selected control passes, where it might."""
        if len(gathered.open_list) or gathered.incomplete or gathered.unreadable:
            return ()
        undecided = self._inquiry.undecided(gathered.open_list, assignment.seconds_left)
        found = (*doubts(hidden), *([undecided] if undecided else []))
        return tuple(dict.fromkeys(found))

    def _conclude(self, summary: Summary, claim: DigestClaim) -> Counts:
        counts = {"open_violations": summary.total, "unreadable": summary.unreadable}
        self._telemetry.count("DigestPosted")
        if summary.incomplete:
            self._telemetry.count("DigestIncomplete")
        self._telemetry.log.info("digest posted", extra=counts)
        try:
            claim.record(counts)
        except NotRecordedError as error:
            # A retry for the record's sake would post the files again.
            self._telemetry.log.error("digest not recorded", extra={"why": str(error)})
        return counts

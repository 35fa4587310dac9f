"""A scheduled time → every open violation as a CSV → Slack, once."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.aws.digest_record import Counts, DigestClaim, DigestRecord
from shared.digest.fate import Caveat
from shared.digest.hidden import HiddenCount, Hiding, doubts
from shared.digest.open_list import OpenList
from shared.digest.summary import Summary
from shared.errors import ArchiveError, NotRecordedError, ScanIncompleteError
from shared.pipeline.channel_digest import ChannelDigests, Round
from shared.pipeline.counting import Counting
from shared.pipeline.delivery import Delivery
from shared.pipeline.edition import Press
from shared.pipeline.gathering import Gathered, Gathering, Wanted
from shared.pipeline.inquiry import Inquiry
from shared.pipeline.part import Edition
from shared.pipeline.placing import Placing
from shared.pipeline.router import Router
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
    def date(self) -> str:
        return f"{self.due:%Y-%m-%d}"

    @property
    def has_another_part(self) -> bool:
        return self.part is not None and self.part + 1 < MAX_PARTS


class DigestPipeline:
    """Makes and sends digests."""

    def __init__(
        self,
        *,
        record: DigestRecord,
        router: Router,
        gathering: Gathering,
        inquiry: Inquiry,
        counting: Counting,
        placing: Placing,
        press: Press,
        delivery: Delivery,
        channel_digests: ChannelDigests,
        telemetry: Telemetry,
        clock: Callable[[], datetime],
    ) -> None:
        self._record = record
        self._router = router
        self._gathering = gathering
        self._inquiry = inquiry
        self._counting = counting
        self._placing = placing
        self._press = press
        self._delivery = delivery
        self._channel_digests = channel_digests
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
        began = self._clock()
        with self._record.claim(assignment.due, began) as claim, TemporaryDirectory() as name:
            folder = Path(name)
            counts = claim.progress.sent or self._send_whole(assignment, claim, folder)
            is_over = counts is not None and (
                "channels" not in counts or self._send_to_channels(assignment, claim, began, folder)
            )
        if counts is None or not is_over:
            claim.give_back()
            return None
        try:
            claim.record(counts)
        except NotRecordedError as error:
            # A retry for the record's sake would post the files again.
            self._telemetry.log.error("digest not recorded", extra={"why": str(error)})
        return counts

    def _send_whole(self, assignment: Assignment, claim: DigestClaim, folder: Path) -> Counts | None:
        """What the digest counted, which is out then; None if its scan is to go on in another invocation."""
        edition = self._archived(assignment, claim, folder) or self._make(assignment, claim, folder)
        if edition is None:
            return None
        self._delivery.send(edition, claim, date=assignment.date, environment_name=assignment.environment_name)
        counts = self._told(edition.summary)
        if "channels" in counts:
            claim.record_sent(counts)
        return counts

    def _send_to_channels(self, assignment: Assignment, claim: DigestClaim, began: datetime, folder: Path) -> bool:
        """Whether each channel has its own rows, or refuses them, or nobody would go on."""
        due = assignment.scheduled_time
        round_ = Round(
            due=due,
            began=began,
            date=assignment.date,
            environment_name=assignment.environment_name,
            wanted=self._wanted(due),
            whole=self._channel_digests.summary(due, folder),
        )
        try:
            refused = self._channel_digests.send(round_, folder, assignment.seconds_left)
        except TimeoutError:
            if assignment.has_another_part:
                self._telemetry.log.info("digest goes on", extra={"part": (assignment.part or 0) + 1})
                return False
            self._telemetry.count("DigestIncomplete")
            self._telemetry.log.error("digest not sent to all channels", extra={"why": "no time was left"})
            return True
        self._delivery.tell_refused(due, refused, claim)
        return True

    def _wanted(self, due: datetime) -> Wanted:
        policy = replace(self._router.policy(due), acceptances=())
        return Wanted(policy=policy, tag_names=self._router.tag_names(due))

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
        wanted = self._wanted(due)
        with closing(self._gathering.resume(wanted, due, assignment.part or 0, folder)) as open_list:
            gathered = self._gathering.gather(open_list, wanted, assignment.seconds_left)
            if gathered.may_go_on and self._goes_on(open_list, assignment, folder):
                return None
            past = self._press.look_back(open_list, due, folder)
            if gathered.incomplete:
                # Sent as it is: what cut it short may cut the retries short too, and nobody would get any list.
                why = gathered.incomplete.problem or "no time was left"
                self._telemetry.log.error("digest incomplete", extra={"why": why})
            else:
                try:
                    self._inquiry.ask(open_list, wanted, due, assignment.seconds_left)
                except ScanIncompleteError as error:
                    if error.problem is None and self._goes_on(open_list, assignment, folder):
                        return None
                    self._telemetry.log.error("digest not verified", extra={"why": str(error)})
                else:
                    self._counting.count(open_list, wanted.policy, assignment.seconds_left)
                    if self._counts_on(open_list, assignment, folder):
                        return None
            self._placing.place(open_list, due, assignment.seconds_left)
            channels = self._placing.channels(open_list, due)
            hidden = self._counting.counted(open_list)
            caveats = self._caveats(gathered, wanted, hidden, assignment)
            edition = self._press.make(gathered, wanted.policy, past, hidden, caveats, channels, due, folder)
            is_kept = edition.is_archived
            if channels:
                is_kept = self._channel_digests.prepare(open_list, edition.summary, past, folder) and is_kept
        if is_kept:
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
        self, gathered: Gathered, wanted: Wanted, hidden: Mapping[Hiding, HiddenCount], assignment: Assignment
    ) -> tuple[Caveat, ...]:
        """What keeps the digest from saying that every selected control passes, where it might."""
        open_list = gathered.open_list
        if open_list.section().counts() or gathered.incomplete or gathered.unreadable:
            return ()
        undecided = self._inquiry.undecided(open_list, wanted, assignment.seconds_left)
        exempt = [Caveat.EXEMPT] if len(open_list) else []
        found = (*doubts(hidden), *([undecided] if undecided else []), *exempt)
        return tuple(dict.fromkeys(found))

    def _told(self, summary: Summary) -> Counts:
        counts = {"open_violations": summary.total, "unreadable": summary.unreadable}
        if summary.channels:
            counts["channels"] = len(summary.channels)
        self._telemetry.count("DigestPosted")
        if summary.incomplete:
            self._telemetry.count("DigestIncomplete")
        self._telemetry.log.info("digest posted", extra=counts)
        return counts

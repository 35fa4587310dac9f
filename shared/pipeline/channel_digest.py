"""A list that has been told as a whole → each channel's own rows, in its channel, once.

One channel that refuses, or asks to wait, keeps no other one waiting. What one invocation has no time for, another one
goes on with, from the list as the archive keeps it.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.aws.archive import SUMMARY, Archive
from shared.aws.digest_record import DigestRecord
from shared.digest.open_list import OpenList
from shared.digest.summary import Summary, TrendPoint
from shared.digest.summary_json import decode, encode
from shared.errors import ArchiveError, ArchiveFault, MessageRejectedError, NotRecordedError, SlackError
from shared.pipeline.delivery import Delivery
from shared.pipeline.edition import Past
from shared.pipeline.gathering import FILE_NAME, SECONDS_PER_VIOLATION, Wanted
from shared.pipeline.history import remembered_baseline
from shared.pipeline.messenger import SETUP_METRICS
from shared.pipeline.part import Part, edition_of, write_part
from shared.pipeline.sheet import Sheets
from shared.telemetry import Telemetry

PART = "channels"  # the list, as the archive keeps it for these digests
SECONDS_FOR_A_CHANNEL = 45  # of the function's 900: a last message and its files, where Slack answers slowly
PAUSE_SECONDS = 10  # before what failed is tried again
MOST_ATTEMPTS = 3
REFUSED = {"refused": 1}  # what is counted of a digest that its channel doesn't take
_TOTALS = "channel_totals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The digests of one scheduled time that are to be sent to channels: `began` is when this attempt did, and `whole`
    what the default channel's digest says."""

    due: datetime
    began: datetime
    date: str
    environment_name: str
    wanted: Wanted
    whole: Summary


class ChannelDigests:
    """Sends them; `delivery_to` gives what delivers to a channel, `sleep` waits for seconds."""

    def __init__(
        self,
        *,
        record: DigestRecord,
        archive: Archive | None,
        sheets: Sheets,
        delivery_to: Callable[[str], Delivery],
        telemetry: Telemetry,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._record = record
        self._archive = archive
        self._sheets = sheets
        self._delivery_to = delivery_to
        self._telemetry = telemetry
        self._clock = clock
        self._sleep = sleep

    def prepare(self, open_list: OpenList, whole: Summary, past: Past, folder: Path) -> bool:
        """Let the list, of which the whole is told, be kept for these digests; whether another attempt can have it."""
        totals = [[time.isoformat(), dict(channels)] for time, channels in past.history.channel_totals]
        open_list.note(_TOTALS, totals)
        open_list.save()
        (folder / SUMMARY).write_text(encode(whole), encoding="utf-8")
        if self._archive is None:
            return False
        try:
            self._archive.keep_part(whole.scheduled_time, PART, folder / FILE_NAME)
        except ArchiveError as error:
            self._telemetry.log.warning("archive problem", extra={"why": str(error)})
            return False
        return True

    def summary(self, due: datetime, folder: Path) -> Summary:
        """What the digest of the default channel said; raises ArchiveError."""
        file = folder / SUMMARY
        if file.exists():
            return decode(file.read_text(encoding="utf-8"))
        if self._archive is None:
            raise ArchiveError(SUMMARY, ArchiveFault.MISSING, "there is no archive")
        return self._archive.summary(due)

    def send(self, round_: Round, folder: Path, seconds_left: Callable[[], float]) -> list[str]:
        """Send what is not out yet; the channels that refuse theirs, in this attempt or an earlier one.

        Raises TimeoutError if another invocation is to go on, ArchiveError if the list is lost, and, once all others
        have theirs, what kept one from it that is not the channel's to mend.
        """
        file = folder / FILE_NAME
        if not file.exists() and self._archive:
            self._archive.fetch_part(round_.due, PART, file)
        refused: list[str] = []
        failures: dict[str, list[SlackError]] = {}
        ready = dict.fromkeys(round_.whole.channels, self._clock())  # when each can be tried, or tried again
        deliveries = {channel: self._delivery_to(channel) for channel in ready}
        with closing(_opened(file, round_.due)) as open_list:
            while ready:
                channel, at = min(ready.items(), key=lambda item: item[1])
                del ready[channel]
                pause = max(0.0, (at - self._clock()).total_seconds())
                _require_time(seconds_left, round_.whole.channels[channel], pause)
                if pause:
                    self._sleep(pause)
                try:
                    is_taken = self._send_to(channel, open_list, round_, deliveries[channel])
                except SlackError as error:
                    self._telemetry.log.warning("digest held", extra={"channel": channel, "why": str(error)})
                    failures.setdefault(channel, []).append(error)
                    if error.retry_after is not None or len(failures[channel]) < MOST_ATTEMPTS:
                        ready[channel] = self._clock() + timedelta(seconds=error.retry_after or PAUSE_SECONDS)
                else:
                    failures.pop(channel, None)
                    refused += [] if is_taken else [channel]
        if failures:
            raise next(iter(failures.values()))[-1]
        return refused

    def _send_to(self, channel: str, open_list: OpenList, round_: Round, delivery: Delivery) -> bool:
        """Whether the channel takes its digest; raises SlackError where that may change."""
        counts = self._record.posted(round_.due, channel)
        if counts is not None:
            return counts != REFUSED
        with self._record.claim(round_.due, round_.began, channel) as claim, TemporaryDirectory() as folder:
            summary = self._make(channel, open_list, round_, Path(folder))
            counts = {"open_violations": summary.total}
            is_archived = self._archive is not None  # among the rows of the whole
            try:
                delivery.send(
                    replace(edition_of(summary, Path(folder)), is_archived=is_archived),
                    claim,
                    date=round_.date,
                    environment_name=round_.environment_name,
                )
            except (SlackError, MessageRejectedError) as error:
                if isinstance(error, SlackError):
                    if SETUP_METRICS.get(error.reason) != "SlackChannelRefused":
                        raise
                    self._telemetry.count("SlackChannelRefused")
                self._telemetry.log.error("digest refused", extra={"channel": channel, "why": str(error)})
                counts = REFUSED
            try:
                claim.record(counts)
            except NotRecordedError as error:
                self._telemetry.log.error("digest not recorded", extra={"why": str(error)})
        return counts != REFUSED

    def _make(self, channel: str, open_list: OpenList, round_: Round, folder: Path) -> Summary:
        whole = round_.whole
        part = Part(
            open_list=open_list,
            policy=round_.wanted.policy,
            due=round_.due,
            baseline=remembered_baseline(open_list),
            is_complete=whole.incomplete is None
            and (whole.comparison is None or whole.comparison.resolved is not None),
            channel=channel,
        )
        summary = write_part(part, self._sheets, folder)
        trend = _trend(open_list.noted(_TOTALS) or [], channel)
        return replace(
            summary,
            unreadable=whole.unreadable,
            incomplete=whole.incomplete,
            archive_problems=() if summary.comparison else whole.archive_problems,
            trend=(*trend, TrendPoint(scheduled_time=round_.due, total=summary.total)),
        )


def _opened(file: Path, due: datetime) -> OpenList:
    try:
        return OpenList(file)
    except ValueError as error:
        raise ArchiveError(f"part {PART} of the digest of {due}", ArchiveFault.BROKEN, error) from error


def _require_time(seconds_left: Callable[[], float], rows: int, pause: float) -> None:
    if seconds_left() < pause + SECONDS_FOR_A_CHANNEL + rows * SECONDS_PER_VIOLATION:
        raise TimeoutError("another invocation goes on")


def _trend(totals: list[tuple[str, Mapping[str, int]]], channel: str) -> list[TrendPoint]:
    """How many were open at the digests that told them by channel."""
    points = [
        TrendPoint(scheduled_time=datetime.fromisoformat(time), total=channels[channel])
        for time, channels in totals
        if channel in channels
    ]
    return sorted(points, key=lambda point: point.scheduled_time)

"""The one message of a storm: joined by violations, kept up to date, and concluded with a list of them all.

Whoever joins writes the message anew, at most every few seconds. A delayed message of our own on the alert queue, the
follow-up, looks after what nobody else does: the last to join, members that are gone, and the end.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from shared.alert.bell import Bell
from shared.alert.burst import (
    FOLLOW_UP_AFTER,
    MOST_MEMBERS,
    Burst,
    Member,
    Tally,
    calm_at,
    is_concluded,
    is_followed_up,
    is_prolonged,
    news_of,
    owners_to_count,
    tally_of,
    worst_first,
)
from shared.alert.entry import Entry, Membership
from shared.aws.alert_queue import AlertQueue
from shared.aws.burst_ledger import Admission, BurstLedger
from shared.errors import ArchiveError, ClaimHeldError, MessageGoneError, RefusedError, ShiraseError, SlackError
from shared.finding.violation import Violation
from shared.finding.violation_json import encode
from shared.message import Message
from shared.pipeline.messenger import Forms, Messenger
from shared.policy.owner import Mention
from shared.slack.client import SlackFile
from shared.telemetry import Telemetry
from shared.view.alert import render_standing_in
from shared.view.burst import render_burst
from shared.view.csv_file import csv_file, csv_rows
from shared.view.mark import burst_mark, burst_news_mark
from shared.view.plain_text import forms_of
from shared.view.rich_text import Payload
from shared.view.wording import Wording

if TYPE_CHECKING:
    from shared.aws.archive import Archive

FOLLOW_UP = "follow up burst"
FOLLOW_UPS = {FOLLOW_UP, "check burst"}  # version 0.1 said so, and its messages may still be queued


class BurstPipeline:
    """Counts together what comes too fast; without an alert `queue` nothing is followed up. The archive is only needed
    where Slack takes no files."""

    def __init__(
        self,
        *,
        ledger: BurstLedger,
        messenger: Messenger,
        queue: AlertQueue | None,
        find_archive: "Callable[[], Archive | None]",
        limit: int,
        csv_delimiter: str,
        wording: Wording,
        environment_name: str,
        telemetry: Telemetry,
    ) -> None:
        self._ledger = ledger
        self._messenger = messenger
        self._queue = queue
        self._find_archive = find_archive
        self._limit = limit
        self._csv_delimiter = csv_delimiter
        self._wording = wording
        self._environment_name = environment_name
        self._telemetry = telemetry

    def admit(self, violation: Violation, channel: str, now: datetime, bell: Bell | None = None) -> Admission:
        """Whether a violation may be announced by itself in a channel, and whom it rings, as BurstLedger says."""
        return self._ledger.admit(violation, channel, limit=self._limit, now=now, bell=bell)

    def ring(self, channel: str, bell: Bell, now: datetime) -> tuple[Mention, ...]:
        """Whom of those that its bell is to ring a message rings, as BurstLedger says."""
        return self._ledger.ring(channel, bell, now)

    def join(self, burst_id: str, violation: Violation, entry: Entry, now: datetime) -> Entry:
        """The entry to record for a violation that joins a burst."""
        burst = self.ensure_follow_up(burst_id, now)
        if burst and entry.announcements == 1 and not is_prolonged(burst, now):
            self._ledger.prolong(burst_id, now)
        membership = Membership(
            burst_id=burst_id,
            joined_at=now,
            control_id=violation.control_id,
            account_id=violation.account_id,
            content=encode(violation),
        )
        return replace(entry, message=None, membership=membership)

    def ensure_follow_up(self, burst_id: str, now: datetime) -> Burst | None:
        """See to it that a burst's message is soon brought up to date. To be called before what it has to tell is
        recorded, so that a crash in between tells nothing rather than forgets it.
        """
        burst = self._ledger.look_up(burst_id)
        if burst and not is_followed_up(burst, now):
            self._schedule_follow_up(burst_id, now + FOLLOW_UP_AFTER, now)
        return burst

    def count_owners(self, burst_id: str, names: tuple[str, ...]) -> None:
        """Count one more violation of these owners, for the burst's message to name those with the most."""
        burst = self._ledger.look_up(burst_id) if names else None
        if burst:
            self._ledger.count_owners(burst_id, owners_to_count(burst, names))

    def refresh(self, burst_id: str, now: datetime) -> None:
        """Bring a burst's message up to date, unless that was done a moment ago."""
        try:
            burst = self._ledger.look_up(burst_id)
            if burst and (burst.lease_until is None or burst.lease_until <= now):
                self._bring_up_to_date(burst_id, now)
        except ClaimHeldError:
            return  # somebody else does it
        except ShiraseError as error:
            # The violation is recorded, and the follow-up tries again.
            self._telemetry.log.warning("burst not shown yet", extra={"burst": burst_id, "problem": str(error)})

    def follow_up(self, burst_id: str, now: datetime) -> None:
        """Bring a burst's message up to date and, when it is over, conclude it.

        Raises ClaimHeldError if somebody is writing the message just now.
        """
        burst = self._ledger.look_up(burst_id)
        if burst is None or (burst.follow_up_at and burst.follow_up_at > now):
            return  # a later follow-up is on its way
        calm = self._bring_up_to_date(burst_id, now)
        if calm > now:
            self._schedule_follow_up(burst_id, calm, now)

    def message_of(self, burst_id: str) -> Message | None:
        """Where the message of a burst stands."""
        burst = self._ledger.look_up(burst_id)
        return burst.message if burst else None

    def _schedule_follow_up(self, burst_id: str, due_at: datetime, now: datetime) -> None:
        if self._queue is None:
            return
        seconds = int((due_at - now).total_seconds()) + 1
        self._queue.send(json.dumps({"shirase": FOLLOW_UP, "burst_id": burst_id}), seconds)
        self._ledger.note_follow_up(burst_id, due_at)

    def _bring_up_to_date(self, burst_id: str, now: datetime) -> datetime:
        """When the burst is over, as far as is known."""
        with self._ledger.claim(burst_id, now) as was_attempted:
            burst = self._ledger.look_up(burst_id)
            if burst is None:
                return now
            members = list(self._ledger.members(burst_id))
            tally = tally_of(burst, members)
            is_over = calm_at(burst) <= now
            if is_over or len(members) >= MOST_MEMBERS:
                self._ledger.end(burst_id, burst.channel)
            if tally:
                burst = self._show(burst, tally, now, attempted_at=burst.started_at if was_attempted else None)
                if is_over and not is_concluded(burst, tally):
                    self._conclude(burst, tally, members, now)
            return calm_at(burst)

    def _show(self, burst: Burst, tally: Tally, now: datetime, attempted_at: datetime | None = None) -> Burst:
        """Write the message as it has to be now, where it stands or, if it is gone while the burst goes on, anew."""
        shown, mark, channel = self._render(burst, tally), burst_mark(burst), self._channel_of(burst)
        message = burst.message or self._messenger.find_announced(mark, attempted_at, channel)
        is_elsewhere = message is not None and message.channel == self._messenger.default_channel != channel
        forms = forms_of(render_standing_in(shown, channel, self._wording) if is_elsewhere else shown)
        refusal = self._update(message, forms, burst, now) if message else None
        if (message is None or isinstance(refusal, MessageGoneError)) and not is_concluded(burst, tally):
            message = self._messenger.announce(forms_of(shown), mark, channel, now)
        if message and message != burst.message:
            self._ledger.record_message(burst.burst_id, message)
        news = news_of(burst, tally)
        if message and news and news not in burst.told:
            if refusal:
                self._messenger.tell(forms, burst_news_mark(burst, news), burst.started_at, message, now)
            self._ledger.record_told(burst.burst_id, burst.told | {news})
        return replace(burst, message=message)

    def _render(self, burst: Burst, tally: Tally) -> Payload:
        return render_burst(burst, tally, self._wording, self._environment_name)

    def _channel_of(self, burst: Burst) -> str:
        known = burst.channel or (burst.message.channel if burst.message else None)
        return known or self._messenger.default_channel

    def _update(self, message: Message, forms: Forms, burst: Burst, now: datetime) -> RefusedError | None:
        """Why the message can't be changed, if it can't. What is news is told beside it then, and not how it grows."""
        try:
            self._messenger.update(message, forms)
        except RefusedError as error:
            told = {"burst": burst.burst_id, "why": str(error)}
            self._telemetry.log.warning("message not changed", extra=told)
            return error
        except SlackError as error:
            if not self._messenger.note_refusal(message.channel, error, now):
                raise
            return MessageGoneError(str(error), reason=error.reason, is_final=True)  # it goes on in the default channel
        return None

    def _conclude(self, burst: Burst, tally: Tally, members: list[Member], now: datetime) -> None:
        file = self._file(burst, members)
        self._messenger.share(
            [file],
            burst_mark(burst),
            # An attempt whose end was not recorded may have left it there; an earlier list lacks who came since.
            None if burst.concluded_at else calm_at(burst),
            burst.message or self._channel_of(burst),
            now,
            instead=lambda reason: self._wording.instead_of_files(reason, self._keep(burst, file)),
            comment=self._wording.burst_comment,
        )
        self._ledger.conclude(burst.burst_id, tally, now)
        self._show(replace(burst, concluded_at=now), tally, now)

    def _keep(self, burst: Burst, file: SlackFile) -> list[str]:
        """The key under which the archive has a file that Slack refused; none if it takes it neither."""
        archive = self._find_archive()
        try:
            return [archive.keep_burst(burst.started_at, file.content)] if archive else []
        except ArchiveError as error:
            self._telemetry.log.warning("archive problem", extra={"why": str(error)})
            return []

    def _file(self, burst: Burst, members: list[Member]) -> SlackFile:
        time = f"{burst.started_at:%Y-%m-%dT%H%MZ}"
        listed = self._ledger.violations(sorted(members, key=worst_first))
        delimiter = self._csv_delimiter
        rows = (
            csv_rows(violation, joined_at, delimiter=delimiter, wording=self._wording)
            for violation, joined_at in listed
        )
        return SlackFile(
            name=self._wording.burst_filename.format(time=time),
            title=self._wording.burst_title.format(time=time),
            content=csv_file(rows, self._wording, delimiter=delimiter),
        )


def burst_to_follow_up(body: object) -> str | None:
    """The burst that a message on the queue asks to look after; None if it is anything else."""
    return str(body["burst_id"]) if isinstance(body, dict) and body.get("shirase") in FOLLOW_UPS else None

"""What is decided of a violation → Slack and the ledger: announced, shown anew, rated otherwise, or closed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.alert.bell import Bell
from shared.alert.entry import Entry
from shared.alert.lifecycle import Told
from shared.aws.ledger import Claim
from shared.aws.workflow import Workflow
from shared.errors import MarkNotifiedError, RefusedError, ShiraseError, SlackError
from shared.finding.violation import Severity, Violation, fingerprint
from shared.message import Message
from shared.pipeline.burst import BurstPipeline
from shared.pipeline.messenger import Messenger
from shared.pipeline.outcome import Outcome
from shared.pipeline.router import Router
from shared.policy.owner import Mention
from shared.policy.route import Destination
from shared.slack.client import Slack
from shared.slack.refusal import CHANNEL_PROBLEMS
from shared.telemetry import Telemetry
from shared.view.alert import (
    Recurrence,
    closing_sentence,
    flapping_sentence,
    raised_sentence,
    render_alert,
    render_closed,
    render_pointer,
    render_rerated,
    render_standing_in,
)
from shared.view.mark import announcement_mark, closing_mark, raise_mark
from shared.view.plain_text import forms_of
from shared.view.rich_text import Payload
from shared.view.wording import Wording


class Teller:
    """Tells of violations, and records it under their claims; `workflow` is None where findings aren't to be marked as
    NOTIFIED."""

    def __init__(
        self,
        *,
        router: Router,
        bursts: BurstPipeline,
        slack: Slack,
        messenger: Messenger,
        workflow: Workflow | None,
        wording: Wording,
        environment_name: str,
        telemetry: Telemetry,
    ) -> None:
        self._router = router
        self._bursts = bursts
        self._slack = slack
        self._messenger = messenger
        self._workflow = workflow
        self._wording = wording
        self._environment_name = environment_name
        self._telemetry = telemetry

    def announce(
        self, violation: Violation, entry: Entry, claim: Claim, now: datetime, destination: Destination
    ) -> Outcome:
        """Post a message of its own, or count it in that of a burst."""
        earlier, mark = self._last_message(entry), announcement_mark(violation, entry)
        channel = destination.channel or self._messenger.default_channel
        message = self._messenger.find_announced(mark, claim.attempted_at, channel)
        admission = None
        if message is None:
            # What a channel refused a moment ago counts where it goes instead.
            place = self._messenger.default_channel if self._messenger.refusal_of(channel, now) else channel
            admission = self._bursts.admit(violation, place, now, _bell(violation, entry, destination))
        if admission and admission.burst_id:
            joined = self._bursts.join(admission.burst_id, violation, entry, now)
            claim.record(replace(joined, earlier=earlier, meant_for=None))
            self._mark_notified(violation)
            if not (entry.membership and entry.membership.burst_id == admission.burst_id):
                self._bursts.count_owners(admission.burst_id, destination.ownership.names)
            self._bursts.refresh(admission.burst_id, now)
            return Outcome.COUNTED
        if message is None:
            mentions = admission.mentions if admission else ()
            shown = self._render(violation, entry, earlier, destination, mentions)
            message = self._messenger.announce(forms_of(shown), mark, channel, now)
        # Recorded last: a crash in between repeats a message rather than losing it.
        meant_for = channel if message.channel == self._messenger.default_channel != channel else None
        claim.record(replace(entry, message=message, earlier=earlier, meant_for=meant_for))
        self._mark_notified(violation)
        self._point(violation, message, destination)
        return Outcome.REOPENED if entry.announcements > 1 else Outcome.ANNOUNCED

    def come_back(self, violation: Violation, entry: Entry, told: Told, claim: Claim, now: datetime) -> Outcome:
        """Show in the last message of a violation that comes and goes that it is open again. That of a burst counts
        what is open by itself."""
        if message := entry.message:
            destination = self._router.destination(violation, now)
            shown = forms_of(self._render_again(violation, entry, destination))
            is_shown = self._messenger.show(message, shown, now)
            if told is Told.IN_THREAD:
                sentence, mark = flapping_sentence(entry, self._wording), announcement_mark(violation, entry)
                if is_shown:
                    self._messenger.reply(sentence, mark, claim.attempted_at, message)
                else:
                    self._messenger.tell(shown, mark, claim.attempted_at, message, now)
        claim.record(entry)
        return Outcome.FLAPPED

    def _last_message(self, entry: Entry) -> Message | None:
        """Where the announcement before this one stands."""
        if entry.message is None and entry.membership:
            return self._bursts.message_of(entry.membership.burst_id)
        return entry.message

    def _point(self, violation: Violation, message: Message, destination: Destination) -> None:
        """Tell the channels that get a link to a message of it."""
        if not destination.also:
            return
        try:
            url = self._slack.permalink(message)
        except ShiraseError as error:
            self._messenger.note_failure(error, ", ".join(destination.also), violation.key)
            return
        self._messenger.post_beside(render_pointer(violation, url, self._wording), destination.also, violation.key)

    def _render(
        self,
        violation: Violation,
        entry: Entry,
        earlier: Message | None,
        destination: Destination,
        mentions: Sequence[Mention] = (),
    ) -> Payload:
        channel = destination.channel or self._messenger.default_channel
        recurrence = self._recurrence(entry, earlier, channel) if entry.announcements > 1 else None
        return render_alert(
            violation,
            self._wording,
            self._environment_name,
            recurrence,
            ownership=destination.ownership,
            mentions=mentions,
        )

    def _render_again(self, violation: Violation, entry: Entry, destination: Destination) -> Payload:
        """As `_render`, of a message that stands."""
        shown = self._render(violation, entry, entry.earlier, destination)
        return render_standing_in(shown, entry.meant_for, self._wording) if entry.meant_for else shown

    def _recurrence(self, entry: Entry, earlier: Message | None, channel: str) -> Recurrence:
        return Recurrence(
            times=entry.announcements - 1, earlier_message_url=self._address(earlier, channel) if earlier else None
        )

    def _address(self, earlier: Message, channel: str) -> str | None:
        """The address of an earlier message; None if there is none, or another channel would hold this one up."""
        try:
            return self._slack.permalink(earlier)
        except RefusedError:
            return None
        except SlackError as error:
            if earlier.channel == channel and error.reason not in CHANNEL_PROBLEMS:
                raise
            return None

    def _mark_notified(self, violation: Violation) -> None:
        if self._workflow is None:
            return
        try:
            self._workflow.mark_notified(violation)
        except MarkNotifiedError as error:
            self._telemetry.log.warning("not marked", extra={"violation": violation.key, "problem": str(error)})

    def rerate(
        self, violation: Violation, entry: Entry, before: Severity, told: Told, claim: Claim, now: datetime
    ) -> Outcome:
        """Show the severity as it is now; a rise is told in the thread as well."""
        is_raised = entry.severity > before
        if message := entry.message:
            rated = replace(violation, severity=entry.severity)
            destination = self._router.destination(rated, now)
            shown = self._render_again(rated, entry, destination)
            bell = _bell(rated, entry, destination, f"/{rated.severity.name}")
            is_loud = bell and is_raised and told is Told.ALOUD
            mentions = self._bursts.ring(message.channel, bell, now) if bell and is_loud else ()
            sentence, mark = raised_sentence(before, entry.severity, self._wording, mentions), raise_mark(rated, entry)
            news = forms_of(render_rerated(shown, sentence))
            is_shown = self._messenger.show(message, forms_of(shown), now)
            if told is Told.SILENTLY:
                pass
            # Nobody is told of a mere edit.
            elif not is_shown or (is_raised and not self._messenger.reply(sentence, mark, claim.attempted_at, message)):
                self._messenger.tell(news, mark, claim.attempted_at, message, now)
        claim.record(entry)
        return Outcome.RAISED if is_raised else Outcome.LOWERED

    def close(self, violation: Violation, entry: Entry, told: Told, claim: Claim, now: datetime) -> Outcome:
        """Let the message say how it ended, and its thread hear of it. That of a burst counts what is open by
        itself."""
        if message := entry.message:
            closed = forms_of(render_closed(violation, entry, self._wording, self._environment_name))
            mark = closing_mark(violation, entry)
            is_shown = self._messenger.show(message, closed, now)
            if told is Told.SILENTLY:
                pass
            elif is_shown:
                sentence = closing_sentence(violation, entry, self._wording)
                self._messenger.reply(sentence, mark, claim.attempted_at, message)
            else:
                self._messenger.tell(closed, mark, claim.attempted_at, message, now)
        claim.record(entry)
        return Outcome.CLOSED


def _bell(violation: Violation, entry: Entry, destination: Destination, suffix: str = "") -> Bell | None:
    """Whom an announcement, or what is told besides it, is to ring, and the name under which it counts; None if
    nobody."""
    if not destination.mentions:
        return None
    return Bell(name=f"{fingerprint(violation.key)}/{entry.announcements}{suffix}", mentions=destination.mentions)

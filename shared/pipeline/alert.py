"""One event of Security Hub, from what it says to what becomes of it: announced, closed, or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from shared.alert.burst import Bell
from shared.alert.entry import Entry
from shared.alert.lifecycle import Action, Decision, Told, decide_due, decide_vanished
from shared.alert.verdict import drop, is_announcement, judge, needs_entry
from shared.aws.ledger import Claim, Ledger, Lookup
from shared.aws.mention_ledger import MentionLedger
from shared.aws.workflow import Workflow
from shared.errors import MalformedEventError, MarkNotifiedError, RefusedError, ShiraseError, SlackError
from shared.finding.event import is_found_by_digest, parse_event
from shared.finding.violation import Severity, Violation, fingerprint
from shared.finding.violation_json import decode
from shared.message import Message
from shared.pipeline.burst import BurstPipeline
from shared.pipeline.messenger import Messenger
from shared.pipeline.router import Router
from shared.policy.owner import Mention
from shared.policy.route import Destination
from shared.policy.selection import Policy
from shared.slack.client import Slack
from shared.slack.refusal import CHANNEL_PROBLEMS
from shared.telemetry import Telemetry
from shared.text import excerpt
from shared.view.alert import (
    Recurrence,
    closing_sentence,
    flapping_sentence,
    raised_sentence,
    render_alert,
    render_closed,
    render_pointer,
    render_redirected,
    render_rerated,
)
from shared.view.english import ENGLISH
from shared.view.mark import announcement_mark, closing_mark, raise_mark
from shared.view.plain_text import forms_of
from shared.view.rich_text import Payload
from shared.view.wording import Wording


class Outcome(StrEnum):
    """What became of an event, as the log tells it."""

    FILTERED = "filtered"
    NOTHING = "nothing"
    REMEMBERED = "remember"
    ANNOUNCED = "announce"
    REOPENED = "reopen"
    FLAPPED = "flap"
    COUNTED = "burst"
    RAISED = "raise"
    LOWERED = "lower"
    WAITING = "wait"
    CLOSED = "close"


METRICS = {
    Outcome.FILTERED: "AlertFiltered",
    **dict.fromkeys((Outcome.NOTHING, Outcome.REMEMBERED, Outcome.LOWERED, Outcome.WAITING), "AlertDeduplicated"),
    Outcome.FLAPPED: "AlertDeduplicated",
    **dict.fromkeys((Outcome.ANNOUNCED, Outcome.REOPENED), "AlertPosted"),
    Outcome.COUNTED: "AlertInBurst",
    Outcome.RAISED: "AlertRaised",
    Outcome.CLOSED: "AlertClosed",
}
# What becomes of an event that Slack hears nothing of.
SILENT = {
    Action.FILTER: Outcome.FILTERED,
    Action.NOTHING: Outcome.NOTHING,
    Action.REMEMBER: Outcome.REMEMBERED,
    Action.HOLD: Outcome.WAITING,
}


class AlertPipeline:
    """Brings events to their end; `workflow` is None where findings aren't to be marked as NOTIFIED."""

    def __init__(
        self,
        *,
        router: Router,
        ledger: Ledger,
        mentions: MentionLedger,
        bursts: BurstPipeline,
        slack: Slack,
        messenger: Messenger,
        workflow: Workflow | None,
        wording: Wording,
        environment_name: str,
        telemetry: Telemetry,
    ) -> None:
        self._router = router
        self._ledger = ledger
        self._mentions = mentions
        self._bursts = bursts
        self._slack = slack
        self._messenger = messenger
        self._workflow = workflow
        self._wording = wording
        self._environment_name = environment_name
        self._telemetry = telemetry

    def handle(self, event: object, now: datetime) -> Outcome:
        """Parse, look up, decide, and carry out; raises ShiraseError if any of it fails."""
        is_found = is_found_by_digest(event)
        self._telemetry.log.append_keys(event_id=_id_of(event), source="digest" if is_found else None)
        violation, policy = parse_event(event), self._router.policy(now)
        if violation is None or not needs_entry(violation, policy):
            decision = judge(violation, policy, None)
            return self._tell(SILENT[decision.action], decision, violation)
        violation = violation.with_tags(self._router.tag_names(now))  # what may be put aside of it has no others
        return self._settle(violation, policy, now, is_found_by_digest=is_found)

    def expect(self, events: Iterable[object], now: datetime) -> None:
        """Read ahead, in one request, what these events will be judged by."""
        policy = self._router.policy(now)
        keys = [key for event in events if (key := _key_needed(event, policy))]
        self._ledger.read_ahead(set(keys) if len(keys) > 1 else ())

    def close_due(self, key: str, due_by: datetime, now: datetime) -> Outcome:
        """Carry out the closing that was held for a violation, if it is held still, and was due by then."""
        lookup = self._ledger.look_up(key)
        decision = decide_due(lookup.entry, due_by)
        if lookup.entry is None or lookup.entry.held is None:
            return self._tell(Outcome.NOTHING, decision, None)
        violation = decode(lookup.entry.held.content)
        return self._tell(self._carry_out(decision, violation, lookup, now), decision, violation)

    def close_vanished(self, violation: Violation, now: datetime) -> Outcome:
        """End what Security Hub no longer shows, if it is still open."""
        lookup = self._ledger.look_up(violation.key)
        decision = decide_vanished(violation, lookup.entry)
        return self._tell(self._carry_out(decision, violation, lookup, now), decision, violation)

    def tell_again(self, violation: Violation, now: datetime) -> Outcome:
        """Announce what an exception accepted until now, unless it was announced before or has ended."""
        self._telemetry.log.append_keys(source="digest")
        return self._settle(violation, self._router.policy(now), now)

    def _settle(
        self, violation: Violation, policy: Policy, now: datetime, *, is_found_by_digest: bool = False
    ) -> Outcome:
        """Decide by the ledger, and carry it out where the routes say."""
        lookup = self._ledger.look_up(violation.key)
        decision = judge(violation, policy, lookup.entry, is_found_by_digest=is_found_by_digest)
        destination = self._router.destination(violation, now) if is_announcement(decision) else None
        if destination and destination.channel is None:
            decision = drop(destination.reason)
        outcome = self._carry_out(decision, violation, lookup, now, destination)
        return self._tell(outcome, decision, violation)

    def _carry_out(
        self,
        decision: Decision,
        violation: Violation,
        lookup: Lookup,
        now: datetime,
        destination: Destination | None = None,
    ) -> Outcome:
        entry = decision.entry
        if decision.action in SILENT:
            if entry:
                self._ledger.remember(lookup, entry, now)
            return SILENT[decision.action]
        if entry is None:
            raise ValueError(f"{decision.action} tells nothing of the entry to write")
        closing_at = violation.reported_at if decision.action is Action.CLOSE else None
        with self._ledger.claim(lookup, now, closing_at) as claim:
            if entry.membership:
                self._bursts.ensure_follow_up(entry.membership.burst_id, now)
            if decision.action is Action.CLOSE:
                return self._close(violation, entry, decision.told, claim)
            if decision.action is Action.RERATE and lookup.entry:
                return self._rerate(violation, entry, lookup.entry.severity, decision.told, claim, now)
            if destination is None:
                return self._come_back(violation, entry, decision.told, claim, now)
            return self._announce(violation, entry, claim, now, destination)

    def _announce(
        self, violation: Violation, entry: Entry, claim: Claim, now: datetime, destination: Destination
    ) -> Outcome:
        earlier, mark = self._last_message(entry), announcement_mark(violation, entry)
        channel = destination.channel or self._messenger.default_channel
        message = self._messenger.find_announced(mark, claim.attempted_at, channel)
        admission = bell = None
        if message is None:
            # What a channel refused a moment ago counts where it goes instead.
            place = self._messenger.default_channel if self._messenger.refusal_of(channel, now) else channel
            bell = _bell(violation, entry, destination) if destination.mentions else None
            admission = self._bursts.admit(violation, place, now, bell)
        if admission and admission.burst_id:
            joined = self._bursts.join(admission.burst_id, violation, entry, now)
            claim.record(replace(joined, earlier=earlier))
            self._mark_notified(violation)
            if not (entry.membership and entry.membership.burst_id == admission.burst_id):
                self._bursts.count_owners(admission.burst_id, destination.ownership.names)
            self._bursts.refresh(admission.burst_id, now)
            return Outcome.COUNTED
        if message is None:
            mentions = self._rung(destination, bell, admission.rung_first if admission else None, now)
            shown = self._render(violation, entry, earlier, destination, mentions)
            message = self._post(shown, mark, channel, now)
        # Recorded last: a crash in between repeats a message rather than losing it.
        claim.record(replace(entry, message=message, earlier=earlier))
        self._mark_notified(violation)
        self._point(violation, message, destination)
        return Outcome.REOPENED if entry.announcements > 1 else Outcome.ANNOUNCED

    def _come_back(self, violation: Violation, entry: Entry, told: Told, claim: Claim, now: datetime) -> Outcome:
        """Show in the last message of a violation that comes and goes that it is open again. That of a burst counts
        what is open by itself."""
        if message := entry.message:
            destination = self._router.destination(violation, now)
            shown = forms_of(self._render(violation, entry, entry.earlier, destination))
            is_shown = self._messenger.show(message, shown)
            if told is Told.IN_THREAD:
                sentence, mark = flapping_sentence(entry, self._wording), announcement_mark(violation, entry)
                if is_shown:
                    self._messenger.reply(sentence, mark, claim.attempted_at, message)
                else:
                    self._messenger.tell(shown, mark, claim.attempted_at, message)
        claim.record(entry)
        return Outcome.FLAPPED

    def _last_message(self, entry: Entry) -> Message | None:
        """Where the announcement before this one stands."""
        if entry.message is None and entry.membership:
            return self._bursts.message_of(entry.membership.burst_id)
        return entry.message

    def _post(self, shown: Payload, mark: Payload, channel: str, now: datetime) -> Message:
        return self._messenger.announce(
            forms_of(shown),
            mark,
            channel,
            now,
            redirected=lambda reason: forms_of(render_redirected(shown, channel, reason, self._wording)),
        )

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

    def _rerate(
        self, violation: Violation, entry: Entry, before: Severity, told: Told, claim: Claim, now: datetime
    ) -> Outcome:
        """Show the severity as it is now; a rise is told in the thread as well."""
        is_raised = entry.severity > before
        if message := entry.message:
            rated = replace(violation, severity=entry.severity)
            destination = self._router.destination(rated, now)
            shown = self._render(rated, entry, entry.earlier, destination)
            is_loud = is_raised and told is Told.ALOUD
            mentions = self._rung_by_rise(rated, entry, destination, message, now) if is_loud else ()
            sentence, mark = raised_sentence(before, entry.severity, self._wording, mentions), raise_mark(rated, entry)
            news = forms_of(render_rerated(shown, sentence))
            is_shown = self._messenger.show(message, forms_of(shown))
            if told is Told.SILENTLY:
                pass
            elif not is_shown:
                self._messenger.tell(news, mark, claim.attempted_at, message)
            elif is_raised and not self._messenger.reply(sentence, mark, claim.attempted_at, message):
                # Nobody is told of a mere edit.
                self._messenger.post_once(news, mark, claim.attempted_at, self._messenger.channel_beside(message))
        claim.record(entry)
        return Outcome.RAISED if is_raised else Outcome.LOWERED

    def _rung_by_rise(
        self, violation: Violation, entry: Entry, destination: Destination, message: Message, now: datetime
    ) -> tuple[Mention, ...]:
        if not destination.mentions:
            return ()
        bell = _bell(violation, entry, destination, f"/{violation.severity.name}")
        return self._rung(destination, bell, self._bursts.ring(message.channel, bell, now), now)

    def _rung(
        self, destination: Destination, bell: Bell | None, first: frozenset[str] | None, now: datetime
    ) -> tuple[Mention, ...]:
        """Those of the destination's mentions that may still ring, given whom they ring first in their channel."""
        if bell is None or first is None:
            return ()
        channels = len(self._router.channels(now))
        return self._mentions.admit(destination.mentions, bell, now, first=first, channels=channels)

    def _close(self, violation: Violation, entry: Entry, told: Told, claim: Claim) -> Outcome:
        if message := entry.message:
            closed = forms_of(render_closed(violation, entry, self._wording, self._environment_name))
            mark = closing_mark(violation, entry)
            is_shown = self._messenger.show(message, closed)
            if told is Told.SILENTLY:
                pass
            elif is_shown:
                sentence = closing_sentence(violation, entry, self._wording)
                self._messenger.reply(sentence, mark, claim.attempted_at, message)
            else:
                self._messenger.tell(closed, mark, claim.attempted_at, message)
        claim.record(entry)
        return Outcome.CLOSED

    def _tell(self, outcome: Outcome, decision: Decision, violation: Violation | None) -> Outcome:
        self._telemetry.count(METRICS[outcome])
        why = decision.why
        facts = {name: excerpt(fact) for name, fact in why.facts.items()}
        told = {"why": ENGLISH.explain(why), "reason": why.reason.value, "facts": facts}
        names = {"violation": violation.key, "finding": excerpt(violation.finding_id)} if violation else {}
        self._telemetry.log.info(outcome.value, extra={**told, **names})
        return outcome


def _key_needed(event: object, policy: Policy) -> str | None:
    try:
        violation = parse_event(event)
    except MalformedEventError:
        return None  # told in its turn
    return violation.key if violation and needs_entry(violation, policy) else None


def _bell(violation: Violation, entry: Entry, destination: Destination, suffix: str = "") -> Bell:
    """The name under which an announcement counts, and what is told besides it, and whom it is to ring."""
    name = f"{fingerprint(violation.key)}/{entry.announcements}{suffix}"
    return Bell(name=name, ids=tuple(mention.id for mention in destination.mentions if mention.id))


def _id_of(event: object) -> str | None:
    """How the log names an event."""
    found = event.get("id") if isinstance(event, dict) else None
    return None if found is None else excerpt(found)

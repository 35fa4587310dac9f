"""One event of Security Hub, from what it says to what becomes of it: announced, closed, or nothing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from shared.alert.entry import Entry
from shared.alert.lifecycle import Action, Decision, Told, decide_due, decide_vanished
from shared.alert.verdict import judge, needs_entry
from shared.aws.ledger import Claim, Ledger, Lookup
from shared.aws.workflow import Workflow
from shared.errors import MalformedEventError, MarkNotifiedError, RefusedError
from shared.finding.event import is_found_by_digest, parse_event
from shared.finding.violation import Severity, Violation
from shared.finding.violation_json import decode
from shared.message import Message
from shared.pipeline.burst import BurstPipeline
from shared.pipeline.messenger import Messenger
from shared.policy.selection import Policy
from shared.slack.client import Slack
from shared.telemetry import Telemetry
from shared.text import excerpt
from shared.view.alert import (
    Recurrence,
    closing_sentence,
    flapping_sentence,
    raised_sentence,
    render_alert,
    render_closed,
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
        policy: Policy,
        ledger: Ledger,
        bursts: BurstPipeline,
        slack: Slack,
        messenger: Messenger,
        workflow: Workflow | None,
        wording: Wording,
        environment_name: str,
        telemetry: Telemetry,
    ) -> None:
        self._policy = policy
        self._ledger = ledger
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
        violation = parse_event(event)
        if violation is None or not needs_entry(violation, self._policy):
            decision = judge(violation, self._policy, None)
            return self._tell(SILENT[decision.action], decision, violation)
        lookup = self._ledger.look_up(violation.key)
        decision = judge(violation, self._policy, lookup.entry, is_found_by_digest=is_found)
        return self._tell(self._carry_out(decision, violation, lookup, now), decision, violation)

    def expect(self, events: Iterable[object]) -> None:
        """Read ahead, in one request, what these events will be judged by."""
        keys = [key for event in events if (key := self._key_needed(event))]
        self._ledger.read_ahead(set(keys) if len(keys) > 1 else ())

    def _key_needed(self, event: object) -> str | None:
        try:
            violation = parse_event(event)
        except MalformedEventError:
            return None  # told in its turn
        return violation.key if violation and needs_entry(violation, self._policy) else None

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
        lookup = self._ledger.look_up(violation.key)
        decision = judge(violation, self._policy, lookup.entry)
        return self._tell(self._carry_out(decision, violation, lookup, now), decision, violation)

    def _carry_out(self, decision: Decision, violation: Violation, lookup: Lookup, now: datetime) -> Outcome:
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
                return self._rerate(violation, entry, lookup.entry.severity, decision.told, claim)
            if decision.told is not Told.ALOUD:
                return self._come_back(violation, entry, decision.told, claim)
            return self._announce(violation, entry, claim, now)

    def _announce(self, violation: Violation, entry: Entry, claim: Claim, now: datetime) -> Outcome:
        earlier = self._last_message(entry)
        mark = announcement_mark(violation, entry)
        message = self._messenger.find(mark, claim.attempted_at)
        joined = None if message else self._bursts.join(violation, entry, now)
        # Recorded last: a crash in between repeats a message rather than losing it.
        announced = joined or replace(entry, message=message or self._post(violation, entry, mark, earlier))
        claim.record(replace(announced, earlier=earlier))
        if self._workflow:
            self._mark_notified(violation, self._workflow)
        if joined and joined.membership:
            self._bursts.refresh(joined.membership.burst_id, now)
            return Outcome.COUNTED
        return Outcome.REOPENED if entry.announcements > 1 else Outcome.ANNOUNCED

    def _come_back(self, violation: Violation, entry: Entry, told: Told, claim: Claim) -> Outcome:
        """Show in the last message of a violation that comes and goes that it is open again. That of a burst counts
        what is open by itself."""
        if message := entry.message:
            shown = forms_of(self._render(violation, entry, entry.earlier))
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

    def _post(self, violation: Violation, entry: Entry, mark: Payload, earlier: Message | None) -> Message:
        return self._messenger.post(forms_of(self._render(violation, entry, earlier)), mark)

    def _render(self, violation: Violation, entry: Entry, earlier: Message | None) -> Payload:
        recurrence = self._recurrence(entry, earlier) if entry.announcements > 1 else None
        return render_alert(violation, self._wording, self._environment_name, recurrence)

    def _recurrence(self, entry: Entry, earlier: Message | None) -> Recurrence:
        try:
            url = self._slack.permalink(earlier) if earlier else None
        except RefusedError:
            url = None
        return Recurrence(times=entry.announcements - 1, earlier_message_url=url)

    def _mark_notified(self, violation: Violation, workflow: Workflow) -> None:
        try:
            workflow.mark_notified(violation)
        except MarkNotifiedError as error:
            self._telemetry.log.warning("not marked", extra={"violation": violation.key, "problem": str(error)})

    def _rerate(self, violation: Violation, entry: Entry, before: Severity, told: Told, claim: Claim) -> Outcome:
        """Show the severity as it is now; a rise is told in the thread as well."""
        is_raised = entry.severity > before
        if message := entry.message:
            rated = replace(violation, severity=entry.severity)
            shown = self._render(rated, entry, entry.earlier)
            sentence, mark = raised_sentence(before, entry.severity, self._wording), raise_mark(rated, entry)
            news = forms_of(render_rerated(shown, sentence))
            is_shown = self._messenger.show(message, forms_of(shown))
            if told is Told.SILENTLY:
                pass
            elif not is_shown:
                self._messenger.tell(news, mark, claim.attempted_at, message)
            elif is_raised and not self._messenger.reply(sentence, mark, claim.attempted_at, message):
                self._messenger.post_once(news, mark, claim.attempted_at)  # nobody is told of a mere edit
        claim.record(entry)
        return Outcome.RAISED if is_raised else Outcome.LOWERED

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


def _id_of(event: object) -> str | None:
    """How the log names an event."""
    found = event.get("id") if isinstance(event, dict) else None
    return None if found is None else excerpt(found)

"""One event of Security Hub, from what it says to what becomes of it: announced, closed, or nothing."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from shared.alert.entry import Entry
from shared.alert.lifecycle import Action, Decision, decide
from shared.alert.verdict import judge, reject
from shared.aws.ledger import Claim, Ledger, Lookup
from shared.aws.workflow import Workflow
from shared.errors import MarkNotifiedError, MessageGoneError
from shared.finding.event import parse_event
from shared.finding.violation import Violation
from shared.message import Message
from shared.pipeline.burst import BurstPipeline
from shared.policy.selection import Policy
from shared.slack.client import Slack
from shared.telemetry import Telemetry
from shared.view.alert import Recurrence, closing_sentence, render_alert, render_closed
from shared.view.english import ENGLISH
from shared.view.mark import announcement_mark, closing_mark
from shared.view.rich_text import Payload
from shared.view.wording import Wording


class Outcome(StrEnum):
    """What became of an event, as the log tells it."""

    FILTERED = "filtered"
    NOTHING = "nothing"
    REMEMBERED = "remember"
    ANNOUNCED = "announce"
    REOPENED = "reopen"
    COUNTED = "burst"
    CLOSED = "close"


METRICS = {
    Outcome.FILTERED: "AlertFiltered",
    Outcome.NOTHING: "AlertDeduplicated",
    Outcome.REMEMBERED: "AlertDeduplicated",
    Outcome.ANNOUNCED: "AlertPosted",
    Outcome.REOPENED: "AlertPosted",
    Outcome.COUNTED: "AlertInBurst",
    Outcome.CLOSED: "AlertClosed",
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
        workflow: Workflow | None,
        wording: Wording,
        environment_name: str,
        telemetry: Telemetry,
    ) -> None:
        self._policy = policy
        self._ledger = ledger
        self._bursts = bursts
        self._slack = slack
        self._workflow = workflow
        self._wording = wording
        self._environment_name = environment_name
        self._telemetry = telemetry

    def handle(self, event: object, now: datetime) -> Outcome:
        """Parse, filter, look up, decide, and carry out; raises ShiraseError if any of it fails."""
        self._telemetry.log.append_keys(event_id=event.get("id") if isinstance(event, dict) else None)
        violation = parse_event(event)
        if violation is None:
            decision, outcome = judge(None, self._policy, None), Outcome.FILTERED
        elif rejected := reject(violation, self._policy):
            decision, outcome = rejected, Outcome.FILTERED
        else:
            lookup = self._ledger.look_up(violation.key)
            decision = decide(violation, lookup.entry)
            outcome = self._carry_out(decision, violation, lookup, now)
        self._log_outcome(outcome, decision, violation)
        return outcome

    def _carry_out(self, decision: Decision, violation: Violation, lookup: Lookup, now: datetime) -> Outcome:
        if decision.entry is None:
            return Outcome.NOTHING
        if decision.action is Action.REMEMBER:
            self._ledger.remember(lookup, decision.entry, now)
            return Outcome.REMEMBERED
        closing_at = violation.reported_at if decision.action is Action.CLOSE else None
        with self._ledger.claim(lookup, now, closing_at) as claim:
            if decision.entry.membership:
                self._bursts.ensure_follow_up(decision.entry.membership.burst_id, now)
            if decision.action is Action.CLOSE:
                return self._close(violation, decision.entry, claim)
            return self._announce(violation, decision.entry, claim, now)

    def _announce(self, violation: Violation, entry: Entry, claim: Claim, now: datetime) -> Outcome:
        mark = announcement_mark(violation, entry)
        message = self._slack.find(mark, claim.attempted_at)
        joined = None if message else self._bursts.join(violation, entry, now)
        # Recorded last: a crash in between repeats a message rather than losing it.
        claim.record(joined or replace(entry, message=message or self._post(violation, entry, mark)))
        if self._workflow:
            self._mark_notified(violation, self._workflow)
        if joined and joined.membership:
            self._bursts.refresh(joined.membership.burst_id, now)
            return Outcome.COUNTED
        return Outcome.REOPENED if entry.announcements > 1 else Outcome.ANNOUNCED

    def _post(self, violation: Violation, entry: Entry, mark: Payload) -> Message:
        recurrence = self._recurrence(entry) if entry.announcements > 1 else None
        payload = render_alert(violation, self._wording, self._environment_name, recurrence)
        return self._slack.post(payload | {"metadata": mark})

    def _recurrence(self, entry: Entry) -> Recurrence:
        earlier = entry.message
        if earlier is None and entry.membership:
            earlier = self._bursts.message_of(entry.membership.burst_id)
        try:
            url = self._slack.permalink(earlier) if earlier else None
        except MessageGoneError:
            url = None
        return Recurrence(times=entry.announcements - 1, earlier_message_url=url)

    def _mark_notified(self, violation: Violation, workflow: Workflow) -> None:
        try:
            workflow.mark_notified(violation)
        except MarkNotifiedError as error:
            self._telemetry.log.warning("not marked", extra={"violation": violation.key, "problem": str(error)})

    def _close(self, violation: Violation, entry: Entry, claim: Claim) -> Outcome:
        if entry.message:
            try:
                self._show_closed(violation, entry, entry.message, claim)
            except MessageGoneError as error:
                self._telemetry.log.warning(
                    "message is gone", extra={"violation": violation.key, "problem": str(error)}
                )
        claim.record(entry)
        return Outcome.CLOSED

    def _show_closed(self, violation: Violation, entry: Entry, message: Message, claim: Claim) -> None:
        self._slack.update(message, render_closed(violation, entry, self._wording, self._environment_name))
        reply = {"text": closing_sentence(violation, entry, self._wording)}
        self._slack.post_once(reply, closing_mark(violation, entry), claim.attempted_at, thread=message)

    def _log_outcome(self, outcome: Outcome, decision: Decision, violation: Violation | None) -> None:
        self._telemetry.count(METRICS[outcome])
        why = decision.why
        told = {"why": ENGLISH.explain(why), "reason": why.reason.value, "facts": dict(why.facts)}
        names = {"violation": violation.key, "finding": violation.finding_id} if violation else {}
        self._telemetry.log.info(outcome.value, extra={**told, **names})

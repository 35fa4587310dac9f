"""One event of Security Hub, from what it says to what becomes of it: announced, closed, or nothing."""

from collections.abc import Iterable
from datetime import datetime

from shared.alert.lifecycle import Action, Decision, decide_due, decide_vanished
from shared.alert.verdict import drop, is_announcement, judge, needs_entry
from shared.aws.ledger import Ledger, Lookup
from shared.errors import MalformedEventError
from shared.finding.event import is_found_by_digest, parse_event
from shared.finding.violation import Violation
from shared.finding.violation_json import decode
from shared.pipeline.burst import BurstPipeline
from shared.pipeline.outcome import METRICS, Outcome
from shared.pipeline.router import Router
from shared.pipeline.telling import Teller
from shared.policy.route import Destination
from shared.policy.selection import Policy
from shared.telemetry import Telemetry
from shared.text import excerpt, without_emails
from shared.view.english import ENGLISH

# What becomes of an event that Slack hears nothing of.
SILENT = {
    Action.FILTER: Outcome.FILTERED,
    Action.NOTHING: Outcome.NOTHING,
    Action.REMEMBER: Outcome.REMEMBERED,
    Action.HOLD: Outcome.WAITING,
}


class AlertPipeline:
    """Brings events to their end."""

    def __init__(
        self, *, router: Router, ledger: Ledger, bursts: BurstPipeline, teller: Teller, telemetry: Telemetry
    ) -> None:
        self._router = router
        self._ledger = ledger
        self._bursts = bursts
        self._teller = teller
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
                return self._teller.close(violation, entry, decision.told, claim, now)
            if decision.action is Action.RERATE and lookup.entry:
                return self._teller.rerate(violation, entry, lookup.entry.severity, decision.told, claim, now)
            if destination is None:
                return self._teller.come_back(violation, entry, decision.told, claim, now)
            return self._teller.announce(violation, entry, claim, now, destination)

    def _tell(self, outcome: Outcome, decision: Decision, violation: Violation | None) -> Outcome:
        self._telemetry.count(METRICS[outcome])
        why = decision.why
        facts = {name: excerpt(without_emails(fact)) for name, fact in why.facts.items()}
        told = {"why": without_emails(ENGLISH.explain(why)), "reason": why.reason.value, "facts": facts}
        names = {"violation": violation.key, "finding": excerpt(violation.finding_id)} if violation else {}
        self._telemetry.log.info(outcome.value, extra={**told, **names})
        return outcome


def _key_needed(event: object, policy: Policy) -> str | None:
    try:
        violation = parse_event(event)
    except MalformedEventError:
        return None  # told in its turn
    return violation.key if violation and needs_entry(violation, policy) else None


def _id_of(event: object) -> str | None:
    """How the log names an event."""
    found = event.get("id") if isinstance(event, dict) else None
    return None if found is None else excerpt(found)

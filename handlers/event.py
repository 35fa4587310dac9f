"""One event of Security Hub, from what it says to what becomes of it: announced, closed, or nothing."""

from dataclasses import replace
from datetime import datetime

from handlers.burst import join, message_of, refresh, watch
from shared.alert.entry import Entry
from shared.alert.lifecycle import Action, decide
from shared.app import App
from shared.aws.ledger import Claim
from shared.aws.workflow import mark_notified
from shared.errors import MarkNotifiedError, MessageGoneError
from shared.finding.event import parse_event
from shared.finding.violation import Violation
from shared.message import Message
from shared.view.alert import Return, closing_sentence, render_alert, render_closed
from shared.view.mark import announcement_mark, closing_mark
from shared.view.rich_text import Payload

METRICS = {
    Action.ANNOUNCE: "AlertPosted",
    Action.REOPEN: "AlertPosted",
    Action.CLOSE: "AlertClosed",
    Action.REMEMBER: "AlertDeduplicated",
    Action.NOTHING: "AlertDeduplicated",
}


def handle_event(event: object, app: App, now: datetime) -> None:
    """Bring one event of Security Hub to its end: filtered, announced, closed, or already known."""
    app.telemetry.log.append_keys(event_id=event.get("id") if isinstance(event, dict) else None)
    violation = parse_event(event)
    if violation is None:
        _tell(app, "AlertFiltered", "filtered", "it carries no finding of a Security Hub control")
    elif rejection := app.config.policy.rejection(violation):
        _tell(app, "AlertFiltered", "filtered", rejection, violation)
    else:
        _follow(violation, app, now)


def _follow(violation: Violation, app: App, now: datetime) -> None:
    found = app.ledger.look_up(violation.key)
    decision = decide(violation, found.entry)
    metric, outcome = METRICS[decision.action], str(decision.action)
    if decision.action is Action.REMEMBER and decision.entry:
        app.ledger.remember(found, decision.entry, now)
    elif decision.entry:
        closing_at = violation.reported_at if decision.action is Action.CLOSE else None
        with app.ledger.claim(found, now, closing_at) as claim:
            if _carry_out(decision.action, violation, decision.entry, claim, app, now):
                metric, outcome = "AlertInBurst", "burst"
    _tell(app, metric, outcome, decision.why, violation)


def _carry_out(action: Action, violation: Violation, entry: Entry, claim: Claim, app: App, now: datetime) -> bool:
    """Whether it joined a burst instead of being announced by itself."""
    if entry.membership:
        watch(entry.membership.burst_id, app, now)
    if action is Action.CLOSE:
        _close(violation, entry, claim, app)
        return False
    return _announce(violation, entry, claim, app, now)


def _announce(violation: Violation, entry: Entry, claim: Claim, app: App, now: datetime) -> bool:
    mark = announcement_mark(violation, entry)
    message = app.slack.find(mark, claim.attempted_at) if claim.attempted_at else None
    joined = None if message else join(violation, entry, app, now)
    # Recorded last: a crash in between repeats a message rather than losing it.
    claim.record(joined or replace(entry, message=message or _post(violation, entry, mark, app)))
    if app.config.mark_notified:
        _mark_notified(violation, app)
    if joined and joined.membership:
        refresh(joined.membership.burst_id, app, now)
    return joined is not None


def _post(violation: Violation, entry: Entry, mark: Payload, app: App) -> Message:
    came_back = _return(entry, app) if entry.announcements > 1 else None
    payload = render_alert(violation, app.wording, app.config.environment_name, came_back)
    return app.slack.post(payload | {"metadata": mark})


def _mark_notified(violation: Violation, app: App) -> None:
    try:
        mark_notified(app.security_hub, violation)
    except MarkNotifiedError as error:
        app.telemetry.log.warning("not marked", extra={"violation": violation.key, "problem": str(error)})


def _return(entry: Entry, app: App) -> Return:
    earlier = entry.message or (message_of(entry.membership.burst_id, app) if entry.membership else None)
    try:
        url = app.slack.permalink(earlier) if earlier else None
    except MessageGoneError:
        url = None
    return Return(times=entry.announcements - 1, earlier_message_url=url)


def _close(violation: Violation, entry: Entry, claim: Claim, app: App) -> None:
    if entry.message:
        try:
            app.slack.update(entry.message, render_closed(violation, entry, app.wording, app.config.environment_name))
            _reply(violation, entry, entry.message, claim, app)
        except MessageGoneError as error:
            app.telemetry.log.warning("message is gone", extra={"violation": violation.key, "problem": str(error)})
    claim.record(entry)


def _reply(violation: Violation, entry: Entry, message: Message, claim: Claim, app: App) -> None:
    mark = closing_mark(violation, entry)
    if not (claim.attempted_at and app.slack.find(mark, claim.attempted_at, thread=message)):
        app.slack.post({"text": closing_sentence(violation, entry, app.wording), "metadata": mark}, thread=message)


def _tell(app: App, metric: str, outcome: str, why: str, violation: Violation | None = None) -> None:
    app.telemetry.count(metric)
    names = {"violation": violation.key, "finding": violation.finding_id} if violation else {}
    app.telemetry.log.info(outcome, extra={"why": why, **names})

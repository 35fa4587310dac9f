"""A batch of queued Security Hub events, or one bare event → announce, close, or nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from handlers.burst import check, checked_burst, join, message_of, refresh, watch
from shared.app import App, build_app
from shared.blocks import Return, closing_sentence, render_alert, render_closed
from shared.errors import (
    ClaimHeldError,
    GivenUpError,
    MalformedEventError,
    MarkNotifiedError,
    MessageGoneError,
    ShiraseError,
    SlackError,
    UndeliverableError,
)
from shared.ledger import Claim
from shared.lifecycle import Action, Entry, Message, decide
from shared.retry import is_to_be_given_up, pause_seconds
from shared.slack import CHANNEL_PROBLEMS, TOKEN_PROBLEMS
from shared.violation import Violation, parse_event
from shared.workflow import mark_notified

METRICS = {
    Action.ANNOUNCE: "AlertPosted",
    Action.REOPEN: "AlertPosted",
    Action.CLOSE: "AlertClosed",
    Action.REMEMBER: "AlertDeduplicated",
    Action.NOTHING: "AlertDeduplicated",
}

# What only a person can put right, by Slack's error name; each metric has an alarm that says what to do.
SETUP_METRICS = {
    **dict.fromkeys(TOKEN_PROBLEMS, "SlackTokenRefused"),
    **dict.fromkeys(CHANNEL_PROBLEMS, "SlackChannelRefused"),
}


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle an SQS batch, answering {"batchItemFailures": […]}, or one bare EventBridge event, raising if it fails."""
    app = build_app()
    try:
        if isinstance(event, dict) and "Records" in event:
            return _handle_batch(event, app)
        with _failure_told(app):
            handle_event(event, app, datetime.now(UTC))
        return {"batchItemFailures": []}
    finally:
        app.telemetry.flush()


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


def _handle_batch(event: dict[str, Any], app: App) -> dict[str, Any]:
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, lambda record: _handle_record(record, app), processor))


def _handle_record(record: SQSRecord, app: App) -> None:
    now = datetime.now(UTC)
    app.telemetry.log.append_keys(message_id=record.message_id, event_id=None)
    try:
        with _failure_told(app):
            _handle_body(_decode(record.body), app, now)
    except UndeliverableError as error:
        _put_aside(record, error, app)
    except Exception as error:
        # Whatever failed, the message stays in the queue; only its next attempt, or its end, is settled here.
        if is_to_be_given_up(_sent_at(record), now):
            _put_aside(record, _given_up(error), app)
        else:
            _hold_back(record, error, app)
            raise


def _handle_body(body: object, app: App, now: datetime) -> None:
    if burst_id := checked_burst(body):
        check(burst_id, app, now)
    else:
        handle_event(body, app, now)


def _put_aside(record: SQSRecord, error: UndeliverableError, app: App) -> None:
    if not app.config.dead_letter_queue_url:
        raise error  # the queue's own redrive policy takes it there, without the reason
    app.dead_letters.send(record.body, error)


def _given_up(error: Exception) -> GivenUpError:
    given_up = GivenUpError(f"given up after four days; the last failure: {type(error).__name__}: {error}")
    given_up.__cause__ = error
    return given_up


def _hold_back(record: SQSRecord, error: Exception, app: App) -> None:
    if not app.config.alert_queue_url:
        return
    attempts = int(record.attributes.approximate_receive_count)
    seconds = pause_seconds(attempts, getattr(error, "retry_after", None))
    app.alert_queue.hold_back(record.receipt_handle, seconds)


def _sent_at(record: SQSRecord) -> datetime:
    return datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC)


def _decode(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedEventError("the message's body is no JSON") from error


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
    joined = join(violation, entry, app, now)
    # Recorded last: a crash in between repeats a message rather than losing it.
    claim.record(joined or replace(entry, message=_post(violation, entry, app)))
    if app.config.mark_notified:
        _mark_notified(violation, app)
    if joined and joined.membership:
        refresh(joined.membership.burst_id, app, now)
    return joined is not None


def _post(violation: Violation, entry: Entry, app: App) -> Message:
    came_back = _return(entry, app) if entry.announcements > 1 else None
    return app.slack.post(render_alert(violation, app.wording, app.config.environment_name, came_back))


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
            app.slack.post({"text": closing_sentence(violation, entry, app.wording)}, thread=entry.message)
        except MessageGoneError as error:
            app.telemetry.log.warning("message is gone", extra={"violation": violation.key, "problem": str(error)})
    claim.record(entry)


@contextmanager
def _failure_told(app: App) -> Iterator[None]:
    try:
        yield
    except ClaimHeldError as error:
        app.telemetry.log.info("held", extra={"why": str(error)})
        raise
    except Exception as error:
        # Told here for every kind of failure, and raised on: the queue, or Lambda, decides what becomes of the event.
        app.telemetry.count("AlertFailed")
        if isinstance(error, SlackError) and error.reason in SETUP_METRICS:
            app.telemetry.count(SETUP_METRICS[error.reason])
        is_explained = isinstance(error, ShiraseError)  # the trace of its cause would show addresses of Slack
        app.telemetry.log.error(
            "failed", extra={"error": type(error).__name__, "why": str(error)}, exc_info=not is_explained
        )
        raise


def _tell(app: App, metric: str, outcome: str, why: str, violation: Violation | None = None) -> None:
    app.telemetry.count(metric)
    names = {"violation": violation.key, "finding": violation.finding_id} if violation else {}
    app.telemetry.log.info(outcome, extra={"why": why, **names})

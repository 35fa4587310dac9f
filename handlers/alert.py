"""A batch of queued Security Hub events, or one bare event → announce, close, or nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from handlers.burst import check, checked_burst
from handlers.event import handle_event
from shared.app import App, build_app, prepare_on_lambda
from shared.errors import (
    ClaimHeldError,
    GivenUpError,
    MalformedEventError,
    OutOfTimeError,
    ShiraseError,
    SlackError,
    UndeliverableError,
)
from shared.retry import FIRST_PAUSE_SECONDS, LEASE, is_to_be_given_up, pause_seconds, seconds_remaining
from shared.slack.client import CHANNEL_PROBLEMS, TOKEN_PROBLEMS

# Of the function's 30. Ten events that each wait for Slack to time out would take longer, and Lambda would cut off the
# one at work then, whose message comes back after minutes.
SECONDS_FOR_ONE_EVENT = 12

# What only a person can put right, by Slack's error name; each metric has an alarm that says what to do.
SETUP_METRICS = {
    **dict.fromkeys(TOKEN_PROBLEMS, "SlackTokenRefused"),
    **dict.fromkeys(CHANNEL_PROBLEMS, "SlackChannelRefused"),
}

Record = dict[str, Any]  # a message, as Lambda's event source mapping hands it over

prepare_on_lambda()


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle an SQS batch, answering {"batchItemFailures": […]}, or one bare EventBridge event, raising if it fails."""
    app = build_app()
    try:
        if isinstance(event, dict) and "Records" in event:
            return _handle_batch(event["Records"], app, context)
        with _failure_told(app):
            handle_event(event, app, datetime.now(UTC))
        return {"batchItemFailures": []}
    finally:
        app.telemetry.flush()


def _handle_batch(records: list[Record], app: App, context: object) -> dict[str, Any]:
    """The messages that stay in the queue ("Handling errors for an SQS event source in Lambda")."""
    failed = [record["messageId"] for record in records if not _is_handled(record, app, context)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _is_handled(record: Record, app: App, context: object) -> bool:
    try:
        _handle_record(record, app, context)
    except Exception:  # noqa: BLE001 - told where it was raised; the other messages of the batch go on
        return False
    return True


def _handle_record(record: Record, app: App, context: object) -> None:
    now = datetime.now(UTC)
    app.telemetry.log.append_keys(message_id=record["messageId"], event_id=None)
    try:
        with _failure_told(app):
            _require_time(context)
            _handle_body(_decode(record["body"]), app, now)
    except UndeliverableError as error:
        _put_aside(record, error, app)
    except Exception as error:
        # Whatever failed, the message stays in the queue; only its next attempt, or its end, is settled here.
        if is_to_be_given_up(_sent_at(record), now):
            _put_aside(record, _given_up(error), app)
        else:
            _hold_back(record, error, app)
            raise


def _require_time(context: object) -> None:
    if seconds_remaining(context) < SECONDS_FOR_ONE_EVENT:
        raise OutOfTimeError("the events before it took all the time; the queue will bring this one again")


def _handle_body(body: object, app: App, now: datetime) -> None:
    if burst_id := checked_burst(body):
        check(burst_id, app, now)
    else:
        handle_event(body, app, now)


def _put_aside(record: Record, error: UndeliverableError, app: App) -> None:
    if not app.config.dead_letter_queue_url:
        raise error  # the queue's own redrive policy takes it there, without the reason
    with _failure_told(app):
        app.dead_letters.send(record["body"], error)


def _given_up(error: Exception) -> GivenUpError:
    given_up = GivenUpError(f"given up after four days; the last failure: {type(error).__name__}: {error}")
    given_up.__cause__ = error
    return given_up


def _hold_back(record: Record, error: Exception, app: App) -> None:
    if not app.config.alert_queue_url:
        return
    app.alert_queue.hold_back(record["receiptHandle"], _pause_seconds(record, error))


def _pause_seconds(record: Record, error: Exception) -> int:
    if isinstance(error, OutOfTimeError):
        return FIRST_PAUSE_SECONDS  # nothing was tried
    attempts = int(record["attributes"]["ApproximateReceiveCount"])
    seconds = pause_seconds(attempts, getattr(error, "retry_after", None))
    # Whoever holds it, and has perhaps died, holds it no longer than that.
    return min(seconds, int(LEASE.total_seconds())) if isinstance(error, ClaimHeldError) else seconds


def _sent_at(record: Record) -> datetime:
    return datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, UTC)


def _decode(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedEventError("the message's body is no JSON") from error


@contextmanager
def _failure_told(app: App) -> Iterator[None]:
    try:
        yield
    except (ClaimHeldError, OutOfTimeError) as error:
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

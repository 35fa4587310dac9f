"""Messages of the alert queue: each handled, held back for another try, or put aside with its reason."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.aws.alert_queue import AlertQueue
from shared.aws.dead_letter import DeadLetterQueue
from shared.errors import (
    ClaimHeldError,
    GivenUpError,
    MalformedEventError,
    OutOfTimeError,
    ShiraseError,
    SlackError,
    UndeliverableError,
)
from shared.finding.event import vanished_violation, violation_told_again
from shared.pipeline.alert import AlertPipeline
from shared.pipeline.burst import BurstPipeline, burst_to_follow_up
from shared.pipeline.messenger import SETUP_METRICS
from shared.pipeline.sweep import violation_due
from shared.retry import FIRST_PAUSE_SECONDS, LEASE, is_to_be_given_up, pause_seconds
from shared.telemetry import Telemetry, trace_of
from shared.text import excerpt

# Of the function's 30. Ten events that each wait for Slack to time out would take longer, and Lambda would cut off the
# one at work then, whose message comes back after minutes.
SECONDS_FOR_ONE_EVENT = 12

Record = dict[str, Any]  # a message, as Lambda's event source mapping hands it over


class BatchPipeline:
    """Handles batches; without its queues a message stays where it is, and the queue's own policy sees to it."""

    def __init__(
        self,
        *,
        alerts: AlertPipeline,
        bursts: BurstPipeline,
        queue: AlertQueue | None,
        dead_letters: DeadLetterQueue | None,
        telemetry: Telemetry,
        clock: Callable[[], datetime],
    ) -> None:
        self._alerts = alerts
        self._bursts = bursts
        self._queue = queue
        self._dead_letters = dead_letters
        self._telemetry = telemetry
        self._clock = clock

    def handle(self, records: list[Record], seconds_left: Callable[[], float]) -> list[str]:
        """The ids of the messages that stay in the queue."""
        self._alerts.expect(_bodies(records), self._clock())
        return [record["messageId"] for record in records if not self._is_done_with(record, seconds_left)]

    def handle_event(self, event: object) -> None:
        """Handle an event that no queue keeps; raises what fails."""
        with self._failure_told():
            self._alerts.handle(event, self._clock())

    def _is_done_with(self, record: Record, seconds_left: Callable[[], float]) -> bool:
        try:
            self._handle_record(record, seconds_left)
        except Exception:  # noqa: BLE001 - told where it was raised; the other messages of the batch go on
            return False
        return True

    def _handle_record(self, record: Record, seconds_left: Callable[[], float]) -> None:
        now = self._clock()
        self._telemetry.log.append_keys(message_id=record["messageId"], event_id=None, source=None)
        try:
            with self._failure_told(record, now):
                _require_time(seconds_left())
                self._handle_body(_decode(record["body"]), now)
        except UndeliverableError as error:
            self._put_aside(record, error)
        except Exception as error:  # whatever failed, the message stays in the queue: its next attempt is settled here
            sent_at, first_tried_at = _times(record)
            if is_to_be_given_up(sent_at, first_tried_at, now):
                self._put_aside(record, _given_up(error))
            else:
                self._hold_back(record, error)
                raise

    def _handle_body(self, body: object, now: datetime) -> None:
        if burst_id := burst_to_follow_up(body):
            self._bursts.follow_up(burst_id, now)
        elif due := violation_due(body):
            self._alerts.close_due(*due, now)
        elif vanished := vanished_violation(body):
            self._alerts.close_vanished(vanished, now)
        elif told_again := violation_told_again(body):
            self._alerts.tell_again(told_again, now)
        else:
            self._alerts.handle(body, now)

    def _put_aside(self, record: Record, error: UndeliverableError) -> None:
        if self._dead_letters is None:
            raise error  # the queue's own redrive policy takes it there, without the reason
        with self._failure_told():
            self._dead_letters.send(record["body"], error)

    def _hold_back(self, record: Record, error: Exception) -> None:
        if self._queue:
            self._queue.hold_back(record["receiptHandle"], _pause_seconds(record, error))

    def _prospect(self, record: Record, error: Exception, now: datetime) -> dict[str, Any]:
        """What is to become of a message that failed, for the log: {"next_try": when, as ISO 8601}, {"is_put_aside":
        True}, or nothing where its queue decides."""
        if isinstance(error, UndeliverableError) or is_to_be_given_up(*_times(record), now):
            return {"is_put_aside": True} if self._dead_letters else {}
        if self._queue is None:
            return {}
        next_try = self._clock() + timedelta(seconds=_pause_seconds(record, error))
        return {"next_try": next_try.isoformat(timespec="seconds")}

    @contextmanager
    def _failure_told(self, record: Record | None = None, now: datetime | None = None) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # every kind is told here, and raised on: the queue, or Lambda, decides what becomes
            prospect = self._prospect(record, error, now) if record and now else {}
            if _is_put_off(error):
                self._telemetry.log.info("held", extra={"why": str(error)} | prospect)
                raise
            self._telemetry.count("AlertFailed")
            if isinstance(error, SlackError) and error.reason in SETUP_METRICS:
                self._telemetry.count(SETUP_METRICS[error.reason])
            told = {"error": type(error).__name__, "why": _why(error)}
            # Of an error of ours the trace would show no more than Slack's addresses, those of its cause.
            trace = {} if isinstance(error, ShiraseError) else {"trace": trace_of(error)}
            self._telemetry.log.error("failed", extra=told | trace | prospect)
            raise


def _is_put_off(error: Exception) -> bool:
    """Whether nothing is wrong: it is another's turn, there is no time left, or Slack asks to wait."""
    is_asked_to_wait = isinstance(error, SlackError) and error.retry_after is not None
    return is_asked_to_wait or isinstance(error, ClaimHeldError | OutOfTimeError)


def _require_time(seconds_left: float) -> None:
    if seconds_left < SECONDS_FOR_ONE_EVENT:
        raise OutOfTimeError("the events before it took all the time; the queue will bring this one again")


def _given_up(error: Exception) -> GivenUpError:
    given_up = GivenUpError(f"given up after four days; the last failure: {type(error).__name__}: {_why(error)}")
    given_up.__cause__ = error
    return given_up


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, ShiraseError) else excerpt(error)


def _pause_seconds(record: Record, error: Exception) -> int:
    if isinstance(error, OutOfTimeError):
        return FIRST_PAUSE_SECONDS  # nothing was tried
    attempts = int(record["attributes"]["ApproximateReceiveCount"])
    seconds = pause_seconds(attempts, getattr(error, "retry_after", None))
    # Whoever holds it, and has perhaps died, holds it no longer than that.
    return min(seconds, int(LEASE.total_seconds())) if isinstance(error, ClaimHeldError) else seconds


def _times(record: Record) -> tuple[datetime, datetime]:
    """When a message was sent, and when it was first received."""
    sent = record["attributes"]["SentTimestamp"]
    received = record["attributes"].get("ApproximateFirstReceiveTimestamp", sent)
    return _to_time(sent), _to_time(received)


def _to_time(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _bodies(records: list[Record]) -> Iterator[object]:
    """What can be read of them."""
    for record in records:
        with suppress(MalformedEventError):
            yield _decode(record["body"])


def _decode(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedEventError("the message's body is no JSON") from error

"""A scheduled time → every open violation as a CSV → Slack."""

from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.app import build_app
from shared.errors import MalformedEventError
from shared.pipeline.digest import Assignment
from shared.retry import seconds_remaining
from shared.telemetry import Telemetry
from shared.text import quoted

Answer = dict[str, Any]


def lambda_handler(event: dict[str, Any], context: object) -> Answer:
    """Send the digest due at {"scheduled_time": ISO 8601, "time_zone"?: IANA name}, once; answers what it counted.

    With a "part", as the state machine counts them from 0, it may answer {"next": event} instead, if it needs another
    invocation to go on; without one it sends what it could read in its time, and says that more may be missing.
    """
    app = build_app()
    try:
        assignment = Assignment(
            due=_due(event, app.telemetry),
            part=event.get("part"),
            environment_name=app.config.environment_name or _account_of(context),
            seconds_left=partial(seconds_remaining, context),
        )
        counts = app.digests.send(assignment)
    finally:
        app.telemetry.flush()
    return {"next": event | {"part": event["part"] + 1}} if counts is None else dict(counts)


def _due(event: dict[str, Any], telemetry: Telemetry) -> datetime:
    """The scheduled time in the schedule's time zone, so that a digest carries its reader's date."""
    text = event.get("scheduled_time") if isinstance(event, dict) else None
    try:
        time = datetime.fromisoformat(text or "")
    except (TypeError, ValueError) as error:
        example = '{"scheduled_time": "2026-11-23T00:00:00Z"}'
        raise MalformedEventError(f"scheduled_time is {quoted(text)}, not an ISO 8601 time; send {example}") from error
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(
        _time_zone(event.get("time_zone") or "UTC", telemetry)
    )


def _time_zone(name: object, telemetry: Telemetry) -> tzinfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, OSError, ValueError):
        # Only the date in the heading depends on it; Lambda's own database has been missing before.
        why = f"{quoted(name)} is not in this machine's time zone database; the digest carries UTC's date"
        telemetry.log.warning("time zone unknown", extra={"why": why})
        return UTC


def _account_of(context: object) -> str:
    """The account's id, which is in the ARN of the function."""
    arn = str(getattr(context, "invoked_function_arn", ""))
    return arn.split(":")[4] if arn.count(":") > 4 else "AWS"

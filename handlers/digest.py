"""A scheduled time → every open violation as a CSV → Slack."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.app import App, build_app
from shared.blocks import render_digest
from shared.digest_record import Counts
from shared.errors import MalformedEventError, NotRecordedError
from shared.report import Summary, merge, summarize, to_csv
from shared.scan import open_violations
from shared.violation import Violation


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Send the digest due at {"scheduled_time": ISO 8601, "time_zone"?: IANA name}, once; answers what it counted."""
    app = build_app()
    try:
        due = _due(event)
        counts = app.digest_record.posted(due)
        if counts is None:
            return _send_once(due, app, context)
        app.telemetry.log.info("digest already posted", extra=counts)
        return counts
    finally:
        app.telemetry.flush()


def _send_once(due: datetime, app: App, context: Any) -> Counts:
    with app.digest_record.claim(due, datetime.now(UTC)) as claim:
        counts = _make_and_send(due, app, context)
    app.telemetry.count("DigestPosted")
    app.telemetry.log.info("digest posted", extra=counts)
    try:
        claim.record(counts)
    except NotRecordedError as error:
        # A retry for the record's sake would post the digest again.
        app.telemetry.log.error("digest not recorded", extra={"why": str(error)})
    return counts


def _make_and_send(due: datetime, app: App, context: Any) -> Counts:
    violations, unreadable = _scan(app)
    summary = summarize(violations, due.astimezone(UTC), unreadable)
    send(violations, summary, app, date=f"{due:%Y-%m-%d}", environment_name=_environment_name(app, context))
    return {"open_violations": summary.total, "unreadable": unreadable}


def send(violations: list[Violation], summary: Summary, app: App, *, date: str, environment_name: str) -> None:
    """Archive the CSV and post the digest with it; without a file if there is nothing to list."""
    text = render_digest(summary, app.wording, environment_name, date)
    if not violations:
        app.slack.post({"text": text})
        return
    content = to_csv(violations, app.wording, summary.scheduled_time)
    if app.config.archive_bucket:
        app.archive.store_csv(summary.scheduled_time, content)
    app.slack.upload(
        filename=app.wording.digest_filename.format(environment=_file_name_part(environment_name), date=date),
        title=app.wording.digest_title.format(environment=environment_name, date=date),
        content=content,
        comment=text,
    )


def _scan(app: App) -> tuple[list[Violation], int]:
    found: list[Violation] = []
    unreadable = 0
    for violation in open_violations(app.patient_security_hub, app.config.policy):
        if isinstance(violation, MalformedEventError):
            unreadable += 1
            app.telemetry.log.error("finding unreadable", extra={"why": str(violation)})
        else:
            found.append(violation)
    return merge(found), unreadable


def _due(event: dict[str, Any]) -> datetime:
    """The scheduled time in the schedule's time zone, so that a digest carries its reader's date."""
    text = event.get("scheduled_time") if isinstance(event, dict) else None
    try:
        time = datetime.fromisoformat(text or "")
    except (TypeError, ValueError) as error:
        example = '{"scheduled_time": "2026-11-23T00:00:00Z"}'
        raise MalformedEventError(f"scheduled_time is {text!r}, not an ISO 8601 time; send {example}") from error
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(_time_zone(event.get("time_zone")))


def _time_zone(name: object) -> ZoneInfo | Any:
    try:
        return ZoneInfo(str(name or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return UTC  # only the date in the heading depends on it


def _environment_name(app: App, context: Any) -> str:
    """The given name; else the account's id, which is in the ARN of the function."""
    arn = str(getattr(context, "invoked_function_arn", ""))
    return app.config.environment_name or (arn.split(":")[4] if arn.count(":") > 4 else "AWS")


def _file_name_part(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-") or "aws"

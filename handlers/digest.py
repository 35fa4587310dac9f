"""A scheduled time → every open violation as a CSV → Slack."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.app import App, build_app
from shared.digest_blocks import render_digest
from shared.digest_record import Counts
from shared.errors import MalformedEventError, MessageRejectedError, NotRecordedError, ScanIncompleteError
from shared.lifecycle import Message
from shared.report import merge, summarize, to_csv
from shared.retry import seconds_remaining
from shared.scan import open_violations
from shared.summary import Summary
from shared.violation import Violation

SECONDS_TO_SEND = 120  # of the function's 900: a last request that hangs takes 35, then come CSV, archive and Slack


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
        summary = _make_and_send(due, app, context)
    counts = {"open_violations": summary.total, "unreadable": summary.unreadable}
    app.telemetry.count("DigestPosted")
    if summary.incomplete:
        app.telemetry.count("DigestIncomplete")
    app.telemetry.log.info("digest posted", extra=counts)
    try:
        claim.record(counts)
    except NotRecordedError as error:
        # A retry for the record's sake would post the digest again.
        app.telemetry.log.error("digest not recorded", extra={"why": str(error)})
    return counts


def _make_and_send(due: datetime, app: App, context: Any) -> Summary:
    violations, unreadable, incomplete = _scan(app, context)
    summary = summarize(violations, due.astimezone(UTC), unreadable, incomplete)
    send(violations, summary, app, date=f"{due:%Y-%m-%d}", environment_name=_environment_name(app, context))
    return summary


def send(violations: list[Violation], summary: Summary, app: App, *, date: str, environment_name: str) -> None:
    """Archive the CSV, post the digest, and put the file into its thread; no file if there is nothing to list."""
    if not violations:
        _post_digest(summary, app, date, environment_name)
        return
    content = to_csv(violations, app.wording, summary.scheduled_time)
    if app.config.archive_bucket:
        app.archive.store_csv(summary.scheduled_time, content)
    message = _post_digest(summary, app, date, environment_name)
    app.slack.upload(
        filename=app.wording.digest_filename.format(environment=_file_name_part(environment_name), date=date),
        title=app.wording.digest_title.format(environment=environment_name, date=date),
        content=content,
        comment="",
        thread=message,
    )


def _post_digest(summary: Summary, app: App, date: str, environment_name: str) -> Message:
    """Post the digest with a chart; with its plain trend where the workspace has no charts yet."""
    with_chart, plain = (
        render_digest(summary, app.wording, environment_name, date, with_chart=chosen) for chosen in (True, False)
    )
    try:
        return app.slack.post(with_chart)
    except MessageRejectedError as error:
        if with_chart == plain:
            raise
        app.telemetry.log.warning("chart refused", extra={"why": str(error)})
        return app.slack.post(plain)


def _scan(app: App, context: Any) -> tuple[list[Violation], int, ScanIncompleteError | None]:
    """The violations, how many findings were unreadable, and why there are no more, if there may be."""
    found: list[Violation] = []
    unreadable = 0
    try:
        for violation in _open_violations(app, context):
            if isinstance(violation, MalformedEventError):
                unreadable += 1
                app.telemetry.log.error("finding unreadable", extra={"why": str(violation)})
            else:
                found.append(violation)
    except ScanIncompleteError as error:
        # Sent as it is: what cut this scan short may cut the retries short too, and then nobody would get any list.
        app.telemetry.log.error("digest incomplete", extra={"why": str(error)})
        return merge(found), unreadable, error
    return merge(found), unreadable, None


def _open_violations(app: App, context: Any) -> Iterator[Violation | MalformedEventError]:
    def seconds_left() -> float:
        return seconds_remaining(context) - SECONDS_TO_SEND

    return open_violations(app.patient_security_hub, app.config.policy, seconds_left=seconds_left)


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

"""A scheduled time → every open violation as a CSV → Slack."""

import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.edition import Edition, archive, fetch_edition, make_edition
from handlers.gathering import fetch_part, gather, put_aside
from shared.app import App, build_app
from shared.aws.digest_record import DigestClaim
from shared.digest.summary import Summary
from shared.errors import ArchiveError, MalformedEventError, MessageRejectedError, NotRecordedError
from shared.message import Message
from shared.slack.client import SlackFile
from shared.view.digest import render_digest
from shared.view.rich_text import Payload

MAX_PARTS = 12  # of a scan: some 1,100,000 violations

Answer = dict[str, Any]


def lambda_handler(event: dict[str, Any], context: Any) -> Answer:
    """Send the digest due at {"scheduled_time": ISO 8601, "time_zone"?: IANA name}, once; answers what it counted.

    With a "part", as the state machine counts them from 0, it may answer {"next": event} instead, if it needs another
    invocation to go on; without one it sends what it could read in its time, and says that more may be missing.
    """
    app = build_app()
    try:
        due = _due(event)
        counts = app.digest_record.posted(due)
        if counts is None:
            return _send_once(event, due, app, context)
        app.telemetry.log.info("digest already posted", extra=counts)
        return counts
    finally:
        app.telemetry.flush()


def _send_once(event: dict[str, Any], due: datetime, app: App, context: Any) -> Answer:
    with app.digest_record.claim(due, datetime.now(UTC)) as claim, TemporaryDirectory() as folder:
        summary = _Attempt(event, due, claim, app, context, Path(folder)).send()
    if summary is None:
        claim.give_back()
        return {"next": event | {"part": event["part"] + 1}}
    return _conclude(summary, app, claim)


def _conclude(summary: Summary, app: App, claim: DigestClaim) -> Answer:
    counts = {"open_violations": summary.total, "unreadable": summary.unreadable}
    app.telemetry.count("DigestPosted")
    if summary.incomplete:
        app.telemetry.count("DigestIncomplete")
    app.telemetry.log.info("digest posted", extra=counts)
    try:
        claim.record(counts)
    except NotRecordedError as error:
        # A retry for the record's sake would post the files again.
        app.telemetry.log.error("digest not recorded", extra={"why": str(error)})
    return counts


class _Attempt:
    """One attempt at the digest of a scheduled time, which it has claimed."""

    def __init__(
        self, event: dict[str, Any], due: datetime, claim: DigestClaim, app: App, context: Any, folder: Path
    ) -> None:
        self._event = event
        self._due = due
        self._claim = claim
        self._app = app
        self._context = context
        self._folder = folder

    def send(self) -> Summary | None:
        """What was sent; None if the scan is to go on in another invocation."""
        edition = self._archived() or self._make()
        if edition is None:
            return None
        send(edition, self._app, self._claim, date=f"{self._due:%Y-%m-%d}", environment_name=self._environment_name)
        return edition.summary

    def _archived(self) -> Edition | None:
        """What an earlier attempt archived but could not send; an incomplete one only if its message is out already."""
        progress = self._claim.progress
        if not progress.is_archived:
            return None
        try:
            edition = fetch_edition(self._scheduled_time, self._app, self._folder)
        except ArchiveError as error:
            self._app.telemetry.log.warning("digest made anew", extra={"why": str(error)})
            return None
        return edition if progress.message or not edition.summary.incomplete else None

    def _make(self) -> Edition | None:
        """Scan, compare and archive; None if the scan is to go on in another invocation."""
        part: int | None = self._event.get("part")
        with closing(fetch_part(self._scheduled_time, part or 0, self._app, self._folder)) as open_list:
            gathered = gather(open_list, self._app, self._context)
            if gathered.may_go_on and self._has_another(part):
                self._app.telemetry.log.info("digest goes on", extra={"part": (part or 0) + 1})
                put_aside(open_list, self._scheduled_time, (part or 0) + 1, self._app, self._folder)
                return None
            if gathered.incomplete:
                # Sent as it is: what cut it short may cut the retries short too, and nobody would get any list.
                self._app.telemetry.log.error("digest incomplete", extra={"why": str(gathered.incomplete)})
            return self._keep(make_edition(gathered, self._scheduled_time, self._app, self._folder))

    def _has_another(self, part: int | None) -> bool:
        """Whether another invocation can go on: the state machine is there, and the archive, to put the part aside."""
        return part is not None and part + 1 < MAX_PARTS and bool(self._app.config.archive_bucket)

    def _keep(self, edition: Edition) -> Edition:
        if not self._app.config.archive_bucket:
            return edition
        problem = archive(edition, self._app, self._folder)
        if problem:
            return replace(edition, summary=problem)
        self._claim.record_archived()
        return edition

    @property
    def _scheduled_time(self) -> datetime:
        return self._due.astimezone(UTC)

    @property
    def _environment_name(self) -> str:
        """The given name; else the account's id, which is in the ARN of the function."""
        arn = str(getattr(self._context, "invoked_function_arn", ""))
        return self._app.config.environment_name or (arn.split(":")[4] if arn.count(":") > 4 else "AWS")


def send(edition: Edition, app: App, claim: DigestClaim, *, date: str, environment_name: str) -> None:
    """Post the digest, unless an earlier attempt did, and its files in the message's thread."""
    with_chart, plain = (
        render_digest(edition.summary, app.wording, environment_name, date, with_chart=chosen)
        for chosen in (True, False)
    )
    message = claim.progress.message or _post_once(with_chart, plain, edition.summary.scheduled_time, app, claim)
    files = _files(edition, app, date=date, environment_name=environment_name)
    if missing := [file for file in files if not _is_uploaded(file, message, app, claim)]:
        app.slack.upload(missing, thread=message)


def _is_uploaded(file: SlackFile, message: Message, app: App, claim: DigestClaim) -> bool:
    """Whether an earlier attempt, whose end was not recorded, left the file there."""
    attempted_at = claim.progress.attempted_at
    return attempted_at is not None and app.slack.has_file(file.name, message, attempted_at)


def _post_once(with_chart: Payload, plain: Payload, scheduled_time: datetime, app: App, claim: DigestClaim) -> Message:
    mark = {"metadata": digest_mark(scheduled_time)}
    attempted_at = claim.progress.attempted_at
    message = app.slack.find(mark["metadata"], attempted_at) if attempted_at else None
    if message is None:
        claim.record_attempt(datetime.now(UTC))
        message = _post(with_chart | mark, plain | mark, app)
    try:
        claim.record_message(message)
    except NotRecordedError as error:
        app.telemetry.log.error("digest not recorded", extra={"why": str(error)})
    return message


def _post(with_chart: Payload, plain: Payload, app: App) -> Message:
    """Post the digest with a chart; with its plain trend where the workspace has no charts yet."""
    try:
        return app.slack.post(with_chart)
    except MessageRejectedError as error:
        if with_chart == plain:
            raise
        app.telemetry.log.warning("chart refused", extra={"why": str(error)})
        return app.slack.post(plain)


def digest_mark(scheduled_time: datetime) -> Payload:
    """The metadata by which a later attempt recognises a digest that arrived after all."""
    return {"event_type": "shirase_digest", "event_payload": {"scheduled_time": scheduled_time.isoformat()}}


def _files(edition: Edition, app: App, *, date: str, environment_name: str) -> list[SlackFile]:
    wording = app.wording
    found = [
        (edition.open_violations, wording.digest_filename, wording.digest_title),
        (edition.resolved_violations, wording.resolved_filename, wording.resolved_title),
    ]
    return [
        SlackFile(
            name=name.format(environment=_file_name_part(environment_name), date=date),
            title=title.format(environment=environment_name, date=date),
            content=file,
        )
        for file, name, title in found
        if file
    ]


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


def _file_name_part(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-") or "aws"

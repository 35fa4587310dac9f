"""A digest → Slack: its message, and its files in the message's thread, each once."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from shared.aws.archive import key_of
from shared.aws.digest_record import DigestClaim
from shared.errors import NotRecordedError
from shared.message import Message
from shared.pipeline.messenger import Forms, Messenger
from shared.pipeline.part import Edition
from shared.slack.client import SlackFile
from shared.telemetry import Telemetry
from shared.view.digest import render_digest
from shared.view.mark import digest_mark, refused_mark
from shared.view.plain_text import plain_text
from shared.view.wording import Wording


class Delivery:
    """Sends editions to a channel, the default one where it is None."""

    def __init__(
        self,
        *,
        messenger: Messenger,
        channel: str | None,
        wording: Wording,
        telemetry: Telemetry,
        clock: Callable[[], datetime],
    ) -> None:
        self._messenger = messenger
        self._channel = channel
        self._wording = wording
        self._telemetry = telemetry
        self._clock = clock

    def send(self, edition: Edition, claim: DigestClaim, *, date: str, environment_name: str) -> None:
        """Post the digest, unless an earlier attempt did, and its files in the message's thread."""
        message = claim.progress.message or self._post(edition, claim, date, environment_name)
        due, files = edition.summary.scheduled_time, self._files(edition, date, environment_name)
        keys = [
            key_of(due, file.content.name) for file in files if edition.is_archived and isinstance(file.content, Path)
        ]
        self._messenger.share(
            files,
            digest_mark(due),
            claim.progress.attempted_at,  # an attempt whose end was not recorded may have left files there
            message,
            self._clock(),
            instead=lambda reason: self._wording.instead_of_files(reason, keys),
        )

    def tell_refused(self, due: datetime, channels: Sequence[str], claim: DigestClaim) -> None:
        """Say once, below the digest, which channels don't take their own."""
        message, mark = claim.progress.message, refused_mark(digest_mark(due))
        if channels and message:
            text = self._wording.digest_refused.format(channels=", ".join(f"<#{channel}>" for channel in channels))
            self._messenger.reply(text, mark, claim.progress.attempted_at, message)

    def _post(self, edition: Edition, claim: DigestClaim, date: str, environment_name: str) -> Message:
        claim.record_attempt(self._clock())
        mark = digest_mark(edition.summary.scheduled_time)
        channel = self._channel or self._messenger.default_channel
        forms = self._forms(edition, date, environment_name)
        message = self._messenger.post_once(forms, mark, claim.progress.attempted_at, channel)
        try:
            claim.record_message(message)
        except NotRecordedError as error:
            self._telemetry.log.error("digest not recorded", extra={"why": str(error)})
        return message

    def _forms(self, edition: Edition, date: str, environment_name: str) -> Forms:
        """With chart and table, without the chart, without both, and as mere text."""
        forms = [
            render_digest(edition.summary, self._wording, environment_name, date, with_chart=chart, with_table=table)
            for chart, table in ((True, True), (False, True), (False, False))
        ]
        different = [form for number, form in enumerate(forms) if form not in forms[:number]]
        return [*different, plain_text(forms[-1])]

    def _files(self, edition: Edition, date: str, environment_name: str) -> list[SlackFile]:
        wording = self._wording
        found = [
            (edition.open_violations, wording.digest_filename, wording.digest_title),
            (edition.resolved_violations, wording.resolved_filename, wording.resolved_title),
            (edition.accepted_violations, wording.accepted_filename, wording.accepted_title),
        ]
        return [
            SlackFile(
                name=file_name(name, environment_name, date),
                title=title.format(environment=environment_name, date=date),
                content=file,
            )
            for file, name, title in found
            if file
        ]


def file_name(pattern: str, environment_name: str, date: str) -> str:
    """What Slack calls a digest's file; the pattern is one of Wording's."""
    return pattern.format(environment=re.sub(r"[^\w.-]+", "-", environment_name).strip("-") or "aws", date=date)

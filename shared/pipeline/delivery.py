"""A digest → Slack: its message, and its files in the message's thread, each once."""

import re
from collections.abc import Callable
from datetime import datetime

from shared.aws.digest_record import DigestClaim
from shared.errors import MessageRejectedError, NotRecordedError
from shared.message import Message
from shared.pipeline.edition import Edition
from shared.slack.client import Slack, SlackFile
from shared.telemetry import Telemetry
from shared.view.digest import render_digest
from shared.view.mark import digest_mark
from shared.view.rich_text import Payload
from shared.view.wording import Wording


class Delivery:
    """Sends editions."""

    def __init__(self, *, slack: Slack, wording: Wording, telemetry: Telemetry, clock: Callable[[], datetime]) -> None:
        self._slack = slack
        self._wording = wording
        self._telemetry = telemetry
        self._clock = clock

    def send(self, edition: Edition, claim: DigestClaim, *, date: str, environment_name: str) -> None:
        """Post the digest, unless an earlier attempt did, and its files in the message's thread."""
        message = claim.progress.message or self._post(edition, claim, date, environment_name)
        files = self._files(edition, date, environment_name)
        attempted_at = claim.progress.attempted_at  # an attempt whose end was not recorded may have left files there
        if missing := [file for file in files if not self._slack.has_file(file.name, message, attempted_at)]:
            self._slack.upload(missing, thread=message)

    def _post(self, edition: Edition, claim: DigestClaim, date: str, environment_name: str) -> Message:
        with_chart, plain = (
            render_digest(edition.summary, self._wording, environment_name, date, with_chart=chosen)
            for chosen in (True, False)
        )
        claim.record_attempt(self._clock())
        mark, since = digest_mark(edition.summary.scheduled_time), claim.progress.attempted_at
        try:
            message = self._slack.post_once(with_chart, mark, since)
        except MessageRejectedError as error:
            message = self._post_plain(plain, mark, error, is_the_same=with_chart == plain)
        try:
            claim.record_message(message)
        except NotRecordedError as error:
            self._telemetry.log.error("digest not recorded", extra={"why": str(error)})
        return message

    def _post_plain(self, plain: Payload, mark: Payload, error: MessageRejectedError, *, is_the_same: bool) -> Message:
        """Post the digest with its plain trend, for a workspace that has no charts yet."""
        if is_the_same:
            raise error
        self._telemetry.log.warning("chart refused", extra={"why": str(error)})
        return self._slack.post(plain | {"metadata": mark})

    def _files(self, edition: Edition, date: str, environment_name: str) -> list[SlackFile]:
        wording = self._wording
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


def _file_name_part(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-") or "aws"

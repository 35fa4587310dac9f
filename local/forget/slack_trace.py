"""What Slack has of a person, by the names that people find it under there."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from local.forget.archive import ArchiveTrace
from local.forget.ledger import LedgerTrace
from local.words import said
from shared.aws.archive import ACCEPTED_VIOLATIONS, OPEN_VIOLATIONS, RESOLVED_VIOLATIONS, SUMMARY, digest_file
from shared.pipeline.delivery import file_name
from shared.view.language import LANGUAGES


class SlackNames:
    """Names files as the stack does with its present settings, which are CloudFormation's parameters."""

    def __init__(self, parameters: dict[str, str], account_id: str) -> None:
        self._wording = LANGUAGES[parameters.get("MessageLanguage") or "en"]
        self._environment = parameters.get("EnvironmentName") or account_id
        self._time_zone = _time_zone(parameters.get("DigestTimezone") or "UTC")

    def files(self, in_archive: Iterable[ArchiveTrace], in_ledger: Iterable[LedgerTrace]) -> list[str]:
        """The CSV files of digests and bursts."""
        return sorted({*self._of_digests(in_archive), *self._of_bursts(in_ledger)})

    def digests(self, in_archive: Iterable[ArchiveTrace]) -> list[str]:
        """The dates of the digests whose message may name the person: among what has been open longest, in an
        exception, or among the owners whom nobody knows."""
        found = (digest_file(trace.key) for trace in in_archive)
        return sorted({self._date(time) for time, name in found if time and name == SUMMARY})

    def _of_digests(self, in_archive: Iterable[ArchiveTrace]) -> Iterator[str]:
        patterns = {
            OPEN_VIOLATIONS: self._wording.digest_filename,
            RESOLVED_VIOLATIONS: self._wording.resolved_filename,
            ACCEPTED_VIOLATIONS: self._wording.accepted_filename,
        }
        for trace in in_archive:
            time, name = digest_file(trace.key)
            if time and name in patterns:
                yield file_name(patterns[name], self._environment, self._date(time))

    def _of_bursts(self, in_ledger: Iterable[LedgerTrace]) -> Iterator[str]:
        for trace in in_ledger:
            if trace.burst_id:
                time = trace.burst_id.rsplit("-", 1)[0]  # as shared/aws/burst_ledger.py makes it, to the minute
                yield self._wording.burst_filename.format(time=f"{datetime.fromisoformat(time):%Y-%m-%dT%H%MZ}")

    def _date(self, time: datetime) -> str:
        return f"{time.astimezone(self._time_zone):%Y-%m-%d}"


def messages(in_ledger: Iterable[LedgerTrace]) -> list[str]:
    """When and where the messages were posted whose violation is named after the person."""
    found = {(trace.message.ts, trace.message.channel) for trace in in_ledger if trace.message and trace.is_named_so}
    return [
        said(f"{datetime.fromtimestamp(float(ts), UTC):%Y-%m-%d %H:%M:%S} UTC in {channel}")
        for ts, channel in sorted(found)
    ]


def _time_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return UTC

"""The S3 bucket of past digests: digests/YYYY/MM/DD/HHMMZ/ has the files of each, work/ a scan that goes on,
bursts/ the lists of bursts that Slack took no file of."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.digest.summary import Summary
from shared.digest.summary_json import decode, encode
from shared.errors import ArchiveError, ArchiveFault

OPEN_VIOLATIONS = "open-violations.csv"
RESOLVED_VIOLATIONS = "resolved-violations.csv"
ACCEPTED_VIOLATIONS = "accepted-violations.csv"
MEMORY = "memory.jsonl.gz"
SUMMARY = "summary.json"  # written last: where it is, all is there
CONTENT_TYPES = {".csv": "text/csv; charset=utf-8", ".gz": "application/gzip", ".json": "application/json"}
DIGESTS = "digests/"
NAMES = frozenset({OPEN_VIOLATIONS, RESOLVED_VIOLATIONS, ACCEPTED_VIOLATIONS, MEMORY, SUMMARY})

# The bucket's lifecycle drops what is older, and then listing finds nothing any more.
MONTHS_LOOKED_BACK = 13
LARGEST_SUMMARY = 1_000_000  # bytes

_KEY = re.compile(r"digests/(\d{4}/\d{2}/\d{2}/\d{4})Z/([^/]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDigest:
    """A digest that the archive holds, and the names of its files."""

    scheduled_time: datetime
    names: frozenset[str]


class Archive:
    """Keeps what each digest sent and what the next one needs; `client` is boto3's S3 client.

    Every method raises ArchiveError, which names the object, for what S3 refuses or doesn't have.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, scheduled_time: datetime, file: Path) -> None:
        """Store a file, which has one of NAMES, with its digest; doing so again replaces it."""
        self._put(key_of(scheduled_time, file.name), file)

    def fetch(self, scheduled_time: datetime, file: Path, name: str | None = None) -> None:
        """Write what a digest has under a name, which is the file's own by default, into a file."""
        self._get(key_of(scheduled_time, name or file.name), file)

    def keep_burst(self, started_at: datetime, content: bytes | Path) -> str:
        """Store the list of a burst that Slack took no file of; where it is kept."""
        key = f"bursts/{started_at.astimezone(UTC):%Y/%m/%d/%H%M%SZ}.csv"
        body = content if isinstance(content, bytes) else content.read_bytes()
        with _explained(key):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=CONTENT_TYPES[".csv"])
        return key

    def keep_summary(self, summary: Summary) -> None:
        key = key_of(summary.scheduled_time, SUMMARY)
        with _explained(key):
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=encode(summary).encode(), ContentType=CONTENT_TYPES[".json"]
            )

    def summary(self, scheduled_time: datetime) -> Summary:
        key = key_of(scheduled_time, SUMMARY)
        with _explained(key):
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read(LARGEST_SUMMARY)
            summary = decode(body.decode())
            if _folder(summary.scheduled_time) != _folder(scheduled_time):
                raise ValueError(f"it speaks of {summary.scheduled_time}")
            return summary

    def past(self, before: datetime, count: int) -> tuple[list[PastDigest], list[ArchiveError]]:
        """The last digests before a time, the latest first, and what lies among them without belonging there."""
        own_minute = before.replace(second=0, microsecond=0)
        found: dict[datetime, PastDigest] = {}
        problems: list[ArchiveError] = []
        for since, until in _spans(before):
            for key in self._keys(since, until):
                time, name = digest_file(key)
                if time is None:
                    problems.append(ArchiveError(key, ArchiveFault.FOREIGN, "it belongs to no digest"))
                elif time < own_minute:
                    known = found.get(time, PastDigest(scheduled_time=time, names=frozenset()))
                    found[time] = replace(known, names=known.names | {name})
            if len(found) >= count:
                break
        return [found[time] for time in sorted(found, reverse=True)[:count]], problems

    def keep_part(self, scheduled_time: datetime, part: int | str, file: Path) -> None:
        """Put aside how far a scan has come."""
        self._put(_part_key(scheduled_time, part), file)

    def fetch_part(self, scheduled_time: datetime, part: int | str, file: Path) -> None:
        self._get(_part_key(scheduled_time, part), file)

    def _put(self, key: str, file: Path) -> None:
        content_type = CONTENT_TYPES.get(file.suffix, "application/octet-stream")
        with _explained(key), file.open("rb") as content:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type)

    def _get(self, key: str, file: Path) -> None:
        with _explained(key), file.open("wb") as content:
            copyfileobj(self._client.get_object(Bucket=self._bucket, Key=key)["Body"], content)

    def _keys(self, since: str, until: str) -> Iterator[str]:
        """The digests' keys in a span, in their order, which is that of time."""
        pages = self._client.get_paginator("list_objects_v2")
        with _explained(since):
            for page in pages.paginate(Bucket=self._bucket, Prefix=DIGESTS, StartAfter=since):
                for each in page.get("Contents", []):
                    if each["Key"] >= until:
                        return
                    yield each["Key"]


@contextmanager
def _explained(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        is_missing = error.response["Error"]["Code"] in {"NoSuchKey", "404"}
        raise ArchiveError(key, ArchiveFault.MISSING if is_missing else ArchiveFault.REFUSED, error) from error
    except BotoCoreError as error:
        raise ArchiveError(key, ArchiveFault.REFUSED, error) from error
    except ValueError as error:
        raise ArchiveError(key, ArchiveFault.BROKEN, error) from error


def _folder(scheduled_time: datetime) -> str:
    return f"{DIGESTS}{scheduled_time.astimezone(UTC):%Y/%m/%d/%H%M}Z/"


def _part_key(scheduled_time: datetime, part: int | str) -> str:
    return f"work/{scheduled_time.astimezone(UTC):%Y-%m-%dT%H%M%S}Z/part-{part}.sqlite"


def key_of(scheduled_time: datetime, name: str) -> str:
    """Where a digest's file is kept."""
    return f"{_folder(scheduled_time)}{name}"


def digest_file(key: str) -> tuple[datetime | None, str]:
    """The scheduled time of the digest that a key belongs to, and the file's name; None if it belongs to none."""
    match = _KEY.fullmatch(key)
    if not match or match[2] not in NAMES:
        return None, ""
    try:
        return datetime.strptime(match[1], "%Y/%m/%d/%H%M").replace(tzinfo=UTC), match[2]
    except ValueError:
        return None, ""


def _spans(before: datetime) -> Iterator[tuple[str, str]]:
    """Where in the archive to look: the last two months, which have a month's daily digests, then all that is older."""
    yield _month(before, 1), _month(before, -1)
    yield _month(before, MONTHS_LOOKED_BACK - 1), _month(before, 1)


def _month(time: datetime, back: int) -> str:
    """The prefix of a month, so many before that of a time."""
    utc = time.astimezone(UTC)
    year, month = divmod(utc.year * 12 + utc.month - 1 - back, 12)
    return f"{DIGESTS}{year:04}/{month + 1:02}/"

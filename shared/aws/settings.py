"""The routes in use: settings/routes.json in the archive's bucket, whose earlier versions the bucket keeps."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import SettingsError
from shared.text import excerpt

ROUTES = "settings/routes.json"
MOST_VERSIONS = 6  # that are looked at where the file is refused, itself included
LARGEST_FILE = 4_000_000  # bytes, as MAX_OBJECT_BYTES of the routes' file, which isn't loaded where there is none
MOST_SECONDS = 2  # for all of a file: the client's own timeout begins anew with whatever comes
PIECE = 64_000  # bytes

_MISSING = {"NoSuchKey", "404"}
_FORBIDDEN = {"AccessDenied", "403"}
_NOT_MODIFIED = {"304", "NotModified"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsVersion:
    """A version of the file: `tag` is its ETag, `size` its bytes, and `content` what it says, unless it is too large to
    be read; all are empty where there is no file."""

    tag: str = ""
    size: int = 0
    content: bytes = b""

    def __bool__(self) -> bool:
        return bool(self.tag)

    @property
    def document(self) -> object:
        """What the file says, as JSON; raises SettingsError if it is none, or too large."""
        if self.size > LARGEST_FILE:
            raise SettingsError(f"{ROUTES} has {self.size:,} bytes, and {LARGEST_FILE:,} are the most that is read")
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"{ROUTES} is no JSON: {excerpt(error)}") from None


class SettingsFile:
    """Reads the file; `client` is boto3's S3 client, whose timeouts bound how long that takes."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, known: SettingsVersion) -> SettingsVersion:
        """The file as it is now: `known`, if that still is what S3 has. Raises SettingsError if it can't be read."""
        try:
            return self._read(known)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _NOT_MODIFIED:
                return known
            if code in _MISSING or (code in _FORBIDDEN and not self._is_listed()):
                return SettingsVersion()
            raise _unreadable(error) from error
        except (BotoCoreError, OSError) as error:
            raise _unreadable(error) from error

    def earlier(self) -> Iterator[SettingsVersion]:
        """The last few versions before the file as it is now, the newest first, back to where there was no file. Raises
        SettingsError as `read` does."""
        try:
            answer = self._client.list_object_versions(Bucket=self._bucket, Prefix=ROUTES, MaxKeys=MOST_VERSIONS)
            ends = [each["LastModified"] for each in answer.get("DeleteMarkers", []) if each["Key"] == ROUTES]
            versions = [each for each in answer.get("Versions", []) if each["Key"] == ROUTES and not each["IsLatest"]]
            for each in versions:  # the newest first ("ListObjectVersions")
                if all(each["LastModified"] > end for end in ends):
                    yield self._get(VersionId=each["VersionId"])
        except (ClientError, BotoCoreError, OSError) as error:
            raise _unreadable(error) from error

    def _read(self, known: SettingsVersion) -> SettingsVersion:
        return self._get(**({"IfNoneMatch": known.tag} if known else {}))

    def _get(self, **asked: str) -> SettingsVersion:
        answer = self._client.get_object(Bucket=self._bucket, Key=ROUTES, **asked)
        tag, size = answer["ETag"], answer["ContentLength"]
        with answer["Body"] as body:
            return SettingsVersion(tag=tag, size=size, content=_content(body) if size <= LARGEST_FILE else b"")

    def _is_listed(self) -> bool:
        # Of what isn't there S3 also says that it is forbidden, to whoever may not list it ("GetObject", Permissions).
        # The role may list this one key, which should do; if it doesn't, the list tells.
        try:
            answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=ROUTES, MaxKeys=1)
        except (ClientError, BotoCoreError) as error:
            raise _unreadable(error) from error
        return any(each["Key"] == ROUTES for each in answer.get("Contents", []))


def _content(body: Any) -> bytes:
    """What botocore's StreamingBody holds, unless that takes too long."""
    until = monotonic() + MOST_SECONDS
    content = b""
    while piece := body.read(PIECE):
        content += piece
        if monotonic() > until:
            raise SettingsError(f"{ROUTES} can't be read: it did not come within {MOST_SECONDS} s")
    return content


def _unreadable(error: Exception) -> SettingsError:
    return SettingsError(f"{ROUTES} can't be read: {excerpt(error)}")

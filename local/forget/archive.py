"""A person in a stack's archive: in its objects, and in the versions that they had before."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from botocore.exceptions import ClientError

from local.forget.file import UnreadableFileError, write_without
from local.forget.person import Person
from shared.text import excerpt

UNVERSIONED = "null"  # S3's name for the version of an object that has none
# What S3 answers where an object isn't what it was: changed, being changed, or gone (S3 User Guide, "How to prevent
# object overwrites with conditional writes").
CHANGED = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "NoSuchVersion", "412", "409", "404"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTrace:
    """A version of an object that has the person in it; `obstacle` is why they can't be taken out, if they can't."""

    key: str
    version_id: str
    etag: str
    is_current: bool
    obstacle: str | None = None


class Archive:
    """Finds and forgets; `client` is boto3's S3 client, and `folder` has room for two objects.

    An interruption between an object's new version and the end of its old one leaves that to be found again.
    """

    def __init__(self, client: Any, bucket: str, folder: Path) -> None:
        self._client = client
        self._bucket = bucket
        self._file, self._target = folder / "object", folder / "object-without"

    def find(self, person: Person) -> Iterator[ArchiveTrace]:
        """Every version with a trace of the person."""
        for version in self._versions():
            try:
                if self._write_without(person, version):
                    yield version
            except UnreadableFileError as error:
                yield replace(version, obstacle=str(error))
            except ClientError as error:
                if not _is_changed(error):  # one that is gone has no trace any more
                    raise

    def forget(self, trace: ArchiveTrace, person: Person) -> str | None:
        """Write a present object anew without the person, and take an older version away; the problem, if there is
        one."""
        if trace.is_current and trace.obstacle:
            return f"{trace.key} in the archive {trace.obstacle}: see to it yourself"
        try:
            if not trace.is_current:
                self._delete(trace)
            elif self._write_without(person, trace):
                self._replace(trace)
        except ClientError as error:
            if _is_changed(error):
                return f"{trace.key} in the archive was written meanwhile"
            return f"{trace.key} in the archive: {excerpt(error)}"  # a lock, for instance; the others may be free
        return None

    def _versions(self) -> Iterator[ArchiveTrace]:
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket)
        for page in pages:
            for version in page.get("Versions", []):
                yield ArchiveTrace(
                    key=version["Key"],
                    version_id=version["VersionId"],
                    etag=version["ETag"],
                    is_current=version["IsLatest"],
                )

    def _write_without(self, person: Person, version: ArchiveTrace) -> bool:
        self._target.unlink(missing_ok=True)
        which = {} if version.is_current else {"VersionId": version.version_id}
        answer = self._client.get_object(Bucket=self._bucket, Key=version.key, **which)
        with self._file.open("wb") as file:
            copyfileobj(answer["Body"], file)
        return write_without(person, version.key, self._file, self._target)

    def _replace(self, trace: ArchiveTrace) -> None:
        content_type = self._client.head_object(Bucket=self._bucket, Key=trace.key)["ContentType"]
        with self._target.open("rb") as body:
            written = self._client.put_object(
                Bucket=self._bucket, Key=trace.key, Body=body, ContentType=content_type, IfMatch=trace.etag
            )
        if written.get("VersionId", UNVERSIONED) != trace.version_id:  # else it has taken the old one's place
            self._delete(trace)

    def _delete(self, trace: ArchiveTrace) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=trace.key, VersionId=trace.version_id)


def _is_changed(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in CHANGED

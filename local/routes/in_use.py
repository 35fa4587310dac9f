"""The routes that a stack has in use: an object of its archive bucket, with the versions that it had before."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml
from botocore.exceptions import ClientError

from local.errors import CommandError
from shared.aws.settings import ROUTES
from shared.policy.route_file import MAX_OBJECT_BYTES, SOURCE

_ABSENT = {"NoSuchKey", "NoSuchVersion", "404"}
# S3 User Guide, "How to prevent object overwrites with conditional writes".
_CHANGED = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Routes as the bucket has them: `text` is the YAML, and `document` what the function reads, None if that is no
    JSON."""

    etag: str
    version_id: str
    stored_at: datetime
    text: str
    document: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of the routes, or, where nothing is `kept`, the moment when they were taken out of use."""

    id: str
    stored_at: datetime
    is_in_use: bool
    is_kept: bool
    bytes: int


class ChangedMeanwhileError(CommandError):
    """Raised when the routes in use are no longer those that were read."""


class RoutesInUse:
    """Reads and replaces them; `client` is boto3's S3 client. Every method raises botocore's errors."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, version_id: str = "") -> Stored | None:
        """The routes in use, or a version of them; None if there are none."""
        which = {"VersionId": version_id} if version_id else {}
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=ROUTES, **which)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        content = answer["Body"].read(MAX_OBJECT_BYTES + 1)
        document = _decoded(content)
        return Stored(
            etag=answer["ETag"],
            version_id=answer.get("VersionId", ""),
            stored_at=answer["LastModified"],
            text=_text(document, content),
            document=document,
        )

    def replace(self, text: str, document: dict[str | int, object], before: Stored | None) -> None:
        """Put routes into use in the place of those that were read. Raises ChangedMeanwhileError if those are gone."""
        whole = {**document, SOURCE: text}
        content = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        if len(content) > MAX_OBJECT_BYTES:
            raise CommandError(f"The routes take {len(content):,} bytes as JSON: {MAX_OBJECT_BYTES:,} are the most.")
        condition = {"IfMatch": before.etag} if before else {"IfNoneMatch": "*"}
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=ROUTES, Body=content, ContentType="application/json", **condition
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _CHANGED:
                raise ChangedMeanwhileError(
                    "Somebody else changed the routes in use meanwhile, and nothing was changed now: type the same "
                    "again to see what is different."
                ) from error
            raise

    def remove(self) -> None:
        """Take them out of use; the versions stay."""
        self._client.delete_object(Bucket=self._bucket, Key=ROUTES)

    def versions(self) -> Iterator[Version]:
        """What was in use, the newest first."""
        found = []
        for page in self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=ROUTES):
            found += [(each, True) for each in page.get("Versions", [])]
            found += [(each, False) for each in page.get("DeleteMarkers", [])]
        for each, is_kept in sorted(found, key=lambda one: (one[0]["IsLatest"], one[0]["LastModified"]), reverse=True):
            if each["Key"] == ROUTES:
                yield Version(
                    id=each["VersionId"],
                    stored_at=each["LastModified"],
                    is_in_use=each["IsLatest"] and is_kept,
                    is_kept=is_kept,
                    bytes=each.get("Size", 0),
                )


def _decoded(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _text(document: object, content: bytes) -> str:
    """The YAML with its comments, or, of JSON that somebody put there by hand, YAML that means the same."""
    if isinstance(document, dict) and isinstance(source := document.get(SOURCE), str):
        return source
    if document is None:
        return content.decode(errors="replace")
    return str(yaml.safe_dump(document, allow_unicode=True, sort_keys=False))

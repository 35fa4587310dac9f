"""The file of the routes, as S3 answers whoever asks for it."""

import io
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config as ClientConfig
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from shared.app import PRESSED
from shared.aws import settings
from shared.aws.settings import LARGEST_FILE, MOST_VERSIONS, ROUTES, SettingsFile, SettingsVersion
from shared.errors import SettingsError

BUCKET = "archive"
KNOWN = SettingsVersion(tag='"1"', content=b"{}")
NONE = SettingsVersion()


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(boto3.client("s3", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


class Content(io.BytesIO):
    was_read = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.was_read = True
        return super().read(size)


class Slow(Content):
    """Comes a piece at a time, each of which takes a second."""

    def __init__(self, content: bytes, clock: list[float]) -> None:
        super().__init__(content)
        self._clock = clock

    def read(self, size: int | None = -1, /) -> bytes:
        self._clock[0] += 1
        return super().read(size)


def read(stub: Stubber, known: SettingsVersion = NONE) -> SettingsVersion:
    return SettingsFile(stub.client, BUCKET).read(known)


def give(stub: Stubber, content: bytes, tag: str, size: int | None = None, **asked: str) -> "Content":
    raw = Content(content)
    answer = {"Body": StreamingBody(raw, len(content)), "ContentLength": size or len(content), "ETag": tag}
    stub.add_response("get_object", answer, {"Bucket": BUCKET, "Key": ROUTES, **asked})
    return raw


def refuse(stub: Stubber, status: int, code: str) -> None:
    stub.add_client_error("get_object", code, http_status_code=status)


def list_keys(stub: Stubber, *keys: str) -> None:
    asked = {"Bucket": BUCKET, "Prefix": ROUTES, "MaxKeys": 1}
    stub.add_response("list_objects_v2", {"Contents": [{"Key": key} for key in keys]}, asked)


def test_a_file_is_read_and_again_only_if_it_is_another(stub: Stubber) -> None:
    give(stub, b'{"version": 1}', '"1"')
    found = read(stub)
    assert (found.document, found.tag) == ({"version": 1}, '"1"')
    refuse(stub, 304, "304")
    assert read(stub, found) is found
    give(stub, b"{}", '"2"', IfNoneMatch='"1"')
    assert read(stub, found).document == {}


@pytest.mark.parametrize(("size", "is_read"), [(1_000, True), (LARGEST_FILE, False)])
def test_a_file_that_comes_too_slowly_is_not_waited_for(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch, size: int, is_read: bool
) -> None:
    clock = [0.0]
    monkeypatch.setattr(settings, "monotonic", lambda: clock[0])
    content = b"1" * size
    answer = {"Body": StreamingBody(Slow(content, clock), size), "ContentLength": size, "ETag": '"1"'}
    stub.add_response("get_object", answer, {"Bucket": BUCKET, "Key": ROUTES})
    if is_read:
        assert read(stub).content == content
    else:
        with pytest.raises(SettingsError, match="can't be read: it did not come within 2 s"):
            read(stub)
    assert clock[0] <= settings.MOST_SECONDS + 1


def test_a_bucket_that_never_answers_holds_an_alert_up_for_seconds_only() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = boto3.client(
            "s3",
            "eu-west-1",
            endpoint_url=f"http://127.0.0.1:{silent.getsockname()[1]}",
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=PRESSED.merge(ClientConfig(read_timeout=PRESSED.read_timeout / 20)),
        )
        began = time.monotonic()
        with pytest.raises(SettingsError, match="can't be read: Read timeout"):
            SettingsFile(client, BUCKET).read(KNOWN)
    pauses = time.monotonic() - began - 2 * PRESSED.read_timeout / 20
    assert 2 * PRESSED.read_timeout + pauses < 4  # of the 30 that the function has for ten


@pytest.mark.parametrize("known", [NONE, KNOWN])
def test_where_there_is_no_file_there_is_none(stub: Stubber, known: SettingsVersion) -> None:
    refuse(stub, 404, "NoSuchKey")
    assert read(stub, known) == NONE


def test_a_file_that_is_missing_and_one_that_is_forbidden_are_told_apart(stub: Stubber) -> None:
    refuse(stub, 403, "AccessDenied")
    list_keys(stub, f"{ROUTES}.bak")
    assert read(stub) == NONE
    refuse(stub, 403, "AccessDenied")
    list_keys(stub, ROUTES)
    with pytest.raises(SettingsError, match="AccessDenied"):
        read(stub)


def test_where_nothing_may_be_listed_a_refusal_is_one(stub: Stubber) -> None:
    refuse(stub, 403, "AccessDenied")
    stub.add_client_error("list_objects_v2", "AccessDenied", http_status_code=403)
    with pytest.raises(SettingsError):
        read(stub)


def test_a_file_that_is_too_large_is_refused_unread(stub: Stubber) -> None:
    body = give(stub, b"{}", '"1"', size=LARGEST_FILE + 1)
    found = read(stub)
    with pytest.raises(SettingsError, match="4,000,001 bytes"):
        _ = found.document
    assert (body.closed, body.was_read) == (True, False)


def test_earlier_versions_are_those_since_there_was_a_file(stub: Stubber) -> None:
    now = datetime(2026, 11, 26, 8, tzinfo=UTC)
    versions = [
        {"Key": key, "VersionId": str(age), "IsLatest": age == 0, "LastModified": now - timedelta(hours=age)}
        for age, key in ((0, ROUTES), (1, ROUTES), (2, ROUTES), (4, ROUTES), (1, f"{ROUTES}.old"))
    ]
    markers = [{"Key": ROUTES, "VersionId": "3", "IsLatest": False, "LastModified": now - timedelta(hours=3)}]
    asked = {"Bucket": BUCKET, "Prefix": ROUTES, "MaxKeys": MOST_VERSIONS}
    stub.add_response("list_object_versions", {"Versions": versions, "DeleteMarkers": markers}, asked)
    give(stub, b"1", '"1"', VersionId="1")
    give(stub, b"2", '"2"', VersionId="2")
    assert [found.content for found in SettingsFile(stub.client, BUCKET).earlier()] == [b"1", b"2"]


def test_earlier_versions_that_nobody_gives_are_told(stub: Stubber) -> None:
    stub.add_client_error("list_object_versions", "AccessDenied", http_status_code=403)
    with pytest.raises(SettingsError, match="AccessDenied"):
        list(SettingsFile(stub.client, BUCKET).earlier())


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "NoSuchBucket", "KMS.DisabledException"])
def test_whatever_else_s3_answers_says_nothing_about_the_file(stub: Stubber, code: str) -> None:
    refuse(stub, 503, code)
    with pytest.raises(SettingsError, match=code):
        read(stub, KNOWN)


def test_a_connection_that_fails_or_breaks_says_nothing_about_the_file(stub: Stubber) -> None:
    def fail(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3.eu-west-1.amazonaws.com")

    stub.client.meta.events.register("before-call.s3.GetObject", fail)
    with pytest.raises(SettingsError):
        read(stub)


@pytest.mark.parametrize("content", [b"version: 1", b"\xff\xfe", b"", b"[" * 100_000])
def test_what_is_no_json_is_told(content: bytes) -> None:
    with pytest.raises(SettingsError, match="is no JSON"):
        _ = SettingsVersion(tag='"1"', content=content).document

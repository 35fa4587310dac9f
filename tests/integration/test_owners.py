"""Where a violation goes and whose it is, as S3, AWS Organizations and Slack tell."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.stack.serving import serve
from shared.app import build_app
from shared.aws.settings import ROUTES
from shared.pipeline.router import Router
from shared.policy.owner import Mention, MentionKind, Ring
from shared.policy.route import Destination
from tests.findings import ACCOUNT, violation
from tests.integration.surroundings import CHANNEL, TOKEN, Surroundings

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
HANA = "hana.sato@example.com"
PAYMENTS, DATA = "C0PAYMENTS1", "C0DATA00001"


class Directory:
    """A workspace that only looks people up: by address, what it answers, and after how many seconds."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[dict[str, Any], int, float]] = {}
        self.asked: list[dict[str, str]] = []

    def put(self, email: str, *, status: int = 200, after: float = 0, **answer: Any) -> None:
        self.answers[email] = (answer, status, after)

    async def look_up(self, request: Request) -> JSONResponse:
        asked = dict(request.query_params) | dict(parse_qsl((await request.body()).decode()))
        self.asked.append(asked | {"authorization": request.headers["authorization"]})
        unknown = ({"ok": False, "error": "users_not_found"}, 200, 0.0)
        answer, status, after = self.answers.get(asked["email"], unknown)
        await asyncio.sleep(after)
        return JSONResponse(answer, status, {"Retry-After": "30"} if status == 429 else None)


@pytest.fixture(scope="module")
def directory_server() -> Iterator[tuple[Directory, str]]:
    directory = Directory()
    methods = ["GET", "POST"]
    with serve(Starlette(routes=[Route("/api/users.lookupByEmail", directory.look_up, methods=methods)])) as url:
        yield directory, f"{url}/api/"


@pytest.fixture
def directory(around: Surroundings, directory_server: tuple[Directory, str]) -> Directory:
    directory, url = directory_server
    directory.__init__()
    around.set(SLACK_API_URL=url)
    return directory


def put_routes(around: Surroundings, channel: str = CHANNEL, **parts: Any) -> None:
    document = {"version": 1, "default": {"channel": channel}, **parts}
    around.client("s3").put_object(Bucket=around.name, Key=ROUTES, Body=json.dumps(document).encode())


def router() -> Router:
    return build_app().router


def destination(owner: str = HANA, later: timedelta = timedelta()) -> Destination:
    return router().destination(violation(1, **{"Resources": [tagged(owner)]}), NOW + later)


def tagged(owner: str) -> dict[str, Any]:
    arn = "arn:aws:s3:::bucket-1"
    return {"Type": "AwsS3Bucket", "Id": arn, "Region": "eu-west-1", "Tags": {"Owner": owner}}


def flushed(around: Surroundings) -> dict[str, int]:
    build_app().telemetry.flush()
    return around.metrics


def test_routes_count_within_a_minute_while_good_and_the_last_good_ones_while_they_are_broken(
    around: Surroundings,
) -> None:
    s3 = around.client("s3")
    found = []
    for minute, content in enumerate([None, {"channel": PAYMENTS}, None, "{", {"channel": "#data"}, {"channel": DATA}]):
        if isinstance(content, dict):
            put_routes(around, content["channel"])
        elif content:
            s3.put_object(Bucket=around.name, Key=ROUTES, Body=content)
        found.append(router().destination(violation(1), NOW + timedelta(minutes=minute)).channel)
    assert found == [CHANNEL, PAYMENTS, PAYMENTS, PAYMENTS, PAYMENTS, DATA]
    assert flushed(around)["SettingsRefused"] == 2
    refused = [line["problems"] for line in around.log if line["message"] == "routes refused"]
    assert ["no JSON" in str(refused[0]), "#data" in str(refused[1]), len(refused)] == [True, True, 2]
    s3.delete_object(Bucket=around.name, Key=ROUTES)
    assert router().destination(violation(1), NOW + timedelta(minutes=6)).channel == CHANNEL


def test_a_person_is_looked_up_once_and_mentioned(around: Surroundings, directory: Directory) -> None:
    put_routes(around)
    directory.put(HANA, ok=True, user={"id": "U0HANA0001", "deleted": False, "is_bot": False})
    for hours in (0, 12, 23):
        around.start_anew()
        assert destination(later=timedelta(hours=hours)).mentions == (Mention(kind=MentionKind.USER, id="U0HANA0001"),)
    (asked,) = directory.asked
    assert (asked["email"], asked["authorization"], "token" in asked) == (HANA, f"Bearer {TOKEN}", False)


@pytest.mark.parametrize(
    ("answer", "ring"),
    [
        ({"ok": True, "user": {"id": "U0LEFT00001", "deleted": True}}, None),
        ({"ok": False, "error": "users_not_found"}, None),
        ({"ok": True, "user": {"id": "U0ROBOT0001", "is_bot": True}}, Ring.BOT),
        ({"ok": False, "error": "missing_scope", "needed": "users:read.email"}, Ring.UNAVAILABLE),
    ],
)
def test_who_has_left_is_a_bot_or_cannot_be_asked_about_is_not_mentioned(
    around: Surroundings, directory: Directory, answer: dict[str, Any], ring: Ring | None
) -> None:
    put_routes(around)
    directory.put(HANA, **answer)
    for _ in range(2):
        found = destination()
        assert (found.channel, found.mentions) == (CHANNEL, ())
        assert [known.ring for known in found.ownership.owners] == ([ring] if ring else [])
    assert len(directory.asked) == 1
    assert flushed(around).get("OwnerUnknown", 0) == (0 if ring else 2)
    assert HANA not in str([line for line in around.log if line["message"] == "owner not looked up"])


@pytest.mark.parametrize(("status", "after"), [(200, 30.0), (429, 0.0), (503, 0.0)], ids=["hangs", "limited", "down"])
def test_a_burst_does_not_wait_for_a_directory_that_fails(
    around: Surroundings, directory: Directory, status: int, after: float
) -> None:
    put_routes(around)
    destination("nobody here")  # makes what an alert would have made before
    for number in range(20):
        directory.put(f"person-{number}@example.com", status=status, after=after, ok=False, error="ratelimited")
    started = time.monotonic()
    found = [destination(f"person-{number}@example.com") for number in range(20)]
    assert time.monotonic() - started < 3
    assert {(one.channel, one.mentions) for one in found} == {(CHANNEL, ())}
    assert len(directory.asked) == 1


def test_an_account_is_known_by_its_tags_and_every_unit_it_is_in(around: Surroundings) -> None:
    around.set(READ_ORGANIZATION="true")
    organizations = around.client("organizations")
    unit = _unit(organizations)
    put_routes(
        around,
        owners={"team-settlement": {"channel": PAYMENTS}},
        find_owner=[{"account_tag": ["owner"]}],
        routes=[{"ou": unit, "severity": ["LOW"], "channel": DATA}, {"owner": "*", "channel": "owner"}],
    )
    assert router().destination(violation(1), NOW).channel == PAYMENTS
    assert router().destination(violation(1, **{"Severity.Label": "LOW"}), NOW).channel == DATA
    organizations.untag_resource(ResourceId=ACCOUNT, TagKeys=["Owner"])
    around.start_anew()
    assert router().destination(violation(1), NOW + timedelta(hours=23)).channel == PAYMENTS
    assert router().destination(violation(1), NOW + timedelta(hours=24)).channel == CHANNEL


def _unit(organizations: Any) -> str:
    """An organizational unit of the account, which has a tag."""
    (root,) = organizations.list_roots()["Roots"]
    made = organizations.create_organizational_unit(ParentId=root["Id"], Name=f"payments-{time.time_ns()}")
    unit: str = made["OrganizationalUnit"]["Id"]
    (parent,) = organizations.list_parents(ChildId=ACCOUNT)["Parents"]
    organizations.move_account(AccountId=ACCOUNT, SourceParentId=parent["Id"], DestinationParentId=unit)
    organizations.tag_resource(ResourceId=ACCOUNT, Tags=[{"Key": "Owner", "Value": "team-settlement"}])
    return unit


def test_an_account_that_may_not_be_asked_about_has_no_tags_and_it_is_told_once_what_to_set(
    around: Surroundings,
) -> None:
    put_routes(around, routes=[{"account_tag": {"env": ["prod"]}, "channel": PAYMENTS}])
    assert [router().destination(violation(1), NOW).channel for _ in range(3)] == [CHANNEL] * 3
    (told,) = (line for line in around.log if line["message"] == "accounts not looked up")
    assert "ReadOrganization" in told["why"]

"""The functions run in this process, with the real boto3 and slack_sdk, against servers on this machine."""

import os
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import boto3
import pytest
from botocore.config import Config as ClientConfig
from starlette.applications import Starlette
from starlette.routing import Mount

from local.slack.http import slack_app
from local.slack.workspace import SlackWorkspace
from local.stack.aws import LocalAws, create_ledger_table
from local.stack.serving import serve
from shared.app import QUICK, App
from tests.integration.surroundings import CHANNEL, TEAM_A, TEAM_B, TOKEN, RecordingHub, Surroundings, forget_loggers

CHOICES = (
    *("TARGET_CONTROL_IDS", "MIN_SEVERITY", "ENVIRONMENT_NAME", "MESSAGE_LANGUAGE"),
    *("MARK_NOTIFIED", "HONOR_LOWERED_SEVERITY", "BURST_LIMIT", "CSV_DELIMITER", "READ_ORGANIZATION"),
)


@pytest.fixture(scope="package", autouse=True)
def make_clients_once() -> Iterator[None]:
    """Every test has an app of its own, on whose clients it would spend a third of its time."""
    session = lru_cache(boto3.session.Session)

    @lru_cache
    def make(service: str, config: ClientConfig, _surroundings: tuple[tuple[str, str], ...]) -> Any:
        return session().client(service, config=config)

    def client(_: App, service: str, config: ClientConfig = QUICK) -> Any:
        return make(service, config, tuple(item for item in os.environ.items() if item[0].startswith("AWS_")))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3.session, "Session", session)
        patch.setattr(App, "_client", client)
        yield


@pytest.fixture(scope="session")
def ledger_keys(aws: LocalAws) -> dict[str, Any]:
    """The keys and indexes of the ledger's table, out of the template."""
    create_ledger_table(aws, "pattern")
    table = aws.client("dynamodb").describe_table(TableName="pattern")["Table"]
    keys = {name: table[name] for name in ("AttributeDefinitions", "KeySchema")}
    wanted = ("IndexName", "KeySchema", "Projection")
    indexes = [{name: index[name] for name in wanted} for index in table["GlobalSecondaryIndexes"]]
    return keys | {"GlobalSecondaryIndexes": indexes}


@pytest.fixture(scope="session")
def slack_server() -> Iterator[tuple[SlackWorkspace, str]]:
    channels = {CHANNEL: "security", TEAM_A: "team-a", TEAM_B: "team-b"}
    workspace = SlackWorkspace(token=TOKEN, channels=channels, now=time.time)
    with serve(slack_app(workspace)) as url:
        yield workspace, url


@pytest.fixture(scope="session")
def hub_server() -> Iterator[tuple[Starlette, str]]:
    """One server for all tests; each mounts its own hub."""
    app = Starlette()
    with serve(app) as url:
        yield app, url


@pytest.fixture
def around(
    aws: LocalAws,
    ledger_keys: dict[str, Any],
    slack_server: tuple[SlackWorkspace, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Surroundings]:
    """Everything a deployed function finds around it, and the environment variables that the template gives it."""
    slack, slack_url = slack_server
    slack.reset()
    slack.token = TOKEN
    surroundings = Surroundings(aws, slack, monkeypatch, capsys, caplog)
    aws.client("dynamodb").create_table(TableName=surroundings.name, BillingMode="PAY_PER_REQUEST", **ledger_keys)
    for name in CHOICES:
        monkeypatch.delenv(name, raising=False)
    surroundings.set(
        **aws.environment,
        SLACK_SECRET_ARN=surroundings.secret_arn,
        SLACK_CHANNEL=CHANNEL,
        SLACK_API_URL=f"{slack_url}/api/",
        LEDGER_TABLE=surroundings.name,
        ARCHIVE_BUCKET=surroundings.name,
        DEAD_LETTER_QUEUE_URL=surroundings.dead_letter_queue_url,
        POWERTOOLS_SERVICE_NAME=surroundings.name,  # a logger of its own, which writes to this test's output
    )
    yield surroundings
    forget_loggers(surroundings.name)


@pytest.fixture
def hub(around: Surroundings, hub_server: tuple[Starlette, str]) -> Iterator[RecordingHub]:
    """A Security Hub of its own, to which the functions' clients speak."""
    app, url = hub_server
    hub = RecordingHub()
    mount = Mount("/hub", hub.asgi())
    app.routes.append(mount)
    around.set(AWS_ENDPOINT_URL_SECURITYHUB=f"{url}/hub")
    yield hub
    app.routes.remove(mount)

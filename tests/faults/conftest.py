"""The real stack on a local AWS, with faults to order between its functions and everything they speak to."""

import os
from collections.abc import Iterator

import pytest

from local.stack.aws import free_port
from local.stack.guard import PREFIX
from local.stack.secret import CREDENTIALS
from tests.conftest import DeployedStack
from tests.faults.ground import Ground
from tests.faults.proxy import fault_proxy

EXHAUSTIVE = os.environ.get("FAULTS") == "all"  # every fault at every step, and thousands of events: minutes of it
PROXIED = ("DYNAMODB", "SECRETS_MANAGER", "SQS", "S3")


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory, deployed_stack: DeployedStack) -> Iterator[Ground]:
    logs = tmp_path_factory.mktemp("faults")
    aws_port, hub_port, slack_port = free_port(), free_port(), free_port()
    environment = {f"AWS_ENDPOINT_URL_{service}": f"http://127.0.0.1:{aws_port}" for service in PROXIED}
    environment["AWS_ENDPOINT_URL_SECURITYHUB"] = f"http://127.0.0.1:{hub_port}"
    parameters = {
        "SlackApiUrl": f"http://127.0.0.1:{slack_port}{PREFIX}/api/",
        "BurstLimit": "300",
        "MarkNotified": "true",
    }
    with (
        deployed_stack("shirase-faults", function_environment=environment, **parameters) as demo,
        fault_proxy(demo.aws.endpoint, aws_port, logs / "aws-proxy.log", administrator(demo.aws.ca_file)) as aws,
        fault_proxy(demo.hub_url.removesuffix(PREFIX), hub_port, logs / "hub-proxy.log") as hub,
        fault_proxy(demo.slack_url.removesuffix(PREFIX), slack_port, logs / "slack-proxy.log") as slack,
    ):
        yield Ground(demo, aws, hub, slack)


def administrator(ca_file: str) -> dict[str, str]:
    """The local AWS's own credentials; that the functions' roles suffice is shown elsewhere, in tests/e2e."""
    return {**CREDENTIALS, "SSL_CERT_FILE": ca_file}

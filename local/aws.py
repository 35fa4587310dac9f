"""A local AWS, without Docker: ministack in a process of its own, gone when the with-block ends."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
from samtranslator.yaml_helper import yaml_parse

REGION = "ap-northeast-1"
ACCOUNT_ID = "111122223333"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
START_SECONDS = 20
TEMPLATE = Path(__file__).parent.parent / "template.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAws:
    """Where a local AWS listens, and how to speak to it."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables with which any AWS tool or SDK speaks to it instead of the real one."""
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """A boto3 client for it."""
        return self._session().client(service, endpoint_url=self.endpoint)

    def _session(self) -> Any:
        key, secret = CREDENTIALS.values()
        return boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)


@contextmanager
def local_aws(log_file: Path, function_environment: Mapping[str, str] | None = None) -> Iterator[LocalAws]:
    """Start a local AWS that enforces IAM on a free port; its functions see `function_environment` besides their own."""
    port = _free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **CREDENTIALS,
        **(function_environment or {}),
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_REGION": REGION,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with log_file.open("w") as log:
        command = [sys.executable, "-m", "ministack"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - ours
        try:
            aws = LocalAws(endpoint=f"http://127.0.0.1:{port}")
            _wait_until_up(aws, process, log_file)
            yield aws
        finally:
            process.terminate()
            process.wait()


def create_ledger_table(aws: LocalAws, name: str) -> None:
    """Make the ledger's table as the template describes it."""
    properties = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"]["LedgerTable"]["Properties"]
    aws.client("dynamodb").create_table(
        TableName=name,
        BillingMode=properties["BillingMode"],
        AttributeDefinitions=properties["AttributeDefinitions"],
        KeySchema=properties["KeySchema"],
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_until_up(aws: LocalAws, process: subprocess.Popen[bytes], log_file: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_up(aws):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the local AWS did not start:\n{log_file.read_text(encoding='utf-8')}")
        time.sleep(0.02)


def _is_up(aws: LocalAws) -> bool:
    try:
        with urlopen(f"{aws.endpoint}/_ministack/health", timeout=1) as answer:  # noqa: S310 - the loopback's
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False

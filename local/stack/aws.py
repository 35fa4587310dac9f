"""A local AWS, without Docker: ministack in a process of its own, gone when the with-block ends."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import trustme
from samtranslator.yaml_helper import yaml_parse

from local.errors import CommandError
from local.root import ROOT

REGION = "ap-northeast-1"
ACCOUNT_ID = "111122223333"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
CERTIFICATE_VARIABLES = ("AWS_CA_BUNDLE", "MINISTACK_SSL_CERT", "MINISTACK_SSL_KEY")
START_SECONDS = 20
TEMPLATE = ROOT / "template.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAws:
    """Where a local AWS listens, and the file with the certificate of its authority. It speaks TLS, as AWS does."""

    endpoint: str
    ca_file: str

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables with which any AWS tool or SDK speaks to it instead of the real one."""
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CA_BUNDLE": self.ca_file,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """A boto3 client for it, which everybody shares."""
        return _client(service, self.endpoint, self.ca_file)


@cache  # to make one takes a tenth of a second
def _client(service: str, endpoint: str, ca_file: str) -> Any:
    key, secret = CREDENTIALS.values()
    session: Any = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)
    return session.client(service, endpoint_url=endpoint, verify=ca_file)


@contextmanager
def local_aws(log_file: Path, function_environment: Mapping[str, str] | None = None) -> Iterator[LocalAws]:
    """Start a local AWS that enforces IAM on a free port; its functions also see `function_environment`."""
    with TemporaryDirectory(prefix="shirase-aws-", ignore_cleanup_errors=True) as folder:
        certificates = _make_certificates(Path(folder))
        environment = _environment(free_port(), certificates, function_environment or {}) | {"TMPDIR": folder}
        aws = LocalAws(
            endpoint=f"https://127.0.0.1:{environment['GATEWAY_PORT']}", ca_file=certificates["AWS_CA_BUNDLE"]
        )
        with log_file.open("w") as log, _running(environment, log) as process:
            _wait_until_up(aws, process, log_file)
            yield aws


@contextmanager
def _running(environment: dict[str, str], log: IO[str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "ministack"]
    # In a session of its own, so that its functions' processes end with it, and Ctrl-C reaches us alone.
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # nothing of it is to be kept, and its own farewell takes 30 s
        process.wait()


def _environment(port: int, certificates: dict[str, str], function_environment: Mapping[str, str]) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **CREDENTIALS,
        **function_environment,
        **certificates,
        "AUTH": "true",
        "USE_SSL": "1",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "SFN_WAIT_SCALE": "0.001",  # a state machine's retry that is due in a minute comes in 0.06 s
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_REGION": REGION,
        "PYTHONDONTWRITEBYTECODE": "",  # what one cold start has compiled is at hand for the next
    }


def create_ledger_table(aws: LocalAws, name: str) -> None:
    """Make the ledger's table as the template describes it."""
    properties = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"]["LedgerTable"]["Properties"]
    aws.client("dynamodb").create_table(
        TableName=name,
        BillingMode=properties["BillingMode"],
        AttributeDefinitions=properties["AttributeDefinitions"],
        KeySchema=properties["KeySchema"],
        GlobalSecondaryIndexes=properties["GlobalSecondaryIndexes"],
    )


def _make_certificates(folder: Path) -> dict[str, str]:
    """Certificates for the loopback, made for this run, as environment variables that name their files."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    files = {name: str(folder / f"{name.lower()}.pem") for name in CERTIFICATE_VARIABLES}
    authority.cert_pem.write_to_path(files["AWS_CA_BUNDLE"])
    certificate.private_key_pem.write_to_path(files["MINISTACK_SSL_KEY"])
    certificate.cert_chain_pems[0].write_to_path(files["MINISTACK_SSL_CERT"])
    return files


def free_port() -> int:
    """A port of the loopback that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_until_up(aws: LocalAws, process: subprocess.Popen[bytes], log_file: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_up(aws):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CommandError(f"the local AWS did not start:\n{log_file.read_text(encoding='utf-8')}")
        time.sleep(0.02)


def _is_up(aws: LocalAws) -> bool:
    try:
        trust = ssl.create_default_context(cafile=aws.ca_file)
        with urlopen(f"{aws.endpoint}/_ministack/health", timeout=1, context=trust) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False

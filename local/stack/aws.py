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
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from local.errors import CommandError
from local.private import open_private
from local.root import ROOT
from local.stack import child
from local.stack.secret import APP_ID, CREDENTIALS, RUN_SECRET
from local.template_file import read_source

REGION = "ap-northeast-1"
ACCOUNT_ID = "111122223333"
CERTIFICATE_VARIABLES = ("AWS_CA_BUNDLE", "MINISTACK_SSL_CERT", "MINISTACK_SSL_KEY")
START_SECONDS = 20
TEMPLATE = ROOT / "template.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAws:
    """Where a local AWS listens, what opens it, and the file with its authority's certificate: it speaks TLS."""

    endpoint: str
    ca_file: str
    key_id: str = CREDENTIALS["AWS_ACCESS_KEY_ID"]
    key: str = field(default=CREDENTIALS["AWS_SECRET_ACCESS_KEY"], repr=False)
    secret: str = field(default=RUN_SECRET, repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables with which any AWS tool or SDK speaks to it instead of the real one."""
        return {
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.key,
            APP_ID: self.secret,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CA_BUNDLE": self.ca_file,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """A boto3 client for it, which everybody shares."""
        return _client(service, self)


ATTEMPTS = 3
PORT_TAKEN = "Address already in use"


@cache  # to make one takes a tenth of a second
def _client(service: str, aws: LocalAws) -> Any:
    session: Any = boto3.session.Session(aws.key_id, aws.key, region_name=REGION)
    make_config: Any = Config  # whose stubs lack this setting
    config = make_config(user_agent_appid=aws.secret)
    return session.client(service, endpoint_url=aws.endpoint, verify=aws.ca_file, config=config)


@contextmanager
def local_aws(log_file: Path, function_environment: Mapping[str, str] | None = None) -> Iterator[LocalAws]:
    """Start a local AWS that enforces IAM on a free port; its functions also see `function_environment`."""
    with TemporaryDirectory(prefix="shirase-aws-", ignore_cleanup_errors=True) as folder:
        certificates = _make_certificates(Path(folder))
        for attempt in range(ATTEMPTS):
            environment = _environment(free_port(), certificates, function_environment or {}) | {"TMPDIR": folder}
            endpoint = f"https://127.0.0.1:{environment['GATEWAY_PORT']}"
            aws = LocalAws(endpoint=endpoint, ca_file=certificates["AWS_CA_BUNDLE"])
            with open_private(log_file) as log, _running(environment, log) as process:
                try:
                    _wait_until_up(aws, process, log_file)
                except CommandError as error:
                    # Another program may have taken the port in the meantime.
                    if attempt + 1 == ATTEMPTS or PORT_TAKEN not in str(error):
                        raise
                    continue
                yield aws
                return


@contextmanager
def _running(environment: dict[str, str], log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "local.stack.gate"]
    # In a session of its own, so that its functions' processes end with it, and Ctrl-C reaches us alone.
    process = subprocess.Popen(  # noqa: S603 - the command is ours
        command, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # nothing of it is to be kept, and its own farewell takes 30 s
        process.wait()


def _environment(port: int, certificates: dict[str, str], function_environment: Mapping[str, str]) -> dict[str, str]:
    """All that it sees of this process's environment; its functions see the same, and what the template gives them."""
    own = {
        **CREDENTIALS,
        APP_ID: RUN_SECRET,
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
    return child.environment(own)


def create_ledger_table(aws: LocalAws, name: str) -> None:
    """Make the ledger's table as the template describes it."""
    properties = read_source(TEMPLATE, TEMPLATE.name).content["Resources"]["LedgerTable"]["Properties"]
    aws.client("dynamodb").create_table(
        TableName=name,
        BillingMode=properties["BillingMode"],
        AttributeDefinitions=properties["AttributeDefinitions"],
        KeySchema=properties["KeySchema"],
        GlobalSecondaryIndexes=properties["GlobalSecondaryIndexes"],
    )


def _make_certificates(folder: Path) -> dict[str, str]:
    """Certificates for the loopback, made for this run, as environment variables that name their files."""
    import trustme  # of the extra `demo`

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
        url, told = f"{aws.endpoint}/_ministack/health", {"User-Agent": f"app/{aws.secret}"}
        health = Request(url, headers=told)  # noqa: S310 - loopback
        with urlopen(health, timeout=1, context=trust) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False

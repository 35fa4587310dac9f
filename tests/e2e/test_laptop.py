"""The demo as other users of the machine see it: they reach its ports, and read what isn't this user's alone."""

import ssl
import stat
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.demo import Demo
from local.stack.aws import ACCOUNT_ID, REGION
from local.stack.secret import CREDENTIALS, RUN_SECRET
from local.stack.settings import SECRET_NAME, TOKEN
from tests.findings import opened

ROOT_KEY, ROOT_SECRET = CREDENTIALS.values()
KEYS = {
    "the usual key": ("test", "test"),
    "an account for a key": (ACCOUNT_ID, "anything"),
    "the key without its secret": (ROOT_KEY, "anything"),
    "both, without the secret of the run": (ROOT_KEY, ROOT_SECRET),
}


def function_keys(demo: Demo) -> tuple[str, str, str]:
    """The keys that ministack gives the alert function; they follow from names that can be guessed."""
    found = demo.stack.client("lambda").get_function_configuration(FunctionName=demo.stack.outputs["AlertFunctionName"])
    digest = sha256(f"{found['FunctionArn']}:{found['Role']}".encode()).hexdigest()
    secret, token = (sha256(f"{kind}:{digest}".encode()).hexdigest() for kind in ("secret", "token"))
    return f"ASIA{digest[:16].upper()}", secret, token


def attempts(demo: Demo, *keys: str) -> dict[str, Any]:
    """What somebody with these keys, who doesn't know the secret, would do."""

    def client(service: str) -> Any:
        config = Config(retries={"total_max_attempts": 1})
        session: Any = boto3.session.Session(*keys, region_name=REGION)
        return session.client(service, endpoint_url=demo.aws.endpoint, verify=demo.aws.ca_file, config=config)

    outputs, function = demo.stack.outputs, demo.stack.outputs["AlertFunctionName"]
    return {
        "invoke": lambda: client("lambda").invoke(FunctionName=function, Payload=b"{}"),
        "read the token": lambda: client("secretsmanager").get_secret_value(SecretId=SECRET_NAME),
        "put code": lambda: client("lambda").update_function_code(FunctionName=function, ZipFile=b"PK"),
        "read the settings": lambda: client("lambda").get_function_configuration(FunctionName=function),
        "send an event": lambda: client("sqs").send_message(QueueUrl=outputs["AlertQueueUrl"], MessageBody="{}"),
        "read the ledger": lambda: client("dynamodb").scan(TableName=outputs["LedgerTableName"]),
        "read the archive": lambda: client("s3").list_objects_v2(Bucket=outputs["ArchiveBucketName"]),
        "change the stack": lambda: client("cloudformation").delete_stack(StackName=demo.stack.name),
        "ask who one is": lambda: client("sts").get_caller_identity(),
    }


def configuration(demo: Demo) -> Any:
    return demo.stack.client("lambda").get_function_configuration(FunctionName=demo.stack.outputs["AlertFunctionName"])


def test_without_the_secret_no_key_opens_the_local_aws(demo: Demo) -> None:
    before, messages = configuration(demo), len(demo.slack.messages)
    for keys in (*KEYS.values(), function_keys(demo)):
        for what, attempt in attempts(demo, *keys).items():
            with pytest.raises(ClientError) as refused:
                attempt()
            assert "answers only those who have the secret" in str(refused.value), (keys[0], what)
    after = configuration(demo)
    assert (after["CodeSha256"], after["LastModified"]) == (before["CodeSha256"], before["LastModified"])
    assert len(demo.slack.messages) == messages
    assert demo.stack.queue_depth() == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_ministack/health"),
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/sqs/messages"),
        ("GET", "/_ministack/lambda-code/shirase-test"),
        ("GET", "/_aws/lambda-url/any/"),
        ("GET", "/shirase-archive/"),
        ("POST", "/"),
        ("OPTIONS", "/"),
    ],
)
@pytest.mark.parametrize(
    "agent", ["", "app/", f"app/{RUN_SECRET[:-1]}0x", "app/*"], ids=["none", "empty", "almost", "any"]
)
def test_what_asks_for_no_key_asks_for_the_secret(demo: Demo, method: str, path: str, agent: str) -> None:
    trust = ssl.create_default_context(cafile=demo.aws.ca_file)
    request = Request(f"{demo.aws.endpoint}{path}", b"{}" if method == "POST" else None, method=method)
    request.add_header("User-Agent", agent)
    with pytest.raises(HTTPError, match="403"):
        urlopen(request, timeout=10, context=trust)
    assert configuration(demo)


def test_all_listens_on_the_loopback_alone(demo: Demo) -> None:
    ports = {urlsplit(url).port for url in (demo.aws.endpoint, demo.slack_url, demo.hub_url)}
    listening = {port: address for address, port in _listeners() if port in ports}
    assert listening == dict.fromkeys(ports, "0100007F")


def _listeners() -> list[tuple[str, int]]:
    """Address and port of every TCP socket that listens, as the kernel writes them."""
    text = "".join(Path(f"/proc/net/{kind}").read_text(encoding="ascii") for kind in ("tcp", "tcp6"))
    places = [line.split()[1].split(":") for line in text.splitlines() if line.split()[3] == "0A"]
    return [(address, int(port, 16)) for address, port in places]


def test_a_function_sees_named_variables_and_none_of_the_developers(demo: Demo) -> None:
    demo.stack.enqueue(opened())
    demo.wait_until_handled()
    mark = f"AWS_LAMBDA_FUNCTION_NAME={demo.stack.outputs['AlertFunctionName']}"
    workers = [seen for seen in map(_environment, Path("/proc").glob("[0-9]*")) if mark in seen]
    assert workers
    for seen in workers:
        assert not any("SOMEBODYS_TOKEN" in one or ROOT_KEY in one or ROOT_SECRET in one for one in seen)
        assert not any(one.startswith(("AWS_PROFILE=", "PYTEST_")) for one in seen)


def _environment(process: Path) -> list[str]:
    try:
        return (process / "environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []  # it has ended


def test_no_command_line_shows_what_opens_anything(demo: Demo) -> None:
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            lines.append((process / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    assert lines
    assert not [line for line in lines for secret in (RUN_SECRET, TOKEN, ROOT_SECRET) if secret in line]


def test_what_the_demo_writes_is_this_users_alone(demo: Demo) -> None:
    import local.demo

    folder = local.demo.log_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("stack.json", "env", "lock", "aws.log"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(demo.aws.ca_file).parent.stat().st_mode) == 0o700

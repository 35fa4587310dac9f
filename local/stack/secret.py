"""What opens the servers that this process starts. It is made anew for each run, and no other user can guess it."""

import secrets
from collections.abc import Iterable
from hmac import compare_digest

RUN_SECRET = secrets.token_hex(16)
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": f"AKIA{secrets.token_hex(8).upper()}",
    "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20),
}
# SDKs send what this variable holds with every request, in User-Agent: AWS SDKs and Tools Reference Guide,
# "Application ID". So unmodified clients carry the secret: boto3, SAM CLI, and the functions.
APP_ID = "AWS_SDK_UA_APP_ID"


def is_named_in(headers: Iterable[tuple[bytes, bytes]], secret: str) -> bool:
    """Whether a request's User-Agent carries the secret as its application id."""
    expected = f"app/{secret}".encode()
    agents = [value for name, value in headers if name.lower() == b"user-agent"]
    return any(compare_digest(part, expected) for agent in agents for part in agent.split())

"""The floor: the network calls of the product, recorded, and made again with nothing but boto3 and slack_sdk.

Run as a program, it does so in a fresh process: python bare.py calls.json.
"""

import json
import sys
import time
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from slack_sdk import WebClient

Call = tuple[str, str, dict[str, Any]]  # service, operation, arguments


class BareClients:
    """What a script would make: boto3 clients and a Slack client, with the time limits of the product's."""

    def __init__(self, settings: dict[str, str]) -> None:
        quick = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
        session: Any = boto3.session.Session()
        self._clients: dict[str, Any] = {
            name: session.client(name, config=quick) for name in ("dynamodb", "secretsmanager")
        }
        self._clients["slack"] = WebClient(base_url=settings["SLACK_API_URL"], timeout=8)

    def make(self, calls: list[Call]) -> None:
        for service, operation, arguments in calls:
            getattr(self._clients[service], xform_name(operation))(**arguments)


def record(work: Any) -> list[Call]:
    """Do some work, and note every call that it makes to AWS and Slack."""
    from unittest.mock import patch

    from botocore.client import BaseClient

    calls: list[Call] = []
    ask_aws: Any = BaseClient._make_api_call
    post: Any = WebClient.chat_postMessage

    def asking_aws(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
        calls.append((client.meta.service_model.service_name, operation, arguments))
        return ask_aws(client, operation, arguments)

    def posting(client: Any, **arguments: Any) -> Any:
        calls.append(("slack", "chat_postMessage", arguments))
        return post(client, **arguments)

    with patch.object(BaseClient, "_make_api_call", asking_aws), patch.object(WebClient, "chat_postMessage", posting):
        work()
    return calls


if __name__ == "__main__":
    import os

    clients = BareClients(dict(os.environ))
    initialised = time.monotonic(), time.process_time()
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - pathlib is an import more
        clients.make(json.load(file))
    print(json.dumps({"initialised": initialised, "done": (time.monotonic(), time.process_time())}))

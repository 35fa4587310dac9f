"""The queue of events to announce."""

from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


class AlertQueue:
    """Holds failed events back until their next attempt; `client` is boto3's SQS client."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def hold_back(self, receipt_handle: str, seconds: int) -> None:
        """Let a message that is being worked on come back after so many seconds.

        If SQS doesn't take that, the queue's own visibility timeout will do.
        """
        with suppress(ClientError, BotoCoreError):
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )

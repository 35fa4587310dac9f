"""The queue of events to announce, and of what shirase has to look after later."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import NotQueuedError

LONGEST_DELAY_SECONDS = 900  # SQS API Reference, "SendMessage"


class AlertQueue:
    """Holds messages back until their time comes; `make_client` gives boto3's SQS client, which few events need."""

    def __init__(self, make_client: Callable[[], Any], url: str) -> None:
        self._make_client = make_client
        self._url = url

    def hold_back(self, receipt_handle: str, seconds: int) -> None:
        """Let a message that is being worked on come back after so many seconds.

        If SQS doesn't take that, the queue's own visibility timeout will do.
        """
        with suppress(ClientError, BotoCoreError):
            self._make_client().change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )

    def send(self, body: str, seconds: int) -> None:
        """Queue a message that comes after so many seconds, 900 at most; raises NotQueuedError."""
        try:
            self._make_client().send_message(
                QueueUrl=self._url, MessageBody=body, DelaySeconds=min(seconds, LONGEST_DELAY_SECONDS)
            )
        except (ClientError, BotoCoreError) as error:
            raise NotQueuedError(f"SQS did not take a message for the alert queue: {error}") from error

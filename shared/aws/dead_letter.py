"""The queue of what could not be delivered, each message with its reason."""

from collections.abc import Callable
from typing import Any

MAX_REASON_CHARACTERS = 500


class DeadLetterQueue:
    """Takes events that no later attempt can deliver; `make_client` gives boto3's SQS client, which few events need."""

    def __init__(self, make_client: Callable[[], Any], url: str) -> None:
        self._make_client = make_client
        self._url = url

    def send(self, body: str, error: Exception) -> None:
        """Put an event aside, with the message attributes ErrorType (the error's name) and Reason (its text)."""
        self._make_client().send_message(
            QueueUrl=self._url,
            MessageBody=body,
            MessageAttributes={"ErrorType": _text(type(error).__name__), "Reason": _text(str(error))},
        )


def _text(value: str) -> dict[str, str]:
    # SQS takes no control characters in an attribute.
    printable = "".join(character if character.isprintable() else " " for character in value)
    return {"DataType": "String", "StringValue": printable[:MAX_REASON_CHARACTERS] or "unknown"}

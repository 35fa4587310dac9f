"""The queue of what could not be delivered, each message with its reason."""

from typing import Any

MAX_REASON_CHARACTERS = 500


class DeadLetterQueue:
    """Takes events that no later attempt can deliver; `client` is boto3's SQS client."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, body: str, error: Exception) -> None:
        """Put an event aside, with the message attributes ErrorType (the error's name) and Reason (its text)."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=body,
            MessageAttributes={"ErrorType": _text(type(error).__name__), "Reason": _text(str(error))},
        )


def _text(value: str) -> dict[str, str]:
    # SQS takes no control characters in an attribute.
    printable = "".join(character if character.isprintable() else " " for character in value)
    return {"DataType": "String", "StringValue": printable[:MAX_REASON_CHARACTERS] or "unknown"}

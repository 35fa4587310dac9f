"""A batch of queued Security Hub events, or one bare event → announce, close, or nothing."""

from functools import partial
from typing import Any

from shared.app import build_app, prepare_on_lambda
from shared.retry import seconds_remaining

prepare_on_lambda()


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle an SQS batch, answering {"batchItemFailures": […]}, or one bare EventBridge event, raising if it fails.

    Whatever of a batch is named in the answer stays in the queue ("Handling errors for an SQS event source in Lambda").
    """
    app = build_app()
    failed: list[str] = []
    try:
        if isinstance(event, dict) and "Records" in event:
            failed = app.batches.handle(event["Records"], partial(seconds_remaining, context))
        else:
            app.batches.handle_event(event)
    finally:
        app.telemetry.flush()
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

"""The local AWS, behind a gate. `python -m local.stack.gate` runs it instead of `python -m ministack`.

ministack takes the key "test", every account id and no key at all for the account's owner, without looking at the
signature; its functions' keys follow from their names; and what lies under /_ministack/ asks for no key. So nothing
gets as far as that without the secret of the run.
"""

import os
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from local.stack.secret import APP_ID, is_named_in

REFUSED = f"this local AWS answers only those who have the secret of its run, which SDKs read from {APP_ID}"


class Gate:
    """Lets through what carries the secret."""

    def __init__(self, app: ASGIApp, secret: str) -> None:
        self._app = app
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_named_in(scope["headers"], self._secret):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _refusal()(scope, receive, send)


def _refusal() -> Response:
    # SDKs read XML where their service speaks it, and take it for the message where it speaks JSON.
    body = f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{REFUSED}</Message></Error></ErrorResponse>"
    return Response(body, 403, {"x-amzn-ErrorType": "AccessDenied"}, media_type="text/xml")


def main() -> None:
    import ministack.app  # type: ignore[import-untyped]  # it ships no types
    from ministack.core import lambda_runtime, responses  # type: ignore[import-untyped]  # it has no types
    from ministack.services import lambda_svc  # type: ignore[import-untyped]  # it has no types

    # A Ref to a parameter of the type Number becomes a number in CloudFormation, and stays a text in ministack's.
    concurrency = lambda_svc._sqs_esm_concurrency
    lambda_svc._sqs_esm_concurrency = lambda *mapping: int(concurrency(*mapping))
    keep_workers_that_raised(lambda_runtime)
    # To tell application/json from x-amz-json-1.0 it loads botocore, and its model of each service that is asked; the
    # SDKs don't look.
    responses._service_model = lambda service: None
    ministack.app.app = Gate(ministack.app.app, os.environ[APP_ID])
    ministack.app.main()


def keep_workers_that_raised(runtime: Any) -> None:
    """Let a function's process live on after an exception of its handler, as Lambda does. ministack ends it, and the
    next start takes a second of the processor's time; a version that answers otherwise goes on doing so."""
    # What the worker calls "ok" leaves it alive.
    answer, kept = (
        '"status": "error", "error": str(e), "trace"',
        '"status": "ok", "raised": True, "error": str(e), "trace"',
    )
    if answer not in runtime._PYTHON_WORKER_SCRIPT:
        return
    runtime._PYTHON_WORKER_SCRIPT = runtime._PYTHON_WORKER_SCRIPT.replace(answer, kept)

    class Worker(runtime.Worker):  # type: ignore[misc]  # it has no types
        def invoke(self, *arguments: Any, **named: Any) -> dict[str, Any]:
            response: dict[str, Any] = super().invoke(*arguments, **named)
            return response | {"status": "error"} if response.get("raised") else response

    runtime.Worker = Worker


if __name__ == "__main__":
    main()

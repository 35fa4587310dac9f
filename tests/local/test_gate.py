"""What the local AWS does otherwise than the program it is made of."""

import io
import zipfile
from pathlib import Path

import pytest
from ministack.core import lambda_runtime

from local.stack.aws import ACCOUNT_ID, REGION
from local.stack.gate import keep_workers_that_raised

HANDLER = """
import os

def handler(event, context):
    if event == "exit":
        os._exit(1)
    if event:
        raise ValueError(event)
    return os.getpid()
"""
CONFIGURATION = {
    "FunctionName": "f",
    "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:f",
    "Handler": "it.handler",
    "Runtime": "python3.13",
}


def test_a_process_outlives_an_exception_of_its_handler_and_no_other_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(lambda_runtime, "_PYTHON_WORKER_SCRIPT", lambda_runtime._PYTHON_WORKER_SCRIPT)
    monkeypatch.setattr(lambda_runtime, "Worker", lambda_runtime.Worker)
    keep_workers_that_raised(lambda_runtime)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("it.py", HANDLER)
    worker = lambda_runtime.Worker("f", CONFIGURATION, content.getvalue())
    try:
        first = worker.invoke("", "1")
        raised = worker.invoke("too much", "2")
        second = worker.invoke("", "3")
        assert (raised["status"], raised["error"]) == ("error", "too much")
        assert second["result"] == first["result"]
        assert worker.invoke("exit", "4")["status"] == "error"
        assert worker.invoke("", "5")["result"] != first["result"]
    finally:
        worker.kill()

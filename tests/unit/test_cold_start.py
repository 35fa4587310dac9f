"""What the alert function loads and makes before its first event. How long that takes, tests/bench measures."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "SLACK_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack",
    "SLACK_CHANNEL": "C0000000001",
    "LEDGER_TABLE": "ledger",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "POWERTOOLS_SERVICE_NAME": "shirase",
}
ON_LAMBDA = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}

DIGEST_ONLY = {
    *("aws.archive", "aws.digest_record", "aws.query", "aws.scan"),
    *("digest.memory", "digest.open_list", "digest.summary"),
}
HEAVY = {
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.data_classes",
    "aws_lambda_powertools.utilities.parser",
    "aws_xray_sdk",
    "pydantic",
    "sqlite3",
    "zoneinfo",
}
MOST_FOREIGN_MODULES_BESIDE_BOTO3_AND_SLACK = 60


def loaded(code: str, environment: dict[str, str] | None = None) -> set[str]:
    """The modules a fresh process has loaded once it ran some code."""
    return set(answer(f"{code}; import sys; result = sorted(sys.modules)", environment))


def answer(code: str, environment: dict[str, str] | None = None) -> list[str]:
    """What some code assigned to `result` in a fresh process."""
    command = [sys.executable, "-c", f"{code}\nimport json; print(json.dumps(result))"]
    done = subprocess.run(command, cwd=ROOT, env=environment or {}, capture_output=True, text=True, check=True)
    result: list[str] = json.loads(done.stdout.splitlines()[-1])  # after what was logged
    return result


def test_an_alert_loads_nothing_that_only_the_digest_needs() -> None:
    modules = loaded("import handlers.alert")
    assert {name for name in DIGEST_ONLY if f"shared.{name}" in modules} == set()
    assert {name for name in modules if name.startswith("handlers.")} == {"handlers.alert"}
    assert {name for name in modules if name.startswith("shared.pipeline.")} == {
        f"shared.pipeline.{name}"
        for name in ("alert", "batch", "burst", "messenger", "outcome", "router", "routes_in_use", "sweep", "telling")
    }


def test_the_digest_does_load_it() -> None:
    modules = loaded("import handlers.digest, shared.aws.archive, shared.aws.digest_record, shared.pipeline.gathering")
    assert {name for name in DIGEST_ONLY if f"shared.{name}" not in modules} == set()


def test_an_alert_loads_little_beside_boto3_and_slack_sdk() -> None:
    own = loaded("import handlers.alert") - loaded("import boto3, slack_sdk")
    assert HEAVY & own == set()
    foreign = {name for name in own if name.split(".")[0] not in {"handlers", "shared"}}
    assert len(foreign) <= MOST_FOREIGN_MODULES_BESIDE_BOTO3_AND_SLACK


def test_on_lambda_what_the_first_alert_needs_is_made_before_it() -> None:
    made = "import handlers.alert; from shared.app import build_app; result = sorted(vars(build_app()))"
    # A bucket that can't be reached keeps nothing from being made.
    out_of_reach = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    bucket = {"ARCHIVE_BUCKET": "archive", **out_of_reach}
    assert {"alerts", "bursts", "slack", "_secrets", "router"} <= set(answer(made, SETTINGS | ON_LAMBDA | bucket))
    assert "alerts" not in answer(made, SETTINGS)


def test_wrong_settings_are_told_by_the_first_event_and_not_before() -> None:
    code = """
import handlers.alert
try:
    handlers.alert.lambda_handler({}, None)
except Exception as error:
    result = [type(error).__name__]"""
    assert answer(code, ON_LAMBDA) == ["ConfigurationError"]

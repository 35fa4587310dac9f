"""What the template promises: its contract, its numbers, and how little each function may do."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from shared.aws import digest_record
from shared.config import Config
from shared.errors import ClaimHeldError, ConfigurationError, MalformedEventError, MessageRejectedError
from shared.pipeline.batch import SECONDS_FOR_ONE_EVENT
from shared.retry import LEASE
from shared.slack.client import TIMEOUT_SECONDS
from shared.telemetry import NAMESPACE

ROOT = Path(__file__).parents[2]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
REQUIRED = None
PARAMETERS = {
    "SlackSecretArn": REQUIRED,
    "SlackChannel": REQUIRED,
    "TargetControlIds": "*",
    "MinSeverity": "INFORMATIONAL",
    "EnvironmentName": "",
    "MessageLanguage": "en",
    "SlackApiUrl": "https://slack.com/api/",
    "DigestSchedule": "cron(0 9 * * ? *)",
    "DigestTimezone": "Asia/Tokyo",
    "BurstLimit": 20,
    "CsvDelimiter": ",",
    "MarkNotified": "false",
    "AlarmEmail": "",
}
OUTPUTS = {
    "AlertQueueUrl": "AlertQueue",
    "AlertDeadLetterQueueUrl": "AlertDeadLetterQueue",
    "AlertFunctionName": "AlertFunction",
    "DigestFunctionName": "DigestFunction",
    "LedgerTableName": "LedgerTable",
    "ArchiveBucketName": "ArchiveBucket",
}
FUNCTIONS = ("AlertFunction", "DigestFunction")


def properties(logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[logical_id]["Properties"]
    return found


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: properties(name) for name, resource in RESOURCES.items() if resource["Type"] == kind}


def arn(logical_id: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def statements(node: Any) -> Iterator[dict[str, Any]]:
    """Every statement of every policy below a node, also below a condition."""
    if isinstance(node, dict) and "Effect" in node:
        yield node
    else:
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        for child in children:
            yield from statements(child)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class RecordingEnvironment(Mapping[str, str]):
    """An empty environment that records which variables it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


# ---- contract


def test_the_parameters_and_their_defaults_are_those_of_the_contract() -> None:
    assert {name: parameter.get("Default") for name, parameter in TEMPLATE["Parameters"].items()} == PARAMETERS


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_is_described_and_stands_in_a_group(name: str) -> None:
    assert len(TEMPLATE["Parameters"][name]["Description"].split()) > 2
    groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert [name for group in groups for one in group["Parameters"] if one == name] == [name]


def test_the_outputs_are_those_of_the_contract() -> None:
    assert {name: output["Value"] for name, output in TEMPLATE["Outputs"].items()} == {
        name: {"Ref": logical_id} for name, logical_id in OUTPUTS.items()
    }


def test_the_functions_are_given_exactly_the_settings_that_are_read() -> None:
    environment = RecordingEnvironment()
    with suppress(ConfigurationError):
        Config.from_env(environment)
    given = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"].keys()
    assert given - {"POWERTOOLS_SERVICE_NAME"} == environment.asked
    assert not any("Environment" in properties(name) for name in FUNCTIONS)


def test_the_build_is_for_the_python_that_runs_it() -> None:
    (version,) = re.findall(r"^LAMBDA_PYTHON_VERSION := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert TEMPLATE["Globals"]["Function"]["Runtime"] == f"python{version}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_is_where_the_template_says(name: str) -> None:
    module, _, function = properties(name)["Handler"].rpartition(".")
    assert callable(getattr(import_module(module), function))


# ---- the way of an event


def test_every_rule_sends_to_the_alert_queue_or_else_to_the_dead_letters() -> None:
    rules = of_type("AWS::Events::Rule")
    assert len(rules) == 2
    for rule in rules.values():
        (target,) = rule["Targets"]
        assert target["Arn"] == arn("AlertQueue")
        assert target["DeadLetterConfig"]["Arn"] == arn("AlertDeadLetterQueue")


def test_only_the_rules_may_write_to_the_queues() -> None:
    policy = properties("AlertQueuePolicy")
    assert policy["Queues"] == [{"Ref": "AlertQueue"}, {"Ref": "AlertDeadLetterQueue"}]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert listed(statement["Action"]) == ["sqs:SendMessage"]
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": [arn(rule) for rule in of_type("AWS::Events::Rule")]}
    }


def test_a_lease_outlives_the_function_and_ends_before_the_queue_tries_again() -> None:
    timeout, visibility = properties("AlertFunction")["Timeout"], properties("AlertQueue")["VisibilityTimeout"]
    assert timeout < LEASE.total_seconds() < visibility
    assert visibility == 6 * timeout


def state(name: str) -> dict[str, Any]:
    found: dict[str, Any] = properties("DigestStateMachine")["Definition"]["States"][name]
    return found


def test_a_digests_lease_outlives_the_function_and_ends_before_a_retry_of_what_timed_out() -> None:
    timeout, lease = properties("DigestFunction")["Timeout"], digest_record.LEASE.total_seconds()
    held, _, other = state("Read")["Retry"]
    assert timeout < lease < timeout + other["IntervalSeconds"]
    assert timeout < state("Read")["TimeoutSeconds"]
    assert held["ErrorEquals"] == [ClaimHeldError.__name__]
    assert held["IntervalSeconds"] * held["MaxAttempts"] > lease


def test_a_digest_that_trying_again_cannot_help_is_given_up_at_once() -> None:
    _, hopeless, _ = state("Read")["Retry"]
    errors = {MalformedEventError, MessageRejectedError, ConfigurationError}
    assert hopeless == {"ErrorEquals": hopeless["ErrorEquals"], "MaxAttempts": 0}
    assert set(hopeless["ErrorEquals"]) == {error.__name__ for error in errors}


def test_a_digest_that_is_given_up_goes_to_the_dead_letters_with_its_reason() -> None:
    (catch,) = state("Read")["Catch"]
    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "PutAside")
    assert set(state("PutAside")["Parameters"]["MessageAttributes"]) == {"ErrorType", "Reason"}
    assert state(state("PutAside")["Next"])["Type"] == "Fail"


def test_the_digest_may_look_into_the_archive_alone() -> None:
    granted = {one["Sid"]: one for one in statements(properties("DigestFunction")["Policies"])}
    places = [each["Fn::Sub"] for each in granted["KeepArchive"]["Resource"]]
    assert places == ["${ArchiveBucket.Arn}/digests/*", "${ArchiveBucket.Arn}/work/*"]
    assert granted["FindLastDigests"]["Condition"] == {"StringLike": {"s3:prefix": "digests/*"}}


def test_what_a_scan_puts_aside_is_soon_forgotten() -> None:
    rules = properties("ArchiveBucket")["LifecycleConfiguration"]["Rules"]
    assert {rule.get("Prefix"): rule["ExpirationInDays"] for rule in rules} == {None: 400, "work/": 2}


def test_an_invocation_has_time_for_at_least_one_slow_event() -> None:
    assert TIMEOUT_SECONDS < SECONDS_FOR_ONE_EVENT < properties("AlertFunction")["Timeout"] / 2


def test_an_event_is_put_aside_before_the_queue_forgets_it() -> None:
    queue = properties("AlertQueue")
    redrive = queue["RedrivePolicy"]
    assert redrive["maxReceiveCount"] * queue["VisibilityTimeout"] < queue["MessageRetentionPeriod"]
    assert redrive["deadLetterTargetArn"] == arn("AlertDeadLetterQueue")
    assert queue["MessageRetentionPeriod"] < properties("AlertDeadLetterQueue")["MessageRetentionPeriod"]


def test_the_queue_feeds_the_alert_function_gently_and_keeps_only_what_failed() -> None:
    (source,) = properties("AlertFunction")["Events"].values()
    assert source["Type"] == "SQS"
    assert source["Properties"] == {
        "Queue": arn("AlertQueue"),
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }


def test_the_digest_is_due_when_the_parameters_say() -> None:
    (schedule,) = properties("DigestStateMachine")["Events"].values()
    told = schedule["Properties"]
    assert told["ScheduleExpression"] == {"Ref": "DigestSchedule"}
    assert told["ScheduleExpressionTimezone"] == {"Ref": "DigestTimezone"}
    assert told["OmitName"] is True
    assert '"scheduled_time": "<aws.scheduler.scheduled-time>"' in told["Input"]["Fn::Sub"]


# ---- rights


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_do_named_things_to_named_resources(name: str) -> None:
    granted = list(statements(properties(name)["Policies"]))
    assert granted
    for statement in granted:
        actions = listed(statement["Action"])
        assert statement["Effect"] == "Allow"
        assert not [action for action in actions if "*" in action]
        assert actions == ["securityhub:GetFindings"] or "*" not in listed(statement["Resource"])


def test_the_digest_may_touch_nothing_in_the_ledger_but_what_speaks_of_digests() -> None:
    granted = statements(properties("DigestFunction")["Policies"])
    (statement,) = (one for one in granted if one["Resource"] == arn("LedgerTable"))
    assert statement["Action"] == ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{digest_record.PREFIX}*"]}}


def test_the_archive_is_private_and_encrypted() -> None:
    bucket = properties("ArchiveBucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "BucketEncryption" in bucket
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (statement,) = properties("ArchiveBucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


@pytest.mark.parametrize("name", ["LedgerTable", "ArchiveBucket"])
def test_what_is_remembered_survives_the_stack(name: str) -> None:
    assert (RESOURCES[name]["DeletionPolicy"], RESOURCES[name]["UpdateReplacePolicy"]) == ("Retain", "Retain")


# ---- watching


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_log_of_a_function_is_kept_for_a_while(name: str) -> None:
    group = properties(name)["LoggingConfig"]["LogGroup"]["Ref"]
    assert RESOURCES[group]["Type"] == "AWS::Logs::LogGroup"
    assert properties(group)["RetentionInDays"] >= 30


def test_somebody_hears_of_dead_letters_delays_errors_and_missing_digests() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm").values()
    watched = {(alarm["Namespace"], alarm["MetricName"], str(alarm["Dimensions"][0]["Value"])) for alarm in alarms}
    queue_names = {name: str({"Fn::GetAtt": [name, "QueueName"]}) for name in ("AlertQueue", "AlertDeadLetterQueue")}
    assert watched >= {
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue_names["AlertDeadLetterQueue"]),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", queue_names["AlertQueue"]),
        ("AWS/Lambda", "Errors", str({"Ref": "AlertFunction"})),
        ("AWS/Lambda", "Errors", str({"Ref": "DigestFunction"})),
        ("AWS/States", "ExecutionsFailed", str({"Ref": "DigestStateMachine"})),
        (NAMESPACE, "DigestPosted", str({"Ref": "AWS::StackName"})),
    }
    for alarm in alarms:
        assert alarm["AlarmActions"]["Fn::If"][:2] == ["HasAlarmEmail", [{"Ref": "AlarmTopic"}]]


def test_a_missing_digest_is_looked_for_under_the_name_that_metrics_carry() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    alarm = properties("DigestMissedAlarm")
    assert alarm["Dimensions"] == [{"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]}]
    assert alarm["TreatMissingData"] == "breaching"

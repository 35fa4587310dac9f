"""What the template promises: its contract, its numbers, and how little each function may do."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import available_timezones

import pytest
from samtranslator.yaml_helper import yaml_parse

from shared.aws import digest_record
from shared.aws.settings import ROUTES
from shared.config import Config
from shared.errors import ClaimHeldError, ConfigurationError, MalformedEventError, MessageRejectedError
from shared.pipeline.accounts import account_key
from shared.pipeline.batch import SECONDS_FOR_ONE_EVENT
from shared.pipeline.people import owner_key
from shared.retry import LEASE
from shared.slack.client import TIMEOUT_SECONDS
from shared.telemetry import NAMESPACE

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "template.yaml").read_text(encoding="utf-8")
TEMPLATE = yaml_parse(TEXT)
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
REQUIRED = None
PARAMETERS = {
    "SlackSecretArn": REQUIRED,
    "SecretKmsKeyArn": "",
    "SlackChannel": REQUIRED,
    "TargetControlIds": "*",
    "MinSeverity": "INFORMATIONAL",
    "EnvironmentName": "",
    "MessageLanguage": "en",
    "SlackApiUrl": "https://slack.com/api/",
    "DigestSchedule": "cron(0 9 * * ? *)",
    "DigestTimezone": "Asia/Tokyo",
    "HonorLoweredSeverity": "true",
    "BurstLimit": 20,
    "CsvDelimiter": ",",
    "MarkNotified": "false",
    "ReadOrganization": "false",
    "AlertConcurrency": 2,
    "AlarmEmail": "",
    "AlarmTopicArn": "",
    "AccessLogBucket": "",
    "PermissionsBoundaryArn": "",
}
OUTPUTS = {
    "AlertQueueUrl": "AlertQueue",
    "AlertDeadLetterQueueUrl": "AlertDeadLetterQueue",
    "AlertFunctionName": "AlertFunction",
    "DigestFunctionName": "DigestFunction",
    "SweepFunctionName": "SweepFunction",
    "DigestStateMachineArn": "DigestStateMachine",
    "DigestDeadLetterQueueUrl": "DigestDeadLetterQueue",
    "LedgerTableName": "LedgerTable",
    "ArchiveBucketName": "ArchiveBucket",
}
SLACK_FUNCTIONS = ("AlertFunction", "DigestFunction")  # which need the token
FUNCTIONS = (*SLACK_FUNCTIONS, "SweepFunction")
ROLES = [name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::IAM::Role"]
LOG_DELIVERY = {  # actions that know no resource
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}
HUB = {"Fn::Sub": "arn:${AWS::Partition}:securityhub:${AWS::Region}:${AWS::AccountId}:hub/default"}


def properties(logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[logical_id]["Properties"]
    return found


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: properties(name) for name, resource in RESOURCES.items() if resource["Type"] == kind}


@cache
def transformed() -> dict[str, dict[str, Any]]:
    """The resources as CloudFormation gets them, with all that SAM adds."""
    from samtranslator.translator.transform import transform  # here, for every process of the tests reads this file

    template = yaml_parse(TEXT)
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/artifact"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        resources: dict[str, dict[str, Any]] = transform(template, {}, SimpleNamespace(load=dict))["Resources"]
    return resources


def granted(logical_id: str) -> dict[str, dict[str, Any]]:
    """What the role of a function, a state machine or a schedule may do, by Sid; Sids are unique in a role."""
    found = transformed()[logical_id]["Properties"]
    role, _ = (found.get("Role") or found.get("RoleArn") or found["Target"]["RoleArn"])["Fn::GetAtt"]
    listed = list(statements(transformed()[role]["Properties"]["Policies"]))
    by_sid = {statement["Sid"]: statement for statement in listed}
    assert len(by_sid) == len(listed)
    return by_sid


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
    (allowed,) = statement["Condition"]["ArnLike"].values()
    assert [each["Fn::Sub"].rpartition("/")[2] for each in allowed] == [
        f"{rule['Name']['Fn::Sub']}*" for rule in of_type("AWS::Events::Rule").values()
    ]
    assert {each["Fn::Sub"].rpartition("/")[0] for each in allowed} == {
        "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule"
    }


@pytest.mark.parametrize("rule", of_type("AWS::Events::Rule"))
def test_no_rule_is_live_before_both_queues_let_it_in(rule: str) -> None:
    policy = RESOURCES[rule]["DependsOn"]
    assert properties(policy)["Queues"] == [{"Ref": "AlertQueue"}, {"Ref": "AlertDeadLetterQueue"}]
    assert rule not in str(properties(policy)["PolicyDocument"]["Statement"][0]["Resource"])


def test_the_chain_of_a_bursts_follow_ups_is_not_taken_for_an_endless_loop() -> None:
    assert transformed()["AlertFunction"]["Properties"]["RecursiveLoop"] == "Allow"


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
    places = [each["Fn::Sub"] for each in granted("DigestFunction")["KeepArchive"]["Resource"]]
    assert places == ["${ArchiveBucket.Arn}/digests/*", "${ArchiveBucket.Arn}/work/*"]
    assert granted("DigestFunction")["FindLastDigests"]["Condition"] == {"StringLike": {"s3:prefix": "digests/*"}}


def test_the_digest_may_pass_ends_on_to_the_alert_queue_and_send_to_no_other() -> None:
    sends = [one for one in granted("DigestFunction").values() if "sqs:SendMessage" in one["Action"]]
    assert [one["Resource"] for one in sends] == [arn("AlertQueue")]


def test_what_a_scan_puts_aside_is_soon_forgotten() -> None:
    rules = properties("ArchiveBucket")["LifecycleConfiguration"]["Rules"]
    assert {rule["Prefix"]: rule.get("ExpirationInDays") for rule in rules} == {
        "digests/": 400,
        "bursts/": 400,
        "settings/": None,
        "work/": 2,
    }


def test_the_routes_in_use_stay_and_earlier_ones_can_be_looked_at_for_a_year() -> None:
    rules = properties("ArchiveBucket")["LifecycleConfiguration"]["Rules"]
    (rule,) = (rule for rule in rules if ROUTES.startswith(rule["Prefix"]))
    assert rule.keys() == {"Id", "Status", "Prefix", "NoncurrentVersionExpiration"}
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 365


@pytest.mark.parametrize("function", SLACK_FUNCTIONS)
def test_the_routes_may_be_read_and_by_nobody_written(function: str) -> None:
    reading, finding = granted(function)["ReadRoutes"], granted(function)["FindRoutes"]
    assert (reading["Action"], reading["Resource"]) == (
        ["s3:GetObject", "s3:GetObjectVersion"],
        {"Fn::Sub": "${ArchiveBucket.Arn}/settings/routes.json"},
    )
    assert (finding["Action"], finding["Resource"]) == (
        ["s3:ListBucket", "s3:ListBucketVersions"],
        arn("ArchiveBucket"),
    )
    assert finding["Condition"] == {"StringEquals": {"s3:prefix": ROUTES}}
    writing = [one for one in granted(function).values() if "s3:PutObject" in listed(one["Action"])]
    assert "settings" not in str(writing)


@pytest.mark.parametrize("function", SLACK_FUNCTIONS)
def test_the_organization_is_asked_only_where_that_is_asked_for(function: str) -> None:
    role = properties(properties(function)["Role"]["Fn::GetAtt"][0])
    (asking,) = (
        one for one in role["Policies"][0]["PolicyDocument"]["Statement"] if "organizations:" in str(one.get("Fn::If"))
    )
    condition, statement, otherwise = asking["Fn::If"]
    assert TEMPLATE["Conditions"][condition] == {"Fn::Equals": [{"Ref": "ReadOrganization"}, "true"]}
    assert statement["Action"] == ["organizations:ListTagsForResource", "organizations:ListParents"]
    assert otherwise == {"Ref": "AWS::NoValue"}


def test_an_invocation_has_time_for_at_least_one_slow_event() -> None:
    assert TIMEOUT_SECONDS < SECONDS_FOR_ONE_EVENT < properties("AlertFunction")["Timeout"] / 2


def test_an_event_is_put_aside_before_the_queue_forgets_it() -> None:
    queue = properties("AlertQueue")
    redrive = queue["RedrivePolicy"]
    assert redrive["maxReceiveCount"] * queue["VisibilityTimeout"] < queue["MessageRetentionPeriod"]
    assert redrive["deadLetterTargetArn"] == arn("AlertDeadLetterQueue")
    # What is put aside is sent anew, and so kept as long again.
    assert properties("AlertDeadLetterQueue")["MessageRetentionPeriod"] == 14 * 86_400


def test_the_queue_feeds_the_alert_function_gently_and_keeps_only_what_failed() -> None:
    (source,) = properties("AlertFunction")["Events"].values()
    assert source["Type"] == "SQS"
    assert source["Properties"] == {
        "Queue": arn("AlertQueue"),
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": {"Ref": "AlertConcurrency"}},
    }


def test_the_digest_is_due_when_the_parameters_say() -> None:
    (schedule,) = properties("DigestStateMachine")["Events"].values()
    told = schedule["Properties"]
    assert told["ScheduleExpression"] == {"Ref": "DigestSchedule"}
    assert told["ScheduleExpressionTimezone"] == {"Ref": "DigestTimezone"}
    assert told["OmitName"] is True
    assert '"scheduled_time": "<aws.scheduler.scheduled-time>"' in told["Input"]["Fn::Sub"]


# ---- rights


def test_every_role_is_our_own() -> None:
    assert [name for name, resource in transformed().items() if resource["Type"] == "AWS::IAM::Role"] == ROLES


@pytest.mark.parametrize("role", ROLES)
def test_a_role_serves_one_service_of_this_account_within_the_boundary_that_is_asked_for(role: str) -> None:
    (trust,) = properties(role)["AssumeRolePolicyDocument"]["Statement"]
    assert re.fullmatch(r"(lambda|states|scheduler)\.amazonaws\.com", trust["Principal"]["Service"])
    assert (trust["Action"], trust["Condition"]) == (
        "sts:AssumeRole",
        {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    )
    assert properties(role)["PermissionsBoundary"] == {
        "Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]
    }
    assert "ManagedPolicyArns" not in properties(role)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_named_things_to_named_resources(role: str) -> None:
    allowed = list(statements(properties(role)["Policies"]))
    assert allowed
    for statement in allowed:
        actions = listed(statement["Action"])
        assert statement["Effect"] == "Allow"
        assert not [action for action in actions if "*" in action]
        assert "*" not in listed(statement["Resource"]) or set(actions) == LOG_DELIVERY


def test_only_the_alert_function_takes_messages_and_only_those_of_its_queue() -> None:
    takers = [
        (name, one["Resource"])
        for name in ROLES
        for one in statements(properties(name)["Policies"])
        if {"sqs:ReceiveMessage", "sqs:DeleteMessage"} & set(listed(one["Action"]))
    ]
    assert takers == [("AlertFunctionRole", arn("AlertQueue"))]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_to_its_own_log_alone(function: str) -> None:
    group = properties(function)["LoggingConfig"]["LogGroup"]["Ref"]
    writing = granted(function)["WriteLog"]
    assert (writing["Action"], writing["Resource"]) == (["logs:CreateLogStream", "logs:PutLogEvents"], arn(group))
    assert "logs:" not in str([one for sid, one in granted(function).items() if sid != "WriteLog"])


@pytest.mark.parametrize("function", SLACK_FUNCTIONS)
def test_a_secret_may_be_named_with_and_without_the_six_characters_at_the_end(function: str) -> None:
    patterns = granted(function)["ReadToken"]["Resource"]
    secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shirase/slack"
    for given in (secret, f"{secret}-AbCdEf"):
        told = [given if "Ref" in each else each["Fn::Sub"].replace("${SlackSecretArn}", given) for each in patterns]
        assert any(fnmatchcase(f"{secret}-AbCdEf", each) for each in told)
        assert not any(fnmatchcase(f"{secret}s-AbCdEf", each) for each in told)


@pytest.mark.parametrize("function", SLACK_FUNCTIONS)
def test_a_secret_may_have_a_key_of_its_own(function: str) -> None:
    decrypting = granted(function)["DecryptToken"]
    assert (decrypting["Action"], decrypting["Resource"]) == ("kms:Decrypt", {"Ref": "SecretKmsKeyArn"})
    assert "kms:ViaService" in decrypting["Condition"]["StringEquals"]


def test_security_hub_is_asked_for_and_told_of_findings_of_this_hub_alone() -> None:
    asked = {
        action: one["Resource"]
        for role in ROLES
        for one in statements(properties(role)["Policies"])
        for action in listed(one["Action"])
        if action.startswith("securityhub:")
    }
    assert asked == {"securityhub:GetFindings": HUB, "securityhub:BatchUpdateFindings": HUB}


def test_marking_as_notified_may_change_nothing_else_about_a_finding() -> None:
    """What can be changed stands in "BatchUpdateFindings for customers"."""
    condition = granted("AlertFunction")["MarkNotified"]["Condition"]
    assert condition["StringEquals"] == {"securityhub:ASFFSyntaxPath/Workflow.Status": "NOTIFIED"}
    forbidden = {
        path.removeprefix("securityhub:ASFFSyntaxPath/") for path, absent in condition["Null"].items() if absent
    }
    changeable = "Confidence Criticality Note RelatedFindings Severity Types UserDefinedFields VerificationState"
    assert {path.partition(".")[0] for path in forbidden} == set(changeable.split())


def test_the_state_machine_and_its_schedule_may_do_their_work_and_no_more() -> None:
    machine, schedule = granted("DigestStateMachine"), granted("DigestStateMachineSchedule")
    assert {sid: one["Resource"] for sid, one in machine.items()} == {
        "Invoke": arn("DigestFunction"),
        "PutAside": arn("DigestDeadLetterQueue"),
        "SetUpLog": "*",
    }
    assert {sid: one["Resource"] for sid, one in schedule.items()} == {
        "StartDigest": {"Ref": "DigestStateMachine"},
        "PutAside": arn("DigestDeadLetterQueue"),
    }


def test_the_digest_may_touch_nothing_in_the_ledger_but_what_speaks_of_digests_and_was_looked_up() -> None:
    touched = [one for one in granted("DigestFunction").values() if one["Resource"] == arn("LedgerTable")]
    assert [one["Action"] for one in touched] == [["dynamodb:GetItem", "dynamodb:UpdateItem"]] * 2
    (digests, lookups) = (one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for one in touched)
    assert digests == [f"{digest_record.PREFIX}*"]
    for key in (owner_key("hana.sato@example.com"), account_key("111122223333")):
        assert any(fnmatchcase(key, pattern) for pattern in lookups)


@pytest.mark.parametrize(("function", "sid"), [("AlertFunction", "KeepLedger"), ("SweepFunction", "PutOff")])
def test_what_speaks_of_digests_is_the_digests_alone(function: str, sid: str) -> None:
    condition = granted(function)[sid]["Condition"]
    assert condition == {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": [f"{digest_record.PREFIX}*"]}}


def test_the_archive_is_private_and_encrypted() -> None:
    bucket = properties("ArchiveBucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "BucketEncryption" in bucket
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (statement,) = properties("ArchiveBucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


@pytest.mark.parametrize("name", ["LedgerTable", "ArchiveBucket"])
def test_what_is_remembered_survives_the_stack_but_not_a_first_creation_that_fails(name: str) -> None:
    policies = RESOURCES[name]["DeletionPolicy"], RESOURCES[name]["UpdateReplacePolicy"]
    assert policies == ("RetainExceptOnCreate", "Retain")


# ---- the controls that the stack itself is checked by


def test_the_ledger_is_protected_from_deletion() -> None:  # DynamoDB.6
    assert properties("LedgerTable")["DeletionProtectionEnabled"] is True
    # A rollback can't delete it any more, so that what a parameter may spoil before it is made comes first.
    assert RESOURCES["LedgerTable"]["DependsOn"] == "ArchiveBucket"


def test_the_state_machine_is_logged() -> None:  # StepFunctions.1
    logging = transformed()["DigestStateMachine"]["Properties"]["LoggingConfiguration"]
    assert logging["Level"] == "ALL"
    (destination,) = logging["Destinations"]
    assert destination == {"CloudWatchLogsLogGroup": {"LogGroupArn": arn("DigestStateMachineLogGroup")}}


def test_the_archive_has_an_access_log_where_there_is_a_bucket_for_it() -> None:  # S3.9
    condition, logging, otherwise = properties("ArchiveBucket")["LoggingConfiguration"]["Fn::If"]
    assert TEMPLATE["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "AccessLogBucket"}, ""]}]}
    assert logging["DestinationBucketName"] == {"Ref": "AccessLogBucket"}
    assert otherwise == {"Ref": "AWS::NoValue"}


def test_logs_are_kept_for_a_year() -> None:  # CloudWatch.16
    assert {group["RetentionInDays"] for group in of_type("AWS::Logs::LogGroup").values()} == {365}


@pytest.mark.parametrize("alarm", of_type("AWS::CloudWatch::Alarm"))
def test_an_alarm_tells_everybody_who_wants_to_hear_of_it(alarm: str) -> None:  # CloudWatch.15
    assert properties(alarm)["AlarmActions"] == [
        {"Fn::If": ["HasAlarmEmail", {"Ref": "AlarmTopic"}, {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["HasAlarmTopic", {"Ref": "AlarmTopicArn"}, {"Ref": "AWS::NoValue"}]},
    ]


@pytest.mark.parametrize("control", ["CloudWatch.15", "S3.9"])
def test_the_deploy_dialogue_says_what_the_stack_fails_with_its_defaults(control: str) -> None:
    (name,) = (name for name, each in TEMPLATE["Parameters"].items() if control in each["Description"])
    assert TEMPLATE["Parameters"][name]["Default"] == ""


# ---- what can't work is refused at once

SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shirase/slack"
SAMPLES: dict[str, tuple[list[str], list[str]]] = {
    "SlackSecretArn": (
        [SECRET, f"{SECRET}-AbCdEf", SECRET.replace("arn:aws:", "arn:aws-us-gov:")],
        ["shirase/slack", f"{SECRET}*", SECRET.replace("111122223333", ""), SECRET.replace("secretsmanager", "ssm")],
    ),
    "SecretKmsKeyArn": (
        ["", "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"],
        ["alias/slack", "arn:aws:kms:eu-west-1:111122223333:alias/slack", "arn:aws:kms:eu-west-1:111122223333:key/*"],
    ),
    "SlackChannel": (["C0123456789", "G01"], ["#security", "c0123456789", "security"]),
    "SlackApiUrl": (
        ["https://slack.com/api/", "https://slack-gov.com/api", "http://127.0.0.1:8400/api/", "http://localhost/"],
        [
            "http://slack.com/api/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "https://u:p@slack.com/",
            "slack.com",
        ],
    ),
    "TargetControlIds": (["*", "S3.1,IAM.*", "S3.1, iam.* ,,*Trail*", "CIS.1.2"], ["S3", "S3 .2", ",", "S3.1;S3.2"]),
    "MinSeverity": (["HIGH"], ["SEVERE", "7"]),
    "MessageLanguage": (["en", "ja"], ["fr"]),
    "CsvDelimiter": ([",", ";"], ["|", "comma", ",;"]),
    "MarkNotified": (["true", "false"], ["yes"]),
    "HonorLoweredSeverity": (["true", "false"], ["no"]),
    "ReadOrganization": (["true", "false"], ["yes"]),
    "AlertConcurrency": (["2", "100"], ["1", "101"]),
    "BurstLimit": (["1", "300"], ["0", "301"]),
    "DigestSchedule": (
        [
            "cron(0 9 * * ? *)",
            "cron(30 8 ? * MON-FRI *)",
            "cron(0/15 9,17 L * ? 2026-2030)",
            "cron(0 9 ? * 2#1 *)",
            "rate(1 day)",
            "rate(12 hours)",
            "at(2026-12-24T09:00:00)",
        ],
        [
            "0 9 * * *",
            "cron(0 9 * * *)",
            "cron(0 9 * * * *)",
            "cron(0 9 ? * ? *)",
            "9:00",
            "daily",
            "rate(0 days)",
            "rate(1 week)",
            "at(2026-12-24)",
            "",
        ],
    ),
    "DigestTimezone": (
        ["UTC", "GMT", "Asia/Tokyo", "America/Argentina/Buenos_Aires", "Etc/GMT+9", "US/Pacific"],
        ["JST", "EST", "Tokyo", "asia/tokyo", "+09:00", 'Asia/Tokyo"', "Asia/", ""],
    ),
    "AlarmEmail": (["", "sec@example.com"], ["sec"]),
    "AlarmTopicArn": (
        ["", "arn:aws:sns:eu-west-1:111122223333:alarms"],
        ["alarms", "arn:aws:sns:eu-west-1:111122223333:alarms.fifo"],
    ),
    "AccessLogBucket": (["", "access-logs.example"], ["s3://access-logs", "arn:aws:s3:::access-logs", "Logs"]),
    "PermissionsBoundaryArn": (
        ["", "arn:aws:iam::111122223333:policy/team/boundary", "arn:aws:iam::aws:policy/PowerUserAccess"],
        ["boundary", "arn:aws:iam::111122223333:role/boundary"],
    ),
}
NEEDED = {"SLACK_SECRET_ARN": SECRET, "SLACK_CHANNEL": "C0123456789", "LEDGER_TABLE": "ledger"}


def is_taken_by_the_template(name: str, value: str) -> bool:
    rule = TEMPLATE["Parameters"][name]
    if "AllowedValues" in rule:
        return value in rule["AllowedValues"]
    if rule["Type"] == "Number":
        return bool(rule["MinValue"] <= int(value) <= rule["MaxValue"])
    return re.fullmatch(rule["AllowedPattern"], value) is not None


def is_taken_by_the_functions(variable: str, value: str) -> bool:
    try:
        return bool(Config.from_env({**NEEDED, variable: value}))
    except ConfigurationError:
        return False


def variable_of(parameter: str) -> str | None:
    """The environment variable that a parameter is handed on in."""
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    return next((name for name, value in variables.items() if value == {"Ref": parameter}), None)


def test_every_parameter_but_a_free_name_is_checked_before_anything_is_deployed() -> None:
    assert set(TEMPLATE["Parameters"]) - set(SAMPLES) == {"EnvironmentName"}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_parameter_takes_what_can_work_and_refuses_the_rest_as_the_functions_do(name: str) -> None:
    right, wrong = SAMPLES[name]
    variable = variable_of(name)
    for value in right:
        assert is_taken_by_the_template(name, value), value
        assert variable is None or is_taken_by_the_functions(variable, value), value
    for value in wrong:
        assert not is_taken_by_the_template(name, value), value
        assert variable is None or not is_taken_by_the_functions(variable, value), value


@pytest.mark.parametrize("name", [name for name, rule in TEMPLATE["Parameters"].items() if "AllowedPattern" in rule])
def test_a_refusal_says_what_to_give_instead(name: str) -> None:
    rule = TEMPLATE["Parameters"][name]
    assert rule["AllowedPattern"].startswith("^")
    assert rule["AllowedPattern"].endswith("$")
    assert len(rule["ConstraintDescription"].split()) > 3


def test_every_area_and_city_is_a_time_zone_for_the_digest() -> None:
    named = {zone for zone in available_timezones() if "/" in zone}
    assert {zone for zone in named if not is_taken_by_the_template("DigestTimezone", zone)} == set()


# ---- watching


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_log_of_a_function_is_kept_for_a_while(name: str) -> None:
    group = properties(name)["LoggingConfig"]["LogGroup"]["Ref"]
    assert RESOURCES[group]["Type"] == "AWS::Logs::LogGroup"
    assert properties(group)["RetentionInDays"] >= 30


def test_somebody_hears_of_a_flood_days_before_the_queue_forgets_what_waits() -> None:
    assert properties("AlertBacklogAlarm")["MetricName"] == "ApproximateNumberOfMessagesVisible"
    overflow = properties("AlertOverflowAlarm")
    assert overflow["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert overflow["Threshold"] < properties("AlertQueue")["MessageRetentionPeriod"] / 7
    for alarm in (properties("AlertBacklogAlarm"), overflow):
        assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["AlertQueue", "QueueName"]}}]


def test_somebody_hears_of_dead_letters_delays_errors_and_missing_digests() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm").values()
    watched = {(alarm["Namespace"], alarm["MetricName"], str(alarm["Dimensions"][0]["Value"])) for alarm in alarms}
    queue_names = {name: str({"Fn::GetAtt": [name, "QueueName"]}) for name in ("AlertQueue", "AlertDeadLetterQueue")}
    assert watched >= {
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue_names["AlertDeadLetterQueue"]),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", queue_names["AlertQueue"]),
        ("AWS/Lambda", "Errors", str({"Ref": "AlertFunction"})),
        ("AWS/Lambda", "Errors", str({"Ref": "DigestFunction"})),
        ("AWS/Lambda", "Errors", str({"Ref": "SweepFunction"})),
        ("AWS/States", "ExecutionsFailed", str({"Ref": "DigestStateMachine"})),
        (NAMESPACE, "SettingsRefused", str({"Ref": "AWS::StackName"})),
        (NAMESPACE, "DigestPosted", str({"Ref": "AWS::StackName"})),
    }


@pytest.mark.parametrize("function", SLACK_FUNCTIONS)
def test_an_error_alarm_sees_the_end_of_the_longest_invocation(function: str) -> None:
    # Lambda's metrics carry the time at which an invocation began.
    (alarm,) = (
        alarm
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "Errors" and alarm["Dimensions"][0]["Value"] == {"Ref": function}
    )
    assert (alarm["EvaluationPeriods"] - 1) * alarm["Period"] > properties(function)["Timeout"]
    assert alarm["DatapointsToAlarm"] == 1


def test_a_missing_digest_is_looked_for_under_the_name_that_metrics_carry() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    alarm = properties("DigestMissedAlarm")
    assert alarm["Dimensions"] == [{"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]}]
    assert alarm["TreatMissingData"] == "breaching"


# ---- who reads what the services show


@pytest.mark.parametrize("alarm", of_type("AWS::CloudWatch::Alarm"))
def test_an_alarm_mail_speaks_both_languages(alarm: str) -> None:
    described = properties(alarm)["AlarmDescription"]
    text = described["Fn::Sub"] if isinstance(described, dict) else described
    english, japanese = text.split(" / ")
    assert english.isascii()
    assert re.search("[ぁ-ん].*。$", japanese)
    assert len(text) + 200 <= 1024  # the most CloudWatch takes, and room for the stack's name


def test_what_cloudformation_reads_back_is_ascii() -> None:
    """Other characters come back from GetTemplate, and so in its console, as question marks (coverage roadmap, 814)."""
    read = [TEMPLATE["Description"], *(each["Description"] for each in TEMPLATE["Parameters"].values())]
    assert all(text.isascii() for text in read)


def test_the_deploy_dialogue_says_that_the_digest_comes_in_japans_morning() -> None:
    assert "Japan's morning" in TEMPLATE["Parameters"]["DigestTimezone"]["Description"]

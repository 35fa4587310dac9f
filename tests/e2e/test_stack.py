"""The deployed stack, from an event of Security Hub to Slack."""

import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.demo import Demo
from local.slack.records import Channel, File, Message
from local.stack.aws import ACCOUNT_ID, REGION
from local.stack.deployment import deploy
from local.stack.events import event_files, load
from local.stack.settings import CHANNEL, TOKEN
from local.stack.stack import Stack, StackError
from shared.aws.settings import ROUTES
from shared.pipeline.gathering import SECONDS_TO_SEND
from tests.findings import bucket_of, finding, new_bucket, opened, passed

OUTPUTS = {
    "AlertQueueUrl",
    "AlertDeadLetterQueueUrl",
    "AlertFunctionName",
    "DigestFunctionName",
    "DigestStateMachineArn",
    "DigestDeadLetterQueueUrl",
    "SweepFunctionName",
    "LedgerTableName",
    "ArchiveBucketName",
}
FUNCTIONS = ("AlertFunction", "DigestFunction", "SweepFunction")
PATIENCE_SECONDS = 60

# Which rule takes which event: a file in events/ that is missing here fails the test.
MATCHES = {
    "archived_by_consolidation": "ClosedRule",
    "archived_resource_deleted": "ClosedRule",
    "azure_storage_account": "OpenedRule",
    "china_kms_rotation": "OpenedRule",
    "cloudtrail_unconsolidated_cis12_ruleset": "OpenedRule",
    "consolidated_successor": "OpenedRule",
    "custom_action": None,
    "custom_product_finding": None,
    "ebs_encryption_unconsolidated_cis5": "OpenedRule",
    "ebs_encryption_unconsolidated_fsbp": "OpenedRule",
    "findings_imported_v2": None,
    "global_control_in_second_region": "OpenedRule",
    "govcloud_rds_public": "OpenedRule",
    "guardduty_finding": None,
    "hostile_text": "OpenedRule",
    "hostile_text_passed": "ClosedRule",
    "iam_root_access_key_critical": "OpenedRule",
    "insight_results": None,
    "inspector_finding": None,
    "japanese_text": "OpenedRule",
    "low_severity_tagging": "OpenedRule",
    "minimal_fields": "OpenedRule",
    "passed_after_failed": "ClosedRule",
    "passed_never_announced": "ClosedRule",
    "reopened_after_passed": "OpenedRule",
    "resolved_by_hand": "ClosedRule",
    "s3_bucket_public": "OpenedRule",
    "security_group_open_ssh": "OpenedRule",
    "sixty_resources": "OpenedRule",
    "suppressed_by_hand": "ClosedRule",
    "unchanged_daily_update": "OpenedRule",
    "unsuppressed_by_hand": "OpenedRule",
    "warning_status": None,
    "workflow_notified": None,
}


@pytest.fixture(scope="module")
def second(demo: Demo, artifacts: Path) -> Stack:
    """Another stack of the same template in the same account, its secret's ARN without the characters at its end."""
    first = demo.stack.client("lambda").get_function_configuration(FunctionName=demo.stack.outputs["AlertFunctionName"])
    settings = first["Environment"]["Variables"]
    parameters = {
        "SlackSecretArn": settings["SLACK_SECRET_ARN"].rpartition("-")[0],
        "SlackChannel": CHANNEL,
        "SlackApiUrl": settings["SLACK_API_URL"],
        "EnvironmentName": "second",
        "BurstLimit": "5",
    }
    return deploy(demo.aws, artifacts, "shirase-second", parameters)


def messages_about(demo: Demo, text: str) -> list[Message]:
    return [message for message in demo.slack.messages if text in json.dumps(message.payload())]


def send(stack: Stack, event: dict[str, Any]) -> None:
    """Let EventBridge judge an event, do what its rule would do, and wait until the function is through."""
    assert stack.matching_rule(event)
    stack.enqueue(event)
    wait_until(lambda: stack.queue_depth() == 0)


def wait_until(is_so: Callable[[], bool], patience_seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + patience_seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def log_group(stack: Stack, function: str) -> str:
    configuration = stack.client("lambda").get_function_configuration(FunctionName=stack.outputs[f"{function}Name"])
    return str(configuration["LoggingConfig"]["LogGroup"])


def told(stack: Stack, function: str) -> list[dict[str, Any]]:
    """A function's structured log lines."""
    lines = stack.log_lines(f"{function}Name")
    return [json.loads(line) for line in lines if line.startswith("{") and '"message"' in line]


def test_every_promised_output_exists(demo: Demo) -> None:
    assert set(demo.stack.outputs) == OUTPUTS
    assert all(demo.stack.outputs.values())


def test_a_new_violation_arrives_in_slack_once(demo: Demo) -> None:
    event = opened(new_bucket())
    send(demo.stack, event)
    (message,) = messages_about(demo, bucket_of(event))
    assert message.channel == CHANNEL
    send(demo.stack, event)
    assert messages_about(demo, bucket_of(event)) == [message]


def test_an_announcement_is_closed_when_its_violation_is_gone(demo: Demo) -> None:
    event = opened(new_bucket())
    send(demo.stack, event)
    send(demo.stack, passed(bucket_of(event)))
    (message,) = messages_about(demo, bucket_of(event))
    assert message.edited
    assert len(demo.slack.replies(message.ts)) == 1


def test_an_event_that_slack_did_not_take_is_announced_seconds_later(demo: Demo) -> None:
    event = opened(new_bucket())
    demo.slack.fail_next("chat.postMessage", status=503)
    send(demo.stack, event)
    wait_until(lambda: bool(messages_about(demo, bucket_of(event))))


def test_a_malformed_message_goes_to_the_dead_letters_with_its_reason(demo: Demo) -> None:
    sqs, outputs = demo.stack.client("sqs"), demo.stack.outputs
    sqs.send_message(QueueUrl=outputs["AlertQueueUrl"], MessageBody="no event")
    wait_until(lambda: demo.stack.queue_depth() == 0)
    (letter,) = sqs.receive_message(QueueUrl=outputs["AlertDeadLetterQueueUrl"], MessageAttributeNames=["All"])[
        "Messages"
    ]
    assert letter["Body"] == "no event"
    assert letter["MessageAttributes"]["ErrorType"]["StringValue"] == "MalformedEventError"
    assert letter["MessageAttributes"]["Reason"]["StringValue"] == "the message's body is no JSON"


def test_the_schedule_sends_a_digest_with_every_open_violation_and_keeps_it(demo: Demo) -> None:
    demo.hub.reset()  # of what other tests left
    for bucket in ("digest-1", "digest-2"):
        demo.hub.import_finding(finding(bucket))
    assert demo.stack.send_digest(datetime(2026, 11, 24, tzinfo=UTC)) == {"open_violations": 2, "unreadable": 0}
    (message,) = messages_about(demo, "open violations on 2026-11-24")
    (file,) = files_of(demo, message)
    rows = list(csv.DictReader(io.StringIO((file.content or b"").decode("utf-8-sig"), newline="")))
    assert [row["Resource"] for row in rows] == ["digest-1", "digest-2"]
    archived = demo.stack.client("s3").get_object(
        Bucket=demo.stack.outputs["ArchiveBucketName"], Key="digests/2026/11/24/0000Z/open-violations.csv"
    )
    assert archived["Body"].read() == file.content
    assert demo.stack.send_digest(datetime(2026, 11, 24, tzinfo=UTC)) == {"open_violations": 2, "unreadable": 0}
    assert messages_about(demo, "open violations on 2026-11-24") == [message]


def files_of(demo: Demo, message: Message) -> list[File]:
    """The files in a message's thread."""
    return [file for reply in demo.slack.replies(message.ts) for file in reply.files]


def finished(stack: Stack, execution: str) -> dict[str, Any]:
    """An execution of the digest's state machine when it has come to its end."""
    found: list[dict[str, Any]] = []

    def has_ended() -> bool:
        found.append(stack.client("stepfunctions").describe_execution(executionArn=execution))
        return found[-1]["status"] != "RUNNING"

    wait_until(has_ended)
    return found[-1]


def test_the_schedule_starts_a_state_machine_that_sends_the_digest_and_the_next_one_compares(demo: Demo) -> None:
    demo.hub.import_finding(finding("compared-1"))
    demo.stack.send_digest(datetime(2027, 1, 10, tzinfo=UTC))
    demo.hub.import_finding(finding("compared-2"))
    ended = finished(demo.stack, demo.stack.start_digest(datetime(2027, 1, 11, tzinfo=UTC)))
    assert ended["status"] == "SUCCEEDED", ended
    summary = json.loads(archived(demo.stack, "digests/2027/01/11/0000Z/summary.json"))
    assert json.loads(ended["output"]) == {"open_violations": summary["total"], "unreadable": 0}
    assert (summary["comparison"]["new"], summary["archive_problems"]) == (1, [])


def test_a_closing_that_no_event_told_of_is_shown_after_the_next_digest(demo: Demo) -> None:
    event = opened(new_bucket())
    (found,) = event["detail"]["findings"]
    send(demo.stack, event)
    demo.hub.import_finding(found)
    demo.stack.send_digest(datetime(2027, 1, 14, tzinfo=UTC))
    demo.hub.import_finding(passed(bucket_of(event))["detail"]["findings"][0])
    demo.stack.send_digest(datetime(2027, 1, 15, tzinfo=UTC))
    wait_until(lambda: demo.stack.queue_depth() == 0)
    (message,) = messages_about(demo, "arn:aws:s3:::" + bucket_of(event))
    assert message.edited
    assert any(
        line["message"] == "close" and line.get("source") == "digest" for line in told(demo.stack, "AlertFunction")
    )
    ended = archived(demo.stack, "digests/2027/01/15/0000Z/resolved-violations.csv").decode("utf-8-sig")
    (row,) = (row for row in csv.DictReader(io.StringIO(ended, newline="")) if row["Resource"] == bucket_of(event))
    assert row["Status"] == "passed"


def archived(stack: Stack, key: str) -> bytes:
    found = stack.client("s3").get_object(Bucket=stack.outputs["ArchiveBucketName"], Key=key)
    content: bytes = found["Body"].read()
    return content


def test_a_scan_that_one_invocation_is_too_short_for_goes_on_in_the_next_and_is_sent_once(demo: Demo) -> None:
    for number in range(800):  # eight pages, three a second
        demo.hub.import_finding(finding(f"many-{number}"))
    with timeout(demo.stack, "DigestFunction", SECONDS_TO_SEND + 1):  # time for a page or two
        execution = demo.stack.start_digest(datetime(2027, 1, 12, tzinfo=UTC))
        ended = finished(demo.stack, execution)
    assert ended["status"] == "SUCCEEDED", ended
    (message,) = messages_about(demo, "open violations on 2027-01-12")
    listed = list(csv.DictReader(io.StringIO((files_of(demo, message)[0].content or b"").decode("utf-8-sig"))))
    assert len([row for row in listed if row["Resource"].startswith("many-")]) == 800
    history = demo.stack.client("stepfunctions").get_execution_history(executionArn=execution, maxResults=1000)
    reads = [event for event in history["events"] if event.get("stateEnteredEventDetails", {}).get("name") == "Read"]
    assert len(reads) > 1
    assert "digest incomplete" not in {line["message"] for line in told(demo.stack, "DigestFunction")}


def test_a_digest_that_cannot_be_sent_goes_to_the_dead_letters_with_its_reason(demo: Demo) -> None:
    queue = demo.stack.outputs["DigestDeadLetterQueueUrl"]
    execution = demo.stack.client("stepfunctions").start_execution(
        stateMachineArn=demo.stack.outputs["DigestStateMachineArn"], input='{"scheduled_time": "tomorrow"}'
    )
    ended = finished(demo.stack, execution["executionArn"])
    assert ended["status"] == "FAILED"
    sqs = demo.stack.client("sqs")
    (letter,) = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(letter["Body"]) == {"scheduled_time": "tomorrow"}
    assert letter["MessageAttributes"]["ErrorType"]["StringValue"]  # the local AWS has one name for all errors
    assert "not an ISO 8601 time" in letter["MessageAttributes"]["Reason"]["StringValue"]


@pytest.mark.exhaustive
def test_the_state_machine_tries_again_while_slack_is_down(demo: Demo) -> None:
    demo.slack.fail_next("chat.postMessage", status=503, times=2)
    demo.slack.fail_next("files.completeUploadExternal", status=503)
    for bucket in ("tried-again", "tried-again-too"):  # two make a plural, whatever else the list has by then
        demo.hub.import_finding(finding(bucket))
    ended = finished(demo.stack, demo.stack.start_digest(datetime(2027, 1, 13, tzinfo=UTC)))
    assert ended["status"] == "SUCCEEDED", ended
    (message,) = messages_about(demo, "open violations on 2027-01-13")
    assert len({file.name for file in files_of(demo, message)}) == len(files_of(demo, message)) > 0


@contextmanager
def timeout(stack: Stack, function: str, seconds: int) -> Iterator[None]:
    """Give a function less time for a while."""
    client, name = stack.client("lambda"), stack.outputs[f"{function}Name"]
    usual = client.get_function_configuration(FunctionName=name)["Timeout"]
    client.update_function_configuration(FunctionName=name, Timeout=seconds)
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Timeout=usual)


def test_the_schedule_names_the_time_zone_it_is_meant_in(demo: Demo) -> None:
    assert json.loads(demo.stack.schedule_input())["time_zone"] == "Asia/Tokyo"


@pytest.mark.parametrize("file", event_files(), ids=lambda file: file.stem)
def test_the_rules_take_what_opens_or_closes_a_violation(demo: Demo, file: Path) -> None:
    (sample,) = load(file)
    assert demo.stack.matching_rule(sample.event) == MATCHES[file.stem]


@pytest.mark.parametrize(("previous", "rule"), [("FAILED", "ClosedRule"), (None, "ClosedRule"), ("PASSED", None)])
def test_a_pass_is_taken_unless_it_passed_before(demo: Demo, previous: str | None, rule: str | None) -> None:
    event = passed(new_bucket())
    fields = event["detail"]["findings"][0]["ProductFields"]
    fields.pop("PreviousComplianceStatus", None)
    fields |= {"PreviousComplianceStatus": previous} if previous else {}
    assert demo.stack.matching_rule(event) == rule


def test_an_archived_finding_closes_its_message_when_the_sweep_comes(demo: Demo) -> None:
    event = opened(new_bucket())
    send(demo.stack, event)
    found, archived_at = event["detail"]["findings"][0], datetime.now(UTC)
    gone = {**found, "RecordState": "ARCHIVED", "Compliance": {**found["Compliance"], "Status": "NOT_AVAILABLE"}}
    time = f"{archived_at:%Y-%m-%dT%H:%M:%SZ}"
    send(demo.stack, {**event, "id": str(uuid4()), "time": time, "detail": {"findings": [gone]}})
    for minutes, is_shown in ((50, False), (61, True), (71, True)):
        demo.stack.sweep(archived_at + timedelta(minutes=minutes))
        wait_until(lambda: demo.stack.queue_depth() == 0)
        (message,) = messages_about(demo, "arn:aws:s3:::" + bucket_of(event))
        assert ("Archived" in json.dumps(message.payload())) is is_shown
    assert len(demo.slack.replies(message.ts)) == 1


def test_each_function_logs_in_a_group_of_its_own(demo: Demo) -> None:
    send(demo.stack, opened(new_bucket()))
    demo.stack.send_digest(datetime(2026, 11, 25, tzinfo=UTC))
    resources = demo.stack.client("cloudformation").describe_stack_resources(StackName=demo.stack.name)
    groups = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources["StackResources"]}
    assert log_group(demo.stack, "AlertFunction") == groups["AlertLogGroup"]
    assert log_group(demo.stack, "DigestFunction") == groups["DigestLogGroup"]
    assert "announce" in {line["message"] for line in told(demo.stack, "AlertFunction")}
    assert {line["message"].split()[0] for line in told(demo.stack, "DigestFunction")} == {"digest"}


def test_the_token_is_in_no_log(demo: Demo) -> None:
    demo.slack.fail_next("chat.postMessage", error="invalid_auth", times=2)
    event = opened(new_bucket())
    demo.stack.enqueue(event)
    # The queue would try again in three minutes.
    wait_until(lambda: any(line.get("event_id") == event["id"] for line in told(demo.stack, "AlertFunction")))
    demo.stack.client("sqs").purge_queue(QueueUrl=demo.stack.outputs["AlertQueueUrl"])
    demo.stack.send_digest(datetime(2026, 11, 26, tzinfo=UTC))
    lines = [line for function in FUNCTIONS for line in demo.stack.log_lines(f"{function}Name")]
    assert any("invalid_auth" in line for line in lines)
    assert any("digest posted" in line for line in lines)
    assert [line for line in lines if TOKEN in line] == []


@pytest.mark.exhaustive
def test_two_stacks_in_one_account_keep_apart(demo: Demo, second: Stack) -> None:
    assert set(second.outputs) == OUTPUTS
    assert set(second.outputs.values()).isdisjoint(demo.stack.outputs.values())
    event = opened(new_bucket())
    send(demo.stack, event)
    send(second, event)
    messages = messages_about(demo, bucket_of(event))
    assert len(messages) == 2
    assert ["second" in json.dumps(message.blocks) for message in messages] == [False, True]
    second.send_digest(datetime(2026, 12, 1, tzinfo=UTC))
    assert messages_about(demo, "second: ")


def test_what_cannot_work_is_refused_before_anything_is_made(demo: Demo, artifacts: Path) -> None:
    parameters = {
        "SlackSecretArn": "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:shirase/slack",
        "SlackChannel": CHANNEL,
        "DigestTimezone": "JST",
    }
    with pytest.raises(StackError, match="Asia/Tokyo"):
        deploy(demo.aws, artifacts, "shirase-refused", parameters)
    stacks = demo.aws.client("cloudformation").describe_stacks()["Stacks"]
    assert "shirase-refused" not in {stack["StackName"] for stack in stacks}


def test_a_storm_is_a_few_messages_and_one_that_counts_the_rest(demo: Demo, second: Stack) -> None:
    before = {message.ts for message in messages_about(demo, "second")}
    events = [opened(new_bucket()) for _ in range(80)]
    second.enqueue_all(events)

    def storm() -> list[Message]:
        return [message for message in messages_about(demo, "second") if message.ts not in before]

    def all_are_told() -> bool:
        messages = storm()
        counted = len(events) - len(messages) + 1
        return any(f"{counted} new violations counted here" in message.text for message in messages)

    # Eighty events are on the queue long before the function is through with them.
    wait_until(all_are_told, 120)
    assert len(storm()) <= 5 + 1
    counted = len(events) - len(storm()) + 1
    second.enqueue(passed(bucket_of(events[-1])))
    wait_until(lambda: bool(messages_about(demo, f"{counted - 1} of {counted}")))


def test_the_routes_are_read_with_no_more_rights_than_that_takes(
    demo: Demo, second: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, event = "C0000000002", opened(new_bucket())
    monkeypatch.setitem(demo.slack._records.channels, other, Channel(id=other, name="storage"))
    s3, bucket = second.client("s3"), second.outputs["ArchiveBucketName"]
    route = {"control": ["S3.*"], "channel": other, "mention": ["U0ONCALL01"]}
    routes = {"version": 1, "default": {"channel": CHANNEL}, "routes": [route]}
    for content in (json.dumps(routes), "version: 1"):  # what is broken counts as if it weren't there
        s3.put_object(Bucket=bucket, Key=ROUTES, Body=content.encode())
    try:
        with timeout(second, "AlertFunction", 29):  # changed, it starts anew
            send(second, event)
    finally:
        s3.delete_object(Bucket=bucket, Key=ROUTES)
    (message,) = messages_about(demo, bucket_of(event))
    assert message.channel == other
    assert "U0ONCALL01" in str(message.blocks)
    problems = [line["problems"] for line in told(second, "AlertFunction") if line["message"] == "routes refused"]
    assert all("no JSON" in str(problem) for problem in problems)
    lines = [line["message"] for line in told(demo.stack, "AlertFunction")]
    assert "routes refused" not in lines  # where there are none, S3 says so


def test_a_function_can_do_nothing_that_its_role_does_not_allow(demo: Demo, second: Stack) -> None:
    # The proof that the functions of all other tests had to show their roles.
    event = opened(new_bucket())
    with no_permissions(second, "AlertFunction"):
        second.enqueue(event)
        wait_until(lambda: any("AccessDenied" in str(line.get("why")) for line in told(second, "AlertFunction")))
    second.client("sqs").purge_queue(QueueUrl=second.outputs["AlertQueueUrl"])
    assert messages_about(demo, bucket_of(event)) == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_gets_at_nothing_of_its_neighbours(demo: Demo, second: Stack, function: str) -> None:
    neighbour, client = second.outputs, as_function(demo, function)
    table, key = neighbour["LedgerTableName"], {"violation": {"S": "111122223333/S3.8/arn:aws:s3:::theirs"}}
    log_group = demo.stack.client("lambda").get_function_configuration(FunctionName=neighbour["AlertFunctionName"])
    attempts: list[tuple[str, str, dict[str, Any]]] = [
        ("sqs", "receive_message", {"QueueUrl": neighbour["AlertQueueUrl"]}),
        ("sqs", "send_message", {"QueueUrl": neighbour["AlertQueueUrl"], "MessageBody": "{}"}),
        ("dynamodb", "get_item", {"TableName": table, "Key": key}),
        ("dynamodb", "update_item", {"TableName": table, "Key": key}),
        ("dynamodb", "delete_item", {"TableName": demo.stack.outputs["LedgerTableName"], "Key": key}),
        ("s3", "get_object", {"Bucket": neighbour["ArchiveBucketName"], "Key": "digests/2026.csv"}),
        (
            "logs",
            "create_log_stream",
            {"logGroupName": log_group["LoggingConfig"]["LogGroup"], "logStreamName": "forged"},
        ),
        ("iam", "list_roles", {}),
    ]
    own = demo.stack.outputs["ArchiveBucketName"]
    attempts += [
        ("s3", "get_object", {"Bucket": neighbour["ArchiveBucketName"], "Key": ROUTES}),
        ("s3", "put_object", {"Bucket": own, "Key": ROUTES, "Body": b"{}"}),
        ("s3", "list_objects_v2", {"Bucket": own}),
    ]
    if function == "AlertFunction":
        attempts += [
            ("s3", "get_object", {"Bucket": own, "Key": "digests/2026.csv"}),
            ("s3", "list_objects_v2", {"Bucket": own, "Prefix": "digests/"}),
        ]
    assert [attempt for attempt in attempts if may(client(attempt[0]), *attempt[1:])] == []


def may(client: Any, operation: str, arguments: dict[str, Any]) -> bool:
    try:
        getattr(client, operation)(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] not in {"AccessDenied", "AccessDeniedException"}
    return True


def as_function(demo: Demo, function: str) -> Callable[[str], Any]:
    """Makes clients with what a function's role may do, by a twin of it that serves this test instead of Lambda."""
    iam, twin = demo.stack.client("iam"), f"twin-{function}"
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    role = iam.create_role(RoleName=twin, AssumeRolePolicyDocument=json.dumps(document))["Role"]
    for name, policy in policies(demo.stack, function)[1].items():
        iam.put_role_policy(RoleName=twin, PolicyName=name, PolicyDocument=json.dumps(policy))
    given = demo.aws.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName=function)["Credentials"]
    session: Any = boto3.session.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=REGION
    )
    make_config: Any = Config  # whose stubs lack this setting
    config = make_config(user_agent_appid=demo.aws.secret)
    return lambda service: session.client(
        service, endpoint_url=demo.aws.endpoint, verify=demo.aws.ca_file, config=config
    )


@contextmanager
def no_permissions(stack: Stack, function: str) -> Iterator[None]:
    """Take the policies of a function's role away for a while."""
    iam = stack.client("iam")
    role, taken = policies(stack, function)
    for name in taken:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        yield
    finally:
        for name, document in taken.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def policies(stack: Stack, function: str) -> tuple[str, dict[str, Any]]:
    """The name of a function's role, and its policies by name."""
    iam = stack.client("iam")
    configuration = stack.client("lambda").get_function_configuration(FunctionName=stack.outputs[f"{function}Name"])
    role = configuration["Role"].rpartition("/")[2]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return role, {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}

"""A person is forgotten: what functions wrote of them in table and bucket, by the command."""

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

import shared.aws.scan
from local import cli
from local.forget.archive import Archive, ArchiveTrace
from local.forget.ledger import Ledger
from local.redrive import dead_letter_queue
from shared.aws.lookup_cache import LookupCache
from shared.aws.settings import ROUTES
from shared.aws.table import encode, epoch
from shared.digest.memory import Memory
from shared.digest.open_list import OpenList
from shared.pipeline.people import owner_key
from tests.findings import ACCOUNT, Finding, event, finding, violation
from tests.integration.surroundings import RecordingHub, Surroundings
from tests.integration.test_digest_history import folder, send

ALICE = "alice@example.com"
USER = f"arn:aws:iam::{ACCOUNT}:user/Alice@example.com"
QUEUES = {
    "AlertDeadLetterQueue": {"Type": "AWS::SQS::Queue"},
    "AlertQueue": {"Type": "AWS::SQS::Queue"},
}


class Command:
    """The command, on a stack whose table and bucket the functions of a test write."""

    def __init__(
        self, around: Surroundings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.stack = around.name
        outputs = {
            "AlertQueueUrl": {"Ref": "AlertQueue"},
            "AlertDeadLetterQueueUrl": {"Ref": "AlertDeadLetterQueue"},
            "LedgerTableName": around.name,
            "ArchiveBucketName": around.name,
        }
        template = {
            "Parameters": {"EnvironmentName": {"Type": "String"}, "DigestTimezone": {"Type": "String"}},
            "Resources": QUEUES,
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        cloudformation = around.client("cloudformation")
        cloudformation.create_stack(
            StackName=self.stack,
            TemplateBody=json.dumps(template),
            Parameters=[
                {"ParameterKey": "EnvironmentName", "ParameterValue": "production (eu)"},
                {"ParameterKey": "DigestTimezone", "ParameterValue": "America/New_York"},
            ],
        )
        [stack] = cloudformation.describe_stacks(StackName=self.stack)["Stacks"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def run(self, text: str = ALICE, *options: str, answer: str | None = None) -> tuple[int, str, str]:
        """The exit code, standard output, and standard error."""
        self._monkeypatch.setattr(sys, "argv", ["shirase", "forget", text, "--stack", self.stack, *options])
        self._monkeypatch.setattr(sys, "stdin", io.StringIO("" if answer is None else f"{answer}\n"))
        self._capsys.readouterr()
        code = cli.main()
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
def command(around: Surroundings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(around, monkeypatch, capsys)


@pytest.fixture(autouse=True)
def fast(hub: RecordingHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.aws.scan, "SECONDS_BETWEEN_REQUESTS", 0)
    monkeypatch.setattr(hub, "_bucket", None)
    monkeypatch.setattr(dead_letter_queue, "WAIT_SECONDS", 0)


def owned(number: int, owner: str = "Alice@Example.com") -> Finding:
    found = finding(number)
    found["Resources"][0]["Tags"] = {"Owner": owner}
    return found


def user() -> Finding:
    return finding("user", Resources=[{"Type": "AwsIamUser", "Id": USER}])


def version_bucket(around: Surroundings) -> None:
    around.client("s3").put_bucket_versioning(Bucket=around.name, VersioningConfiguration={"Status": "Enabled"})


def live_a_little(around: Surroundings, hub: RecordingHub, tmp_path: Path) -> None:
    """Announce, hold, and list what Alice owns and what is named after her, and what is Bob's."""
    around.set(BURST_LIMIT="1", ENVIRONMENT_NAME="production (eu)")
    found = [owned(1), owned(2), owned(3, "bob@example.com"), user()]
    around.deliver(*map(event, found))
    archived = {"RecordState": "ARCHIVED", "Compliance": {**found[0]["Compliance"], "Status": "NOT_AVAILABLE"}}
    around.deliver(event(found[0] | archived, time="2026-11-20T02:02:12Z"))
    for each in found:
        hub.import_finding(each)
    for day in (1, 2):
        send(around, day)
    s3, key = around.client("s3"), f"{folder(1)}/open-violations.csv"
    s3.put_object(Bucket=around.name, Key=key, Body=s3.get_object(Bucket=around.name, Key=key)["Body"].read())
    open_list = OpenList(tmp_path / "part.sqlite")
    for number in (1, 3):
        open_list.add(violation(number, Resources=owned(number)["Resources"]))
    open_list.close()
    body = (tmp_path / "part.sqlite").read_bytes()
    s3.put_object(Bucket=around.name, Key="work/2026-11-25T000000Z/part-1.sqlite", Body=body)


def versions(around: Surroundings) -> Iterator[tuple[str, bytes]]:
    """All that the archive has, old versions too."""
    s3 = around.client("s3")
    for version in s3.list_object_versions(Bucket=around.name).get("Versions", []):
        which = {} if version["VersionId"] == "null" else {"VersionId": version["VersionId"]}
        body = s3.get_object(Bucket=around.name, Key=version["Key"], **which)["Body"].read()
        yield version["Key"], gzip.decompress(body) if version["Key"].endswith(".gz") else body


def traces(around: Surroundings, text: str = ALICE) -> list[str]:
    """Where a text stands in table and bucket."""
    items = around.client("dynamodb").scan(TableName=around.name)["Items"]
    in_table = [item["violation"]["S"] for item in items if text in json.dumps(item).lower()]
    return in_table + [key for key, body in versions(around) if text.encode() in body.lower()]


def rows(around: Surroundings, day: int) -> list[dict[str, str]]:
    body = around.client("s3").get_object(Bucket=around.name, Key=f"{folder(day)}/open-violations.csv")["Body"].read()
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("is_versioned", [True, False])
def test_a_person_is_forgotten_and_everything_else_still_reads(
    around: Surroundings, hub: RecordingHub, command: Command, tmp_path: Path, is_versioned: bool
) -> None:
    if is_versioned:
        version_bucket(around)
    live_a_little(around, hub, tmp_path)
    assert len(traces(around)) > 8
    bobs = traces(around, "bob@example.com")
    before = traces(around)

    code, told, problem = command.run(answer="no")
    assert (code, traces(around)) == (1, before)
    assert "✗ Nothing was changed." in problem
    assert f"the stack {command.stack} in account {ACCOUNT}, Region ap-northeast-1" in told
    assert f"         {ACCOUNT}/S3.8/{USER}\n" in told
    assert "file open-violations-production-eu-2026-11-23.csv\n" in told  # in New York it is the evening before
    assert ("7 objects, 1 earlier version, which will go" in told) is is_versioned
    assert "file burst-20" in told
    assert "digest of 2026-11-23, where" in told

    code, told, problem = command.run("ALICE@example.com", answer="yes")
    assert (code, problem) == (0, "")
    assert traces(around) == []
    assert [key for key in bobs if key not in traces(around, "bob@example.com")] == []
    assert sorted(row["Owner"] for row in rows(around, 1)) == ["", "bob@example.com", "forgotten", "forgotten"]
    assert f"arn:aws:iam::{ACCOUNT}:user/forgotten" in {row["Resource ID"] for row in rows(around, 1)}

    code, told, problem = command.run()
    assert (code, problem) == (0, "")
    assert "The ledger and the archive have no trace of them." in told


def test_what_comes_after_goes_on_as_if_nothing_had_happened(
    around: Surroundings, hub: RecordingHub, command: Command, tmp_path: Path
) -> None:
    version_bucket(around)
    live_a_little(around, hub, tmp_path)
    assert command.run(ALICE, "--yes")[0] == 0
    hub.forget(user()["Id"])
    for number in (1, 2):
        hub.import_finding(finding(number))  # nor does the tag name her any more
    summary = send(around, 3)
    assert summary.comparison
    assert (summary.total, summary.comparison.new, summary.comparison.resolved) == (3, 0, 0)
    assert (summary.comparison.left, summary.archive_problems) == ({}, ())
    around.deliver(
        {"shirase": "close what is due", "violation": violation(1).key, "due_by": "2026-11-20T04:00:00+00:00"}
    )
    assert around.table.get(violation(1).key)["state"] == "archived"
    memory = around.client("s3").get_object(Bucket=around.name, Key=f"{folder(1)}/memory.jsonl.gz")["Body"].read()
    (tmp_path / "memory").write_bytes(memory)
    owners = [one.resource.owner for one in Memory(tmp_path / "memory").entries()]
    assert sorted(map(str, owners)) == ["bob@example.com", "forgotten", "forgotten"]


def test_what_was_interrupted_goes_on_where_it_ended(
    around: Surroundings, hub: RecordingHub, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_bucket(around)
    live_a_little(around, hub, tmp_path)

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Archive, "_delete", stop)  # behind a new version, before the end of the old one
        code, _, problem = command.run(ALICE, "--yes")
    assert code == 130
    assert "What was forgotten stays so" in problem
    assert traces(around) != []
    assert command.run(ALICE, "--yes")[0] == 0
    assert traces(around) == []


def test_what_functions_write_meanwhile_is_not_lost(
    around: Surroundings, hub: RecordingHub, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_bucket(around)
    live_a_little(around, hub, tmp_path)
    claimed, s3 = violation(2).key, around.client("s3")
    until = epoch(datetime.now(UTC) + timedelta(minutes=1))
    around.table.update(claimed, "SET claimed_until = :until", None, until=until)
    before = around.table.get(claimed)
    key = f"{folder(2)}/open-violations.csv"
    later = b'\xef\xbb\xbf"Resource","Owner"\r\n"new","alice@example.com"\r\n'
    meanwhile(monkeypatch, lambda: s3.put_object(Bucket=around.name, Key=key, Body=later))
    code, _, problem = command.run(ALICE, "--yes")
    assert code == 1
    assert "an entry of the ledger is being worked on" in problem
    assert f"{key} in the archive was written meanwhile" in problem
    assert around.table.get(claimed) == before
    assert s3.get_object(Bucket=around.name, Key=key)["Body"].read() == later
    around.table.update(claimed, "REMOVE claimed_until", None)
    assert command.run(ALICE, "--yes")[0] == 0
    assert traces(around) == []
    assert s3.get_object(Bucket=around.name, Key=key)["Body"].read() == later.replace(ALICE.encode(), b"forgotten")


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Let something happen between the finding and the forgetting."""
    real = Ledger.forget

    def forget(*arguments: Any) -> str | None:
        monkeypatch.setattr(Ledger, "forget", real)
        act()
        return real(*arguments)

    monkeypatch.setattr(Ledger, "forget", forget)


def test_whoever_read_an_entry_before_cannot_bring_the_person_back(
    around: Surroundings, hub: RecordingHub, command: Command, tmp_path: Path
) -> None:
    live_a_little(around, hub, tmp_path)
    before = around.table.get(violation(2).key)
    assert command.run(ALICE, "--yes")[0] == 0
    assert around.table.get(violation(2).key)["version"] == before["version"] + 1


def test_what_waits_in_queues_and_what_is_no_file_of_ours_is_told(
    around: Surroundings, hub: RecordingHub, command: Command, tmp_path: Path
) -> None:
    sqs, s3 = around.client("sqs"), around.client("s3")
    sqs.send_message(QueueUrl=command.outputs["AlertDeadLetterQueueUrl"], MessageBody=json.dumps(event(owned(1))))
    sqs.send_message(QueueUrl=command.outputs["AlertQueueUrl"], MessageBody=json.dumps(event(owned(2))))
    s3.put_object(Bucket=around.name, Key="notes.txt", Body=b"ask alice@example.com")
    s3.put_object(Bucket=around.name, Key=f"{folder(1)}/memory.jsonl.gz", Body=b"no gzip")
    code, told, problem = command.run(ALICE, "--yes")
    assert code == 1
    assert "1 dead letter has them: put back or delete" in told
    assert "1 event waits on the alert queue" in told
    assert "notes.txt in the archive is no file of shirase's: see to it yourself" in problem
    assert "memory.jsonl.gz in the archive is broken: see to it yourself" in problem


def test_one_version_that_is_locked_keeps_no_other(
    around: Surroundings, hub: RecordingHub, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_bucket(around)
    live_a_little(around, hub, tmp_path)
    real, locked = Archive._delete, f"{folder(1)}/memory.jsonl.gz"

    def delete(archive: Archive, trace: ArchiveTrace) -> None:
        if trace.key == locked:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Object is locked"}}, "DeleteObject")
        real(archive, trace)

    monkeypatch.setattr(Archive, "_delete", delete)
    code, _, problem = command.run(ALICE, "--yes")
    assert code == 1
    assert f"{locked} in the archive: An error occurred (AccessDenied)" in problem
    assert traces(around) == [locked]


def test_what_was_looked_up_goes_and_the_routes_in_use_are_left_to_whoever_wrote_them(
    around: Surroundings, command: Command
) -> None:
    s3, lookups = around.client("s3"), LookupCache(around.table)
    s3.put_bucket_versioning(Bucket=around.name, VersioningConfiguration={"Status": "Enabled"})
    lookups.put(owner_key(ALICE), {"ring": "rung", "user_id": "U0ALICE001"}, datetime(2030, 1, 1, tzinfo=UTC))
    lookups.put(owner_key("bob@example.com"), {"ring": "unknown"}, datetime(2030, 1, 1, tzinfo=UTC))
    routes = json.dumps({"owners": {"alice": {"email": ALICE}}}).encode()
    for content in (b" " + routes, routes):
        s3.put_object(Bucket=around.name, Key=ROUTES, Body=content)
    code, _, problems = command.run(ALICE.upper(), "--yes")
    assert code == 1
    assert "settings/routes.json in the archive is made of your routes.yaml" in " ".join(problems.split())
    assert list(around.table.get_some([owner_key(ALICE), owner_key("bob@example.com")]).values()).count({}) == 1
    (version,) = s3.list_object_versions(Bucket=around.name, Prefix=ROUTES)["Versions"]
    assert s3.get_object(Bucket=around.name, Key=ROUTES, VersionId=version["VersionId"])["Body"].read() == routes


def test_nobody_to_ask_is_told_what_to_type(around: Surroundings, command: Command) -> None:
    item = encode({"violation": f"{ACCOUNT}/IAM.5/{USER}", "version": 1})
    around.client("dynamodb").put_item(TableName=around.name, Item=item)
    code, _, problem = command.run()
    assert code == 2
    assert "add --yes" in problem
    assert traces(around) != []


def test_a_stack_that_is_not_shirases_is_told_apart(around: Surroundings, command: Command) -> None:
    around.client("cloudformation").create_stack(
        StackName=f"{command.stack}-other", TemplateBody=json.dumps({"Resources": QUEUES})
    )
    command.stack += "-other"
    code, _, problem = command.run()
    assert code == 1
    assert "has no output LedgerTableName" in problem

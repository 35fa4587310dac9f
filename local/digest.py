"""Run the digest now, and leave its files in .digest/."""

import io
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from local.clock import utc_now
from local.errors import CommandError, InputError, tell_problem
from local.extra import require_extra
from local.private import open_private, private_folder
from local.replay import message_text
from local.root import ROOT, require_clone
from local.screen import count_of
from local.slack.text import one_line
from local.slack.workspace import SlackWorkspace
from local.stack.events import sample_events
from local.stack.lookup import CHECK_ACCESS, find_stack
from local.stack.settings import BUCKET, CHANNEL, TOKEN, lambda_settings
from local.stack.stack import Stack, StackError
from local.words import said
from shared.app import PATIENT, App, build_app
from shared.aws.archive import NAMES, key_of
from shared.errors import ConfigurationError, ShiraseError
from shared.pipeline.digest import Assignment
from shared.text import excerpt

FOLDER = ROOT / ".digest"
POLL_SECONDS = 1.0

Advance = Callable[[int], None]


def run_digest(stack_name: str = "", *, account: bool = False) -> None:
    """Run it on a deployed stack, which posts to its Slack channel, or in this process, with Slack's stand-in.

    In this process it reads the findings of events/, or those of the account's Security Hub. Raises CommandError.
    """
    if stack_name and account:
        raise InputError(
            "--stack (STACK=…) runs it on a stack, --account (ACCOUNT=1) on this machine: give one of the two."
        )
    if not stack_name:
        require_clone()
        require_extra()
    due = utc_now().replace(microsecond=0)
    try:
        if stack_name:
            folder = _on_stack(find_stack(stack_name), due)
        else:
            folder = _from_account(due) if account else _from_events(due)
    except ConfigurationError as error:
        raise InputError(str(error)) from error
    except ShiraseError as error:
        raise CommandError(str(error)) from error
    except (BotoCoreError, ClientError) as error:
        raise CommandError(f"{error}\n  {CHECK_ACCESS}") from error
    _say_where(folder)


# ---- on this machine


def _from_events(due: datetime) -> Path:
    from local.security_hub.hub import SecurityHub  # both of the extra `demo`
    from local.stack.serving import serve

    hub = SecurityHub()
    for sample in sample_events():
        hub.hear(sample.event)
    with serve(hub.asgi()) as url:
        client = _session().client("securityhub", endpoint_url=url, config=PATIENT, **_ANY_CREDENTIALS)
        return _run(client, FOLDER / "events", "events", due)


def _from_account(due: datetime) -> Path:
    session = _session()
    account = str(session.client("sts").get_caller_identity()["Account"])
    return _run(session.client("securityhub", config=PATIENT), FOLDER / account, account, due)


# The stand-in looks at the address, which holds the secret of the run.
_ANY_CREDENTIALS = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "ap-northeast-1"}


def _session() -> Any:
    return boto3.session.Session()


def _run(security_hub: Any, folder: Path, environment_name: str, due: datetime) -> Path:
    """Let the function itself run here, after the digests that the folder has, and put what it archives there."""
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
    os.environ.setdefault("ENVIRONMENT_NAME", environment_name)
    os.environ["ALERT_QUEUE_URL"] = ""  # what has ended is told here, and to no stack
    log = io.StringIO()
    with lambda_settings(workspace) as aws, redirect_stdout(log):
        bucket = Bucket(aws.client("s3"), BUCKET)
        bucket.fill(folder)
        with reading() as advance:
            _send(build_app(security_hub=CountingHub(security_hub, advance)), due)
        bucket.fetch(due, folder)
    for message in workspace.messages:
        print(message_text(message, workspace))
    return folder / key_of(due, "")


def _send(app: App, due: datetime) -> None:
    name = app.config.environment_name
    app.digests.send(Assignment(due=due, part=None, environment_name=name, seconds_left=lambda: inf))
    app.telemetry.flush()


class CountingHub:
    """Security Hub's client, which tells how many findings each page has."""

    def __init__(self, client: Any, advance: Advance) -> None:
        self._client = client
        self._advance = advance

    def get_findings(self, **request: Any) -> Any:
        page = self._client.get_findings(**request)
        self._advance(len(page["Findings"]))
        return page


# ---- on a stack


def _on_stack(stack: Stack, due: datetime) -> Path:
    """Start the state machine and wait for its end; the files are fetched from the stack's archive."""
    execution = stack.start_digest(due)
    with reading() as advance:
        known = 0
        while (told := stack.client("stepfunctions").describe_execution(executionArn=execution))["status"] == "RUNNING":
            time.sleep(POLL_SECONDS)
            read = _findings_read(stack, due)
            if read > known:
                advance(read - known)
                known = read
    if told["status"] != "SUCCEEDED":
        raise StackError(f"the digest failed: {told.get('error')}: {told.get('cause')}\n  The execution: {execution}")
    for line in sent_lines(stack.name, execution, told["output"]):
        print(said(line))
    Bucket(stack.client("s3"), stack.outputs["ArchiveBucketName"]).fetch(due, FOLDER / stack.name)
    return FOLDER / stack.name / key_of(due, "")


def sent_lines(stack_name: str, execution: str, output: str) -> Iterator[str]:
    """What an execution, an ARN, says that it has sent, as lines; `output` is the JSON that handlers/digest.py answers
    or, where the stack is of another version, any other."""
    counts = json.loads(output)
    total = counts.get("open_violations")
    what = "" if total is None else f": {count_of(total, 'open violation')}"
    yield f"Sent to the channel of {one_line(stack_name)}{what}"
    if unreadable := counts.get("unreadable"):
        yield f"{count_of(unreadable, 'finding')} could not be read: the digest function's log says why"
    if channels := counts.get("channels"):
        yield f"Channels that got their own rows: {channels}"
    yield f"The execution: {one_line(execution.rpartition(':')[2])}"


def _findings_read(stack: Stack, since: datetime) -> int:
    """How many findings the function's log says it has read so far."""
    name = stack.outputs["DigestFunctionName"]
    group = stack.client("lambda").get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
    pages = (
        stack.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=group, startTime=int(since.timestamp() * 1000), filterPattern='"digest reading"')
    )
    return max((json.loads(event["message"])["findings_read"] for page in pages for event in page["events"]), default=0)


# ---- its files and its progress


class Bucket:
    """An archive bucket, as a folder of this machine."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def fill(self, folder: Path) -> None:
        """Put the digests of a folder into it, so that the next one has something to compare with."""
        for file in sorted(folder.glob("digests/**/*")):
            if file.is_file():
                self._client.upload_file(str(file), self._name, str(file.relative_to(folder)))

    def fetch(self, due: datetime, folder: Path) -> None:
        """Copy a digest's files into a folder, and nothing else, whatever the bucket holds beside them."""
        target = folder / key_of(due, "")
        private_folder(FOLDER)
        private_folder(target)
        for each in self._client.list_objects_v2(Bucket=self._name, Prefix=key_of(due, "")).get("Contents", []):
            name = each["Key"].removeprefix(key_of(due, ""))
            if name in NAMES:
                with open_private(target / name) as file:
                    self._client.download_fileobj(self._name, each["Key"], file)
            else:
                tell_problem(f"{excerpt(each['Key'])} in the archive bucket is none of a digest's files: left there")


@contextmanager
def reading() -> Iterator[Advance]:
    """A bar while findings are read, and their count; how many there will be Security Hub doesn't tell."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    found = 0
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(said("Asking Security Hub"), total=None)

        def advance(findings: int) -> None:
            nonlocal found
            found += findings
            progress.update(task, description=said(f"Read from Security Hub: {count_of(found, 'finding')}"))

        yield advance
        progress.update(task, total=1, completed=1)


def _say_where(folder: Path) -> None:
    here = Path.cwd()
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    print(said(f"\nThe files are in {shown}"))
    for file in sorted(folder.iterdir()):
        print(said(f"  {one_line(file.name)}  {file.stat().st_size:,} bytes"))

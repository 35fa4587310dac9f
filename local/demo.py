"""Show the main job on the real stack: deployed on a local AWS, with stand-ins for Slack and Security Hub."""

import argparse
import csv
import io
import json
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from local.panel.app import Panel
from local.panel.bench import Bench
from local.replay import headline, message_text, send
from local.security_hub.hub import SecurityHub
from local.slack.http import slack_app
from local.slack.workspace import SlackWorkspace
from local.stack.aws import LocalAws, local_aws
from local.stack.events import SampleEvent, event_files, load_all
from local.stack.outcome import outcomes
from local.stack.serving import serve
from local.stack.settings import CHANNEL, SECRET_NAME, TOKEN
from local.stack.stack import DEMO_STATE, Stack, StackError, build, deploy, now
from shared.finding.event import parse_event

STACK_NAME = "shirase-demo"
SLACK_PORT = 8400
DRAIN_SECONDS = 120
CSV_LINES_SHOWN = 6
LIFE = "111122223333/S3.8/arn:aws:s3:::payments-receipts-export-prod"


def main() -> int:
    """Run the demonstration; 0 if everything arrived."""
    parser = argparse.ArgumentParser(prog="make demo", description="Show shirase at work on this machine.")
    parser.add_argument("--once", action="store_true", help="exit when everything has been shown")
    once = parser.parse_args().once
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # take everything down on any way out
    try:
        with local_stack(SLACK_PORT, DigestTimezone="UTC") as demo:
            demo.show_alerts()
            demo.show_digests()
            demo.say_where_to_look()
            if not once:
                _wait_for_interrupt()
    except StackError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


class Demo:
    """A stack on a local AWS, its Slack channel, and the Security Hub its digest reads."""

    def __init__(
        self, stack: Stack, aws: LocalAws, workspace: SlackWorkspace, slack_url: str, hub: SecurityHub, hub_url: str
    ) -> None:
        self.stack = stack
        self.aws = aws
        self.slack = workspace
        self.slack_url = slack_url
        self.hub = hub
        self.hub_url = hub_url

    def show_alerts(self) -> None:
        """Send every event through rule, queue and function, and print what became of each."""
        samples, _ = load_all(event_files())
        heading(f"{len(samples)} events of Security Hub, as EventBridge's rules see them")
        for sample in samples:
            send(self.stack, sample)
            self.wait_until_handled()
        heading("What became of those that were sent, and what Slack received")
        self._print_outcomes(samples)
        heading("One violation's whole life: a bucket that was public, was fixed, and is public again")
        self._print_outcomes([sample for sample in samples if violation_key(sample) == LIFE])
        heading("The channel now")
        for message in self.slack.messages:
            if message.thread_ts is None:
                print(*map(message_text, [message, *self.slack.replies(message.ts)]), sep="\n")

    def show_digests(self) -> None:
        """Let Security Hub hold half of the events' findings and run yesterday's digest, then all, and today's."""
        found = findings(load_all(event_files())[0])
        half = len(found) // 2
        self._show_digest("Yesterday's digest", found[:half], now() - timedelta(days=1))
        self._show_digest("Today's digest", found[half:], now())

    def _show_digest(self, name: str, found: list[dict[str, object]], due: datetime) -> None:
        """Let Security Hub hold these findings too, run the digest, and print its message and its files' heads."""
        heading(name)
        for finding in found:
            self.hub.import_finding(finding)
        before = len(self.slack.messages)
        self.stack.send_digest(due)
        for message in self.slack.messages[before:]:
            print(message_text(message))
            for file in message.files:
                text = (file.content or b"").decode("utf-8-sig")
                print(*(f"    {line}" for line in text.splitlines()[:CSV_LINES_SHOWN]), sep="\n")
                print(f"    … rows in all: {sum(1 for _ in csv.reader(io.StringIO(text, newline=''))) - 1}\n")

    def say_where_to_look(self) -> None:
        heading("Where to look")
        print(f"  The channel, to try    {self.slack_url}/")
        print(f"  The same as JSON       {self.slack_url}/messages")
        print(f"  The local AWS          AWS_ENDPOINT_URL={self.aws.endpoint} (key and secret: test)")
        print(f"  Send an event again    make replay STACK={STACK_NAME} EVENT=events/s3_bucket_public.json")
        print(f"  Send a digest          make digest STACK={STACK_NAME}")
        print(f"  The dead letters       make redrive STACK={STACK_NAME}")

    def wait_until_handled(self) -> None:
        """Return once the alert queue is empty; raises StackError if that takes too long."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self.stack.queue_depth():
            if time.monotonic() > deadline:
                raise StackError(f"the alert queue did not drain within {DRAIN_SECONDS} s; see {log_folder()}/aws.log")
            time.sleep(0.02)

    def _print_outcomes(self, samples: list[SampleEvent]) -> None:
        found = outcomes(self.stack.log_lines("AlertFunctionName"))
        for sample in samples:
            own = [outcome for outcome in found if outcome.event_id == sample.event.get("id")]
            if own:
                print(f"{sample.event['time']!s:.16}  {headline(sample, own)}")


@contextmanager
def local_stack(
    slack_port: int = 0,
    function_environment: Mapping[str, str] | None = None,
    slack_clock: Callable[[], float] = time.time,
    **parameters: str,
) -> Iterator[Demo]:
    """Boot everything, deploy the real template with these parameters, and take it all down again.

    The functions see `function_environment`, beside what the template gives them.
    """
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=slack_clock)
    hub, panel = SecurityHub(), Panel()
    with ExitStack() as running:
        with step("Stand-ins for Slack and Security Hub"):
            slack_url = running.enter_context(serve(slack_app(workspace, panel.mount()), _usable(slack_port)))
            running.callback(workspace.hang_up)
            hub_url = running.enter_context(serve(hub.asgi()))
        with step("Local AWS"):
            log_folder().mkdir(exist_ok=True)
            environment = {"AWS_ENDPOINT_URL_SECURITYHUB": hub_url, **(function_environment or {})}
            aws = running.enter_context(local_aws(log_folder() / "aws.log", environment))
        with step("sam build"):
            build(log_folder() / "build")
        with step("sam deploy of template.yaml"):
            secret = aws.client("secretsmanager").create_secret(
                Name=SECRET_NAME, SecretString=json.dumps({"token": TOKEN})
            )
            stack = deploy(
                aws,
                log_folder() / "build",
                STACK_NAME,
                {
                    "SlackSecretArn": secret["ARN"],
                    "SlackChannel": CHANNEL,
                    "SlackApiUrl": f"{slack_url}/api/",
                    "EnvironmentName": "demo",
                    **parameters,
                },
            )
        running.enter_context(_known_as(stack, aws))
        panel.bench = Bench(stack=stack, workspace=workspace, slack_url=slack_url, hub=hub)
        yield Demo(stack, aws, workspace, slack_url, hub, hub_url)


def findings(samples: list[SampleEvent]) -> list[dict[str, object]]:
    """The ASFF findings that the events carry, in their order."""
    return [
        finding
        for sample in samples
        for finding in sample.event["detail"].get("findings", [])
        if "SchemaVersion" in finding
    ]


def violation_key(sample: SampleEvent) -> str | None:
    """Which violation an event is about; None if it is about none."""
    violation = parse_event(sample.event)
    return violation.key if violation else None


def log_folder() -> Path:
    return DEMO_STATE.parent


def heading(text: str) -> None:
    print(f"\n── {text} {'─' * max(2, min(100, shutil.get_terminal_size().columns) - len(text) - 4)}\n")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say that a step begins, and how long it took."""
    started = time.monotonic()
    print(f"  {name} …", end="", flush=True)
    yield
    print(f" {time.monotonic() - started:.1f} s")


@contextmanager
def _known_as(stack: Stack, aws: LocalAws) -> Iterator[None]:
    DEMO_STATE.write_text(
        json.dumps({"stack": stack.name, "endpoint": aws.endpoint, "ca_file": aws.ca_file}), encoding="utf-8"
    )
    try:
        yield
    finally:
        DEMO_STATE.unlink(missing_ok=True)


def _usable(port: int) -> int:
    """The port if nothing listens on it, else 0 for any."""
    with socket.socket() as probe:
        return 0 if probe.connect_ex(("127.0.0.1", port)) == 0 else port


def _wait_for_interrupt() -> None:
    print("\nEverything stays up until you press Ctrl-C.", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())

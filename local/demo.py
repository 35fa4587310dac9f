"""The real stack on this machine: deployed on a local AWS, with stand-ins for Slack and Security Hub."""

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from local.panel.app import Panel
from local.panel.bench import Bench
from local.replay import dropped, news, versions
from local.routes.yaml_file import read
from local.security_hub.hub import SecurityHub
from local.slack.directory import EMPTY
from local.slack.http import slack_app
from local.slack.records import Message
from local.slack.workspace import SlackWorkspace
from local.stack.aws import LocalAws, local_aws
from local.stack.deployment import build, deploy
from local.stack.events import SampleEvent
from local.stack.outcome import Outcome, outcomes
from local.stack.running import DEMO_STATE, STACK_NAME, RunningDemo, known_as, only_demo
from local.stack.serving import serve
from local.stack.settings import CHANNEL, SECRET_NAME, TOKEN
from local.stack.stack import Stack, StackError
from local.step import step
from local.teams import CHANNELS, DIRECTORY, ROUTES

DRAIN_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event, the rule that took it, what became of it, and the messages as it left them: the new and the changed.

    `rule` is None if none did, and `outcome` if the log tells of none.
    """

    sample: SampleEvent
    rule: str | None
    outcome: Outcome | None
    messages: list[Message]


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

    def send(self, samples: list[SampleEvent]) -> list[Happening]:
        """Send events through rule, queue and function, one after another, and see what became of each. Security Hub
        holds what they tell of."""
        sent = [(sample, *self._send(sample)) for sample in samples]
        told = {outcome.event_id: outcome for outcome in outcomes(self.stack.log_lines("AlertFunctionName"))}
        return [
            Happening(
                sample=sample,
                rule=rule,
                outcome=told.get(sample.event.get("id")) if rule else dropped(sample.event),
                messages=messages,
            )
            for sample, rule, messages in sent
        ]

    def _send(self, sample: SampleEvent) -> tuple[str | None, list[Message]]:
        before = versions(self.slack)
        self.hub.hear(sample.event)
        rule = self.stack.send(sample.event)
        self.wait_until_handled()
        return rule, news(self.slack, before)

    def send_digest(self, due: datetime) -> list[Message]:
        """Run the digest of what Security Hub holds now; its message, and those in its thread."""
        before = len(self.slack.messages)
        self.stack.send_digest(due)
        return self.slack.messages[before:]

    def wait_until_handled(self) -> None:
        """Return once the alert queue is empty; raises StackError if that takes too long."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self.stack.queue_depth():
            if time.monotonic() > deadline:
                raise StackError(f"the alert queue did not drain within {DRAIN_SECONDS} s; see {log_folder()}/aws.log")
            time.sleep(0.02)


@contextmanager
def local_stack(
    slack_port: int = 0,
    function_environment: Mapping[str, str] | None = None,
    slack_clock: Callable[[], float] = time.time,
    tell_address: Callable[[str], None] = lambda _: None,
    has_teams: bool = False,
    **parameters: str,
) -> Iterator[Demo]:
    """Boot everything, deploy the real template with these parameters, and take it all down again.

    The functions see `function_environment`, beside what the template gives them. `tell_address` gets the page's
    address as soon as it answers. With `has_teams` there are the demo's teams, and their routes are in use. Raises
    CommandError if another demo runs in this clone.
    """
    workspace = SlackWorkspace(
        token=TOKEN,
        channels={CHANNEL: "security", **(CHANNELS if has_teams else {})},
        now=slack_clock,
        directory=DIRECTORY if has_teams else EMPTY,
    )
    hub, panel = SecurityHub(), Panel()
    with only_demo(DEMO_STATE), ExitStack() as running:
        with step("Stand-ins for Slack and Security Hub"):
            slack_url = running.enter_context(serve(slack_app(workspace, panel.mount()), _usable(slack_port)))
            running.callback(workspace.hang_up)
            hub_url = running.enter_context(serve(hub.asgi()))
        tell_address(f"{slack_url}/")
        with step("Local AWS"):
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
        running.enter_context(known_as(RunningDemo(stack=stack.name, page=f"{slack_url}/", aws=aws), DEMO_STATE))
        bench = Bench(stack=stack, workspace=workspace, slack_url=slack_url, hub=hub)
        if has_teams:
            file = read(ROUTES)
            bench.routes.replace(file.text, file.document, None)
        panel.bench = bench
        yield Demo(stack, aws, workspace, slack_url, hub, hub_url)


def log_folder() -> Path:
    return DEMO_STATE.parent


def _usable(port: int) -> int:
    """The port if nothing listens on it, else 0 for any."""
    with socket.socket() as probe:
        return 0 if probe.connect_ex(("127.0.0.1", port)) == 0 else port

"""The stack on this machine, as the panel needs it: what is deployed, what it remembers, and what it is told."""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.clock import utc_now
from local.routes.in_use import RoutesInUse
from local.security_hub.hub import SecurityHub
from local.security_hub.query import ApiError
from local.slack.workspace import SlackWorkspace
from local.stack.events import Event
from local.stack.outcome import Outcome, outcomes
from local.stack.stack import Stack
from shared.aws.ledger import Ledger
from shared.aws.table import Table
from shared.message import Message

DEAD_LETTERS = "AlertDeadLetterQueueUrl"
LOG_WINDOW = timedelta(minutes=15)
PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A deployed stack, and the Slack and Security Hub it speaks to; `slack_url` ends without a slash."""

    stack: Stack
    workspace: SlackWorkspace
    slack_url: str
    hub: SecurityHub
    lock: threading.Lock = field(default_factory=threading.Lock)  # for what takes several steps

    @property
    def ledger(self) -> Ledger:
        return Ledger(Table(self.stack.client("dynamodb"), self.stack.outputs["LedgerTableName"]))

    @property
    def routes(self) -> RoutesInUse:
        return RoutesInUse(self.stack.client("s3"), self.stack.outputs["ArchiveBucketName"])

    def settings(self) -> Mapping[str, str]:
        """The deployed alert function's environment variables."""
        function = self.stack.outputs["AlertFunctionName"]
        configuration = self.stack.client("lambda").get_function_configuration(FunctionName=function)
        variables: dict[str, str] = configuration["Environment"]["Variables"]
        return variables

    def permalink(self, message: Message) -> str:
        return f"{self.slack_url}/archives/{message.channel}/p{message.ts.replace('.', '')}"

    def send(self, events: list[Event]) -> list[str | None]:
        """Let the rules judge events, and queue those that match: for each the rule's logical id, or None."""
        rules = [self.stack.matching_rule(event) for event in events]
        self.stack.enqueue_all([event for event, rule in zip(events, rules, strict=True) if rule])
        return rules

    def tell_hub(self, events: list[Event]) -> None:
        """Let Security Hub's stand-in hold the events' findings as they are told, for the digest to read them."""
        for event in events:
            self._tell_hub(event)

    def _tell_hub(self, event: Event) -> None:
        # What Security Hub itself could not hold may still be sent: its event shows what becomes of it.
        with suppress(ApiError, AttributeError, KeyError, TypeError, ValueError):
            self.hub.hear(event)

    def let_an_hour_pass(self, since: datetime) -> None:
        """Let the sweep come an hour after a time, once what is queued has been handled."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.stack.queue_depth() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.stack.sweep(since + timedelta(minutes=61))

    def fates(self) -> list[Outcome]:
        """What became of the events of the last minutes, oldest first."""
        since = utc_now() - LOG_WINDOW
        return outcomes(self.stack.log_lines("AlertFunctionName", since))

    def depths(self) -> dict[str, Any]:
        """How many events wait, are held back or are being worked on, and how many were put aside."""
        waiting, held = self.stack.queue_counts()
        return {"waiting": waiting, "held": held, "dead": self.stack.queue_depth(DEAD_LETTERS)}

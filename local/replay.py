"""Send sample events through the real handler in this process, or to a deployed stack.

python -m local.replay [FILE …]               every file of events/ if none is named
python -m local.replay --stack NAME [FILE …]  to a stack in AWS, or to the one that a running demo deployed
"""

import argparse
import io
import os
import sys
import textwrap
import time
from contextlib import redirect_stdout
from pathlib import Path

from local.slack.records import Message
from local.slack.workspace import SlackWorkspace
from local.stack.events import Event, SampleEvent, event_files, load_all
from local.stack.outcome import Outcome, outcomes
from local.stack.settings import CHANNEL, TOKEN, lambda_settings
from local.stack.stack import Stack, StackError, find_stack
from local.terminal import as_text
from shared.alert.lifecycle import Action
from shared.alert.verdict import judge
from shared.config import Config
from shared.errors import ConfigurationError, MalformedEventError
from shared.finding.event import parse_event
from shared.finding.violation import Severity
from shared.policy.selection import Policy
from shared.view.english import ENGLISH

EVERYTHING = Policy(target_control_ids=("*",), min_severity=Severity.INFORMATIONAL)

_LOG = io.StringIO()  # the handler's logger keeps to the output it first found


def main() -> int:
    """Replay what the command line names; 0 if every file was readable and every event handled."""
    parser = argparse.ArgumentParser(prog="make replay", description="Send sample events through shirase.")
    parser.add_argument("--stack", help="the deployed stack to send them to")
    parser.add_argument("files", nargs="*", type=Path, help="event files (default: all of events/)")
    arguments = parser.parse_args()
    samples, problems = load_all(arguments.files or event_files())
    for problem in problems:
        print(f"✗ {problem}", file=sys.stderr)
    handled = _to_stack(arguments.stack, samples) if arguments.stack else _in_process(samples)
    return 0 if handled and not problems else 1


def _in_process(samples: list[SampleEvent]) -> bool:
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
    with lambda_settings(workspace):
        try:
            Config.from_env(os.environ)
        except ConfigurationError as error:
            print(f"✗ {error}", file=sys.stderr)
            return False
        results = [_run(sample, workspace) for sample in samples]  # every one, also after a failure
    return all(results)


def _run(sample: SampleEvent, workspace: SlackWorkspace) -> bool:
    from handlers.alert import lambda_handler  # once the settings are there

    before = _versions(workspace)
    start = _LOG.tell()
    error = None
    with redirect_stdout(_LOG):
        try:
            lambda_handler(sample.event, None)
        except Exception as raised:  # noqa: BLE001 - whatever the handler raises is this command's result
            error = raised
    print(headline(sample, outcomes(_LOG.getvalue()[start:].splitlines()), error))
    for message in workspace.messages:
        if (message.ts, len(message.history)) not in before:
            print(message_text(message))
    return error is None


def _versions(workspace: SlackWorkspace) -> set[tuple[str, int]]:
    return {(message.ts, len(message.history)) for message in workspace.messages}


def headline(sample: SampleEvent, found: list[Outcome], error: Exception | None = None) -> str:
    """One line on what became of an event."""
    if error is not None:
        return f"✗ {sample.name} failed: {type(error).__name__}: {error}"
    if not found:
        return f"? {sample.name}: the log tells of no outcome"
    return f"{'○' if found[-1].is_silent else '●'} {sample.name} {found[-1]}"


def message_text(message: Message) -> str:
    """A message as the channel shows it, indented; a reply further in."""
    margin = "      ↳ " if message.thread_ts else "    "
    return textwrap.indent(as_text(message.payload(), colour=sys.stdout.isatty()), margin, lambda _: True) + "\n"


def _to_stack(name: str, samples: list[SampleEvent]) -> bool:
    try:
        stack = find_stack(name)
        results = [send(stack, sample) for sample in samples]
        return all(results)
    except StackError as error:
        print(f"✗ {error}", file=sys.stderr)
        return False


def send(stack: Stack, sample: SampleEvent) -> bool:
    """Put an event on a stack's queue if its rules match, and say so; whether EventBridge takes it for an event."""
    try:
        rule = stack.matching_rule(sample.event)
    except StackError as error:
        print(f"✗ {sample.name}: {error}", file=sys.stderr)
        return False
    if rule:
        stack.enqueue(sample.event)
        print(f"→ {sample.name} matches {rule}: sent")
    else:
        print(f"○ {sample.name} matches no rule, EventBridge drops it: {_why_dropped(sample.event)}")
    return True


def _why_dropped(event: Event) -> str:
    try:
        violation = parse_event(event)
    except MalformedEventError as error:
        return str(error)
    decision = judge(violation, EVERYTHING, None)
    if decision.action in {Action.FILTER, Action.NOTHING}:
        return ENGLISH.explain(decision.why)
    return f'its detail-type is "{event["detail-type"]}"'


if __name__ == "__main__":
    sys.exit(main())

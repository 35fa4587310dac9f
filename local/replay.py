"""Send sample events through the template's rules and the real handler in this process, or to a deployed stack."""

import io
import json
import sys
import textwrap
import time
from contextlib import redirect_stdout
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from botocore.exceptions import BotoCoreError, ClientError

from local.channel_text import channel_text
from local.dropped import why_dropped
from local.errors import CommandError, InputError, tell_problem
from local.extra import require_extra
from local.panel.sentences import Sentences
from local.root import require_clone
from local.screen import count_of
from local.slack.records import Message
from local.slack.text import one_line
from local.slack.workspace import SlackWorkspace
from local.stack.events import EVENTS, Event, SampleEvent, load_all
from local.stack.lookup import CHECK_ACCESS, find_stack, rules_alone
from local.stack.outcome import Outcome, outcomes
from local.stack.place import is_agreed, place_of
from local.stack.settings import CHANNEL, TOKEN, lambda_settings
from local.stack.stack import Stack, StackError
from local.words import language, said
from shared.errors import ConfigurationError

DEMO_SECONDS = 10
_LOG = io.StringIO()  # the handler's logger keeps to the output it first found


def replay(paths: list[Path], stack_name: str = "", *, everything: bool = False, yes: bool = False) -> int:
    """Replay files and folders of events, all of events/ if none is named, through a stack or in this process.

    What goes to a stack is posted to people: that takes files or `everything`, and somebody's agreement, unless `yes`
    or the stack is the demo's. Returns the exit code: what can't be read holds no other back. Raises CommandError if
    none can be replayed.
    """
    if paths and everything:
        raise InputError(
            "FILE (EVENT=…) sends some events, --all (ALL=1) every sample of events/: give one of the two."
        )
    if stack_name and not paths and not everything:
        raise InputError(
            f"Which events is {stack_name} to post to its channel? Name files (EVENT=…), or say --all (ALL=1) for "
            "every sample of events/, the hostile ones, too."
        )
    if not (stack_name and paths):
        require_clone()
    if not stack_name:
        require_extra()
    samples, problems = load_all(paths or [EVENTS])
    for problem in problems:
        tell_problem(problem)
    if not samples:
        return InputError.exit_code
    are_handled = _to_stack(stack_name, samples, yes=yes) if stack_name else _in_process(samples)
    return InputError.exit_code if problems else 0 if are_handled else CommandError.exit_code


def _in_process(samples: list[SampleEvent]) -> bool:
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
    try:
        with lambda_settings(workspace) as aws:
            rules = rules_alone(aws)
            results = [_take(sample, rules, workspace) for sample in samples]  # every one, also after a failure
    except ConfigurationError as error:
        raise InputError(str(error)) from error
    return all(results)


def _take(sample: SampleEvent, rules: Stack, workspace: SlackWorkspace) -> bool:
    """Handle an event if the template's rules match, and say what became of it; whether that went well."""
    try:
        rule = rules.matching_rule(sample.event)
    except StackError as error:
        tell_problem(f"{sample.name}: {error}")
        return False
    if rule is None:
        print(sending_line(sample, rule))
        return True
    return _run(sample, workspace)


def _run(sample: SampleEvent, workspace: SlackWorkspace) -> bool:
    from handlers.alert import lambda_handler  # once the settings are there

    before = versions(workspace)
    start = _LOG.tell()
    error = None
    with redirect_stdout(_LOG):
        try:
            lambda_handler(sample.event, None)
        except Exception as raised:  # noqa: BLE001 - whatever the handler raises is this command's result
            error = raised
    print(headline(sample, outcomes(_LOG.getvalue()[start:].splitlines()), error))
    for message in news(workspace, before):
        print(message_text(message, workspace))
    return error is None


def versions(workspace: SlackWorkspace) -> set[tuple[str, int]]:
    """Every message as it reads now, as something that `news` can tell apart."""
    return {_version(message) for message in workspace.messages}


def news(workspace: SlackWorkspace, before: set[tuple[str, int]]) -> list[Message]:
    """The messages that are new, or read otherwise than in these versions."""
    return [message for message in workspace.messages if _version(message) not in before]


def _version(message: Message) -> tuple[str, int]:
    return message.ts, len(message.history)


def headline(sample: SampleEvent, found: list[Outcome], error: Exception | None = None) -> str:
    """One line on what became of an event."""
    if error is not None:
        return one_line(said(f"✗ {sample.name} failed: {type(error).__name__}: {error}"))
    if not found:
        return one_line(said(f"? {sample.name}: the log tells of no outcome"))
    return one_line(f"{'○' if found[-1].is_silent else '●'} {sample.name} {found[-1]}")


def message_text(message: Message, workspace: SlackWorkspace) -> str:
    """A message as its channel shows it, indented; a reply further in."""
    margin = "      ↳ " if message.thread_ts else "    "
    return textwrap.indent(channel_text(message, workspace, colour=sys.stdout.isatty()), margin, lambda _: True) + "\n"


def _to_stack(name: str, samples: list[SampleEvent], *, yes: bool) -> bool:
    try:
        stack = find_stack(name)
        if not _may_send(stack, len(samples), yes=yes):
            tell_problem("Nothing was sent.")
            return False
        results = [_send(stack, sample) for sample in samples]
    except (BotoCoreError, ClientError) as error:
        raise CommandError(f"{error}\n  {CHECK_ACCESS}") from error
    return all(results)


def _may_send(stack: Stack, count: int, *, yes: bool) -> bool:
    """Say where events would go, and ask whether they may, unless that is the demo's stack or nobody is to be asked."""
    if stack.demo_page:
        return True
    events, where = count_of(count, "event"), place_of(stack).with_channel
    if yes:
        print(said(f"Sending {events} to {where}"))
        return True
    return is_agreed(f"Send {events} to {where}?")


def _send(stack: Stack, sample: SampleEvent) -> bool:
    """Put an event on a stack's queue if its rules match, and say so; whether EventBridge takes it for an event.

    The demo's own Security Hub hears of it, too, so that the next digest lists what the channel tells.
    """
    try:
        rule = stack.send(sample.event)
        if stack.demo_page:
            _tell_demo(stack.demo_page, sample.event)
    except StackError as error:
        tell_problem(f"{sample.name}: {error}")
        return False
    print(sending_line(sample, rule))
    return True


def _tell_demo(page: str, event: Event) -> None:
    """Let the demo's Security Hub hold what an event tells of, if it could. Raises StackError if the demo is gone."""
    body = json.dumps({"event": event}).encode()
    request = Request(f"{page}panel/hear", body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    try:
        # A proxy of this shell knows nothing of this machine's own addresses.
        build_opener(ProxyHandler({})).open(request, timeout=DEMO_SECONDS).close()
    except HTTPError:
        return  # text that no finding of Security Hub could have: its event shows what becomes of it all the same
    except OSError as error:
        raise StackError(f"the demo's Security Hub can't be told of it: {error}") from error


def sending_line(sample: SampleEvent, rule: str | None) -> str:
    """One line on how a stack's rules, of which one or none matches, took an event."""
    if rule:
        return one_line(said(f"→ {sample.name} matches {rule}: sent"))
    return one_line(said(f"○ {sample.name} matches no rule, EventBridge drops it: {dropped(sample.event).why}"))


def dropped(event: Event) -> Outcome:
    """What becomes of an event that no rule matches."""
    return Outcome(event_id=event.get("id"), what="dropped", why=why_dropped(event, Sentences(language())))

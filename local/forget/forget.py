"""Show where a stack has a person's name, and put another word in its place."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from botocore.exceptions import BotoCoreError, ClientError

from local.errors import CommandError, InputError, StoppedError, tell_problem
from local.forget.archive import Archive, ArchiveTrace
from local.forget.ledger import Ledger, LedgerTrace
from local.forget.person import FORGOTTEN, Person
from local.forget.slack_trace import SlackNames, messages
from local.interrupt import uninterrupted
from local.redrive.dead_letter_queue import DeadLetterQueue
from local.slack.text import printable
from local.stack.stack import Stack, StackError, find_stack

MOST_SHOWN = 8  # of the ways in which the person is written, and of the ledger's keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stack's account, Region and parameters."""

    account_id: str
    region: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """All that was found."""

    ledger: list[LedgerTrace]
    archive: list[ArchiveTrace]
    dead_letters: int

    @property
    def can_be_forgotten(self) -> int:
        return len(self.ledger) + len(self.archive)


def forget(text: str, stack_name: str, *, yes: bool = False) -> int:
    """Show the traces and, once somebody has agreed, forget them; `yes` asks nobody.

    Returns the exit code. Raises CommandError; doing so again goes on where it ended.
    """
    if not stack_name.strip():
        raise InputError("Where? Name the stack: make forget STACK=shirase TEXT=…, or --stack shirase")
    person = Person(text)
    try:
        return _run(person, stack_name.strip(), yes=yes)
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"{error}\n  Check your credentials and what they may do with the table, the bucket and the queues, then "
            "type the same again: it goes on where it ended."
        ) from error
    except KeyboardInterrupt as stop:
        raise StoppedError("Stopped. What was forgotten stays so; the same command does the rest.") from stop


def _run(person: Person, stack_name: str, *, yes: bool) -> int:
    stack = find_stack(stack_name)
    place = _place(stack)
    print(f"Looking through the stack {stack.name} in account {place.account_id}, Region {place.region} …", flush=True)
    with TemporaryDirectory(prefix="shirase-") as folder:
        ledger = Ledger(stack.client("dynamodb"), _output(stack, "LedgerTableName"))
        archive = Archive(stack.client("s3"), _output(stack, "ArchiveBucketName"), Path(folder))
        traces = Traces(
            ledger=list(ledger.find(person)),
            archive=list(archive.find(person)),
            dead_letters=_dead_letters(stack, person),
        )
        print(printable(_told(person, place, traces)))
        _tell_what_stays(stack, traces)
        if not traces.can_be_forgotten:
            return 0
        if not yes and not _is_agreed(stack):
            tell_problem("Nothing was changed.")
            return CommandError.exit_code
        return _forget(person, traces, ledger, archive)


def _forget(person: Person, traces: Traces, ledger: Ledger, archive: Archive) -> int:
    now = datetime.now(UTC)
    steps = [
        *(partial(ledger.forget, trace, person, now) for trace in traces.ledger),
        *(partial(archive.forget, trace, person) for trace in traces.archive),
    ]
    problems = [problem for problem in _done(steps) if problem]
    print(f"Forgotten in {len(steps) - len(problems)} of {len(steps)} places.")
    if problems:
        again = "Type the same again in a minute: what is forgotten stays so."
        tell_problem("\n  ".join([f"{len(problems)} could not be changed:", *sorted(set(problems)), again]))
        return CommandError.exit_code
    return 0


def _done(steps: Iterable[Callable[[], str | None]]) -> Iterator[str | None]:
    for step in steps:
        with uninterrupted():
            problem = step()
        yield problem


def _place(stack: Stack) -> Place:
    found = stack.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"][0]
    _, _, _, region, account_id, _ = found["StackId"].split(":", 5)
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}
    return Place(account_id=account_id, region=region, parameters=parameters)


def _output(stack: Stack, name: str) -> str:
    if name not in stack.outputs:
        raise StackError(f"the stack {stack.name} has no output {name}: it is not one of shirase's, or an old one")
    return stack.outputs[name]


def _dead_letters(stack: Stack, person: Person) -> int:
    with DeadLetterQueue(stack).held() as letters:
        return sum(person.is_in([letter.body, letter.reason]) for letter in letters)


def _told(person: Person, place: Place, traces: Traces) -> str:
    if not traces.can_be_forgotten:
        return "The ledger and the archive have no trace of them."
    named = [trace.key for trace in traces.ledger if trace.is_named_so]
    current = [trace for trace in traces.archive if trace.is_current]
    lines = [
        f"Ledger   {_count(len(traces.ledger), 'entry', 'entries')}, of which {len(named)} named after them will go",
        *(f"         {key}" for key in named[:MOST_SHOWN]),
        f"Archive  {_count(len(current), 'object', 'objects')}, and "
        f"{_count(len(traces.archive) - len(current), 'earlier version', 'earlier versions')} that will go",
        "Written  " + ", ".join(f"{text} ({count} ×)" for text, count in person.written.most_common(MOST_SHOWN)),
    ]
    names = SlackNames(place.parameters, place.account_id)
    in_slack = [
        *(f"file {name}" for name in names.files(traces.archive, traces.ledger)),
        *(f"message of {when}" for when in messages(traces.ledger)),
        *(f"digest of {date}, where it tells what has been open longest" for date in names.digests(traces.archive)),
    ]
    if in_slack:
        lines += ["", "Slack has them, too, and its bots can't look for files: note and delete there", *in_slack]
    return "\n".join(lines)


def _tell_what_stays(stack: Stack, traces: Traces) -> None:
    print()
    if traces.dead_letters:
        count = _count(traces.dead_letters, "dead letter has", "dead letters have")
        print(f"{count} them: put back or delete what `shirase redrive --stack {stack.name}` shows, then repeat this.")
    if waiting := sum(stack.queue_counts()):
        print(f"{_count(waiting, 'event waits', 'events wait')} on the alert queue: repeat this once it is empty.")
    print("What Security Hub still says of them comes back: change the tag or the name in AWS first.")
    print("Logs, backups of the ledger and Slack keep what they have for their time: see docs/en/privacy.md.")


def _is_agreed(stack: Stack) -> bool:
    try:
        answer = input(f'\nWrite "{FORGOTTEN}" instead, in {stack.name}, for good? Type yes: ')
    except EOFError as error:
        raise InputError("Nobody can be asked here: add --yes (YES=1).") from error
    return answer.strip().casefold() == "yes"


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"

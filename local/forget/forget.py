"""Show where a stack has a person's name, and put another word in its place."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from botocore.exceptions import BotoCoreError, ClientError

from local.clock import utc_now
from local.errors import CommandError, InputError, StoppedError, tell_problem
from local.forget.archive import Archive
from local.forget.ledger import Ledger
from local.forget.listing import Traces, count_of, listing, looking
from local.forget.person import FORGOTTEN, Person
from local.interrupt import uninterrupted
from local.redrive.dead_letter_queue import DeadLetterQueue
from local.stack.lookup import find_stack
from local.stack.place import is_agreed, place_of
from local.stack.stack import Stack, StackError
from local.words import said

MOST_PROBLEMS_SHOWN = 20


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
    place = place_of(stack)
    print(looking(place), flush=True)
    with TemporaryDirectory(prefix="shirase-") as folder:
        ledger = Ledger(stack.client("dynamodb"), _output(stack, "LedgerTableName"))
        archive = Archive(stack.client("s3"), _output(stack, "ArchiveBucketName"), Path(folder))
        traces = Traces(ledger=list(ledger.find(person)), archive=list(archive.find(person)))
        print(listing(person, place, traces))
        _tell_what_stays(stack, person)
        if not traces:
            return 0
        if not yes and not is_agreed(said(f'Write "{FORGOTTEN}" instead, for good, in {place}?')):
            tell_problem("Nothing was changed.")
            return CommandError.exit_code
        return _forget(person, traces, ledger, archive)


def _forget(person: Person, traces: Traces, ledger: Ledger, archive: Archive) -> int:
    now = utc_now()
    steps = [
        *(partial(ledger.forget, trace, person, now) for trace in traces.ledger),
        *(partial(archive.forget, trace, person) for trace in traces.archive),
    ]
    problems = [problem for problem in _done(steps) if problem]
    print(said(f"Forgotten in {len(steps) - len(problems)} of {len(steps)} places."))
    if problems:
        shown = sorted(set(problems))[:MOST_PROBLEMS_SHOWN]
        again = "Type the same again in a minute: what is forgotten stays so."
        tell_problem("\n  ".join([f"{len(problems)} could not be changed:", *shown, again]))
        return CommandError.exit_code
    return 0


def _done(steps: Iterable[Callable[[], str | None]]) -> Iterator[str | None]:
    for step in steps:
        with uninterrupted():
            problem = step()
        yield problem


def _output(stack: Stack, name: str) -> str:
    if name not in stack.outputs:
        raise StackError(f"the stack {stack.name} has no output {name}: it is not one of shirase's, or an old one")
    return stack.outputs[name]


def _dead_letters(stack: Stack, person: Person) -> int:
    with DeadLetterQueue(stack).held() as letters:
        return sum(person.is_in([letter.body, letter.reason]) for letter in letters)


def _tell_what_stays(stack: Stack, person: Person) -> None:
    print()
    if dead_letters := _dead_letters(stack, person):
        count = count_of(dead_letters, "dead letter has", "dead letters have")
        command = f"`shirase redrive --stack {stack.name}`"
        print(said(f"{count} them: put back or delete what {command} shows, then repeat this."))
    if waiting := sum(stack.queue_counts()):
        count = count_of(waiting, "event waits", "events wait")
        print(said(f"{count} on the alert queue: repeat this once it is empty."))
    print(said("What Security Hub still says of them comes back: change the tag or the name in AWS first."))
    print(said("Logs, backups of the ledger and Slack keep what they have for their time: see docs/en/privacy.md."))

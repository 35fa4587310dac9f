"""Show the dead letters of a stack's alert queue, and put them back on it."""

from collections import Counter

from botocore.exceptions import BotoCoreError, ClientError

from local.errors import CommandError, InputError, StoppedError, tell_problem
from local.redrive.dead_letter import Group, count_of_letters, grouped
from local.redrive.dead_letter_listing import listing, none, short_listing
from local.redrive.dead_letter_queue import HELD_SECONDS, DeadLetterQueue
from local.stack.stack import find_stack

HELD_MINUTES = HELD_SECONDS // 60


def redrive(stack_name: str, reason: str = "", *, everything: bool = False) -> int:
    """Show the letters, by reason; or put back those whose error or reason contains a text, or everything.

    Returns the exit code. Raises CommandError; what was read shows again on any way out.
    """
    if not stack_name.strip():
        raise InputError("Whose dead letters? Name the stack: make redrive STACK=shirase, or --stack shirase")
    if reason.strip() and everything:
        raise InputError("--reason (REASON=…) puts back some, --all (ALL=1) everything: give one of the two.")
    try:
        return _run(stack_name.strip(), reason.strip(), everything=everything)
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"{error}\n  Nothing is lost. Check your credentials and what they may do with both queues, then try again."
            f"\n  Letters that were being read show again within {HELD_MINUTES} minutes."
        ) from error
    except KeyboardInterrupt as stop:
        raise StoppedError("Stopped. What was not put back is still a dead letter.") from stop


def _run(stack_name: str, reason: str, *, everything: bool) -> int:
    queue = DeadLetterQueue(find_stack(stack_name))
    is_fine = _put_back(queue, stack_name, reason) if reason or everything else _show(queue, stack_name)
    if queue.unread:
        print(
            f"\nSQS counts about {queue.unread} more that can't be read now: another reader has or had them, or"
            f"\nthe count is late. Look again in a minute; they show again within {HELD_MINUTES} minutes."
        )
    return 0 if is_fine else CommandError.exit_code


def _show(queue: DeadLetterQueue, stack_name: str) -> bool:
    with queue.held() as letters:
        groups = grouped(letters)
    print(listing(groups, stack_name, queue.retention) if groups else none(stack_name, queue.unread))
    return True


def _put_back(queue: DeadLetterQueue, stack_name: str, reason: str) -> bool:
    """Put back the groups that mention the reason; whether all of their letters were."""
    with queue.held() as letters:
        groups = grouped(letters)
        chosen = [group for group in groups if group.mentions(reason)]
        problems = [problem for group in chosen for problem in _put_back_group(queue, group)]
    if groups and not chosen:
        tell_problem(f"No dead letter has {reason!r} in its error or reason. There are:\n{short_listing(groups)}")
        return False
    if problems:
        _tell(problems)
        return False
    seen = f"\nSee in a minute whether any came back:\n  make redrive STACK={stack_name}"
    print(seen if groups else none(stack_name, queue.unread))
    return True


def _put_back_group(queue: DeadLetterQueue, group: Group) -> list[str]:
    """Put one group back and say how far that went; the problems, one for each letter that had any."""
    problems: list[str] = []
    done = 0
    try:
        for problem in queue.put_back(group.letters):
            done += not problem
            problems += [problem] if problem else []
    finally:
        print(f"Put back {done} of {len(group.letters)}:  {group.cause}")
    return problems


def _tell(problems: list[str]) -> None:
    lines = [f"  {count} × {problem}" for problem, count in Counter(problems).most_common()]
    lines.append("  Remove the cause, then type the same command again: putting back twice does no harm.")
    count = count_of_letters(len(problems))
    tell_problem("\n".join([f"{count} could not be moved, and can be seen as before:", *lines]))

"""Show the dead letters of a stack's alert queue, and put them back on it or delete them."""

from collections import Counter
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from local.errors import CommandError, InputError, StoppedError, tell_problem
from local.redrive.dead_letter import Group, count_of_letters, grouped
from local.redrive.dead_letter_listing import listing, none, short_listing, whole
from local.redrive.dead_letter_queue import HELD_SECONDS, DeadLetterQueue
from local.stack.lookup import find_stack
from local.stack.place import is_agreed
from local.words import said

HELD_MINUTES = HELD_SECONDS // 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which letters are meant, by a text in their reason, by an id, or all of them; and whether to delete them."""

    reason: str = ""
    everything: bool = False
    letter: str = ""
    delete: bool = False
    yes: bool = False

    @property
    def changes_nothing(self) -> bool:
        return not (self.reason or self.everything or self.delete)

    def among(self, groups: list[Group]) -> list[Group]:
        """The groups that are meant, with those of their letters that are."""
        if self.letter:
            return grouped(letter for group in groups for letter in group.letters if letter.id == self.letter)
        return [group for group in groups if group.mentions(self.reason)]


def redrive(stack_name: str, wish: Wish) -> int:
    """Show the letters, by reason, or one of them whole; or put back or delete those that are meant.

    Returns the exit code. Raises CommandError; what was read shows again on any way out.
    """
    if not stack_name.strip():
        raise InputError("Whose dead letters? Name the stack: make redrive STACK=shirase, or --stack shirase")
    if wish.reason and wish.everything:
        raise InputError("--reason (REASON=…) puts back some, --all (ALL=1) everything: give one of the two.")
    if wish.letter and (wish.reason or wish.everything):
        raise InputError("--letter (LETTER=…) means one letter: leave --reason (REASON=…) and --all (ALL=1) out.")
    if wish.delete and not (wish.reason or wish.everything or wish.letter):
        raise InputError("Delete which? Give --reason (REASON=…), --letter (LETTER=…), or --all (ALL=1).")
    try:
        return _run(stack_name.strip(), wish)
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"{error}\n  Nothing is lost. Check your credentials and what they may do with both queues, then try again."
            f"\n  Letters that were being read show again within {HELD_MINUTES} minutes."
        ) from error
    except KeyboardInterrupt as stop:
        if wish.delete:
            raise StoppedError("Stopped. What was not deleted is still a dead letter.") from stop
        raise StoppedError("Stopped. What was not put back is still a dead letter.") from stop


def _run(stack_name: str, wish: Wish) -> int:
    queue = DeadLetterQueue(find_stack(stack_name))
    is_fine = _show(queue, stack_name, wish) if wish.changes_nothing else _move(queue, stack_name, wish)
    if queue.unread:
        print(
            said(
                f"\nSQS counts about {queue.unread} more that can't be read now: another reader has or had them, or"
                f"\nthe count is late. Look again in a minute; they show again within {HELD_MINUTES} minutes."
            )
        )
    return 0 if is_fine else CommandError.exit_code


def _show(queue: DeadLetterQueue, stack_name: str, wish: Wish) -> bool:
    with queue.held() as letters:
        groups = grouped(letters)
    if wish.letter:
        found = [letter for group in wish.among(groups) for letter in group.letters]
        if not found:
            _tell_none_is_meant(wish, groups)
        print(*map(whole, found), sep="\n")
        return bool(found)
    print(listing(groups, stack_name, queue.retention) if groups else none(stack_name, queue.unread))
    return True


def _move(queue: DeadLetterQueue, stack_name: str, wish: Wish) -> bool:
    """Put back or delete the letters that are meant; whether that went well with all of them."""
    with queue.held() as letters:
        groups = grouped(letters)
        chosen = wish.among(groups)
        if chosen and wish.delete and not _may_delete(chosen, stack_name, wish):
            tell_problem("Nothing was deleted.")
            return False
        problems = [problem for group in chosen for problem in _move_group(queue, group, wish)]
    if groups and not chosen:
        _tell_none_is_meant(wish, groups)
        return False
    if problems:
        _tell(problems)
        return False
    if not groups:
        print(none(stack_name, queue.unread))
    elif not wish.delete:
        print(f"\n{said('See in a minute whether any came back:')}\n  make redrive STACK={stack_name}")
    return True


def _may_delete(chosen: list[Group], stack_name: str, wish: Wish) -> bool:
    if wish.yes:
        return True
    count = count_of_letters(sum(len(group.letters) for group in chosen))
    question = said(f"Delete {count} of {stack_name} for good? They are announced to nobody.")
    return is_agreed(f"{short_listing(chosen)}\n{question}")


def _move_group(queue: DeadLetterQueue, group: Group, wish: Wish) -> list[str]:
    """Put one group back, or delete it, and say how far that went; the problems, one for each letter that had any."""
    problems: list[str] = []
    done = 0
    try:
        for problem in queue.delete(group.letters) if wish.delete else queue.put_back(group.letters):
            done += not problem
            problems += [problem] if problem else []
    finally:
        count = len(group.letters)
        told = f"Deleted {done} of {count}" if wish.delete else f"Put back {done} of {count}"
        print(f"{said(told)}:  {said(group.cause)}")
    return problems


def _tell_none_is_meant(wish: Wish, groups: list[Group]) -> None:
    what = (
        said(f"No dead letter has the id {wish.letter!r}. There are:")
        if wish.letter
        else said(f"No dead letter has {wish.reason!r} in its error or reason. There are:")
    )
    tell_problem(f"{what}\n{short_listing(groups) or said('  none')}")


def _tell(problems: list[str]) -> None:
    lines = [f"  {count} × {problem}" for problem, count in Counter(problems).most_common()]
    lines.append("  Remove the cause, then type the same command again: doing so twice does no harm.")
    count = count_of_letters(len(problems))
    tell_problem("\n".join([f"{count} could not be moved, and can be seen as before:", *lines]))

"""Dead letters as a page for whoever the alarm woke: what happened, since when, and which command to type next."""

import json
import re
import shlex
from datetime import datetime, timedelta

from local.redrive.dead_letter import DeadLetter, Group, about, distinctive_text
from local.screen import count_of, folded, padded
from local.slack.text import printable
from local.words import said

LABEL_COLUMNS = 11
MARGIN = " " * (LABEL_COLUMNS + 2)

# What an error means, and when to put its letters back.
ADVICE = {
    "Crash": (
        "The alert function's log has the cause: look for exceptions, `timed out` and ConfigurationError.",
        "once the cause is mended",
    ),
    "EventBridge": (
        "EventBridge could not put the event on the alert queue: someone changed the queue or its policy.",
        "once `make deploy` has restored them",
    ),
    "GivenUpError": (
        "It could not be announced for four days.",
        "once the last failure's cause is gone",
    ),
    "MalformedEventError": (
        "It isn't what AWS sends. A test: delete it. A real event: report it, for shirase has a "
        "fault or AWS a new format. As things are, it would come straight back here.",
        "once a version that can read it is deployed",
    ),
    "MessageRejectedError": (
        "Slack refuses what shirase makes of the event: a fault of shirase, report it. As things are, it would come "
        "straight back here.",
        "once a version without the fault is deployed",
    ),
}
OTHER_ADVICE = ("Nothing more is known.", "once the cause is gone")


def listing(groups: list[Group], stack_name: str, retention: timedelta) -> str:
    """Each group, of which there is one at least, with its meaning and command; the command for all; the time left."""
    total = sum(len(group.letters) for group in groups)
    sections = [_section(group, stack_name, distinctive_text(group, groups)) for group in groups]
    oldest = min(group.letters[0].sent_at for group in groups)
    return "\n\n".join(
        [
            said(f"{count_of(total, 'dead letter')} of the alert queue of {stack_name}"),
            *sections,
            f"{said('To put back all of them:')}\n  make redrive STACK={stack_name} ALL=1",
            said("To delete letters for good instead, add DELETE=1 to one of these commands."),
            said("Putting back too much does no harm: what was announced already is not announced again.")
            + "\n"
            + said(f"SQS drops letters that stay here, the oldest on {_time(oldest + retention)}."),
        ]
    )


def none(stack_name: str, unread: int) -> str:
    """What to say where there is no group: whether there are no letters at all, or none that could be read."""
    if unread:
        return said(f"The alert queue of {stack_name} has no dead letters that can be read now.")
    return said(f"The alert queue of {stack_name} has no dead letters.")


def short_listing(groups: list[Group]) -> str:
    """One line a group."""
    return "\n".join(f"  {len(group.letters)} × {said(group.cause)}" for group in groups)


def whole(letter: DeadLetter) -> str:
    """One letter with all that it holds, laid out if that is JSON; what it quotes does nothing to a terminal."""
    try:
        body = json.dumps(json.loads(letter.body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        body = letter.body
    head = {"Id": letter.id, "Since": _time(letter.sent_at), "Reason": said(f"{letter.error}: {letter.reason}")}
    lines = [f"{padded(said(label), LABEL_COLUMNS)}{text}" for label, text in head.items()]
    return "\n".join([*lines, "", *map(printable, body.splitlines())])


def _section(group: Group, stack_name: str, reason: str) -> str:
    meaning, when = ADVICE.get(group.error.partition(" ")[0], OTHER_ADVICE)
    oldest, newest = group.letters[0], group.letters[-1]
    since, last = _time(oldest.sent_at), _time(newest.sent_at)
    return "\n".join(
        [
            f"{len(group.letters)} × {group.error}",
            _field("Reason", said(group.reason)),
            _field("Since", since if since == last else said(f"{since}, the last one {last}")),
            _field("Example" if newest is not oldest else "About", about(newest)),
            MARGIN + f"make redrive STACK={stack_name} LETTER={newest.id}",
            _field("Meaning", said(meaning)),
            _field("Put back", f"{said(when)}:"),
            MARGIN + _command(stack_name, reason),
        ]
    )


def _field(label: str, text: str) -> str:
    return folded(f"  {padded(said(label), LABEL_COLUMNS)}", text, MARGIN)


def _command(stack_name: str, reason: str) -> str:
    is_plain = not re.search(r'["$`\\!]', reason)
    quoted = f'"{reason}"' if "'" in reason and is_plain else shlex.quote(reason)
    return f"make redrive STACK={stack_name} REASON={quoted.replace('$', '$$')}"  # make takes a single $ for itself


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"

"""What was found of a person, as a page for whoever decides what becomes of it."""

from dataclasses import dataclass

from rich.cells import cell_len

from local.forget.archive import ArchiveTrace
from local.forget.ledger import LedgerTrace
from local.forget.person import Person
from local.forget.slack_trace import SlackNames, messages
from local.screen import padded
from local.slack.text import printable
from local.stack.place import Place
from local.words import said

LABELS = ("Ledger", "Archive", "Written")
MOST_SHOWN = 8  # of the ways in which the person is written, and of the ledger's keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What was found in the ledger and in the archive."""

    ledger: list[LedgerTrace]
    archive: list[ArchiveTrace]

    def __len__(self) -> int:
        return len(self.ledger) + len(self.archive)


def looking(place: Place) -> str:
    """What to say before."""
    return said(f"Looking through {place} …")


def listing(person: Person, place: Place, traces: Traces) -> str:
    """Where the person was found, how they are written there, and what Slack has of them."""
    if not traces:
        return said("The ledger and the archive have no trace of them.")
    named = [trace.key for trace in traces.ledger if trace.is_named_so]
    earlier = sum(not trace.is_current for trace in traces.archive)
    written = (f"{text} ({count} ×)" for text, count in person.written.most_common(MOST_SHOWN))
    lines = [
        _labelled("Ledger")
        + _with_what_goes(count_of(len(traces.ledger), "entry", "entries"), named and _named(named)),
        *(f"{_labelled('')}{key}" for key in named[:MOST_SHOWN]),
        _labelled("Archive")
        + _with_what_goes(
            count_of(len(traces.archive) - earlier, "object", "objects"),
            earlier and count_of(earlier, "earlier version", "earlier versions"),
        ),
        f"{_labelled('Written')}{', '.join(written)}",
        *_in_slack(SlackNames(place.parameters, place.account_id), traces),
    ]
    return printable("\n".join(lines))


def count_of(count: int, one: str, many: str) -> str:
    """How many there are, as a reader would say it."""
    return said(f"{count} {one if count == 1 else many}")


def _labelled(label: str) -> str:
    return padded(said(label), max(cell_len(said(each)) for each in LABELS) + 2)


def _named(keys: list[str]) -> str:
    return said(f"{len(keys)} of them named after the person")


def _with_what_goes(what_stays: str, what_goes: object) -> str:
    return said(f"{what_stays}, {what_goes}, which will go") if what_goes else what_stays


def _in_slack(names: SlackNames, traces: Traces) -> list[str]:
    found = [
        *(said(f"file {name}") for name in names.files(traces.archive, traces.ledger)),
        *(said(f"message of {when}") for when in messages(traces.ledger)),
        *(
            said(f"digest of {date}, where it tells what has been open longest")
            for date in names.digests(traces.archive)
        ),
    ]
    heading = said("Slack has them, too. The app can't look for these there: note them, and delete them yourself")
    return ["", heading, *found] if found else []

"""What a digest says of routes: what their exceptions accept, what they drop, and owners whom nobody knows."""

from collections.abc import Iterator

from shared.digest.summary import AcceptedCount, Summary, UnknownOwner
from shared.view.ranking import more
from shared.view.rich_text import Element, brief, fact, plain
from shared.view.wording import Wording

MAX_EXCEPTIONS = 10
MAX_UNKNOWN_OWNERS = 10
MAX_CONDITION_CHARACTERS = 120
MAX_REASON_CHARACTERS = 150
MAX_OWNER_CHARACTERS = 64


def accepted_blocks(summary: Summary, wording: Wording) -> list[Element]:
    """Each exception, how many violations it accepts, why and until when; those with the most first."""
    if not summary.accepted:
        return []
    left = len(summary.accepted) - MAX_EXCEPTIONS
    lines = [_accepted(one, wording) for one in summary.accepted[:MAX_EXCEPTIONS]]
    lines += [[plain(rest)] for rest in more(left, wording)]
    items = [{"type": "rich_text_section", "elements": line} for line in lines]
    label = {"type": "rich_text_section", "elements": [plain(_accepted_label(summary, wording), bold=True)]}
    return [
        {"type": "rich_text", "elements": [label, {"type": "rich_text_list", "style": "bullet", "elements": items}]}
    ]


def unknown_owners_line(summary: Summary, wording: Wording) -> Iterator[list[Element]]:
    """Whom nobody knows, and how many violations name each."""
    if summary.unknown_owners:
        yield fact(_unknown_label(summary, wording), plain("  ·  ".join(_unknown_owners(summary, wording))))


def exemption_sentences(summary: Summary, wording: Wording) -> Iterator[str]:
    """The same for a notification."""
    if summary.accepted:
        what = ", ".join(brief(one.exemption.what, MAX_CONDITION_CHARACTERS) for one in summary.accepted[:3])
        yield wording.labelled.format(label=_accepted_label(summary, wording), text=what)
    if summary.dropped:
        yield wording.labelled.format(label=wording.digest_dropped, text=f"{summary.dropped:,}")
    if summary.unknown_owners:
        owners = ", ".join(_unknown_owners(summary, wording))
        yield wording.labelled.format(label=_unknown_label(summary, wording), text=owners)


def _accepted(one: AcceptedCount, wording: Wording) -> list[Element]:
    reason = brief(one.exemption.reason, MAX_REASON_CHARACTERS)
    sentence = wording.digest_accepted_one.format(count=f"{one.count:,}", until=one.exemption.until, reason=reason)
    return [plain(brief(one.exemption.what, MAX_CONDITION_CHARACTERS), bold=True), plain(f"  {sentence}")]


def _accepted_label(summary: Summary, wording: Wording) -> str:
    return wording.digest_accepted.format(count=f"{summary.accepted_total:,}")


def _unknown_label(summary: Summary, wording: Wording) -> str:
    return wording.digest_unknown_owners.format(count=f"{summary.unknown_owner_count:,}")


def _unknown_owners(summary: Summary, wording: Wording) -> list[str]:
    shown = [_unknown_owner(one) for one in summary.unknown_owners[:MAX_UNKNOWN_OWNERS]]
    return [*shown, *more(summary.unknown_owner_count - len(shown), wording)]


def _unknown_owner(one: UnknownOwner) -> str:
    return f"{brief(one.name, MAX_OWNER_CHARACTERS)} {one.count:,}"

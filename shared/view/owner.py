"""Whose a violation is, and who is mentioned, as Slack shows it.

Names stand in rich text, which shows them as they are. A mention rings whom it names only in a new message's blocks or
text; edits ring nobody (Slack documentation, "Formatting message text"; "chat.update method").
"""

from collections.abc import Iterator, Sequence

from shared.policy.owner import KnownOwner, Mention, MentionKind, Ownership, Ring, is_email
from shared.view.rich_text import Element, brief, fact, plain
from shared.view.wording import Wording

MAX_NAME_CHARACTERS = 100
MAX_NAMES_SHOWN = 5


def owner_fact(ownership: Ownership, wording: Wording) -> Iterator[list[Element]]:
    """Who looks after it, and what else was named in vain; nothing where nobody was."""
    known = [_known(owner, wording) for owner in ownership.owners]
    unknown = [_unknown(name, wording) for name in ownership.unknown]
    if names := [*known, *unknown]:
        yield fact(wording.owner, plain("  ·  ".join(_listed(names, wording))))


def owner_words(ownership: Ownership, wording: Wording) -> str:
    """The owners by name as a short sentence, apart from what stands before it; empty if there are none."""
    names = _listed([_brief(name) for name in ownership.names], wording)
    return f" · {wording.labelled.format(label=wording.owner, text=', '.join(names))}" if names else ""


def mention_elements(mentions: Sequence[Mention]) -> Iterator[Element]:
    """What follows a heading to ring somebody."""
    for mention in mentions:
        yield from (plain("  "), _element(mention))


def mention_text(mentions: Sequence[Mention]) -> str:
    """The same in mrkdwn, each after a space."""
    return "".join(f" {written(_element(mention))}" for mention in mentions)


def written(element: Element) -> str:
    """The element of a mention in mrkdwn."""
    if element["type"] == "usergroup":
        return f"<!subteam^{element['usergroup_id']}>"
    return f"<@{element['user_id']}>" if element["type"] == "user" else f"<!{element['range']}>"


def _element(mention: Mention) -> Element:
    if mention.kind is MentionKind.GROUP:
        return {"type": "usergroup", "usergroup_id": mention.id}
    if mention.kind is MentionKind.USER:
        return {"type": "user", "user_id": mention.id}
    return {"type": "broadcast", "range": mention.kind.value}


def _listed(names: list[str], wording: Wording) -> list[str]:
    more = len(names) - MAX_NAMES_SHOWN
    return [*names[:MAX_NAMES_SHOWN], *([wording.more.format(count=more)] if more > 0 else [])]


def _known(known: KnownOwner, wording: Wording) -> str:
    name = _brief(known.owner.name)
    return wording.owner_not_in_slack.format(name=name) if known.ring is Ring.UNKNOWN else name


def _unknown(name: str, wording: Wording) -> str:
    sentence = wording.owner_not_in_slack if is_email(name) else wording.owner_unknown
    return sentence.format(name=_brief(name))


def _brief(name: str) -> str:
    return brief(name, MAX_NAME_CHARACTERS)

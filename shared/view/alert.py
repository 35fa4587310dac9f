"""Violations as Slack messages: plain dicts, ready for chat.postMessage.

Texts from AWS stand in rich text elements, which Slack shows as they are. Where mrkdwn can't be avoided (notifications,
replies) they are escaped. Limits: Slack documentation, "Block Kit blocks", "chat.postMessage".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.alert.entry import Closing, Entry
from shared.finding.violation import Resource, Severity, State, Violation
from shared.policy.owner import Mention, Ownership
from shared.view.console import finding_url, resource_url
from shared.view.owner import mention_elements, mention_text, owner_fact, owner_words
from shared.view.rich_text import (
    MAX_NOTIFICATION_CHARACTERS,
    Element,
    Payload,
    aside,
    code,
    emoji,
    escape,
    fact,
    facts,
    link,
    link_or_text,
    one_line,
    plain,
    rich_text,
    shorten,
    timestamp,
)
from shared.view.severity import EMOJI
from shared.view.wording import Wording

MAX_TITLE_CHARACTERS = 500  # ASFF allows 256
MAX_REASON_CHARACTERS = 1000
MAX_NOTE_CHARACTERS = 512  # as many as ASFF allows
MAX_ID_CHARACTERS = 600  # ASFF allows 512
MAX_RESOURCES_SHOWN = 3
MAX_STANDARDS_SHOWN = 12
NOBODY = Ownership()
CLOSED_EMOJI = {
    State.PASSED: "white_check_mark",
    State.ARCHIVED: "file_cabinet",
    State.SUPPRESSED: "no_bell",
    State.RESOLVED: "ballot_box_with_check",
    State.VANISHED: "grey_question",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """That a violation is back: how often so far, and where it was announced before (None if that message is gone)."""

    times: int
    earlier_message_url: str | None


def render_alert(
    violation: Violation,
    wording: Wording,
    environment_name: str = "",
    recurrence: Recurrence | None = None,
    *,
    ownership: Ownership = NOBODY,
    mentions: Sequence[Mention] = (),
) -> Payload:
    """The message that announces a violation, for the first time or again: {"text", "blocks"}. `mentions` are those who
    are rung by it, whoever the owners are."""
    sentence = wording.notification_reopened if recurrence else wording.notification
    word = f"{violation.severity.name} · {wording.reopened}" if recurrence else violation.severity.name
    told = rich_text(
        [*_heading(EMOJI[violation.severity], word, violation.title), *mention_elements(mentions)],
        *_recurrence(recurrence, wording),
        *_lowered(violation, wording),
        *_facts(violation, ownership, wording),
    )
    standards = ", ".join(violation.standards[:MAX_STANDARDS_SHOWN])
    return {
        "text": _notification(sentence, violation, violation.severity, wording, whose=owner_words(ownership, wording)),
        "blocks": [
            told,
            *aside(
                f"{wording.standards}: {standards}" if standards else "",
                f"{wording.environment}: {environment_name}" if environment_name else "",
            ),
        ],
    }


def render_closed(violation: Violation, entry: Entry, wording: Wording, environment_name: str = "") -> Payload:
    """What the announcement becomes once the violation is gone, as the finding that closed it tells: struck through,
    and quiet."""
    closing = _closing(entry)
    heading = _heading(
        CLOSED_EMOJI[closing.state],
        f"{wording.closed_words[closing.state]} · {entry.severity.name}",
        violation.title,
        struck=True,
    )
    before, between, after = re.split(r"\{start\}|\{end\}", wording.closed_times[closing.state])
    end = [
        plain(f"{wording.closed_reasons[closing.state]}  {before}"),
        timestamp(entry.episode_started_at),
        plain(between),
        timestamp(closing.at),
        plain(f"{after}  {wording.bracketed.format(text=_duration(entry, wording))}  ·  "),
        link(finding_url(violation), wording.open_finding),
    ]
    names = [
        shorten(wording.name_of(resource.name), MAX_ID_CHARACTERS)
        for resource in violation.resources[:MAX_RESOURCES_SHOWN]
    ]
    place = (violation.control_id, ", ".join(names), _account(violation), violation.region, environment_name)
    return {
        "text": _notification(
            wording.notification_closed, violation, entry.severity, wording, wording.closed_words[closing.state]
        ),
        "blocks": [rich_text(heading, end, *_note(violation, wording)), *aside(*place)],
    }


def closing_sentence(violation: Violation, entry: Entry, wording: Wording) -> str:
    """The one reply in the thread of a message whose violation is gone, in mrkdwn."""
    closing = _closing(entry)
    return wording.closing_reply.format(
        emoji=f":{CLOSED_EMOJI[closing.state]}:",
        word=wording.closed_words[closing.state],
        reason=wording.closed_reasons[closing.state],
        duration=_duration(entry, wording),
    )


def flapping_sentence(entry: Entry, wording: Wording) -> str:
    """The reply in the thread of a message whose violation comes and goes, and is back again, in mrkdwn."""
    return wording.flapping_reply.format(count=entry.announcements - 1)


def raised_sentence(before: Severity, now: Severity, wording: Wording, mentions: Sequence[Mention] = ()) -> str:
    """The reply in the thread of a message whose violation is rated higher by now, in mrkdwn, and who is rung by it."""
    told = wording.raised_reply.format(emoji=f":{EMOJI[now]}:", before=before.name, now=now.name)
    return told + mention_text(mentions)


def render_pointer(violation: Violation, url: str, wording: Wording) -> Payload:
    """One line for a channel besides the one that a violation is announced in: what it is, and where its message is."""
    heading = _heading(EMOJI[violation.severity], violation.severity.name, violation.title)
    return {
        "text": _notification(wording.notification, violation, violation.severity, wording),
        "blocks": [rich_text([*heading, plain("  ·  "), link(url, wording.open_message)])],
    }


def render_redirected(shown: Payload, channel: str, reason: str, wording: Wording) -> Payload:
    """A whole message below a line that says which channel refuses it, and why, by the name of Slack's error."""
    why = wording.channel_refusals.get(reason, wording.channel_refusal_unknown)
    return _below(wording.redirected.format(channel=channel, why=why, reason=reason), shown)


def render_standing_in(shown: Payload, channel: str, wording: Wording) -> Payload:
    """The same later, when nobody knows whether that channel would take it by now."""
    return _below(wording.standing_in.format(channel=channel), shown)


def _below(sentence: str, shown: Payload) -> Payload:
    if not shown.get("blocks"):
        return {"text": f":warning: {sentence} {shown['text']}"}
    return shown | {"blocks": [rich_text([emoji("warning"), plain(f" {sentence}")]), *shown["blocks"]]}


def render_rerated(shown: Payload, sentence: str) -> Payload:
    """A whole message, as it is shown with another severity, below the sentence that tells of that: for where it can't
    be changed, or its thread not be answered."""
    told = {"type": "section", "text": {"type": "mrkdwn", "text": sentence}}
    return shown | {"text": f"{sentence} {shown['text']}", "blocks": [told, *shown["blocks"]]}


def _closing(entry: Entry) -> Closing:
    if entry.closing is None:
        raise ValueError("an open violation has no closing to tell of")
    return entry.closing


def _duration(entry: Entry, wording: Wording) -> str:
    return wording.duration(max(_closing(entry).at - entry.episode_started_at, timedelta(0)))


def _note(violation: Violation, wording: Wording) -> Iterator[list[Element]]:
    """What somebody wrote who closed it by hand."""
    if violation.note and violation.state is not State.PASSED:
        yield fact(wording.note, plain(shorten(one_line(violation.note), MAX_NOTE_CHARACTERS)))


def _notification(
    sentence: str, violation: Violation, severity: Severity, wording: Wording, word: str = "", whose: str = ""
) -> str:
    text = sentence.format(
        severity=severity.name,
        resource=wording.name_of(violation.resource.name),
        account=violation.account_name or violation.account_id,
        control=violation.control_id,
        title=violation.title,
        word=word,
    )
    return escape(shorten(one_line(text), MAX_NOTIFICATION_CHARACTERS - len(whose)) + whose)


def _heading(symbol: str, word: str, title: str, *, struck: bool = False) -> list[Element]:
    style = {"bold": True, "strike": True} if struck else {"bold": True}
    return [
        emoji(symbol),
        plain(f" {word}  ", bold=True),
        {"type": "text", "text": shorten(one_line(title), MAX_TITLE_CHARACTERS), "style": style},
    ]


def _recurrence(recurrence: Recurrence | None, wording: Wording) -> Iterator[list[Element]]:
    if recurrence:
        times = wording.times_one if recurrence.times == 1 else wording.times.format(count=recurrence.times)
        url = recurrence.earlier_message_url
        earlier = [plain("  ·  "), link(url, wording.earlier_message)] if url else []
        yield fact(wording.reopened, plain(times), *earlier)


def _lowered(violation: Violation, wording: Wording) -> Iterator[list[Element]]:
    if violation.lowered_from:
        yield fact(wording.lowered, plain(wording.lowered_from.format(severity=violation.lowered_from.name)))


def _facts(violation: Violation, ownership: Ownership, wording: Wording) -> Iterator[list[Element]]:
    yield facts(
        fact(wording.control, link_or_text(violation.remediation_url, violation.control_id)),
        fact(wording.open_since, timestamp(violation.episode_started_at)),
    )
    yield fact(wording.resource, *_resources(violation.resources, wording))
    yield facts(
        fact(wording.account, plain(_account(violation))),
        fact(wording.region, plain(violation.region)),
    )
    yield from owner_fact(ownership, wording)
    if violation.reason:
        yield fact(wording.reason, plain(shorten(violation.reason, MAX_REASON_CHARACTERS)))
    yield list(_links(violation, wording))


def _resources(resources: tuple[Resource, ...], wording: Wording) -> Iterator[Element]:
    for position, resource in enumerate(resources[:MAX_RESOURCES_SHOWN]):
        yield plain(("\n" if position else "") + shorten(wording.name_of(resource.name), MAX_ID_CHARACTERS))
        if resource.name != resource.id:
            yield from (plain("\n"), code(shorten(resource.id, MAX_ID_CHARACTERS)))
    if len(resources) > MAX_RESOURCES_SHOWN:
        yield plain("\n" + wording.more_resources.format(count=len(resources) - MAX_RESOURCES_SHOWN))


def _account(violation: Violation) -> str:
    if violation.account_name:
        return f"{violation.account_name} ({violation.account_id})"
    return violation.account_id


def _links(violation: Violation, wording: Wording) -> Iterator[Element]:
    # A violation that is only foreseen has no finding to open.
    addresses = (
        (violation.remediation_url, wording.how_to_fix),
        (finding_url(violation) if violation.finding_id else None, wording.open_finding),
        (resource_url(violation), wording.open_resource),
    )
    links = [link(url, words) for url, words in addresses if url]
    for position, one in enumerate(links):
        yield from (plain("  ·  "), one) if position else (one,)

"""What routes say about one violation, and why, as a person reads it."""

import re
from collections.abc import Iterable
from datetime import date

from rich.cells import cell_len, set_cell_size

from local.routes.directory_file import Directory
from local.routes.yaml_file import RoutesFile
from local.words import said
from shared.finding.violation import State, Violation
from shared.policy.owner import KnownOwner, Mention, Ownership, Ring, SourceKind
from shared.policy.route import Destination, Silence
from shared.policy.selection import Policy, Rejection
from shared.text import excerpt

_SOURCES = {
    SourceKind.TAG: '{names}, named by the tag "{key}"',
    SourceKind.ACCOUNT_TAG: '{names}, named by the account\'s tag "{key}"',
    SourceKind.ACCOUNT: "{names}, named for the account {key}",
    SourceKind.DEFAULT: "{names}, named by default",
}
_COMMENT = re.compile(r"\s# .*")
_NOT_RUNG = {
    Ring.NOBODY: "the routes name nobody to mention for {name}",
    Ring.BOT: "{name} is a bot",
    Ring.UNKNOWN: "Slack knows nobody by the address of {name}",
    Ring.UNAVAILABLE: "{name} is looked up in Slack only when the routes are in use",
}


def trial(file: RoutesFile, violation: Violation, settings: Policy, directory: Directory, today: date) -> list[str]:
    """The lines that say what becomes of a violation by these routes."""
    account = directory.account_of(violation.account_id)
    destination = file.routes.destination(violation, account, directory.find_person)
    rows = explanation(file, violation, destination, settings, directory, today)
    width = max(cell_len(said(name)) for name in ("mentioned", *dict(rows)))
    heading = f"{violation.control_id} {violation.severity.name}, {violation.account_id}, {violation.region}"
    lines = (f"  {set_cell_size(said(name), width)}  {text}" for name, text in rows)
    return [f"{heading}: {excerpt(violation.resource.id)}", *lines]


def explanation(
    file: RoutesFile,
    violation: Violation,
    destination: Destination,
    settings: Policy,
    directory: Directory,
    today: date,
) -> list[tuple[str, str]]:
    """Why a violation goes where it goes: pairs of what is told, to be said by whoever shows it, and the text."""
    refusal = _refusal(file, violation, settings, today)
    mentioned = () if refusal else _mentioned(file, violation, destination)
    rows = [
        ("told", refusal or said("yes, if it is new")),
        *(("owner", line) for line in _owner(destination.ownership)),
        ("line", _line(file, destination)),
        ("channel", _channel(destination)),
        *(("also", channel) for channel in destination.also),
        *(("mentioned", line) for line in mentioned),
    ]
    if file.routes.asks_organization and not directory.is_known:
        rows.append(
            ("", said("Tags and organizational units of accounts are asked for only when the routes are in use."))
        )
    return rows


def _refusal(file: RoutesFile, violation: Violation, settings: Policy, today: date) -> str | None:
    """Why a violation isn't announced, whatever channel it has."""
    if violation.state is not State.OPEN:
        return said(f"no: its finding is not open ({violation.state})")
    policy = file.routes.policy(settings, today)
    rejection = policy.rejection(violation)
    if rejection is Rejection.CONTROL:
        return said(f"no: {excerpt(', '.join(policy.target_control_ids))} is asked for")
    if rejection is Rejection.SEVERITY:
        return said(f"no: {policy.min_severity.name} and higher are asked for")
    if acceptance := policy.acceptance_of(violation):
        return said(f"no: accepted until {acceptance.until}: {excerpt(acceptance.reason)}")
    return None


def _owner(ownership: Ownership) -> Iterable[str]:
    if ownership.source:
        names = ", ".join(map(excerpt, ownership.names))
        yield said(_SOURCES[ownership.source].format(names=names, key=excerpt(ownership.key)))
    else:
        yield said("nobody")
    if ownership.unknown:
        yield said(f"the tag names nobody known: {excerpt(', '.join(ownership.unknown))}")


def _line(file: RoutesFile, destination: Destination) -> str:
    if destination.line is None:
        return said(f"none matches: {file.name}:{file.parsed.line(('default',))}, default")
    number = file.parsed.line(("routes", destination.line))
    text = _COMMENT.sub("", file.text.splitlines()[number - 1]).strip().removeprefix("- ")
    return f"{file.name}:{number}, routes[{destination.line}]: {excerpt(text)}"


def _channel(destination: Destination) -> str:
    if destination.channel is None:
        return said(f"none, dropped: {excerpt(destination.reason)}")
    return destination.channel


def _mentioned(file: RoutesFile, violation: Violation, destination: Destination) -> Iterable[str]:
    if destination.channel is None:
        return
    owners = destination.ownership.owners
    if destination.silence is Silence.BELOW:
        yield said(f"nobody: {violation.severity.name} is below mention.min_severity")
    elif destination.silence is Silence.NOT_ASKED:
        yield said("nobody: none is asked for")
    elif destination.silence is Silence.NOBODY:
        yield said("nobody")
    for mention in destination.mentions:
        yield _mention(mention, owners)
    if destination.silence in {None, Silence.NOBODY}:
        for known in owners:
            if known.ring is not Ring.RUNG:
                yield said(f"{_NOT_RUNG[known.ring].format(name=excerpt(known.owner.name))}")


def _mention(mention: Mention, owners: Iterable[KnownOwner]) -> str:
    if not mention.id:
        return f"@{mention.kind}"
    name = next((known.owner.name for known in owners if known.mention == mention), "")
    return f"@{excerpt(name)} ({mention.id})" if name else f"@{mention.id}"

"""The file of the routes, in which a team says what it wants, whose it is and where it goes: read whole, or refused.

It is written as YAML and put into use as JSON; this reads what either gives.
"""

import re
from collections.abc import Callable
from datetime import date

from shared.finding.tag import OWNER_TAGS
from shared.finding.violation import Severity
from shared.policy.condition import Condition, Patterns
from shared.policy.coverage import Reach, severities
from shared.policy.document import Node, path_text
from shared.policy.owner import Owner, Source, SourceKind
from shared.policy.route import OWNER, MentionRule, Route, Routing
from shared.policy.route_value import (
    PatternCount,
    optional,
    read_account,
    read_channel,
    read_channel_or_owner,
    read_control,
    read_day,
    read_email,
    read_group,
    read_mention,
    read_patterns,
    read_region,
    read_severity,
    read_unit,
    read_user,
    some,
)
from shared.policy.routes import Routes
from shared.policy.selection import Acceptance

VERSION = 1
SOURCE = "source"  # the YAML text that the JSON in use was made of, for a person to read again
MAX_FILE_BYTES = 1_000_000
MAX_OBJECT_BYTES = 4_000_000  # the JSON, with the YAML text
MAX_ROUTES = 200
MAX_OWNERS = 2_000
MAX_ACCOUNTS = 5_000
MAX_EXCEPTIONS = 1_000
MAX_PATTERNS = 5_000  # of all routes together, and of all exceptions
MAX_SOURCES = 20
MAX_TAG_KEYS = 20
MAX_MENTIONS = 20
MAX_CHANNELS_BESIDE = 5
MAX_TAG_VALUE_CHARACTERS = 256  # AWS takes no more
MAX_RESOURCE_CHARACTERS = 2_048
DEFAULT_MENTION = MentionRule(min_severity=Severity.HIGH, most=3)

PARTS = ("version", "owners", "find_owner", "routes", "select", "exceptions", "default", "mention", "digest")
_MATCHED = ("control", "severity", "min_severity", "account", "region", "ou", "resource", "tag", "account_tag", "owner")
_ACCEPTED = ("control", "account", "region", "resource", "tag")
_RESULTS = ("channel", "drop", "reason", "mention", "also")

_ACCOUNT_ID = re.compile(r"[0-9]{12}")


def parse_routes(document: object) -> Routes:
    """The routes that a document, as JSON or YAML gives it, holds. Raises RoutesError with every problem."""
    file = Node(document)
    routes = _routes_of(file)
    file.check()
    return routes


def _routes_of(file: Node) -> Routes:
    file.fields(PARTS, "no part of the file", own=(SOURCE,))
    if isinstance(file.value, dict):
        _version(file.child("version"))
        if source := file.child(SOURCE):
            source.text(MAX_FILE_BYTES)
    owners = _owners(file.child("owners"))
    names = {owner.name.casefold(): owner.name for owner in owners}
    select = file.child("select")
    select.fields(("controls", "min_severity"), "nothing to select by")
    digest = file.child("digest")
    digest.fields(("channels",), "nothing that a digest can do")
    by_channel = digest.child("channels")
    return Routes(
        owners=owners,
        sources=_sources(file.child("find_owner"), names),
        routing=Routing(
            routes=_routes(file.child("routes"), names),
            default_channel=_default_channel(file),
            mention=_mention_rule(file.child("mention")),
        ),
        controls=read_patterns(select.child("controls"), read_control, MAX_PATTERNS),
        min_severity=optional(select.child("min_severity"), read_severity),
        acceptances=_acceptances(file.child("exceptions")),
        digests_by_channel=bool(by_channel) and by_channel.flag(),
    )


def _version(version: Node) -> None:
    if not version:
        version.tell(f"is missing: write version: {VERSION}")
    elif version.value != VERSION or isinstance(version.value, bool):
        version.refuse(f"write {VERSION}, the only one there is")


def _default_channel(file: Node) -> str:
    default = file.child("default")
    default.fields(("channel",), "nothing that the default can have")
    channel = default.child("channel")
    if channel:
        return read_channel(channel)
    if isinstance(file.value, dict) and (not default or isinstance(default.value, dict)):
        channel.tell("is missing: what no route matches needs a place")
    return ""


def _mention_rule(rule: Node) -> MentionRule:
    rule.fields(("min_severity", "most"), "no rule for mentions")
    min_severity, most = rule.child("min_severity"), rule.child("most")
    return MentionRule(
        min_severity=read_severity(min_severity) if min_severity else DEFAULT_MENTION.min_severity,
        most=most.number(MAX_MENTIONS) if most else DEFAULT_MENTION.most,
    )


def _owners(owners: Node) -> tuple[Owner, ...]:
    entries = owners.entries()
    if len(entries) > MAX_OWNERS:
        owners.tell(f"has {len(entries)} entries: {MAX_OWNERS} are the most")
        return ()
    found = [_owner(entry) for entry in entries]
    _tell_repeated(entries, [owner.name.casefold() for owner in found])
    _tell_repeated([entry.child("email") for entry in entries], [(owner.email or "").casefold() for owner in found])
    return tuple(found)


def _owner(entry: Node) -> Owner:
    name = entry.key()
    if any(mark in name for mark in ",;<>*") or name.casefold() == OWNER:
        entry.tell(f"can't be an owner's name: it is \"{OWNER}\", or has one of , ; < > *")
    before = entry.count
    entry.fields(("group", "user", "email", "channel"), "nothing that an owner has")
    parts = [entry.child(part) for part in ("group", "user", "email", "channel")]
    if entry.count == before and not any(parts):
        entry.tell("names nobody: give it a group, a user, an email or a channel")
    group, user, email, channel = parts
    if group and user:
        user.tell("stands beside a group, which alone would be mentioned: leave one of the two out")
    return Owner(
        name=name,
        group=optional(group, read_group),
        user=optional(user, read_user),
        email=optional(email, read_email),
        channel=optional(channel, read_channel),
    )


def _tell_repeated(entries: list[Node], values: list[str]) -> None:
    first: dict[str, Node] = {}
    for entry, value in zip(entries, values, strict=True):
        if value and first.setdefault(value, entry) is not entry:
            entry.tell(f"is the same as {path_text(first[value].path)}: case doesn't matter")


def _sources(sources: Node, names: dict[str, str]) -> tuple[Source, ...]:
    if not sources:
        return (Source(kind=SourceKind.TAG, keys=OWNER_TAGS),)
    found: list[Source] = []
    for entry in sources.listed(MAX_SOURCES):
        if found and found[-1].kind is SourceKind.DEFAULT:
            entry.tell("is never asked: the default before it always names somebody")
            break
        before = entry.count
        entry.fields(tuple(SourceKind), "no place to look for an owner")
        asked = [kind for kind in SourceKind if entry.child(kind)]
        if len(asked) == 1:
            found.append(_source(asked[0], entry.child(asked[0]), names))
        elif entry.count == before:
            entry.tell(f"asks {len(asked)} places: write one of {', '.join(SourceKind)} in each entry of the list")
    return tuple(found)


def _source(kind: SourceKind, value: Node, names: dict[str, str]) -> Source:
    if kind is SourceKind.DEFAULT:
        return Source(kind=kind, owner=_owner_name(value, names))
    if kind is SourceKind.ACCOUNT:
        entries = value.entries()
        if len(entries) > MAX_ACCOUNTS:
            value.tell(f"has {len(entries)} entries: {MAX_ACCOUNTS} are the most")
            entries = []
        return Source(kind=kind, accounts={_account_id(entry): _owner_name(entry, names) for entry in entries})
    keys = tuple(_tag_key(key) for key in value.elements(MAX_TAG_KEYS))
    if not keys:
        value.tell("is empty: name at least one")
    return Source(kind=kind, keys=keys)


def _owner_name(value: Node, names: dict[str, str]) -> str:
    name = value.text()
    if name and name.casefold() not in names:
        value.refuse(f"owners has nobody of this name{value.suggestion(name, names.values())}")
    return names.get(name.casefold(), "")


def _account_id(entry: Node) -> str:
    account = entry.key()
    if account and not _ACCOUNT_ID.fullmatch(account):
        entry.tell("is no account: write its 12 digits, in quotes")
    return account


def _routes(routes: Node, names: dict[str, str]) -> tuple[Route, ...]:
    found: list[Route] = []
    reached: list[tuple[Node, Reach, bool]] = []
    patterns = PatternCount(MAX_PATTERNS)
    for entry in routes.listed(MAX_ROUTES):
        before = entry.count
        route = _route(entry, names, patterns)
        found.append(route)
        if entry.count > before:
            continue  # what is read wrongly covers nothing, and isn't covered
        reach, depends = Reach(route.condition), route.channel == OWNER  # it matches only where the owner has a channel
        for other, earlier, depended in reached:
            if (depends or not depended) and earlier.includes(reach):
                entry.tell(f"is never reached: {path_text(other.path)} matches all that it does")
                break
        reached.append((entry, reach, depends))
    return tuple(found)


def _route(entry: Node, names: dict[str, str], patterns: PatternCount) -> Route:
    entry.fields((*_MATCHED, *_RESULTS), "no condition")
    condition = _condition(entry, patterns)
    for owner in entry.child("owner").elements(MAX_PATTERNS):
        if isinstance(owner.value, str) and not any(mark in owner.value for mark in "*@"):
            _owner_name(owner, names)
    channel, drop, reason, mention, also = (entry.child(result) for result in _RESULTS)
    if drop:
        return Route(condition=condition, channel=None, reason=_reason_to_drop(entry), mentions=())
    if reason:
        reason.tell("says why a route drops: write drop: true beside it, or leave it out")
    if not channel and isinstance(entry.value, dict):
        entry.tell("leads nowhere: give it a channel, or drop: true")
    return Route(
        condition=condition,
        channel=optional(channel, read_channel_or_owner),
        mentions=tuple(map(read_mention, mention.elements(MAX_MENTIONS))) if mention else (OWNER,),
        also=tuple(map(read_channel, also.elements(MAX_CHANNELS_BESIDE))),
    )


def _reason_to_drop(entry: Node) -> str:
    drop, reason = entry.child("drop"), entry.child("reason")
    if drop.value is not True:
        drop.refuse("write true, and why as reason, or leave it out")
    for other in ("channel", "mention", "also"):
        if beside := entry.child(other):
            beside.tell("stands beside drop: a route drops or leads somewhere, not both")
    return reason.text() if reason else f"{path_text(entry.path)} drops it"


def _acceptances(exceptions: Node) -> tuple[Acceptance, ...]:
    patterns = PatternCount(MAX_PATTERNS)
    return tuple(_acceptance(entry, patterns) for entry in exceptions.listed(MAX_EXCEPTIONS))


def _acceptance(entry: Node, patterns: PatternCount) -> Acceptance:
    before = entry.count
    entry.fields((*_ACCEPTED, "reason", "until"), "no condition")
    if entry.count == before and not any(entry.child(condition) for condition in _ACCEPTED):
        entry.tell(f"accepts everything: ask for at least one of {', '.join(_ACCEPTED)}")
    reason, until = entry.child("reason"), entry.child("until")
    if isinstance(entry.value, dict):
        if not reason:
            reason.tell("is missing: say why this is accepted")
        if not until:
            until.tell("is missing: say to which day this is accepted, as 2027-03-31")
    return Acceptance(
        condition=_condition(entry, patterns),
        reason=reason.text() if reason else "",
        until=read_day(until) if until else date.max,
    )


def _condition(entry: Node, patterns: PatternCount) -> Condition:
    def read(key: str, check: Callable[[Node], str]) -> Patterns | None:
        return read_patterns(entry.child(key), check, patterns.left, patterns)

    severity = entry.child("severity")
    condition = Condition(
        controls=read("control", read_control),
        severities=frozenset(map(read_severity, some(severity, len(Severity)))) if severity else None,
        min_severity=optional(entry.child("min_severity"), read_severity),
        accounts=read("account", read_account),
        regions=read("region", read_region),
        units=frozenset(units) if (units := read("ou", read_unit)) is not None else None,
        resources=read("resource", lambda node: node.text(MAX_RESOURCE_CHARACTERS)),
        tags=_tags(entry.child("tag"), patterns),
        account_tags=_tags(entry.child("account_tag"), patterns),
        owners=read("owner", Node.text),
    )
    if severity and entry.child("min_severity") and not severities(condition):
        severity.tell("is below min_severity: nothing is both")
    return condition


def _tags(tags: Node, patterns: PatternCount) -> dict[str, Patterns]:
    found = {}
    for value in tags.entries():
        text = read_patterns(value, lambda node: node.text(MAX_TAG_VALUE_CHARACTERS), patterns.left, patterns)
        found[value.key()] = text or ()
    if tags and not found and isinstance(tags.value, dict):
        tags.tell("is empty: name at least one")
    return found


def _tag_key(key: Node) -> str:
    return key.text(128)

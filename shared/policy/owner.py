"""Whose a violation is: the first of the places where the routes look that names somebody.

Tags belong to whoever may tag. They only choose among the owners that the routes name and the people whom Slack knows
by their e-mail address; whatever else they say is shown, and rings nobody.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from shared.finding.account import Account
from shared.finding.tag import Tags, first_value
from shared.finding.violation import Violation

MAX_EMAIL_CHARACTERS = 254
MAX_NAMES_IN_A_TAG = 10
_EMAIL = re.compile(r"[^\s<>@,;|]+@[^\s<>@,;|]+\.[^\s<>@,;|.]+")
_BETWEEN_NAMES = re.compile(r"[,;]")


class MentionKind(StrEnum):
    """Whom a mention rings."""

    GROUP = "group"
    USER = "user"
    HERE = "here"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One mention: `id` is that of a user group (S…) or a user (U…, W…), and empty for @here and @channel."""

    kind: MentionKind
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Somebody who looks after things, as the routes or a tag name them: a user group, a user, or a user by e-mail
    address, any of which may be missing, and the channel of their own, if they have one. `listed_as` is their name in
    the routes where a tag names them by their address, and empty otherwise."""

    name: str
    listed_as: str = ""
    group: str | None = None
    user: str | None = None
    email: str | None = None
    channel: str | None = None


class Ring(StrEnum):
    """Why an owner can, or can't, be rung."""

    RUNG = "rung"
    NOBODY = "nobody"  # the routes name nobody to mention
    BOT = "bot"
    UNKNOWN = "unknown"  # Slack knows nobody of that address, or no longer
    UNAVAILABLE = "unavailable"  # Slack couldn't be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What Slack says about an e-mail address: `user_id` is None where it knows nobody of it, or can't be asked just
    now (`ring` says which)."""

    ring: Ring
    user_id: str | None = None


FindPerson = Callable[[str], Person]  # by e-mail address; it never raises


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOwner:
    """An owner, how to mention them (None if nobody can be rung), and why."""

    owner: Owner
    mention: Mention | None
    ring: Ring


class SourceKind(StrEnum):
    """Where to look for an owner."""

    TAG = "tag"
    ACCOUNT_TAG = "account_tag"
    ACCOUNT = "account"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place to look: `keys` of tags, `accounts` owners' names by account id, or one owner's name for all."""

    kind: SourceKind
    keys: tuple[str, ...] = ()
    accounts: Mapping[str, str] | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Whose a violation is, which source said so (None if none does), and by which key of a tag or account; `unknown`
    has what else was named, and is nobody."""

    owners: tuple[KnownOwner, ...] = ()
    source: SourceKind | None = None
    key: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(known.owner.name for known in self.owners)

    @property
    def called(self) -> tuple[str, ...]:
        """What a line of the routes may call any of them: as a tag does, as the routes do, or by e-mail address."""
        owners = [known.owner for known in self.owners]
        return _different(filter(None, (call for one in owners for call in (one.name, one.listed_as, one.email))))


class OwnerFinder:
    """Finds owners by the routes' lines; `owners` are those that the routes name."""

    def __init__(self, owners: Iterable[Owner], sources: tuple[Source, ...]) -> None:
        named = list(owners)
        self._sources = sources
        self._by_name = {_folded(owner.name): owner for owner in named}
        self._by_id = {id_: owner for owner in named for id_ in (owner.group, owner.user) if id_}
        self._by_email = {_folded(owner.email): owner for owner in named if owner.email}

    def find(self, violation: Violation, account: Account, find_person: FindPerson) -> Ownership:
        """Whose the violation is."""
        unknown: list[str] = []
        for source in self._sources:
            key, text = _named_by(source, violation, account)
            owners = []
            for name in _names(text):
                known = self._known(name, find_person)
                if known is None:
                    unknown.append(name)
                elif known not in owners:
                    owners.append(known)
            if owners:
                return Ownership(owners=tuple(owners), source=source.kind, key=key, unknown=_different(unknown))
        return Ownership(unknown=_different(unknown))

    def _known(self, name: str, find_person: FindPerson) -> KnownOwner | None:
        if owner := self._by_name.get(_folded(name)) or self._by_id.get(name):
            return _rung(owner, find_person)
        if not is_email(name):
            return None
        listed = self._by_email.get(_folded(name))
        if listed and (listed.group or listed.user):
            return _rung(listed, find_person)
        named = Owner(name=name, email=name)
        if listed:
            named = replace(named, listed_as=listed.name, channel=listed.channel)
        known = _rung(named, find_person)
        return known if listed or known.ring is not Ring.UNKNOWN else None


def is_email(text: str) -> bool:
    """Whether a text may be an e-mail address; Slack has no other letters in them, and look-alikes are nobody."""
    return text.isascii() and len(text) <= MAX_EMAIL_CHARACTERS and _EMAIL.fullmatch(text) is not None


def _rung(owner: Owner, find_person: FindPerson) -> KnownOwner:
    if owner.group:
        return KnownOwner(owner=owner, mention=Mention(kind=MentionKind.GROUP, id=owner.group), ring=Ring.RUNG)
    if owner.user:
        return KnownOwner(owner=owner, mention=Mention(kind=MentionKind.USER, id=owner.user), ring=Ring.RUNG)
    if not owner.email:
        return KnownOwner(owner=owner, mention=None, ring=Ring.NOBODY)
    person = find_person(owner.email)
    rings = person.ring is Ring.RUNG and person.user_id is not None
    mention = Mention(kind=MentionKind.USER, id=person.user_id or "") if rings else None
    return KnownOwner(owner=owner, mention=mention, ring=person.ring)


def _named_by(source: Source, violation: Violation, account: Account) -> tuple[str, str]:
    """Where it says so (the key of a tag, or an account), and what it says."""
    if source.kind is SourceKind.DEFAULT:
        return "", source.owner
    if source.kind is SourceKind.ACCOUNT:
        return violation.account_id, (source.accounts or {}).get(violation.account_id, "")
    tags: Tags = violation.resource.tags if source.kind is SourceKind.TAG else account.tags
    return first_value(tags, source.keys) or ("", "")


def _names(text: str) -> Iterator[str]:
    names = (name.strip() for name in _BETWEEN_NAMES.split(text))
    yield from list(filter(None, names))[:MAX_NAMES_IN_A_TAG]


def _different(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _folded(text: str) -> str:
    return text.strip().casefold()

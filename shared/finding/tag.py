"""Tags of resources and accounts: pairs of a key and a value, as whoever may tag wrote them."""

import re
from collections.abc import Iterable

# Tag keys that name who looks after a resource, the first that is there counts.
OWNER_TAGS = ("owner", "owneremail", "team")

_SEPARATORS = re.compile(r"[-_ ]")

Tags = tuple[tuple[str, str], ...]


def tag_name(key: str) -> str:
    """A tag's key without case and separators, by which keys are the same: "Owner-Email" is "owneremail"."""
    return _SEPARATORS.sub("", key).casefold()


def first_value(tags: Tags, keys: Iterable[str]) -> tuple[str, str] | None:
    """The key, as the tag has it, and the value of the first of these keys that has a value; None if none has."""
    named = {tag_name(key): (key, value) for key, value in reversed(tags) if value.strip()}
    return next((named[tag_name(key)] for key in keys if tag_name(key) in named), None)


def kept(tags: Tags, names: frozenset[str]) -> Tags:
    """The tags whose keys have one of these names, as `tag_name` gives them."""
    return tuple((key, value) for key, value in tags if tag_name(key) in names)

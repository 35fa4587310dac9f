"""Text from elsewhere: without what changes how the text around it is read, and cut where errors and logs quote it."""

import re

MOST_QUOTED = 200  # characters

# Line feed, carriage return and tab stay. A terminal obeys the other controls; those of direction ("Bidi_Control" in
# the Unicode Character Database) let a text read as another; and half of a surrogate pair has no encoding.
_NEARLY_EMAIL = re.compile(r"[^\s'\"<>,;|\[\](){}]*@[^\s'\"<>,;|\[\](){}]*")

_CONTROLS = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]
_DIRECTIONS = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_REPLACED = dict.fromkeys([*_CONTROLS, *_DIRECTIONS, *range(0xD800, 0xE000)], "\N{REPLACEMENT CHARACTER}")


def harmless(text: str) -> str:
    """The text with a � for every character that a terminal obeys, that turns the direction, or that isn't whole."""
    return text if text.isprintable() else text.translate(_REPLACED)


def excerpt(text: object) -> str:
    """At most 200 characters of a text from elsewhere, harmless."""
    whole = str(text)
    return harmless(whole if len(whole) <= MOST_QUOTED else f"{whole[: MOST_QUOTED - 1]}…")


def quoted(value: object) -> str:
    """At most 200 characters of a value as Python writes it, which is printable, as "'S3.1'"."""
    return excerpt(repr(value[:MOST_QUOTED] if isinstance(value, str) else value))


def without_emails(text: str) -> str:
    """The text with each e-mail address in it, or what is nearly one, masked."""
    return _NEARLY_EMAIL.sub(lambda found: masked(found[0]), text) if "@" in text else text


def masked(email: str) -> str:
    """An e-mail address as logs may show it: "h…@example.com"."""
    name, _, domain = email.rpartition("@")
    return excerpt(f"{name[:1]}…@{domain}")

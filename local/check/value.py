"""What a template's property may be: a plain value, a reference to a resource of the template, or unknown.

Plain values are those of JSON. In a text that contains what nobody can know its source stands for it:
"arn:aws:iam::${AWS::AccountId}:root", "python${parameter Version}".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Absence(Enum):
    """That a property isn't given, or is AWS::NoValue."""

    ABSENT = "absent"


ABSENT = Absence.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A value that the template alone doesn't decide.

    `source` is what would decide it, as a person calls it: "parameter Stage", "import block-public". `choices` are the
    values that it may have (ABSENT among them), None if it may have any.
    """

    source: str
    choices: "tuple[Value, ...] | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What Ref (`attribute` is None) or Fn::GetAtt gives of a resource of the same template."""

    logical_id: str
    attribute: str | None = None


ZONES = Unknown(source="the availability zones")  # of a Region, which are two or more

# Neither names of CloudFormation nor variables of IAM policies have a space there.
_UNKNOWN_PART = re.compile(r"\$\{([a-z]+ [^{},']*)\}")

Value = Any  # str, int, float, bool, None, list, dict, Unknown, Reference, or ABSENT


def at(value: Value, path: str) -> Value:
    """What stands at a path such as "Encryption.KeyId" below a value; ABSENT if nothing does. Where a part of the way
    is unknown, so is what stands there, with the choices that are left."""
    for name in path.split(".") if path else ():
        value = _below(value, name)
    return value


def items(value: Value) -> list[Value] | Unknown:
    """The items of a list, or the one value that stands in the place of a list; none of ABSENT."""
    if value is ABSENT:
        return []
    if isinstance(value, Unknown):
        return value
    return value if isinstance(value, list) else [value]


def unknowns(value: Value) -> Iterator[Unknown]:
    """Everything unknown in a value."""
    if isinstance(value, Unknown):
        yield value
        for choice in value.choices or ():
            yield from unknowns(choice)
    elif isinstance(value, dict):
        for one in value.values():
            yield from unknowns(one)
    elif isinstance(value, list):
        for one in value:
            yield from unknowns(one)


def unknown_parts(text: str) -> list[str]:
    """What would decide the parts of a text that are unknown, as `Unknown.source` has it."""
    return _UNKNOWN_PART.findall(text)


def possible(text: str) -> re.Pattern[str]:
    """What a text with unknown parts may be; case doesn't matter."""
    known = _UNKNOWN_PART.sub("\0", text).split("\0")
    return re.compile(".*".join(map(re.escape, known)), re.IGNORECASE | re.DOTALL)


def chosen(value: Value, number: int) -> Value:
    """A value in which every choice is made: the one of that number, begun anew where there are fewer."""
    if isinstance(value, Unknown) and value.choices:
        return chosen(value.choices[number % len(value.choices)], number)
    if isinstance(value, dict):
        parts = {name: chosen(one, number) for name, one in value.items()}
        return {name: one for name, one in parts.items() if one is not ABSENT}
    if isinstance(value, list):
        return [one for one in (chosen(part, number) for part in value) if one is not ABSENT]
    return value


def _below(value: Value, name: str) -> Value:
    if isinstance(value, Unknown):
        if value.choices is None:
            return _perhaps(value.source)
        return Unknown(source=value.source, choices=tuple(_below(choice, name) for choice in value.choices))
    if isinstance(value, Reference):
        return _perhaps(value.logical_id)
    return value.get(name, ABSENT) if isinstance(value, dict) else ABSENT


def _perhaps(source: str) -> Unknown:
    """What stands in something unknown: anything, or nothing."""
    return Unknown(source=source, choices=(Unknown(source=source), ABSENT))

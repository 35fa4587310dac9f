"""Values put together: one of several, texts of parts, truths of parts."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from local.check.value import Reference, Unknown, Value
from local.errors import TemplateError

MAX_CHOICES = 16  # of one value: conditions within conditions multiply them
_AND = " & "  # stands in no name of CloudFormation


def together(*sources: str) -> str:
    """Several sources as that of one value, each once."""
    return _AND.join(dict.fromkeys(one for source in sources for one in apart(source)))


def apart(source: str) -> list[str]:
    """The sources that `together` made one of."""
    return [source] if "${" in source else source.split(_AND)


def choice_of(source: str, found: list[Value]) -> Value:
    """One of several values; the value itself where they are all the same."""
    flat: list[Value] = []
    for value in found:
        if isinstance(value, Unknown) and value.choices is not None:
            source = together(source, value.source)
            flat += value.choices
        else:
            flat.append(value)
    different = [value for number, value in enumerate(flat) if value not in flat[:number]]
    if len(different) == 1:
        return different[0]
    return Unknown(source=source, choices=tuple(different) if 0 < len(different) <= MAX_CHOICES else None)


def of_each(value: Value, make: Callable[[Value], Value]) -> Value:
    """What is made of a value; of one that has choices, of each. A choice that nothing can be made of will not be."""
    if not isinstance(value, Unknown) or value.choices is None:
        return make(value)
    found, refused = [], None
    for choice in value.choices:
        try:
            found.append(of_each(choice, make))
        except TemplateError as error:
            refused = error
    if refused and not found:
        raise refused
    return choice_of(value.source, found)


def of_parts(parts: list[Value], make: Callable[[list[Value]], Value]) -> Value:
    """What is made of parts; one of several, where parts have choices that are few together."""
    open_: list[Unknown] = []
    for part in parts:
        if isinstance(part, Unknown) and part.choices and part not in open_:
            open_.append(part)
    if not open_ or prod(len(part.choices or ()) for part in open_) > MAX_CHOICES:
        return make(parts)
    found = [
        make([chosen[open_.index(part)] if part in open_ else part for part in parts])
        for chosen in product(*(part.choices or () for part in open_))
    ]
    return choice_of(together(*(part.source for part in open_)), found)


def alternatives(value: Value) -> Iterator[Value]:
    if isinstance(value, Unknown) and value.choices is not None:
        yield from value.choices
    else:
        yield value


def keys(key: Value, among: Mapping[str, Any]) -> list[str]:
    if isinstance(key, Unknown) and key.choices is not None:
        return [str(choice) for choice in key.choices]
    return list(among) if isinstance(key, Unknown | Reference) else [str(key)]


def joined(truths: list[Value], *, decisive: bool) -> Value:
    if any(truth is decisive for truth in truths):
        return decisive
    unknown = [truth.source for truth in truths if isinstance(truth, Unknown)]
    return Unknown(source=together(*unknown), choices=(True, False)) if unknown else not decisive


def same_if_known(first: Value, second: Value) -> bool | None:
    if isinstance(first, Unknown | Reference) or isinstance(second, Unknown | Reference):
        return None
    return same(first, second)


def same(first: Value, second: Value) -> bool:
    return bool(scalar(first) == scalar(second))


def scalar(value: Value) -> Value:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def source_of(value: Value) -> str:
    if isinstance(value, Unknown):
        return value.source
    return value.logical_id if isinstance(value, Reference) else "a value"


def as_text(value: Value, otherwise: str) -> str:
    """A value within a text, as CloudFormation writes it; `otherwise` where it has no text, or nobody knows it."""
    return str(scalar(value)) if isinstance(value, str | int | float) else otherwise


def placeholder(value: Value) -> str:
    if isinstance(value, Reference):
        return f"${{{value.logical_id}{'.' + value.attribute if value.attribute else ''}}}"
    return f"${{{source_of(value)}}}"

"""Other resources of a template: which of them belong to one, and whether they will be there with it."""

from collections.abc import Callable, Sequence

from local.check.answer import NO, YES, Answer, ask, of, some, undecided
from local.check.rule import Predicate, Rule, may_be_left_out
from local.check.rules.policy import as_list, names, of_each_choice
from local.check.template import Resource, Template
from local.check.value import ABSENT, ZONES, Reference, Unknown, Value, at

RULES: list[Rule] = []  # this module only helps the others


def refers(value: Value, resource: Resource) -> Answer:
    """Whether a value is a reference to a resource. What a parameter or an import gives is none: it names what stands
    in no template, or in another one."""
    if isinstance(value, Unknown) and value.choices is None:
        return NO
    return ask(value, lambda one: isinstance(one, Reference) and one.logical_id == resource.logical_id)


def is_named(value: Value, resource: Resource, path: str) -> Answer:
    """Whether a value is the name of a resource, which stands at `path` of it, or a reference to the resource."""

    def ask_name(known: Value) -> Answer:
        return of_each_choice(at(resource.properties, path), lambda name: names(known, resource.logical_id, name), NO)

    return of_each_choice(value, ask_name, NO)


def some_other(
    resource: Resource, template: Template, types: str | tuple[str, ...], test: Callable[[Resource], Answer]
) -> Answer:
    """Whether any resource of a type is so, and will be there where `resource` is."""
    kinds = (types,) if isinstance(types, str) else types
    return some(test(other) & _is_there(other, resource) for other in template.of_type(*kinds))


def _is_there(other: Resource, resource: Resource) -> Answer:
    if other.existence is None or other.existence == resource.existence:
        return YES
    return undecided(other.existence.source)


def present(path: str) -> Predicate:
    """Whether anything stands there, be it empty."""

    def ask_present(properties: Value) -> Answer:
        value = at(properties, path)
        if isinstance(value, Unknown) and value.choices is None:
            return YES
        return ask(value, lambda one: one is not ABSENT and one is not None)

    return ask_present


def is_key(path: str, arns: Sequence[str]) -> Predicate:
    """Whether a key of KMS is one of these; which one an alias stands for, or a key of the template, nobody knows."""

    def ask_key(key: Value) -> Answer:
        if isinstance(key, Reference):
            return undecided(key.logical_id)
        if not isinstance(key, str):
            return NO
        if "${" in key or "alias/" in key:
            return undecided(f"the ARN of the key {key}")
        return of(any(arn == key or arn.endswith(f":key/{key}") for arn in arns))

    return lambda properties: of_each_choice(at(properties, path), ask_key)


def several(path: str, least: float = 2) -> Predicate:
    """Whether a list has two items or more, or `least`; one text may hold several, with commas."""

    def ask_several(properties: Value) -> Answer:
        value = at(properties, path)
        if value == ZONES and least <= 2:
            return YES
        return of_each_choice(value, lambda known: _are_several(known, least))

    return ask_several


def _are_several(value: Value, least: float) -> Answer:
    found = as_list(value)
    certain = [one for one in found if not may_be_left_out(one)]
    if len(certain) >= least or not found:
        return of(len(certain) >= least)
    if len(found) >= least or isinstance(found[0], Unknown):
        return undecided(*(one.source for one in found if isinstance(one, Unknown)))
    return of(len(found) == 1 and isinstance(found[0], str) and found[0].count(",") + 1 >= least)

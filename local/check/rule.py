"""Rules of shirase's own: a control, the type of resource it is about, and what has to hold."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from local.check.answer import NO, YES, Answer, ask, every, of, some, undecided
from local.check.parameter import Parameter, in_force
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, Value, at, items, possible, unknown_parts

Predicate = Callable[[Value], Answer]  # about properties, or a part of them
Judgement = Callable[[Resource, Template], Answer]  # about a resource among the others of its template
Parts = Callable[
    [Resource, Template], Sequence[str]
]  # those of a resource that violate a control, as a person calls them


def always(_: Value) -> Answer:
    return YES


def undivided(resource: Resource, template: Template) -> Sequence[str]:
    return ()


def unsettled(*sources: str) -> Predicate:
    """Undecided: whether it is so nobody says; `sources` are what isn't said, as Answer has them."""
    return lambda _: undecided(*sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A resource of one of the `types` passes a control where `passes` holds; where `applies` doesn't, the control
    isn't about it. `judge` stands in the place of `passes` where other resources count, too. `parameters` are what a
    Security Hub may set of the control, and `build` makes the rule of their values, in their order. `parts` are
    those of the resource that it is about."""

    control: str
    types: tuple[str, ...]
    passes: Predicate = always
    applies: Predicate = always
    judge: Judgement | None = None
    parameters: tuple[Parameter, ...] = ()
    build: "Callable[..., Rule] | None" = None
    parts: Parts = undivided

    def customized(self, values: Mapping[str, Any]) -> "Rule":
        """The rule with the values of a hub, by parameter, in the place of the defaults. Of a parameter that it doesn't
        know, or a value that it can't read, all that it is about depends."""
        read = {}
        for one in self.parameters:
            try:
                read[one.name] = one.read(values[one.name]) if one.name in values else one.default
            except (ValueError, OverflowError):
                continue
        if unread := sorted(values.keys() - read.keys()):
            return replace(self, passes=unsettled(*map(in_force, unread)), judge=None, parts=undivided)
        return self.build(*read.values()) if self.build and values else self

    def violated(self, resource: Resource, template: Template) -> Answer:
        """Whether the resource violates the control: undecided, too, where not every alternative of the template's
        choices gives the same answer."""
        answer = self._violated(resource, template)
        if answer.truth is None:
            return answer
        for variant in template.variants:
            if self._violated(variant.by_id[resource.logical_id], variant).truth is not answer.truth:
                return undecided(*(template.choices_of(resource) or template.choices))
        return answer

    def _violated(self, resource: Resource, template: Template) -> Answer:
        applies = self.applies(resource.properties)
        if applies.truth is False:
            return NO
        passes = self.judge(resource, template) if self.judge else self.passes(resource.properties)
        return applies & ~passes


def rule(control: str, types: str | Sequence[str], passes: Predicate, *, applies: Predicate = always) -> Rule:
    """A rule about properties alone; `types` without "AWS::", as "S3::Bucket"."""
    return Rule(control=control, types=_types(types), passes=passes, applies=applies)


def judged(
    control: str,
    types: str | Sequence[str],
    judge: Judgement,
    *,
    applies: Predicate = always,
    parts: Parts = undivided,
) -> Rule:
    """A rule about a resource among others."""
    return Rule(control=control, types=_types(types), judge=judge, applies=applies, parts=parts)


def customizable(build: Callable[..., Rule], *parameters: Parameter) -> Rule:
    """The rule that `build` makes of its parameters' defaults, and of others where a hub has set them."""
    return replace(build(*(one.default for one in parameters)), parameters=parameters, build=build)


# ---- predicates; a path is one of `at`, and `default` what holds where nothing stands there


def true(path: str, *, default: bool = False) -> Predicate:
    return _tested(path, lambda value: value is True or str(value).lower() == "true", default)


def false(path: str, *, default: bool = True) -> Predicate:
    """Whether it is false; by default so, too, where it isn't given."""
    return _tested(path, lambda value: value is False or str(value).lower() == "false", default)


def equal(path: str, *values: object, default: bool = False) -> Predicate:
    """Whether it is one of the values; case doesn't matter."""
    wanted = {str(value).lower() for value in values}

    def test(value: Any) -> bool:
        return str(value).lower() in wanted

    return _tested(path, test, default, could=lambda form: any(map(form.fullmatch, wanted)))


def matching(path: str, pattern: str, *, default: bool = False) -> Predicate:
    """Whether the whole of a text matches a regular expression; case doesn't matter."""
    wanted = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return _tested(path, lambda value: wanted.fullmatch(str(value)) is not None, default, could=lambda _: True)


def at_least(path: str, least: float, *, default: bool = False) -> Predicate:
    return _tested(path, lambda value: _number(value) >= least, default)


def at_most(path: str, most: float, *, default: bool = False) -> Predicate:
    return _tested(path, lambda value: _number(value) <= most, default)


def given(path: str) -> Predicate:
    """Whether anything stands there that isn't empty. What a parameter or an import gives counts as given."""

    def ask_given(properties: Value) -> Answer:
        value = at(properties, path)
        if isinstance(value, Unknown) and value.choices is None:
            return YES
        if isinstance(value, list) and value and all(map(may_be_left_out, value)):
            return undecided(*(one.source for one in value))
        return ask(value, lambda one: one is not ABSENT and one is not None and one not in ("", [], {}))

    return ask_given


def given_items(path: str) -> Predicate:
    """Whether a list has any item, or a map any name; each may depend on a condition. What a parameter or an import
    gives counts as given."""

    def ask_items(properties: Value) -> Answer:
        value = at(properties, path)
        if isinstance(value, Unknown) and value.choices is None:
            return YES
        return any_item(path, given(""))(properties)

    return ask_items


def each(path: str, predicate: Predicate, *, default: bool = True) -> Predicate:
    """Whether every item of a list is so; `default` where there is none."""
    return _listed(path, predicate, every, default)


def any_item(path: str, predicate: Predicate, *, default: bool = False) -> Predicate:
    """Whether an item of a list is so; `default` where there is none."""
    return _listed(path, predicate, some, default)


def all_of(*predicates: Predicate) -> Predicate:
    return lambda value: every(one(value) for one in predicates)


def any_of(*predicates: Predicate) -> Predicate:
    return lambda value: some(one(value) for one in predicates)


def negated(predicate: Predicate) -> Predicate:
    return lambda value: ~predicate(value)


def _tested(
    path: str, test: Callable[[Any], bool], default: bool, could: Callable[[re.Pattern[str]], bool] | None = None
) -> Predicate:
    """Where the test fails on a text of which parts are unknown, `could` says whether what the text may be can pass."""

    def test_one(value: Any) -> bool | Answer:
        if value is ABSENT or value is None:
            return default
        passes = test(value)
        if passes or could is None or not isinstance(value, str):
            return passes
        unknown = unknown_parts(value)
        return undecided(*unknown) if unknown and could(possible(value)) else passes

    def tested(properties: Value) -> Answer:
        value = at(properties, path)
        return undecided(value.logical_id) if isinstance(value, Reference) else ask(value, test_one)

    return tested


def _listed(path: str, predicate: Predicate, join: Callable[[list[Answer]], Answer], default: bool) -> Predicate:
    def ask_items(value: Value) -> Answer:
        found = items(value)
        if isinstance(found, Unknown):
            if found.choices is None:
                return undecided(found.source)
            answers = [ask_items(choice) for choice in found.choices]
            if all(one.truth is answers[0].truth for one in answers):
                return answers[0]
            return Answer(truth=None, sources=frozenset({found.source}).union(*(one.sources for one in answers)))
        if not found:
            return of(default)
        joined = join([_asked_item(one, predicate, join([])) for one in found])
        if all(map(may_be_left_out, found)) and joined.truth is not default:
            return undecided(*(one.source for one in found))
        return joined

    return lambda properties: ask_items(at(properties, path))


def may_be_left_out(item: Value) -> bool:
    """Whether a value, an item of a list perhaps, may not be there."""
    return isinstance(item, Unknown) and ABSENT in (item.choices or ())


def _asked_item(item: Value, predicate: Predicate, neutral: Answer) -> Answer:
    """What a predicate says of an item that may be left out; `neutral` is what then holds."""
    if not may_be_left_out(item):
        return predicate(item)
    answers = [neutral if choice is ABSENT else predicate(choice) for choice in item.choices or ()]
    if all(one.truth is answers[0].truth for one in answers):
        return answers[0]
    return Answer(truth=None, sources=frozenset({item.source}).union(*(one.sources for one in answers)))


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("-inf")


def _types(types: str | Sequence[str]) -> tuple[str, ...]:
    named = [types] if isinstance(types, str) else types
    return tuple(f"AWS::{name}" for name in named)

"""Rules of our own on the fixtures of tests/check with one property after another unknown."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from local.check.load import load_template
from local.check.own import OWN_RULES
from local.check.rule import Rule
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, Value
from tests.unit.wild import EXHAUSTIVE

FIXTURES = Path(__file__).parents[1] / "check"
EVERY = 1 if EXHAUSTIVE else 3  # property of a resource: `make faults` takes each


@pytest.mark.parametrize("rule", OWN_RULES.values(), ids=lambda rule: rule.control)
def test_a_rule_is_sure_of_a_choice_only_where_it_says_the_same_of_each(rule: Rule) -> None:
    unsound = []
    for name in ("bad", "good"):
        template = load_template(FIXTURES / rule.control / f"{name}.yaml", name, {})
        for resource in template.resources:
            for path, value in list(_values(resource.properties))[::EVERY]:
                given = _truths(rule, template, resource, path, value)
                left_out = _truths(rule, template, resource, path, ABSENT)
                choice = Unknown(source="a condition", choices=(value, ABSENT))
                either = _truths(rule, template, resource, path, choice)
                _truths(rule, template, resource, path, Unknown(source="an import"))
                _truths(rule, template, resource, path, Reference(logical_id="Elsewhere"))
                unsound += [
                    (name, resource.logical_id, ".".join(map(str, path)), judged)
                    for judged, truth in either.items()
                    if truth is not None and {given[judged], left_out[judged]} != {truth}
                ]
    assert unsound == [], unsound


def _values(value: Value, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Value]]:
    """All that stands in a resource's properties, with its path."""
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name), one
        yield from _values(one, (*path, name))


def _truths(
    rule: Rule, template: Template, resource: Resource, path: tuple[str | int, ...], value: Value
) -> Mapping[str, bool | None]:
    """What a rule says of each resource if a value of one of them is another."""
    properties = _replaced(dict(resource.properties), path, value)
    changed = Template(
        file=template.file,
        resources=tuple(replace(one, properties=properties) if one is resource else one for one in template.resources),
    )
    return {one.logical_id: rule.violated(one, changed).truth for one in changed.of_type(*rule.types)}


def _replaced(node: Value, path: tuple[str | int, ...], value: Value) -> Value:
    if not path:
        return value
    first, *rest = path
    if isinstance(node, dict):
        changed = {name: _replaced(one, tuple(rest), value) if name == first else one for name, one in node.items()}
        return {name: one for name, one in changed.items() if one is not ABSENT}
    changed_items = [_replaced(one, tuple(rest), value) if at == first else one for at, one in enumerate(node)]
    return [one for one in changed_items if one is not ABSENT]

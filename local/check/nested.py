"""Nested stacks: which template they are of, and what that becomes in the hands of its parent."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from local.check.combined import together
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, Value, at

STACK = "AWS::CloudFormation::Stack"
_PART = re.compile(r"\$\{(\w+)(?:\.[^{}]*)?\}")


def files_of(path: Path, stack: Resource) -> list[Path]:
    """Where the template of a stack may lie, beside the one at `path`: as its address has it, or as the asset that the
    CDK makes of it."""
    named = [stack.properties.get("TemplateURL"), stack.metadata.get("aws:asset:path")]
    return [path.parent / one for one in named if isinstance(one, str) and "://" not in one]


def parameters_of(stack: Resource, parent: Template, nested: Template, typed: Mapping[str, str]) -> dict[str, Value]:
    """What the parameters of a nested template are. What is typed is meant for the parent where that has a parameter of
    the name, and else for what the parent doesn't know."""
    found = {}
    for name in sorted(nested.parameters):
        value = _from_outside(at(stack.properties.get("Parameters", ABSENT), name), parent)
        is_open = value is ABSENT or (isinstance(value, Unknown) and value.choices is None)
        if is_open and name in typed and name not in parent.parameters:
            value = typed[name]
        if value is not ABSENT:
            found[name] = value
    return found


def within(stack: Resource, nested: Template) -> Template:
    """A nested template whose resources are called after their stack, and are there if it is."""
    return replace(nested, resources=tuple(_of_stack(stack, one) for one in nested.resources))


def _of_stack(stack: Resource, resource: Resource) -> Resource:
    existence = resource.existence or stack.existence
    if resource.existence and stack.existence and resource.existence.source != stack.existence.source:
        source = together(stack.existence.source, resource.existence.source)
        existence = Unknown(source=source, choices=(True, False))
    return replace(resource, path=resource.path or f"{stack.name}/{resource.logical_id}", existence=existence)


def _from_outside(value: Value, parent: Template) -> Value:
    """A value of the parent's as its nested stack has it, where the parent's resources are none of its own."""
    if isinstance(value, Reference):
        return Unknown(source=f"resource {value.logical_id}")
    if isinstance(value, Unknown):
        choices = value.choices and tuple(_from_outside(one, parent) for one in value.choices)
        return Unknown(source=value.source, choices=choices)
    if isinstance(value, list):
        return [_from_outside(one, parent) for one in value]
    if isinstance(value, str):
        return _PART.sub(lambda part: f"${{resource {part[1]}}}" if part[1] in parent.by_id else part[0], value)
    return value

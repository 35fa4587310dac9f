"""Templates in the forms that engines take: nothing unknown in them.

An engine sees a template as often as something in it may be one thing or another; what it then says of a resource each
time holds, and what it says only sometimes is undecided.
"""

from collections.abc import Callable, Iterable
from typing import Any

from local.check.answer import NO, YES, Answer
from local.check.schema import type_at
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, Value, unknowns

MAX_FORMS = 4
_SOMETHING = "something-that-nobody-knows"
_LARGE = 1_000_000

Form = dict[str, Any]  # {"Resources": {logical id: {"Type", "Properties"}}}


def forms(template: Template, refer: Callable[[Reference], Any]) -> list[Form]:
    """The template once for each thing that its unknown values may be; `refer` says how the engine takes references."""
    count = max((_alternatives(one) for resource in template.resources for one in unknowns(_all(resource))), default=1)
    return [_form(template, number, refer) for number in range(min(count, MAX_FORMS))]


def agreed(is_violated: Iterable[bool], resource: Resource) -> Answer:
    """What an engine says of a resource, given what it said of it in each form."""
    said = set(is_violated)
    if len(said) == 1:
        return YES if said.pop() else NO
    return Answer(truth=None, sources=frozenset(one.source for one in unknowns(_all(resource))))


def reference_as_function(reference: Reference) -> Any:
    """As CloudFormation writes it."""
    if reference.attribute is None:
        return {"Ref": reference.logical_id}
    return {"Fn::GetAtt": [reference.logical_id, reference.attribute]}


def reference_as_text(reference: Reference) -> Any:
    """As it might be after the deployment."""
    if reference.attribute and reference.attribute.lower().endswith("arn"):
        return f"arn:aws:service:us-east-1:111122223333:{reference.logical_id}"
    return f"{reference.logical_id}.{reference.attribute}" if reference.attribute else reference.logical_id


def _form(template: Template, number: int, refer: Callable[[Reference], Any]) -> Form:
    return {
        "Resources": {
            resource.logical_id: {
                "Type": resource.type,
                "Properties": _concrete(dict(resource.properties), resource.type, (), number, template, refer),
            }
            for resource in template.resources
        }
    }


def _concrete(
    value: Value,
    kind: str,
    path: tuple[str | int, ...],
    number: int,
    template: Template,
    refer: Callable[[Reference], Any],
) -> Any:
    if isinstance(value, Unknown):
        if value.choices is None:
            return _guess(type_at(kind, path), number)
        choice = value.choices[number % len(value.choices)]
        return choice if choice is ABSENT else _concrete(choice, kind, path, number, template, refer)
    if isinstance(value, Reference):
        return refer(value) if value.logical_id in template.by_id else reference_as_text(value)
    if isinstance(value, dict):
        pairs = ((name, _concrete(one, kind, (*path, name), number, template, refer)) for name, one in value.items())
        return {name: one for name, one in pairs if one is not ABSENT}
    if isinstance(value, list):
        parts = (_concrete(one, kind, (*path, 0), number, template, refer) for one in value)
        return [one for one in parts if one is not ABSENT]
    return value


def _guess(kind: str | None, number: int) -> Any:
    if kind == "boolean":
        return number % 2 == 0
    if kind in {"integer", "number"}:
        return _LARGE if number % 2 == 0 else 0
    if kind == "array":
        return [_SOMETHING]
    return {} if kind == "object" else _SOMETHING


def _alternatives(unknown: Unknown) -> int:
    return 2 if unknown.choices is None else len(unknown.choices)


def _all(resource: Resource) -> Value:
    return dict(resource.properties)

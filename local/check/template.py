"""A template as the rules see it: every resource that will exist, or may, with its properties resolved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from local.check.value import Unknown, Value, chosen, unknowns

MAX_VARIANTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource: `properties` as local.check.value tells, `metadata` as the template says it, `line` in its file
    (from 1; None where it stands in none), `path` its construct path, if it has one. `existence` is None if it will
    exist, else what decides whether it will. `acknowledged` has the rules of other tools, by their ids, that its author
    told to pass it over, each with the reason."""

    logical_id: str
    type: str
    properties: Mapping[str, Value]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None
    path: str | None = None
    existence: Unknown | None = None
    acknowledged: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a person calls it: its construct path, or else its logical id."""
        return self.path or self.logical_id


@dataclass(frozen=True, kw_only=True)
class Template:
    """One template: the `file` it stands in, as it was given; the account and Region it is meant for, if that is
    known; and the names of its `parameters`."""

    file: str
    resources: tuple[Resource, ...]
    parameters: frozenset[str] = frozenset()
    account_id: str | None = None
    region: str | None = None

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Those of a type, as "AWS::S3::Bucket"."""
        return (resource for resource in self.resources if resource.type in types)

    @cached_property
    def by_id(self) -> Mapping[str, Resource]:
        return {resource.logical_id: resource for resource in self.resources}

    @cached_property
    def variants(self) -> "tuple[Template, ...]":
        """The template once for each of the alternatives that its choices leave, so far as these are few; none where
        nothing in it is one thing or another."""
        left = [one.choices for resource in self.resources for one in unknowns(dict(resource.properties))]
        count = max((len(choices) for choices in left if choices), default=0)
        return tuple(self._variant(number) for number in range(min(count, MAX_VARIANTS)))

    def choices_of(self, resource: Resource) -> frozenset[str]:
        """What makes the choices in a resource's properties."""
        return frozenset(one.source for one in unknowns(dict(resource.properties)) if one.choices)

    @cached_property
    def choices(self) -> frozenset[str]:
        """What makes the choices anywhere in the template."""
        return frozenset().union(*map(self.choices_of, self.resources))

    def _variant(self, number: int) -> "Template":
        resources = (replace(one, properties=chosen(dict(one.properties), number)) for one in self.resources)
        return replace(self, resources=tuple(resources))

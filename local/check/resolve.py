"""Intrinsic functions, parameters and conditions → values, as far as a template decides them.

Source: CloudFormation User Guide, "Intrinsic function reference", "Pseudo parameters reference".
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from local.check.combined import (
    alternatives,
    as_text,
    choice_of,
    joined,
    keys,
    of_each,
    of_parts,
    placeholder,
    same,
    same_if_known,
    source_of,
    together,
)
from local.check.stack_parameter import parameter_value
from local.check.value import ABSENT, ZONES, Reference, Unknown, Value
from local.errors import TemplateError

MAX_DEPTH = 100
# "Get values stored in other services using dynamic references": one that is a part of a text stays in it.
_DYNAMIC = re.compile(r"\{\{resolve:(?:(?!\{\{).)+\}\}", re.DOTALL)
_VARIABLE = re.compile(r"\$\{(!?)([^${}]+)\}")


class Resolver:
    """Resolves one template. `parameters` are what a person or a parent stack gives, `pseudo` what is known of
    AWS::Region and its kin.

    Raises TemplateError for what CloudFormation would refuse as well.
    """

    def __init__(
        self, template: Mapping[str, Any], parameters: Mapping[str, Value], pseudo: Mapping[str, str] | None = None
    ) -> None:
        self._template = template
        self._resources = _mapping(template, "Resources")
        self._conditions = _mapping(template, "Conditions")
        self._mappings = _mapping(template, "Mappings")
        self._pseudo = dict(pseudo or {})
        self._parameters = {
            name: parameter_value(name, declared, parameters.get(name))
            for name, declared in _mapping(template, "Parameters").items()
        }
        self._known_conditions: dict[str, Value] = {}
        self._asked: list[str] = []

    def condition(self, name: str) -> Value:
        """True, False, or Unknown."""
        if name in self._known_conditions:
            return self._known_conditions[name]
        if name not in self._conditions:
            raise TemplateError(f"the condition {name} is not defined")
        if name in self._asked:
            raise TemplateError(f"the condition {name} depends on itself")
        self._asked.append(name)
        found = self._truth(self._conditions[name])
        self._asked.pop()
        self._known_conditions[name] = found
        return found

    def value(self, node: Any, depth: int = 0) -> Value:
        """What a part of the template is."""
        if depth > MAX_DEPTH:
            raise TemplateError("it is nested too deeply")
        if isinstance(node, list):
            found = [self.value(one, depth + 1) for one in node]
            return [one for one in found if one is not ABSENT]
        if not isinstance(node, dict):
            return _unless_dynamic(node)
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name == "Ref":
                return self._ref(str(argument))
            if name == "Condition" and isinstance(argument, str) and argument in self._conditions:
                return self.condition(argument)
            if function := _FUNCTIONS.get(name):
                return _unless_dynamic(function(self, argument, depth + 1))
            if name.startswith("Fn::") and name != "Fn::Transform":
                return Unknown(source=f"the function {name}")
        resolved = {key: self.value(one, depth + 1) for key, one in node.items() if key != "Fn::Transform"}
        if "Fn::Transform" in node:
            return Unknown(source="a macro (Fn::Transform)")
        return {key: one for key, one in resolved.items() if one is not ABSENT}

    # ---- references

    def _ref(self, name: str) -> Value:
        if name == "AWS::NoValue":
            return ABSENT
        if name in self._parameters:
            return self._parameters[name]
        if name.startswith("AWS::"):
            return self._pseudo.get(name) or Unknown(source=name)
        if name in self._resources:
            return Reference(logical_id=name)
        raise TemplateError(f"Ref names {name}, which is no parameter and no resource of the template")

    def _get_att(self, argument: Any, depth: int) -> Value:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) != 2 or not isinstance(parts[0], str):
            raise TemplateError("Fn::GetAtt takes the logical id of a resource and an attribute")
        if parts[0] not in self._resources:
            raise TemplateError(f"Fn::GetAtt names {parts[0]}, which is no resource of the template")
        return Reference(logical_id=parts[0], attribute=str(parts[1]))

    def _import(self, argument: Any, depth: int) -> Value:
        name = self.value(argument, depth)
        return Unknown(source=f"import {name}" if isinstance(name, str) else "an import")

    # ---- texts

    def _sub(self, argument: Any, depth: int) -> Value:
        text, given = (
            (argument[0], argument[1]) if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        )
        if not isinstance(text, str) or not isinstance(given, dict):
            raise TemplateError("Fn::Sub takes a text, and perhaps values by name")
        names = {name: self.value(one, depth) for name, one in given.items()}

        def filled(found: re.Match[str]) -> Value:
            if found[1]:
                return "${" + found[2] + "}"
            return names[found[2]] if found[2] in names else self._named(found[2].strip())

        def put(values: list[Value]) -> str:
            left = iter(values)
            return _VARIABLE.sub(lambda _: as_text(one := next(left), placeholder(one)), text)

        whole = _VARIABLE.fullmatch(text)
        return filled(whole) if whole else of_parts(list(map(filled, _VARIABLE.finditer(text))), put)

    def _named(self, name: str) -> Value:
        if name in self._parameters or name.startswith("AWS::") or "." not in name:
            return self._ref(name)
        return self._get_att(name, 0)

    def _join(self, argument: Any, depth: int) -> Value:
        if not isinstance(argument, list) or len(argument) != 2:
            raise TemplateError("Fn::Join takes a delimiter and a list")
        delimiter, parts = self.value(argument[0], depth), self.value(argument[1], depth)
        if isinstance(delimiter, Unknown | Reference):
            return Unknown(source=source_of(delimiter))

        def put(values: list[Value]) -> str:
            return str(delimiter).join(as_text(one, placeholder(one)) for one in values if one is not ABSENT)

        def join(known: Value) -> Value:
            if isinstance(known, Unknown | Reference):
                return Unknown(source=source_of(known))
            if not isinstance(known, list):
                raise TemplateError("Fn::Join takes a delimiter and a list")
            return known[0] if len(known) == 1 else of_parts(known, put)

        return of_each(parts, join)

    def _split(self, argument: Any, depth: int) -> Value:
        delimiter, text = self._pair("Fn::Split", argument, depth)

        def split(known: Value) -> Value:
            for one in (known, delimiter):
                if isinstance(one, Unknown | Reference):
                    return Unknown(source=source_of(one))
            if not isinstance(known, str | int | float) or not isinstance(delimiter, str) or not delimiter:
                raise TemplateError("Fn::Split takes a delimiter and a text")
            return str(known).split(delimiter)

        return of_each(text, split)

    def _select(self, argument: Any, depth: int) -> Value:
        index, listed = self._pair("Fn::Select", argument, depth)

        def select(known: Value) -> Value:
            if isinstance(known, Unknown | Reference):
                return Unknown(source=source_of(known))
            if not isinstance(known, list):
                raise TemplateError("Fn::Select takes a number and a list")
            if isinstance(index, Unknown | Reference):
                return choice_of(source_of(index), known)
            if not re.fullmatch(r"\d+", str(index)) or int(index) >= len(known):
                raise TemplateError(f"Fn::Select takes item {index} of {len(known)}")
            return known[int(index)]

        return of_each(listed, select)

    def _base64(self, argument: Any, depth: int) -> Value:
        text = self.value(argument, depth)
        return base64.b64encode(text.encode()).decode() if isinstance(text, str) else text

    def _length(self, argument: Any, depth: int) -> Value:
        listed = self.value(argument, depth)
        return len(listed) if isinstance(listed, list) else Unknown(source=source_of(listed))

    def _to_json(self, argument: Any, depth: int) -> Value:
        try:
            return json.dumps(self.value(argument, depth))
        except TypeError:
            return Unknown(source="Fn::ToJsonString")

    def _zones(self, argument: Any, depth: int) -> Value:
        return ZONES

    def _cidr(self, argument: Any, depth: int) -> Value:
        return Unknown(source="Fn::Cidr")

    def _find_in_map(self, argument: Any, depth: int) -> Value:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            raise TemplateError("Fn::FindInMap takes the name of a map and two keys")
        name, first, second = (self.value(one, depth) for one in argument[:3])
        if not isinstance(name, str):
            return Unknown(source=source_of(name))
        if name not in self._mappings:
            raise TemplateError(f"Fn::FindInMap names the map {name}, which is not defined")
        found: list[Value] = []
        sources = [source_of(one) for one in (first, second) if isinstance(one, Unknown | Reference)]
        rows = _rows(self._mappings[name], name)
        for row in keys(first, rows):
            columns = _rows(rows.get(row) or {}, name)
            found += [self.value(columns[column], depth) for column in keys(second, columns) if column in columns]
        has_default = len(argument) == 4 and isinstance(argument[3], dict) and "DefaultValue" in argument[3]
        if has_default and (sources or not found):
            found.append(self.value(argument[3]["DefaultValue"], depth))
        if not sources and not found:
            raise TemplateError(f"the map {name} has nothing under {first} and {second}")
        return choice_of(together(*sources), found)

    def _pair(self, name: str, argument: Any, depth: int) -> tuple[Value, Value]:
        if not isinstance(argument, list) or len(argument) != 2:
            raise TemplateError(f"{name} takes two arguments")
        return self.value(argument[0], depth), self.value(argument[1], depth)

    # ---- conditions

    def _if(self, argument: Any, depth: int) -> Value:
        if not isinstance(argument, list) or len(argument) != 3:
            raise TemplateError("Fn::If takes a condition and two values")
        truth = self.condition(str(argument[0]))
        if isinstance(truth, Unknown):
            return choice_of(truth.source, [self.value(one, depth) for one in argument[1:]])
        return self.value(argument[1] if truth else argument[2], depth)

    def _truth(self, node: Any) -> Value:
        found = self.value(node)
        if isinstance(found, Unknown):
            return found
        if str(found).lower() not in {"true", "false"}:
            raise TemplateError("a condition is neither true nor false")
        return str(found).lower() == "true"

    def _equals(self, argument: Any, depth: int) -> Value:
        first, second = self._pair("Fn::Equals", argument, depth)
        unknown = [one for one in (first, second) if isinstance(one, Unknown | Reference)]
        if not unknown:
            return same(first, second)
        answers = {same_if_known(one, other) for one in alternatives(first) for other in alternatives(second)}
        if len(answers) == 1 and (only := answers.pop()) is not None:
            return only
        return Unknown(source=together(*map(source_of, unknown)), choices=(True, False))

    def _not(self, argument: Any, depth: int) -> Value:
        (truth,) = self._truths("Fn::Not", argument, 1, 1)
        return Unknown(source=truth.source, choices=(True, False)) if isinstance(truth, Unknown) else not truth

    def _and(self, argument: Any, depth: int) -> Value:
        return joined(self._truths("Fn::And", argument, 2, 10), decisive=False)

    def _or(self, argument: Any, depth: int) -> Value:
        return joined(self._truths("Fn::Or", argument, 2, 10), decisive=True)

    def _truths(self, name: str, argument: Any, least: int, most: int) -> list[Value]:
        if not isinstance(argument, list) or not least <= len(argument) <= most:
            if most == 1:
                raise TemplateError(f"{name} takes one condition")
            raise TemplateError(f"{name} takes {least} to {most} conditions")
        return [self._truth(one) for one in argument]


_FUNCTIONS: Mapping[str, Callable[[Resolver, Any, int], Value]] = {
    "Fn::And": Resolver._and,
    "Fn::Base64": Resolver._base64,
    "Fn::Cidr": Resolver._cidr,
    "Fn::Equals": Resolver._equals,
    "Fn::FindInMap": Resolver._find_in_map,
    "Fn::GetAZs": Resolver._zones,
    "Fn::GetAtt": Resolver._get_att,
    "Fn::If": Resolver._if,
    "Fn::ImportValue": Resolver._import,
    "Fn::Join": Resolver._join,
    "Fn::Length": Resolver._length,
    "Fn::Not": Resolver._not,
    "Fn::Or": Resolver._or,
    "Fn::Select": Resolver._select,
    "Fn::Split": Resolver._split,
    "Fn::Sub": Resolver._sub,
    "Fn::ToJsonString": Resolver._to_json,
}


def _unless_dynamic(value: Value) -> Value:
    """A value, unless it is a dynamic reference, whose value is looked up when it is deployed."""
    return Unknown(source=value) if isinstance(value, str) and _DYNAMIC.fullmatch(value) else value


def _rows(part: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(part, dict):
        raise TemplateError(f"the map {name} has no keys and values")
    return part


def _mapping(template: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    found = template.get(section) or {}
    if not isinstance(found, dict):
        raise TemplateError(f"{section} is no mapping")
    return found

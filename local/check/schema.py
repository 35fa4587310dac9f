"""Values as the types of their properties have them: "true" is true where a property is a boolean."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from local.check.errors import EngineError
from local.check.value import Unknown, Value

MAX_DEPTH = 30
REGION = "us-east-1"  # where every type of resource is found first


@cache
def schema_of(kind: str) -> Mapping[str, Any] | None:
    """The resource type's schema, as the CloudFormation registry has it; None if there is no such type."""
    name = _names().get(kind)
    return _read(_schemas() / "resources" / f"{name}.json") if name else None


@cache
def _names() -> Mapping[str, str]:
    return _read(_schemas() / "providers" / f"{REGION}.json")


@cache
def _schemas() -> Path:
    # Of cfn-lint only the data is wanted: its code takes seconds to be loaded.
    found = find_spec("cfnlint")
    if found is None or not found.submodule_search_locations:
        raise EngineError("cfn-lint is not installed, whose schemas of resource types are needed; run make setup")
    return Path(found.submodule_search_locations[0]) / "data" / "schemas"


def _read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8")))


def typed(value: Value, kind: str) -> Value:
    """The properties of a resource, typed; as they are where its schema doesn't tell."""
    schema = schema_of(kind)
    return _typed(value, schema, schema, 0) if schema else value


def type_at(kind: str, path: tuple[str | int, ...]) -> str | None:
    """The type of what stands at a path in the properties of a resource, as "boolean"; None if the schema doesn't
    tell one."""
    root = part = schema_of(kind)
    for name in path:
        part = _part(part, root, name)
    found = _followed(part, root).get("type") if part and root else None
    return found if isinstance(found, str) else None


def _typed(value: Value, part: Mapping[str, Any] | None, root: Mapping[str, Any], depth: int) -> Value:
    if part is None or depth > MAX_DEPTH:
        return value
    part = _followed(part, root)
    if isinstance(value, Unknown):
        if value.choices is None:
            return value
        return Unknown(source=value.source, choices=tuple(_typed(one, part, root, depth) for one in value.choices))
    if isinstance(value, dict):
        return {name: _typed(one, _part(part, root, name), root, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_typed(one, _part(part, root, 0), root, depth + 1) for one in value]
    return _scalar(value, part.get("type"))


def _scalar(value: Value, kind: object) -> Value:
    kinds = kind if isinstance(kind, list) else [kind]
    if not isinstance(value, str) or "string" in kinds:
        return value
    if "boolean" in kinds and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if {"integer", "number"} & set(kinds):
        try:
            return int(value)
        except ValueError:
            return value
    return value


def _part(part: Mapping[str, Any] | None, root: Mapping[str, Any] | None, name: str | int) -> Mapping[str, Any] | None:
    if part is None or root is None:
        return None
    part = _followed(part, root)
    if isinstance(name, int):
        found = part.get("items")
    else:
        found = (part.get("properties") or {}).get(name)
        if found is None:
            alternatives = [one for key in ("oneOf", "anyOf", "allOf") for one in part.get(key) or []]
            parts = (_part(one, root, name) for one in alternatives if isinstance(one, dict))
            found = next((one for one in parts if one), None)
    return found if isinstance(found, dict) else None


def _followed(part: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(MAX_DEPTH):
        reference = part.get("$ref")
        if not isinstance(reference, str):
            break
        found: Any = root
        for name in reference.removeprefix("#/").split("/"):
            found = found.get(name, {}) if isinstance(found, dict) else {}
        part = found
    return part

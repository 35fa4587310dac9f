"""A template's file → what it says, and on which lines."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.errors import TemplateError

MAX_BYTES = 10_000_000  # CloudFormation takes 1 MB ("CloudFormation quotas"), before transforms
MAX_RESOURCES = 5_000  # CloudFormation takes 500
MAX_NODES = 2_000_000
MAX_DEPTH = 200
_MERGE = "tag:yaml.org,2002:merge"

_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a file says, in plain values of JSON, and the line of each resource's logical id (from 1)."""

    file: str
    content: dict[str, Any]
    lines: Mapping[str, int]


def read_source(path: Path, file: str) -> Source:
    """Read a template in YAML or JSON; `file` is what a person calls it. Raises TemplateError."""
    content, lines = read_text(_text(path, file), file)
    if not isinstance(content, dict) or not isinstance(content.get("Resources"), dict) or not content["Resources"]:
        raise TemplateError(f"{file} is no CloudFormation template: it has no Resources")
    if len(content["Resources"]) > MAX_RESOURCES:
        raise TemplateError(f"{file} has {len(content['Resources']):,} resources; CloudFormation takes 500")
    return Source(file=file, content=content, lines=lines)


def read_text(text: str, file: str) -> tuple[Any, Mapping[str, int]]:
    """What a YAML or JSON text says, with CloudFormation's short forms written out, and the lines of its resources."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        if node is None:
            raise TemplateError(f"{file} is empty")
        _require_moderate(node, file)
        loader = _Loader("")
        try:
            content = loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}, line {mark.line + 1}" if mark else file
        raise TemplateError(f"{where}: {error.problem or error.context or 'it is no YAML'}") from error
    except (yaml.YAMLError, ValueError, KeyError, RecursionError) as error:
        raise TemplateError(f"{file} can't be read as YAML or JSON: {_sentence(error)}") from error
    return content, dict(_lines(node))


def _text(path: Path, file: str) -> str:
    try:
        content = read_bytes(path)
        if len(content) > MAX_BYTES:
            raise TemplateError(f"{file} is too large: CloudFormation takes no template of more than 1 MB")
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise TemplateError(f"{file} can't be read: {error.strerror}") from error
    except UnicodeError as error:
        raise TemplateError(f"{file} is not in UTF-8; save it so") from error
    return _as_yaml(text) if text.lstrip().startswith("{") else text


def read_bytes(path: Path) -> bytes:
    """What a file holds, and no more of it than shows that it is too large; a device has no size. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def resolved(path: Path) -> Path | None:
    """A path without links; None for what no path can be."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return None


def _as_yaml(text: str) -> str:
    """JSON as YAML takes it, line for line: without tabs, and characters beyond 16 bits in one piece."""
    try:
        json.loads(text)  # then tabs stand between values only
    except (ValueError, RecursionError):
        return text
    return _SURROGATES.sub(lambda found: found[1] + json.loads(f'"{found[2]}"'), text.replace("\t", " "))


class _Loader(Loader):  # type: ignore[misc]  # of C or of Python, which is known when it runs
    """YAML as CloudFormation reads it: dates stay texts, short forms become functions, a key stands once."""


def _construct_mapping(loader: Any, node: Any) -> dict[str, Any]:
    own: set[str] = set()
    for key_node in [key_node for key_node, _ in node.value if key_node.tag != _MERGE]:
        key = str(loader.construct_object(key_node, deep=True))
        if key in own:
            raise yaml.constructor.ConstructorError(None, None, f"{key} stands there twice", key_node.start_mark)
        own.add(key)
    loader.flatten_mapping(node)  # what is merged comes first, and gives way
    return {
        str(loader.construct_object(key_node, deep=True)): loader.construct_object(value_node, deep=True)
        for key_node, value_node in node.value
    }


def _construct_number(loader: Any, node: Any) -> Any:
    """A number that JSON has, too; else the text."""
    try:
        number = loader.construct_yaml_float(node)
    except ValueError:
        return loader.construct_scalar(node)
    return number if math.isfinite(number) else loader.construct_scalar(node)


def _refuse(_: Any, node: Any) -> Any:
    name = node.tag.removeprefix("tag:yaml.org,2002:")
    raise yaml.constructor.ConstructorError(None, None, f"CloudFormation takes no !!{name}", node.start_mark)


def _construct_short(loader: Any, name: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = _construct_mapping(loader, node)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_Loader.yaml_implicit_resolvers = {  # a date is a text, and so is "="
    first: [(tag, pattern) for tag, pattern in found if tag.rpartition(":")[2] not in {"timestamp", "value"}]
    for first, found in Loader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
_Loader.add_constructor("tag:yaml.org,2002:float", _construct_number)
for _kind in ("binary", "omap", "pairs", "set", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _refuse)
_Loader.add_multi_constructor("!", _construct_short)


def _require_moderate(node: Any, file: str) -> None:
    """Raise TemplateError where the document is too deep, or too large once its aliases are followed."""
    count = 0
    waiting = [(node, 0)]
    while waiting:
        one, depth = waiting.pop()
        count += 1
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise TemplateError(f"{file} is too large, or nested too deeply, once its aliases are followed")
        if isinstance(one, yaml.SequenceNode):
            waiting += [(part, depth + 1) for part in one.value]
        elif isinstance(one, yaml.MappingNode):
            waiting += [(part, depth + 1) for pair in one.value for part in pair]


def _lines(node: Any) -> list[tuple[str, int]]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "Resources" and isinstance(value, yaml.MappingNode):
            return [(str(name.value), name.start_mark.line + 1) for name, _ in value.value]
    return []


def _sentence(error: object) -> str:
    return re.sub(r"\s+", " ", str(error))

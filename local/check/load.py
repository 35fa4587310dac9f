"""A template's file → the template, with transforms applied and everything resolved that it decides."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.check import sam
from local.check.circle import require_no_circle
from local.check.constructs import NO_CONSTRUCTS, Constructs
from local.check.resolve import Resolver
from local.check.schema import schema_of, typed
from local.check.template import Resource, Template
from local.check.value import ABSENT, Unknown, Value, at
from local.errors import TemplateError
from local.template_file import Source, read_source

SOMEWHERE = "us-east-1"  # for SAM, where a template is meant for no Region in particular
MACRO, LOOP = "Fn::Transform", "Fn::ForEach"
# "AWS::S3::Bucket", "Company::Service::Thing", "Company::Service::Thing::MODULE", "Custom::Thing".
_TYPE = re.compile(r"(?:\w+::\w+::\w+(?:::MODULE)?|Custom::.+)")
# Transforms that change nothing of what is checked.
HARMLESS_TRANSFORMS = {
    "AWS::CodeDeployBlueGreen",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
}


def load_template(
    path: Path,
    file: str,
    parameters: Mapping[str, Value],
    *,
    account_id: str | None = None,
    region: str | None = None,
    constructs: Constructs = NO_CONSTRUCTS,
) -> Template:
    """The template of a file, which a person calls `file`; raises TemplateError, naming the file and, where it is about
    a resource, the line."""
    source = read_source(path, file)
    try:
        texts = {name: value for name, value in parameters.items() if isinstance(value, str)}
        content = _transformed(source, texts, region or SOMEWHERE)
        pseudo = {"AWS::Region": region, "AWS::AccountId": account_id}
        resolver = Resolver(content, parameters, {name: value for name, value in pseudo.items() if value})
    except TemplateError as error:
        raise TemplateError(f"{file}: {error}") from error
    declared = content["Resources"].items()
    resources = [_resource(name, one, source, resolver, constructs) for name, one in declared]
    try:
        require_no_circle(content["Resources"], resolver)
    except TemplateError as error:
        raise TemplateError(f"{file}: {error}") from error
    return Template(
        file=file,
        resources=tuple(resource for resource in resources if resource),
        parameters=frozenset(map(str, content.get("Parameters") or {})),
        account_id=account_id,
        region=region,
    )


def _transformed(source: Source, parameters: Mapping[str, str], region: str) -> dict[str, Any]:
    if _has_loop(source.content):
        raise TemplateError(
            "it uses Fn::ForEach, which only CloudFormation expands; check what "
            "`aws cloudformation get-template --template-stage Processed` gives of the deployed stack"
        )
    asked = source.content.get("Transform") or []
    transforms = asked if isinstance(asked, list) else [asked]
    is_given_by_macro = MACRO in source.content or MACRO in source.content["Resources"]
    if is_given_by_macro or not all(isinstance(name, str) for name in transforms):
        raise TemplateError("it is transformed by a macro with parameters, which is unknown here")
    for name in transforms:
        if name not in {sam.TRANSFORM, *HARMLESS_TRANSFORMS}:
            raise TemplateError(f"the transform {name} is unknown here, and what it makes of the template")
    if sam.TRANSFORM in transforms:
        return sam.transform(source.content, parameters, region)
    return source.content


def _resource(name: str, declared: Any, source: Source, resolver: Resolver, constructs: Constructs) -> Resource | None:
    """The resource; None if it won't exist."""
    line = _line(name, source.lines)
    where = f"{source.file}, line {line}: {name}" if line else f"{source.file}: {name}"
    kind = declared.get("Type") if isinstance(declared, dict) else None
    if not isinstance(kind, str) or not kind:
        raise TemplateError(f"{where} has no Type")
    if (kind.lower().startswith("aws::") and schema_of(kind) is None) or not _TYPE.fullmatch(kind):
        raise TemplateError(f"{where} is of the type {kind}, which CloudFormation doesn't have")
    try:
        existence = resolver.condition(str(declared["Condition"])) if "Condition" in declared else True
        if existence is False:
            return None
        properties = _properties(declared, kind, resolver)
    except TemplateError as error:
        raise TemplateError(f"{where}: {error}") from error
    except RecursionError as error:
        raise TemplateError(f"{where}: it is nested too deeply") from error
    written = source.content["Resources"].get(name)
    metadata = declared.get("Metadata") or (written.get("Metadata") if isinstance(written, dict) else None) or {}
    told = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    path = told if isinstance(told, str) else constructs.paths.get(name)
    return Resource(
        logical_id=name,
        type=kind,
        properties=properties,
        metadata=metadata if isinstance(metadata, dict) else {},
        line=line,
        path=path,
        acknowledged=constructs.acknowledged(path),
        existence=existence if isinstance(existence, Unknown) else None,
    )


def _properties(declared: Mapping[str, Any], kind: str, resolver: Resolver) -> Mapping[str, Value]:
    """The properties of a resource, typed; each that its type may have is unknown where a macro gives them."""
    given: Value = resolver.value(declared.get("Properties") or {})
    if MACRO in declared and not isinstance(given, Unknown):
        given = resolver.value({MACRO: declared[MACRO]})
    if isinstance(given, Unknown):
        schema = schema_of(kind) or {}
        parts = {name: at(given, name) for name in schema.get("properties") or {}}
        given = {name: one for name, one in parts.items() if one is not ABSENT}
    if not isinstance(given, dict):
        raise TemplateError("Properties is no mapping")
    return dict(typed(given, kind))


def _has_loop(node: Any) -> bool:
    """Whether anything in a template is made by a loop."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if any(key.startswith(LOOP) for key in one):
                return True
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False


def _line(name: str, lines: Mapping[str, int]) -> int | None:
    """The line of a resource or, if a transform made it, of the one whose name it begins with."""
    origins = [origin for origin in lines if name.startswith(origin)]
    return lines[max(origins, key=len)] if origins else None

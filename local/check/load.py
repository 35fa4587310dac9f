"""A template's file → the template, with transforms applied and everything resolved that it decides."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.check import sam
from local.check.constructs import NO_CONSTRUCTS, Constructs
from local.check.errors import TemplateError
from local.check.resolve import Resolver
from local.check.schema import schema_of, typed
from local.check.source import Source, read_source
from local.check.template import Resource, Template
from local.check.value import Unknown, Value

SOMEWHERE = "us-east-1"  # for SAM, where a template is meant for no Region in particular
# Transforms that change nothing of what is checked.
HARMLESS_TRANSFORMS = {"AWS::CodeDeployBlueGreen", "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16"}


def load_template(
    path: Path,
    file: str,
    parameters: Mapping[str, str],
    *,
    account_id: str | None = None,
    region: str | None = None,
    constructs: Constructs = NO_CONSTRUCTS,
) -> Template:
    """The template of a file, which a person calls `file`; raises TemplateError, naming the file and, where it is about
    a resource, the line."""
    source = read_source(path, file)
    try:
        content = _transformed(source, parameters, region or SOMEWHERE)
        pseudo = {"AWS::Region": region, "AWS::AccountId": account_id}
        resolver = Resolver(content, parameters, {name: value for name, value in pseudo.items() if value})
    except TemplateError as error:
        raise TemplateError(f"{file}: {error}") from error
    declared = content["Resources"].items()
    resources = [_resource(name, one, source, resolver, constructs) for name, one in declared]
    return Template(
        file=file,
        resources=tuple(resource for resource in resources if resource),
        parameters=frozenset(map(str, content.get("Parameters") or {})),
        account_id=account_id,
        region=region,
    )


def _transformed(source: Source, parameters: Mapping[str, str], region: str) -> dict[str, Any]:
    asked = source.content.get("Transform") or []
    transforms = [asked] if isinstance(asked, str) else asked
    for name in transforms if isinstance(transforms, list) else [transforms]:
        if not isinstance(name, str):
            raise TemplateError("it is transformed by a macro with parameters, which is unknown here")
        if name == "AWS::LanguageExtensions":
            if "Fn::ForEach" in str(source.content):
                raise TemplateError(
                    "it uses Fn::ForEach, which only CloudFormation expands; check what "
                    "`aws cloudformation get-template --template-stage Processed` gives of the deployed stack"
                )
        elif name != sam.TRANSFORM and name not in HARMLESS_TRANSFORMS:
            raise TemplateError(f"the transform {name} is unknown here, and what it makes of the template")
    if sam.TRANSFORM in transforms:
        return sam.transform(source.content, parameters, region)
    return source.content


def _resource(name: str, declared: Any, source: Source, resolver: Resolver, constructs: Constructs) -> Resource | None:
    """The resource; None if it won't exist."""
    line = _line(name, source.lines)
    where = f"{source.file}, line {line}: {name}" if line else f"{source.file}: {name}"
    if not isinstance(declared, dict) or not isinstance(declared.get("Type"), str):
        raise TemplateError(f"{where} has no Type")
    kind = declared["Type"]
    if kind.startswith("AWS::") and schema_of(kind) is None:
        raise TemplateError(f"{where} is of the type {kind}, which CloudFormation doesn't have")
    try:
        existence = resolver.condition(str(declared["Condition"])) if "Condition" in declared else True
        if existence is False:
            return None
        properties: Value = resolver.value(declared.get("Properties") or {})
    except TemplateError as error:
        raise TemplateError(f"{where}: {error}") from error
    written = source.content["Resources"].get(name)
    metadata = declared.get("Metadata") or (written.get("Metadata") if isinstance(written, dict) else None) or {}
    told = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    path = told if isinstance(told, str) else constructs.paths.get(name)
    return Resource(
        logical_id=name,
        type=kind,
        properties=typed(properties, kind) if isinstance(properties, dict) else {},
        metadata=metadata if isinstance(metadata, dict) else {},
        line=line,
        path=path,
        acknowledged=constructs.acknowledged(path),
        existence=existence if isinstance(existence, Unknown) else None,
    )


def _line(name: str, lines: Mapping[str, int]) -> int | None:
    """The line of a resource or, if a transform made it, of the one whose name it begins with."""
    origins = [origin for origin in lines if name.startswith(origin)]
    return lines[max(origins, key=len)] if origins else None

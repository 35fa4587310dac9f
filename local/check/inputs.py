"""What is to be checked: templates, folders of them, and cloud assemblies of the CDK, with what is wrong with them.

A cloud assembly is described in "Cloud assembly schema" of the AWS CDK: manifest.json names its artifacts.
"""

import glob
import json
import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from local.check.acceptance import is_passed_over
from local.check.constructs import NO_CONSTRUCTS, Constructs, constructs_of
from local.check.errors import TemplateError
from local.check.load import load_template
from local.check.source import read_bytes
from local.check.template import Resource, Template
from shared.text import excerpt

SUFFIXES = (".yaml", ".yml", ".json", ".template")
MANIFEST = "manifest.json"
MAX_FILES = 2_000
STACK = "AWS::CloudFormation::Stack"
MODULE = "::MODULE"  # "Company::Service::Thing::MODULE"
STACK_SET = "AWS::CloudFormation::StackSet"
_ENVIRONMENT = re.compile(r"aws://(?P<account>[^/]+)/(?P<region>.+)")
_LOOKS_LIKE_TEMPLATE = re.compile(r"^[\"']?\s*\{?\s*[\"']?Resources[\"']?\s*:|[\"']Resources[\"']\s*:", re.MULTILINE)
_PASSED_OVER = {".git", "node_modules", ".venv", ".aws-sam"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A template's file, what a person calls it, the account and Region it is meant for, if that is known, and what a
    cloud assembly says of its constructs."""

    path: Path
    file: str
    account_id: str | None = None
    region: str | None = None
    constructs: Constructs = NO_CONSTRUCTS


@dataclass(slots=True)
class Loaded:
    """The templates that could be read, and a sentence for each that couldn't."""

    templates: list[Template] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def load_all(paths: Sequence[str], parameters: Mapping[str, str], today: date) -> Loaded:
    """Read everything that is named: files, folders, globs, assemblies. What can't be read keeps nothing else from
    it."""
    loaded = Loaded()
    stacks: list[tuple[Path, Template, Resource]] = []
    seen: set[Path | None] = set()
    for named in paths:
        found: list[Input] = []
        problems: list[str] = []
        try:
            found += _inputs(named, problems)
        except TemplateError as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(f"{excerpt(named)} can't be read: {error.strerror}")
        loaded.problems += problems
        for one in found:
            if (whole := _resolved(one.path)) in seen:
                continue
            seen.add(whole)
            try:
                template = load_template(
                    one.path,
                    one.file,
                    parameters,
                    account_id=one.account_id,
                    region=one.region,
                    constructs=one.constructs,
                )
            except TemplateError as error:
                loaded.problems.append(str(error))
            else:
                loaded.templates.append(template)
                stacks += [(one.path, template, resource) for resource in template.resources if _holds_more(resource)]
    loaded.problems += [problem for stack in stacks if (problem := _elsewhere(*stack, seen, today))]
    return loaded


def _holds_more(resource: Resource) -> bool:
    """Whether it is made of resources that do not stand in its template."""
    return resource.type in {STACK, STACK_SET} or resource.type.endswith(MODULE)


def _elsewhere(
    path: Path, template: Template, stack: Resource, read: Container[Path | None], today: date
) -> str | None:
    """That the template of a nested stack or a stack set is none of those that were read, and nobody accepts that."""
    address = stack.properties.get("TemplateURL")
    named = [address] if isinstance(address, str) else []
    if isinstance(asset := stack.metadata.get("aws:asset:path"), str):
        named.append(asset)
    beside = [path.parent / one for one in named if "://" not in one]
    if any(_resolved(one) in read for one in beside):
        return None
    where = f"{template.file}, line {stack.line}" if stack.line else template.file
    try:
        if is_passed_over(stack, today):
            return None
    except TemplateError as error:
        return f"{template.file}: {error}"
    if stack.type.endswith(MODULE):
        return (
            f"{where}: what the module {stack.name} is made of lies in the registry and is not checked; check it where "
            'it is, and accept the control "*" here'
        )
    if stack.type == STACK_SET and "TemplateBody" in stack.properties:
        return (
            f"{where}: the stack set {stack.name} carries its template within it, which is not checked; check it as a "
            'file of its own, and accept the control "*" here'
        )
    if stack.type == STACK_SET:
        return (
            f"{where}: the template of the stack set {stack.name} lies elsewhere and is not checked; check it where it "
            'is, and accept the control "*" here'
        )
    for file in beside:
        if os.path.isfile(file):  # noqa: PTH113 - Path.is_file raises where a name is too long
            return f"{where}: the template of the nested stack {stack.name} is not checked: name {file}, too"
    return (
        f"{where}: the template of the nested stack {stack.name} lies elsewhere and is not checked; check it where it "
        'is, and accept the control "*" here'
    )


def _inputs(named: str, problems: list[str]) -> Iterator[Input]:
    path = Path(named)
    if path.is_dir():
        found = list(_assembly(path, problems) if (path / MANIFEST).exists() else _folder(path))
        if not found and not problems:
            raise TemplateError(f"{named} holds no template")
        yield from found
    elif path.name == MANIFEST and path.exists():
        yield from _inputs(str(path.parent), problems)
    elif path.exists():
        yield Input(path=path, file=named)
    else:
        found_by_glob = sorted(glob.glob(named, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
        matched = [one for one in found_by_glob if Path(one).is_file() or Path(one).is_dir()]
        if not matched:
            raise TemplateError(f"there is no {named}")
        for one in matched:
            yield from _inputs(one, problems)


def _folder(folder: Path) -> Iterator[Input]:
    """The templates of a folder; files that are none, and look like none, are passed over."""
    count = 0
    for file in sorted(folder.rglob("*")):
        inside = set(file.relative_to(folder).parts[:-1])
        if file.suffix not in SUFFIXES or inside & _PASSED_OVER or not file.is_file():
            continue
        count += 1
        if count > MAX_FILES:
            raise TemplateError(f"{folder} holds more than {MAX_FILES:,} files: name those to check")
        if _LOOKS_LIKE_TEMPLATE.search(_text(file)):
            yield Input(path=file, file=str(file))


def _assembly(folder: Path, problems: list[str], within: frozenset[Path | None] = frozenset()) -> Iterator[Input]:
    """Its templates; what is wrong with one of its artifacts joins the problems. `within` has the assemblies that it is
    part of."""
    if (whole := _resolved(folder)) in within:
        raise TemplateError(f"{folder / MANIFEST}: the assembly is a part of itself; run cdk synth again")
    artifacts = _json(folder / MANIFEST).get("artifacts")
    for name, artifact in sorted((artifacts if isinstance(artifacts, dict) else {}).items()):
        try:
            known = artifact if isinstance(artifact, dict) else {}
            yield from _artifact(folder, name, known, problems, within | {whole})
        except TemplateError as error:
            problems.append(str(error))


def _artifact(
    folder: Path, name: str, artifact: Mapping[str, Any], problems: list[str], within: frozenset[Path | None]
) -> Iterator[Input]:
    properties = artifact.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    if artifact.get("type") == "aws:cloudformation:stack":
        file = _inside(folder, properties.get("templateFile"), name)
        meant = _ENVIRONMENT.fullmatch(str(artifact.get("environment") or ""))
        account, region = (_known(meant[part]) if meant else None for part in ("account", "region"))
        constructs = _constructs(folder, artifact, name)
        for one in (file, *_nested(folder, file)):
            yield Input(path=one, file=str(one), account_id=account, region=region, constructs=constructs)
    elif artifact.get("type") == "cdk:cloud-assembly":
        yield from _assembly(_inside(folder, properties.get("directoryName"), name), problems, within)


def _nested(folder: Path, stack: Path) -> Iterator[Path]:
    """The templates of stacks within a stack, at any depth, which are assets of it."""
    left = sorted(folder.glob("*.nested.template.json"))
    waiting = [stack]
    while waiting:
        text = _text(waiting.pop())
        for file in [file for file in left if f'"{file.name}"' in text]:
            left.remove(file)
            waiting.append(file)
            yield file


def _constructs(folder: Path, artifact: Mapping[str, Any], name: str) -> Constructs:
    """What the assembly says of a stack's constructs: in its manifest or, since 2025, in a file beside it."""
    found = artifact.get("metadata")
    if found is None and (beside := artifact.get("additionalMetadataFile")):
        found = _json(_inside(folder, beside, name))
    return constructs_of(found) if isinstance(found, dict) else NO_CONSTRUCTS


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TemplateError(f"{file} can't be read: run cdk synth again") from error
    if not isinstance(found, dict):
        raise TemplateError(f"{file} is no manifest of a cloud assembly")
    return found


def _inside(folder: Path, name: object, artifact: str) -> Path:
    """A file of the assembly; nothing outside of it is read."""
    found = folder / str(name or "")
    whole, around = _resolved(found), _resolved(folder)
    if not name or whole is None or around is None or not whole.is_relative_to(around):
        raise TemplateError(f"{folder / MANIFEST}: {artifact} names no file of the assembly")
    return found


def _resolved(path: Path) -> Path | None:
    """A path without links; None for what no path can be."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return None


def _text(file: Path) -> str:
    """What stands in a file, or in its beginning if it is too large for a template; what can't be read is taken for
    one, so that whoever reads it next says why."""
    try:
        return read_bytes(file).decode(errors="replace")
    except OSError:
        return "Resources:"


def _known(part: str) -> str | None:
    return None if part.startswith("unknown-") else part

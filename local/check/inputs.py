"""What is to be checked: templates, folders of them, and cloud assemblies of the CDK, with what is wrong with them.

A cloud assembly is described in "Cloud assembly schema" of the AWS CDK: manifest.json names its artifacts.
"""

import glob
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from local.check.constructs import NO_CONSTRUCTS, Constructs, constructs_of
from local.check.elsewhere import elsewhere
from local.check.load import load_template
from local.check.nested import STACK, files_of, parameters_of, within
from local.check.template import Resource, Template
from local.check.value import Value
from local.errors import TemplateError
from local.template_file import read_bytes, resolved
from shared.text import excerpt

SUFFIXES = (".yaml", ".yml", ".json", ".template")
MANIFEST = "manifest.json"
MAX_FILES = 2_000
MAX_USES = 50  # of one nested template
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
    it. The template of a nested stack is read once for each way in which its parents use it."""
    loaded = Loaded()
    inputs: dict[Path | None, Input] = {}
    for named in paths:
        problems: list[str] = []
        try:
            for one in _inputs(named, problems):
                inputs.setdefault(resolved(one.path), one)
        except TemplateError as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(f"{excerpt(named)} can't be read: {error.strerror}")
        loaded.problems += problems
    reading = _Reading(inputs, parameters, today, loaded)
    reading.read_all()
    loaded.problems[:] = dict.fromkeys(loaded.problems)
    return loaded


class _Reading:
    """Reads templates, those of nested stacks as their parents use them."""

    def __init__(
        self, inputs: Mapping[Path | None, Input], parameters: Mapping[str, str], today: date, loaded: Loaded
    ) -> None:
        self._inputs = inputs
        self._typed = parameters
        self._today = today
        self._loaded = loaded
        self._uses: dict[Path | None, list[Any]] = {}
        self._alone: dict[Path | None, Template] = {}

    def read_all(self) -> None:
        for file, one in self._inputs.items():
            try:
                self._alone[file] = _load(one, self._typed, one.account_id, one.region)
            except TemplateError as error:
                self._loaded.problems.append(str(error))
        stacks = [(file, stack) for file, template in self._alone.items() for stack in template.of_type(STACK)]
        nested = {self._file_of(file, stack) for file, stack in stacks}
        # Of templates that nest each other in a circle none is the first.
        for file in sorted(self._alone, key=lambda file: file in nested):
            if file not in self._uses:
                self._add(file, self._alone[file], frozenset())

    def _add(self, file: Path | None, template: Template, parents: frozenset[Path | None]) -> None:
        self._loaded.templates.append(template)
        self._uses.setdefault(file, [])
        path = self._inputs[file].path
        told = (elsewhere(path, template, one, self._inputs, self._today) for one in template.resources)
        self._loaded.problems += filter(None, told)
        for stack in template.of_type(STACK):
            nested = self._file_of(file, stack)
            if nested is not None and nested not in parents | {file}:
                self._add_nested(nested, stack, template, parents | {file})

    def _add_nested(self, file: Path, stack: Resource, parent: Template, parents: frozenset[Path | None]) -> None:
        one, uses = self._inputs[file], self._uses.setdefault(file, [])
        parameters = parameters_of(stack, parent, self._alone[file], self._typed)
        account_id, region = one.account_id or parent.account_id, one.region or parent.region
        use = (parameters, stack.existence, account_id, region)
        if use in uses:
            return
        if len(uses) == MAX_USES:
            self._loaded.problems.append(f"{one.file}: it is used in more than {MAX_USES} ways; not all are checked")
            return
        uses.append(use)
        try:
            template = within(stack, _load(one, parameters, account_id, region))
        except TemplateError as error:
            self._loaded.problems.append(str(error))
        else:
            self._add(file, template, parents)

    def _file_of(self, parent: Path | None, stack: Resource) -> Path | None:
        """The template of a nested stack, if it is among those that were read."""
        files = map(resolved, files_of(self._inputs[parent].path, stack))
        return next((file for file in files if file in self._alone), None)


def _load(one: Input, parameters: Mapping[str, Value], account_id: str | None, region: str | None) -> Template:
    return load_template(
        one.path, one.file, parameters, account_id=account_id, region=region, constructs=one.constructs
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
    if (whole := resolved(folder)) in within:
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
    whole, around = resolved(found), resolved(folder)
    if not name or whole is None or around is None or not whole.is_relative_to(around):
        raise TemplateError(f"{folder / MANIFEST}: {artifact} names no file of the assembly")
    return found


def _text(file: Path) -> str:
    """What stands in a file, or in its beginning if it is too large for a template; what can't be read is taken for
    one, so that whoever reads it next says why."""
    try:
        return read_bytes(file).decode(errors="replace")
    except OSError:
        return "Resources:"


def _known(part: str) -> str | None:
    return None if part.startswith("unknown-") else part

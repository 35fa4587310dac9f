"""`shirase check`: templates → which controls they will violate, and the exit code that a pipeline stops at."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from local import words
from local.check.acceptance import accepted
from local.check.controls import Control, controls
from local.check.decide import Predicted, predict_each
from local.check.engines import install_engines
from local.check.errors import EngineError
from local.check.exceptions import accepted_by_team
from local.check.hub import Hub, merged, read_hub
from local.check.inputs import load_all
from local.check.report.csv_file import csv_text
from local.check.report.json_file import json_text
from local.check.report.junit import junit_text
from local.check.report.markdown import markdown_text
from local.check.report.sarif import sarif_text
from local.check.report.table import table
from local.check.result import Result, worst_first
from local.check.selection import STANDARDS, Scope, Selection, scope_of
from local.check.template import Template
from local.errors import InputError, TemplateError
from local.slack.text import one_line
from shared.finding.violation import Severity
from shared.policy.pattern import matches, may_match_control
from shared.policy.selection import Acceptance
from shared.view.language import LANGUAGES

FORMATS: Mapping[str, Callable[[Result, str], str]] = {
    "table": lambda result, _: table(result),
    "csv": lambda result, language: csv_text(result, language),
    "json": lambda result, _: json_text(result),
    "junit": lambda result, _: junit_text(result),
    "markdown": lambda result, _: markdown_text(result),
    "sarif": lambda result, _: sarif_text(result),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is typed, as the options of the command say; what is empty is the stack's, or else the default."""

    paths: Sequence[str]
    parameters: Sequence[str] = ()
    controls: str | None = None
    min_severity: str = ""
    standard: str = ""
    stack: str = ""
    routes: Path | None = None
    fail_on: str = "HIGH"
    is_strict: bool = False
    format: str = "table"
    output: Path | None = None
    reports: Sequence[str] = ()
    language: str = ""


def check(wish: Wish) -> int:
    """Check, tell, and answer the exit code; raises InputError for what can't be meant, and EngineError."""
    now = datetime.now(UTC)
    fail_on = _severity("--fail-on", wish.fail_on)
    _require_one_of("--format", wish.format, FORMATS)
    _require_one_of("--language", wish.language, ["", *LANGUAGES])
    reports = _reports(wish.reports)
    parameters = _parameters(wish.parameters)
    acceptances = _acceptances(wish.routes)
    hub = read_hub(wish.stack, now) if wish.stack else None
    known = merged(controls(), hub) if hub else controls()
    result = run(wish.paths, parameters, _scope(wish, known, hub), now, acceptances)
    problems = [*result.problems, *_without_control(_patterns(wish.controls or ""), known)]
    result = replace(result, is_strict=wish.is_strict, problems=problems)
    is_seen = wish.output is None and wish.format == "table" and sys.stdout.isatty()
    language = wish.language or (hub.settings["MessageLanguage"] if hub else words.language())
    with words.speaking(language):
        text = (
            table(result, colour="NO_COLOR" not in os.environ, width=shutil.get_terminal_size().columns)
            if is_seen
            else FORMATS[wish.format](result, language)
        )
        _write(text, wish.output)
        if wish.output or wish.format == "csv":  # whoever reads neither sees why the exit code is 2
            for problem in result.problems:
                print(f"✗ {words.said(problem)}", file=sys.stderr)
        for format_, file in reports:
            _write(FORMATS[format_](result, language), file)
    return result.exit_code(fail_on)


def run(
    paths: Sequence[str],
    parameters: Mapping[str, str],
    scope: Scope,
    now: datetime,
    acceptances: Sequence[Acceptance] = (),
) -> Result:
    """Check everything that is named, where a team has these exceptions; raises EngineError."""
    today = now.date()
    loaded = load_all(paths, parameters, today)
    problems = list(loaded.problems)
    unknown = parameters.keys() - frozenset().union(*(template.parameters for template in loaded.templates))
    if unknown and loaded.templates and not problems:  # else one that wasn't read may have it
        problems.append(f"no template that was read has a parameter {', '.join(sorted(unknown))}")
    found: list[Predicted] = []
    failed: Sequence[tuple[Template, EngineError]] = ()
    if loaded.templates:
        install_engines()
        predicted, failed = predict_each(loaded.templates, scope.checked)
        problems += [f"{template.file}: {error}" for template, error in failed]
        for one in predicted:
            try:
                why = accepted(one.control, one.resource, today)
            except TemplateError as error:
                why = None
                problems.append(f"{one.template.file}: {error}")
            why = why or accepted_by_team(acceptances, one.control, one.resource, one.template, today)
            found.append(replace(one, accepted=why))
    return Result(
        found=sorted(found, key=worst_first),
        scope=scope,
        templates=len(loaded.templates) - len(failed),
        resources=sum(len(one.resources) for one in loaded.templates) - sum(len(one.resources) for one, _ in failed),
        problems=list(dict.fromkeys(map(one_line, problems))),
    )


def _scope(wish: Wish, known: Sequence[Control], hub: Hub | None) -> Scope:
    """The controls that are typed or, where nothing is, those of the stack and its hub."""
    settings = hub.settings if hub else {}
    standard = wish.standard or "default"
    _require_one_of("--standard", standard, STANDARDS)
    asked = settings.get("TargetControlIds", "*") if wish.controls is None else wish.controls
    patterns = _patterns(asked)
    wrong = [pattern for pattern in patterns if not may_match_control(pattern)]
    if wrong or not patterns:
        raise InputError(f"--controls has {', '.join(wrong) or 'nothing'}: give ids or patterns such as S3.*")
    selection = Selection(
        patterns=patterns,
        min_severity=_severity("--min-severity", wish.min_severity or settings.get("MinSeverity", "INFORMATIONAL")),
        standard=standard,
        enabled=hub.enabled if hub and not wish.standard else None,
    )
    scope = scope_of(selection, known)
    if not (scope.checked or scope.of_account or scope.without_rule):
        raise InputError("there is no such control: give --controls, --min-severity and --standard that some have")
    return scope


def _patterns(asked: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in asked.split(",") if part.strip())


def _without_control(patterns: Iterable[str], known: Sequence[Control]) -> list[str]:
    """That some patterns mean no control of any standard, if so."""
    wrong = [pattern for pattern in patterns if not any(matches(pattern, control.id) for control in known)]
    return [f"no control is called {', '.join(wrong)}, as --controls has it"] if wrong else []


def _acceptances(routes: Path | None) -> tuple[Acceptance, ...]:
    if routes is None:
        return ()
    from local.routes.yaml_file import read

    return read(routes).routes.acceptances


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{output} can't be written: {error.strerror}") from error


def _reports(given: Sequence[str]) -> list[tuple[str, Path]]:
    pairs = [one.partition("=") for one in given]
    for format_, _, file in pairs:
        _require_one_of("--report", format_, FORMATS)
        if not file:
            raise InputError(f"--report has {format_}: write {format_}=file")
    return [(format_, Path(file)) for format_, _, file in pairs]


def _require_one_of(option: str, given: str, known: Iterable[str]) -> None:
    if given not in known:
        raise InputError(f"{option} is {given}: give one of {', '.join(filter(None, known))}")


def _severity(option: str, text: str) -> Severity:
    try:
        return Severity[text.upper()]
    except KeyError:
        raise InputError(f"{option} is {text}: give one of {', '.join(Severity.__members__)}") from None


def _parameters(given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    wrong = [name for name, equals, _ in pairs if not (name and equals)]
    if wrong:
        raise InputError(f"--parameters has {wrong[0]}: write Name=value")
    return {name: value for name, _, value in pairs}

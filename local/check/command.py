"""`shirase check`: templates → which controls they will violate, and the exit code that a pipeline stops at."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from local.check.acceptance import accepted
from local.check.controls import controls
from local.check.decide import Predicted, predict
from local.check.engines import install_engines
from local.check.errors import TemplateError
from local.check.inputs import load_all
from local.check.report.csv_file import csv_text
from local.check.report.json_file import json_text
from local.check.report.junit import junit_text
from local.check.report.sarif import sarif_text
from local.check.report.table import table
from local.check.result import Result, worst_first
from local.check.selection import STANDARDS, Scope, Selection, scope_of
from local.errors import InputError
from shared.finding.violation import Severity
from shared.view.language import LANGUAGES

FORMATS: Mapping[str, Callable[[Result, str], str]] = {
    "table": lambda result, _: table(result),
    "csv": lambda result, language: csv_text(result, LANGUAGES[language]),
    "json": lambda result, _: json_text(result),
    "junit": lambda result, _: junit_text(result),
    "sarif": lambda result, _: sarif_text(result),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is typed, as the options of the command say."""

    paths: Sequence[str]
    parameters: Sequence[str] = ()
    controls: str = "*"
    min_severity: str = "INFORMATIONAL"
    standard: str = "default"
    fail_on: str = "HIGH"
    is_strict: bool = False
    format: str = "table"
    output: Path | None = None
    language: str = "en"


def check(wish: Wish) -> int:
    """Check, tell, and answer the exit code; raises InputError for what can't be meant, and EngineError."""
    fail_on, selection = _severity("--fail-on", wish.fail_on), _selection(wish)
    if wish.format not in FORMATS:
        raise InputError(f"--format is {wish.format}: give one of {', '.join(FORMATS)}")
    result = run(wish.paths, _parameters(wish.parameters), scope_of(selection, controls()), _today())
    is_shown = wish.output is None and wish.format == "table"
    text = (
        table(result, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
        if is_shown
        else FORMATS[wish.format](result, wish.language)
    )
    if wish.output:
        wish.output.write_text(text, encoding="utf-8", newline="")
    else:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    return result.exit_code(fail_on, is_strict=wish.is_strict)


def run(paths: Sequence[str], parameters: Mapping[str, str], scope: Scope, now: datetime) -> Result:
    """Check everything that is named; raises EngineError."""
    loaded = load_all(paths, parameters)
    problems = list(loaded.problems)
    found: list[Predicted] = []
    if loaded.templates:
        install_engines()
        for one in predict(loaded.templates, scope.checked):
            try:
                found.append(replace(one, accepted=accepted(one.control, one.resource, now.date())))
            except TemplateError as error:
                found.append(one)
                problems.append(f"{one.template.file}: {error}")
    return Result(
        found=sorted(found, key=worst_first),
        scope=scope,
        templates=len(loaded.templates),
        resources=sum(len(template.resources) for template in loaded.templates),
        problems=list(dict.fromkeys(problems)),
    )


def _selection(wish: Wish) -> Selection:
    if wish.standard not in STANDARDS:
        raise InputError(f"--standard is {wish.standard}: give one of {', '.join(STANDARDS)}")
    patterns = tuple(part.strip() for part in wish.controls.split(",") if part.strip())
    if not patterns:
        raise InputError("--controls is empty: give ids or patterns such as S3.*")
    return Selection(
        patterns=patterns,
        min_severity=_severity("--min-severity", wish.min_severity),
        standard=wish.standard,
    )


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


def _today() -> datetime:
    return datetime.now(UTC)

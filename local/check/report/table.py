"""What a person reads in the terminal."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from local.check.decide import Predicted
from local.check.result import Result, doubt, place, remediation
from local.slack.text import printable
from local.words import said
from shared.finding.violation import Severity

_COLOURS = {Severity.CRITICAL: "1;31", Severity.HIGH: "31", Severity.MEDIUM: "33", Severity.LOW: "36"}


def table(result: Result, *, colour: bool = False) -> str:
    """The worst first, then what is accepted and what could not be decided, and how much was checked."""
    parts = [
        *_violations(result.violations, colour=colour),
        *_section(said("Accepted"), result.accepted, _acceptance),
        *_section(said("Undecided: the template alone doesn't tell"), result.undecided, doubt),
        *_problems(result.problems),
        *_footer(result),
    ]
    return printable("\n".join(parts)) if not colour else "\n".join(parts)


def _violations(found: Sequence[Predicted], *, colour: bool) -> Iterator[str]:
    for control, group in groupby(found, key=lambda one: one.control):
        several = list(group)
        yield f"{_severity(control.severity, colour=colour)}  {control.id}  {control.title}"
        for one in several:
            yield f"          {place(one)}  {printable(one.resource.name)}"
        yield f"          {said('how to fix')}: {remediation(several[0])}"
        yield ""


def _severity(severity: Severity, *, colour: bool) -> str:
    word = f"{severity.name:8}"
    return f"\x1b[{_COLOURS[severity]}m{word}\x1b[0m" if colour and severity in _COLOURS else word


def _section(heading: str, found: Sequence[Predicted], explain: Callable[[Predicted], str]) -> Iterator[str]:
    if not found:
        return
    yield heading
    for one in found:
        severity, name = one.control.severity.name, printable(one.resource.name)
        yield f"  {severity:8}  {one.control.id}  {place(one)}  {name}"
        yield f"            {printable(explain(one))}"
    yield ""


def _acceptance(one: Predicted) -> str:
    if one.accepted is None:
        return ""
    if one.accepted.until:
        return said(f"until {one.accepted.until}: {one.accepted.reason}")
    return one.accepted.reason


def _problems(problems: Sequence[str]) -> Iterator[str]:
    if problems:
        yield said("Not checked")
        yield from (f"  ✗ {printable(said(problem))}" for problem in problems)
        yield ""


def _footer(result: Result) -> Iterator[str]:
    scope = result.scope
    yield said(
        f"Checked {len(scope.checked)} controls on {result.resources} resources of {result.templates} templates: "
        f"{len(result.violations)} violations, {len(result.accepted)} accepted, {len(result.undecided)} undecided."
    )
    yield said(
        f"{len(scope.of_account)} more controls need the deployed account, and for {len(scope.without_rule)} there is "
        "no rule yet: what is not listed may still be reported."
    )
    if scope.of_other_parameters:
        changed = ", ".join(control.id for control in scope.of_other_parameters)
        yield said(
            f"Your Security Hub has other parameters than the defaults, which these were checked with: {changed}"
        )
    parameters = sorted(
        {source for one in result.undecided for source in one.undecided if source.startswith("parameter ")}
    )
    if parameters:
        named = " ".join(f"{source.removeprefix('parameter ')}=…" for source in parameters)
        yield said(f"To decide more: --parameters {named}")

"""What a person reads in the terminal."""

import textwrap
from collections.abc import Callable, Iterator, Sequence

from local.check.decide import Predicted
from local.check.report.summary import MOST_RESOURCES, acceptance, conclusion, coverage, grouped, left_out
from local.check.result import Result, doubt, place, remediation, subject
from local.slack.text import one_line, printable
from local.words import said
from shared.finding.violation import Severity

_COLOURS = {Severity.CRITICAL: "1;31", Severity.HIGH: "31", Severity.MEDIUM: "33", Severity.LOW: "36"}


def table(result: Result, *, colour: bool = False, width: int | None = None) -> str:
    """The worst first, then what is accepted and what could not be decided; how much was checked; and last, where a
    terminal stops, what it comes to. `width` is the terminal's, to which titles are folded."""

    def blocks(found: Sequence[Predicted], explain: Callable[[Predicted], str]) -> Iterator[str]:
        for explanation, group in grouped(found, explain):
            yield from _block(explanation, group, colour=colour, width=width)

    parts = [
        *blocks(result.violations, remediation),
        *_section("Accepted", blocks(result.accepted, acceptance)),
        *_section("Undecided: the template alone doesn't tell", blocks(result.undecided, doubt)),
        *_section("Not checked", _problems(result.problems)),
        *coverage(result),
        "",
        conclusion(result),
    ]
    return "\n".join(parts)


def _section(heading: str, lines: Iterator[str]) -> Iterator[str]:
    first = next(lines, None)
    if first is not None:
        yield f"── {said(heading)}"
        yield first
        yield from lines


def _problems(problems: Sequence[str]) -> Iterator[str]:
    yield from (f"  ✗ {printable(said(problem))}" for problem in problems)
    if problems:
        yield ""


def _block(explanation: str, group: Sequence[Predicted], *, colour: bool, width: int | None) -> Iterator[str]:
    """A control, the resources that violate it, and what is to be said of them all."""
    control = group[0].control
    title = f"{control.id}  {one_line(control.title)}"
    lines = textwrap.wrap(title, max(width - 10, 20)) if width else [title]
    yield f"{_severity(control.severity, colour=colour)}  {lines[0]}"
    yield from (f"{'':10}{line}" for line in lines[1:])
    yield from (f"  {one_line(place(one))}  {one_line(subject(one))}" for one in group[:MOST_RESOURCES])
    yield from (f"  {line}" for line in (left_out(group), one_line(explanation)) if line)
    yield ""


def _severity(severity: Severity, *, colour: bool) -> str:
    word = f"{severity.name:8}"
    return f"\x1b[{_COLOURS[severity]}m{word}\x1b[0m" if colour and severity in _COLOURS else word

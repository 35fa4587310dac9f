"""What a pull request shows: Markdown, as GitHub and GitLab read it."""

import re
from collections.abc import Callable, Iterator, Sequence

from local.check.decide import Predicted
from local.check.report.summary import MOST_RESOURCES, acceptance, conclusion, coverage, grouped, left_out
from local.check.result import Result, doubt, place, remediation, subject
from local.slack.text import emoji, one_line
from local.words import said
from shared.view.severity import EMOJI

MOST_ROWS = 300  # a table; GitHub shows no summary of more than 1 MiB ("Workflow commands for GitHub Actions")
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def markdown_text(result: Result) -> str:
    """What it comes to, then a table each of what is violated, accepted and undecided, and how much was checked."""
    parts = [
        f"## {said('Security Hub, before it is deployed')}",
        f"**{conclusion(result)}**",
        *_table("Violations", result.violations, lambda _: ""),
        *_table("Accepted", result.accepted, acceptance),
        *_table("Undecided: the template alone doesn't tell", result.undecided, doubt),
        *_problems(result.problems),
        "\n".join(f"{_escaped(line)}  " for line in coverage(result)).rstrip(),
    ]
    return "\n\n".join(parts) + "\n"


def _table(heading: str, found: Sequence[Predicted], explain: Callable[[Predicted], str]) -> Iterator[str]:
    rows = [_row(explanation, group) for explanation, group in grouped(found, explain)]
    if not rows:
        return
    yield f"### {said(heading)}"
    yield "\n".join(
        [f"| {said('Severity')} | {said('Control')} | {said('Where')} |", "|---|---|---|", *rows[:MOST_ROWS]]
    )
    if len(rows) > MOST_ROWS:
        yield said(f"… and {len(rows) - MOST_ROWS} more: --format csv has all")


def _row(explanation: str, group: Sequence[Predicted]) -> str:
    control = group[0].control
    linked = f"[{_escaped(control.id)}]({remediation(group[0])}) {_escaped(control.title)}"
    where = [f"{_code(place(one))} {_code(subject(one))}" for one in group[:MOST_RESOURCES]]
    where += [_escaped(line) for line in (left_out(group), explanation) if line]
    return f"| {emoji(EMOJI[control.severity])} {control.severity.name} | {linked} | {'<br>'.join(where)} |"


def _problems(problems: Sequence[str]) -> Iterator[str]:
    if problems:
        yield f"### {said('Not checked')}"
        yield "\n".join(f"- {_escaped(said(problem))}" for problem in problems)


def _escaped(text: str) -> str:
    """A text on one line in which nothing is a mark of Markdown, a tag, or a mention of somebody."""
    return _MARKS.sub(r"\\\1", one_line(text)).replace("@", "@\u2060")


def _code(text: str) -> str:
    """A text that stands there as it is; a cell ends at a bar even in code."""
    return f"`{one_line(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"

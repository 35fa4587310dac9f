"""What reports for people have in common: what belongs together, and what it all comes to."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from local.check.decide import Predicted
from local.check.result import Result
from local.screen import count_of
from local.slack.text import printable
from local.words import said
from shared.view.severity import worst_first

MOST_RESOURCES = 10  # of one control; more are counted


def grouped(
    found: Sequence[Predicted], explain: Callable[[Predicted], str]
) -> Iterator[tuple[str, Sequence[Predicted]]]:
    """What is to be said of a control, and the resources of which that is to be said, in the order given."""
    groups: dict[tuple[str, str], list[Predicted]] = {}
    for one in found:
        groups.setdefault((one.control.id, explain(one)), []).append(one)
    yield from ((explanation, group) for (_, explanation), group in groups.items())


def left_out(group: Sequence[Predicted]) -> str:
    """That there are more resources than are shown; empty if there are not."""
    number = len(group) - MOST_RESOURCES
    return said(f"… and {number} more: --format csv has all") if number > 0 else ""


def acceptance(one: Predicted) -> str:
    """Why, and until when, a violation is accepted."""
    if one.accepted is None:
        return ""
    if one.accepted.until:
        return said(f"until {one.accepted.until}: {one.accepted.reason}")
    return one.accepted.reason


def conclusion(result: Result) -> str:
    """What it comes to, in a line: how many of each severity, accepted, undecided, and not checked."""
    severities = Counter(one.control.severity for one in result.violations)
    parts = [said(count_of(len(result.violations), "violation"))]
    if severities:
        parts[0] += f" ({', '.join(f'{count} {severity.name}' for severity, count in worst_first(severities))})"
    parts.append(said(f"{len(result.accepted)} accepted"))
    parts.append(said(f"{len(result.undecided)} undecided"))
    if result.problems:
        parts.append(said(f"{len(result.problems)} not checked"))
    return " · ".join(parts)


def coverage(result: Result) -> Iterator[str]:
    """How much was checked, what was not, and what would tell more."""
    scope = result.scope
    controls, resources = count_of(len(scope.checked), "control"), count_of(result.resources, "resource")
    yield said(f"Checked {controls} on {resources} of {count_of(result.templates, 'template')}.")
    yield said(
        f"{len(scope.of_account)} more controls need the deployed account, and for {len(scope.without_rule)} there is "
        "no rule yet: what is not listed may still be reported."
    )
    if scope.of_other_parameters:
        changed = ", ".join(control.id for control in scope.of_other_parameters)
        yield said(
            f"Your Security Hub has other parameters than the defaults, which these were checked with: {changed}"
        )
    sources = {source for one in result.undecided for source in one.undecided if source.startswith("parameter ")}
    if sources:
        named = " ".join(f"{source.removeprefix('parameter ')}=…" for source in sorted(sources))
        yield printable(said(f"To decide more: --parameters {named}"))

"""What reports for people have in common: what belongs together, and what it all comes to."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from local.check.controls import Control
from local.check.decide import Predicted
from local.check.result import Result
from local.screen import count_of
from local.slack.text import printable
from local.words import enumerated, said
from shared.view.severity import worst_first

MOST_RESOURCES = 10  # of one control; more are counted
MOST_CONTROLS = 5  # of one parameter; --format json has all


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
    undecided = said(f"{len(result.undecided)} undecided")
    is_counted = result.is_strict and result.undecided
    parts.append(said(f"{undecided}, which --strict counts as violated") if is_counted else undecided)
    if result.problems:
        parts.append(said(f"{len(result.problems)} not checked"))
    return " · ".join(parts)


def _customized(controls: Iterable[Control]) -> Iterator[str]:
    """What a hub has set, as "requiredTagKeys [\"Owner\"] (ACM.3, Amplify.1)"."""
    by_value: dict[str, list[str]] = {}
    for control in controls:
        for name, value in control.parameters.items():
            by_value.setdefault(f"{name} {json.dumps(value, ensure_ascii=False)}", []).append(control.id)
    for named, ids in by_value.items():
        more = ["…"] if len(ids) > MOST_CONTROLS else []
        yield f"{named} ({', '.join([*ids[:MOST_CONTROLS], *more])})"


def coverage(result: Result) -> Iterator[str]:
    """How much was checked, what was not, and what would tell more."""
    scope = result.scope
    controls, resources = count_of(len(scope.checked), "control"), count_of(result.resources, "resource")
    yield said(f"Checked {controls} on {resources} of {count_of(result.templates, 'template')}.")
    if scope.of_account:
        yield said(f"Only the deployed account tells of {count_of(len(scope.of_account), 'more control')}.")
    if scope.without_rule:
        yield said(f"There is no rule yet for {count_of(len(scope.without_rule), 'more control')}.")
    yield said("What is not listed may still be reported.")
    if customized := enumerated(_customized(scope.checked)):
        yield printable(said(f"Checked as your Security Hub has it: {customized}"))
    sources = {source for one in result.undecided for source in one.undecided if source.startswith("parameter ")}
    if sources:
        named = " ".join(f"{source.removeprefix('parameter ')}=…" for source in sorted(sources))
        yield printable(said(f"To decide more: --parameters {named}"))

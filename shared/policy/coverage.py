"""Whether a condition holds wherever another does, so that a line after it is never reached."""

from collections.abc import Mapping

from shared.finding.tag import tag_name
from shared.finding.violation import Severity
from shared.policy.condition import Condition, Patterns
from shared.policy.pattern import covers, matches_all


def includes(wide: Condition, narrow: Condition) -> bool:
    """Whether the wide condition is sure to hold wherever the narrow one does; False where that can't be told."""
    return (
        severities(narrow) <= severities(wide)
        and _of_units(wide.units, narrow.units)
        and _of_tags(wide.tags, narrow.tags)
        and _of_tags(wide.account_tags, narrow.account_tags)
        and (wide.owners is None or (narrow.owners is not None and _of(wide.owners, narrow.owners)))
        and _of_what_all_have(wide.regions, narrow.regions)
        and _of_what_all_have(wide.controls, narrow.controls)
        and _of_what_all_have(wide.accounts, narrow.accounts)
        and _of_what_all_have(wide.resources, narrow.resources)
    )


def severities(condition: Condition) -> frozenset[Severity]:
    """All the severities for which a condition can hold."""
    asked = frozenset(Severity) if condition.severities is None else condition.severities
    return frozenset(one for one in asked if condition.min_severity is None or one >= condition.min_severity)


def _of_what_all_have(wide: Patterns | None, narrow: Patterns | None) -> bool:
    if wide is None or any(matches_all(pattern) for pattern in wide):
        return True
    return narrow is not None and _of(wide, narrow)


def _of(wide: Patterns, narrow: Patterns) -> bool:
    exact = {pattern.casefold() for pattern in wide}
    free = [pattern for pattern in wide if "*" in pattern]
    return all(one.casefold() in exact or any(covers(pattern, one) for pattern in free) for one in narrow)


def _of_units(wide: frozenset[str] | None, narrow: frozenset[str] | None) -> bool:
    return wide is None or (narrow is not None and narrow <= wide)


def _of_tags(wide: Mapping[str, Patterns], narrow: Mapping[str, Patterns]) -> bool:
    asked = {tag_name(key): patterns for key, patterns in narrow.items()}
    return all(tag_name(key) in asked and _of(patterns, asked[tag_name(key)]) for key, patterns in wide.items())

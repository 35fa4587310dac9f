"""Whether a condition holds wherever another does, so that a line after it is never reached."""

from collections.abc import Mapping

from shared.finding.tag import tag_name
from shared.finding.violation import Severity
from shared.policy.condition import Condition, Patterns
from shared.policy.pattern import covers, matches_all


class Reach:
    """All that a condition can hold for."""

    def __init__(self, condition: Condition) -> None:
        self._severities = severities(condition)
        self._controls = _Some(condition.controls, all_have_one=True)
        self._accounts = _Some(condition.accounts, all_have_one=True)
        self._regions = _Some(condition.regions, all_have_one=True)
        self._resources = _Some(condition.resources, all_have_one=True)
        self._owners = _Some(condition.owners)
        self._units = condition.units
        self._tags = _by_name(condition.tags)
        self._account_tags = _by_name(condition.account_tags)

    def includes(self, other: "Reach") -> bool:
        """Whether this condition is sure to hold wherever the other does; False where that can't be told."""
        return (
            self._controls.include(other._controls)
            and self._accounts.include(other._accounts)
            and self._severities >= other._severities
            and self._regions.include(other._regions)
            and self._resources.include(other._resources)
            and self._owners.include(other._owners)
            and (self._units is None or (other._units is not None and self._units >= other._units))
            and _include(self._tags, other._tags)
            and _include(self._account_tags, other._account_tags)
        )


def severities(condition: Condition) -> frozenset[Severity]:
    """All the severities for which a condition can hold."""
    asked = frozenset(Severity) if condition.severities is None else condition.severities
    return frozenset(one for one in asked if condition.min_severity is None or one >= condition.min_severity)


class _Some:
    """The texts that any of some patterns matches; with None all there are, and none at all. Where all violations have
    such a text, * is the same."""

    def __init__(self, patterns: Patterns | None, *, all_have_one: bool = False) -> None:
        self._is_all = patterns is None or (all_have_one and any(map(matches_all, patterns)))
        self._patterns = frozenset(pattern.casefold() for pattern in patterns or ())
        self._free = [pattern for pattern in self._patterns if "*" in pattern]

    def include(self, other: "_Some") -> bool:
        if self._is_all or other._is_all:
            return self._is_all
        return all(one in self._patterns or any(covers(free, one) for free in self._free) for one in other._patterns)


def _by_name(tags: Mapping[str, Patterns]) -> dict[str, _Some]:
    return {tag_name(key): _Some(patterns) for key, patterns in tags.items()}


def _include(wide: Mapping[str, _Some], narrow: Mapping[str, _Some]) -> bool:
    return all(name in narrow and asked.include(narrow[name]) for name, asked in wide.items())

"""What a line of the routes asks of a violation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.finding.account import Account
from shared.finding.tag import Tags, tag_name
from shared.finding.violation import Severity, Violation
from shared.policy.pattern import matches

Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What all has to hold; of several patterns one has to match, and what is None is not asked for.

    `units` has ids of organizational units, `tags` patterns of the resource's tags' values by key, `account_tags` those
    of its account's, `resources` patterns of ids or names, `owners` of what those who look after it are called.
    """

    controls: Patterns | None = None
    severities: frozenset[Severity] | None = None
    min_severity: Severity | None = None
    accounts: Patterns | None = None
    regions: Patterns | None = None
    units: frozenset[str] | None = None
    resources: Patterns | None = None
    tags: Mapping[str, Patterns] = field(default_factory=dict)
    account_tags: Mapping[str, Patterns] = field(default_factory=dict)
    owners: Patterns | None = None

    def holds(self, violation: Violation, account: Account, owners: Iterable[str] = ()) -> bool:
        """Whether the violation, its account and what its owners are called are as asked for."""
        resource = violation.resource
        return (
            is_any(self.controls, violation.control_id)
            and (self.severities is None or violation.severity in self.severities)
            and (self.min_severity is None or violation.severity >= self.min_severity)
            and is_any(self.accounts, violation.account_id)
            and is_any(self.regions, violation.region)
            and (self.units is None or not self.units.isdisjoint(account.units))
            and is_any(self.resources, resource.id, resource.name)
            and are_tagged(self.tags, resource.tags)
            and are_tagged(self.account_tags, account.tags)
            and is_any(self.owners, *owners)
        )


def described(condition: Condition) -> str:
    """What it asks of a violation, in the routes' own values: "S3.8, S3.9 · 111122223333 · env: dev"; "*" for all."""
    plain = (condition.controls, condition.accounts, condition.regions, condition.resources)
    tagged = [f"{key}: {', '.join(patterns)}" for key, patterns in condition.tags.items()]
    return " · ".join([*(", ".join(patterns) for patterns in plain if patterns), *tagged]) or "*"


def is_any(patterns: Patterns | None, *texts: str) -> bool:
    """Whether one of the patterns matches one of the texts, or none is asked for."""
    return patterns is None or any(matches(pattern, text) for pattern in patterns for text in texts)


def are_tagged(asked: Mapping[str, Patterns], tags: Tags) -> bool:
    """Whether each tag that is asked for is there, with a value that one of its patterns matches."""
    return all(is_any(patterns, *_values(tags, key)) for key, patterns in asked.items())


def _values(tags: Tags, key: str) -> list[str]:
    return [value.strip() for name, value in tags if tag_name(name) == tag_name(key)]

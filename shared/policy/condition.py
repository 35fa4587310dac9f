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
    of its account's, `resources` patterns of ids or names, `owners` of the names of those who look after it.
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
        """Whether the violation, its account and the names of its owners are as asked for."""
        resource = violation.resource
        # What isn't asked for is passed over without a call: an alert may have hundreds of these to go through.
        return (
            (self.controls is None or _is_any(self.controls, violation.control_id))
            and (self.severities is None or violation.severity in self.severities)
            and (self.min_severity is None or violation.severity >= self.min_severity)
            and (self.accounts is None or _is_any(self.accounts, violation.account_id))
            and (self.regions is None or _is_any(self.regions, violation.region))
            and (self.units is None or not self.units.isdisjoint(account.units))
            and (self.resources is None or _is_any(self.resources, resource.id, resource.name))
            and (not self.tags or _are_tagged(self.tags, resource.tags))
            and (not self.account_tags or _are_tagged(self.account_tags, account.tags))
            and (self.owners is None or _is_any(self.owners, *owners))
        )


def _is_any(patterns: Patterns, *texts: str) -> bool:
    return any(matches(pattern, text) for pattern in patterns for text in texts)


def _are_tagged(asked: Mapping[str, Patterns], tags: Tags) -> bool:
    return all(_is_any(patterns, *_values(tags, key)) for key, patterns in asked.items())


def _values(tags: Tags, key: str) -> list[str]:
    return [value.strip() for name, value in tags if tag_name(name) == tag_name(key)]

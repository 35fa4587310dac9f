"""Many conditions at once: a digest asks hundreds of them of a hundred thousand violations."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from shared.finding.account import Account
from shared.finding.tag import Tags
from shared.finding.violation import Severity, Violation
from shared.policy.condition import Condition, are_tagged, is_any

_REMEMBERED = 16_384  # values of each kind; there may be 5,000 accounts


class ConditionIndex:
    """Which of the conditions hold, each part of them judged once for each value it is asked about: as a number whose
    bits are the conditions' positions."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = conditions
        remember = lru_cache(_REMEMBERED)
        self._by_control = remember(self._of_control)
        self._by_severity = remember(self._of_severity)
        self._by_account = remember(self._of_account)
        self._by_region = remember(self._of_region)
        self._by_tags = remember(self._of_tags)
        self._by_owners = remember(self._of_owners)

    def holding(self, violation: Violation, account: Account, owners: tuple[str, ...] = ()) -> Iterator[int]:
        """The positions of those whose `holds` is true, in their order."""
        resource = violation.resource
        left = (
            self._by_control(violation.control_id)
            & self._by_severity(violation.severity)
            & self._by_account(violation.account_id, account)
            & self._by_region(violation.region)
            & self._by_tags(resource.tags)
            & self._by_owners(owners)
        )
        while left:
            lowest = left & -left
            position = lowest.bit_length() - 1
            if is_any(self._conditions[position].resources, resource.id, resource.name):
                yield position
            left ^= lowest

    def _of_control(self, control_id: str) -> int:
        return self._which(lambda one: is_any(one.controls, control_id))

    def _of_severity(self, severity: Severity) -> int:
        return self._which(
            lambda one: (
                (one.severities is None or severity in one.severities)
                and (one.min_severity is None or severity >= one.min_severity)
            )
        )

    def _of_account(self, account_id: str, account: Account) -> int:
        return self._which(
            lambda one: (
                is_any(one.accounts, account_id)
                and (one.units is None or not one.units.isdisjoint(account.units))
                and are_tagged(one.account_tags, account.tags)
            )
        )

    def _of_region(self, region: str) -> int:
        return self._which(lambda one: is_any(one.regions, region))

    def _of_tags(self, tags: Tags) -> int:
        return self._which(lambda one: are_tagged(one.tags, tags))

    def _of_owners(self, owners: tuple[str, ...]) -> int:
        return self._which(lambda one: is_any(one.owners, *owners))

    def _which(self, is_met: Callable[[Condition], bool]) -> int:
        return sum(1 << position for position, one in enumerate(self._conditions) if is_met(one))

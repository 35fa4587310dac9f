"""Many conditions at once: a digest asks hundreds of them of a hundred thousand violations."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

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
        self._by_control = self._part(lambda one: one.controls, _of_control)
        self._by_severity = self._part(lambda one: (one.severities, one.min_severity), _of_severity)
        self._by_account = self._part(lambda one: (one.accounts, one.units, one.account_tags or None), _of_account)
        self._by_region = self._part(lambda one: one.regions, _of_region)
        self._by_tags = self._part(lambda one: one.tags or None, _of_tags)
        self._by_owners = self._part(lambda one: one.owners, _of_owners)

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

    def _part(self, asked: Callable[[Condition], object], is_met: Callable[..., bool]) -> Callable[..., int]:
        """Which conditions are met in one respect; those that ask for nothing there always are."""
        bits = [(1 << position, one) for position, one in enumerate(self._conditions)]
        asking = [(bit, one) for bit, one in bits if asked(one) not in _NOTHING]
        met_anyway = sum(bit for bit, _ in bits) - sum(bit for bit, _ in asking)

        @lru_cache(_REMEMBERED)
        def part(*values: Any) -> int:
            return met_anyway + sum(bit for bit, one in asking if is_met(one, *values))

        return part


_NOTHING = (None, (None, None), (None, None, None))


def _of_control(one: Condition, control_id: str) -> bool:
    return is_any(one.controls, control_id)


def _of_severity(one: Condition, severity: Severity) -> bool:
    is_one = one.severities is None or severity in one.severities
    return is_one and (one.min_severity is None or severity >= one.min_severity)


def _of_account(one: Condition, account_id: str, account: Account) -> bool:
    is_in_unit = one.units is None or not one.units.isdisjoint(account.units)
    return is_in_unit and is_any(one.accounts, account_id) and are_tagged(one.account_tags, account.tags)


def _of_region(one: Condition, region: str) -> bool:
    return is_any(one.regions, region)


def _of_tags(one: Condition, tags: Tags) -> bool:
    return are_tagged(one.tags, tags)


def _of_owners(one: Condition, owners: tuple[str, ...]) -> bool:
    return is_any(one.owners, *owners)

"""Many conditions at once hold exactly where each by itself does."""

from itertools import product

import pytest

from shared.finding.account import Account
from shared.finding.violation import Severity, Violation
from shared.policy import condition_index
from shared.policy.condition import Condition, is_any
from shared.policy.condition_index import ConditionIndex
from tests.findings import violation

TAGGED = [{"Id": "arn:aws:s3:::payroll", "Type": "AwsS3Bucket", "Tags": {"Env": "prod", "Owner": "team-a"}}]
CONDITIONS = [
    Condition(),
    Condition(controls=("S3.*",)),
    Condition(controls=("IAM.*", "EC2.1")),
    Condition(severities=frozenset({Severity.LOW})),
    Condition(min_severity=Severity.HIGH),
    Condition(accounts=("1111*",), regions=("eu-*",)),
    Condition(units=frozenset({"ou-1"})),
    Condition(account_tags={"stage": ("live",)}),
    Condition(resources=("arn:aws:s3:::pay*",)),
    Condition(tags={"env": ("prod*",)}),
    Condition(tags={"env": ("prod",)}, owners=("team-*",)),
    Condition(owners=("team-a",), controls=("S3.8",), resources=("payroll",)),
]


def test_many_conditions_hold_where_each_does() -> None:
    index = ConditionIndex(CONDITIONS)
    violations = [violation(), violation(Resources=TAGGED), violation(Region="us-east-1", AwsAccountId="999988887777")]
    accounts = [Account(), Account(tags=(("Stage", "live"),), units=frozenset({"ou-1"}))]
    for one, account, owners in product(violations, accounts, [(), ("team-a", "x"), ("x",)]):
        expected = [place for place, each in enumerate(CONDITIONS) if each.holds(one, account, owners)]
        assert list(index.holding(one, account, owners)) == expected


@pytest.mark.parametrize(("routes", "accounts"), [(200, 50), (2, 5_000)])
def test_a_storm_judges_each_account_once_however_many_violations_it_has(
    monkeypatch: pytest.MonkeyPatch, routes: int, accounts: int
) -> None:
    judged = 0

    def counting(patterns: tuple[str, ...] | None, *values: str) -> bool:
        nonlocal judged
        judged += 1
        return is_any(patterns, *values)

    monkeypatch.setattr(condition_index, "is_any", counting)
    index = ConditionIndex([Condition(accounts=(f"{number:012}",), controls=("S3.*",)) for number in range(routes)])
    storm = [violation(AwsAccountId=f"{number:012}") for number in range(accounts)]

    def first(one: Violation) -> int | None:
        return next(index.holding(one, Account()), None)

    expected = [number if number < routes else None for number in range(accounts)]
    assert list(map(first, storm)) == expected
    assert (
        judged <= routes * (accounts + 1) + accounts
    )  # accounts and the one control; then the resource of what is left
    judged = 0
    assert list(map(first, storm)) == expected
    assert judged <= accounts

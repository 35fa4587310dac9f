"""Many conditions at once hold exactly where each by itself does."""

from itertools import product

from shared.finding.account import Account
from shared.finding.violation import Severity
from shared.policy.condition import Condition
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

"""Alarms and log groups."""

from local.check.parameter import flag, number
from local.check.rule import Predicate, Rule, all_of, at_least, customizable, given_items, rule, true

ALARM = "CloudWatch::Alarm"

_STATES = ("Alarm", "InsufficientData", "OK")


def _has_actions(*are_required: bool) -> Predicate:
    """Whether it has actions for those of the states for which they are required."""
    required = zip(_STATES, are_required, strict=True)
    return all_of(*(given_items(f"{state}Actions") for state, is_required in required if is_required))


RULES: list[Rule] = [
    customizable(
        lambda *are_required: rule("CloudWatch.15", ALARM, _has_actions(*are_required)),
        flag("alarmActionRequired", default=True),
        flag("insufficientDataActionRequired", default=False),
        flag("okActionRequired", default=False),
    ),
    # Events never expire unless told otherwise (CloudFormation, "AWS::Logs::LogGroup").
    customizable(
        lambda days: rule("CloudWatch.16", "Logs::LogGroup", at_least("RetentionInDays", days, default=True)),
        number("minRetentionTime", 365),
    ),
    rule("CloudWatch.17", ALARM, true("ActionsEnabled", default=True)),
]

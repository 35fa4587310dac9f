"""Alarms and log groups."""

from local.check.answer import YES, Answer
from local.check.rule import Rule, any_item, at_least, given, rule, true
from local.check.value import Unknown, Value, at

ALARM = "CloudWatch::Alarm"


def _acts(alarm: Value) -> Answer:
    """Each action may depend on a condition; a list that a parameter or an import gives counts as given."""
    actions = at(alarm, "AlarmActions")
    if isinstance(actions, Unknown) and actions.choices is None:
        return YES
    return any_item("AlarmActions", given(""))(alarm)


RULES: list[Rule] = [
    rule("CloudWatch.15", ALARM, _acts),
    # Events never expire unless told otherwise (CloudFormation, "AWS::Logs::LogGroup").
    rule("CloudWatch.16", "Logs::LogGroup", at_least("RetentionInDays", 365, default=True)),
    rule("CloudWatch.17", ALARM, true("ActionsEnabled", default=True)),
]

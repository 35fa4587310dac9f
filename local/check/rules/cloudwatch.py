"""Alarms and log groups."""

from local.check.rule import Rule, at_least, given_items, rule, true

ALARM = "CloudWatch::Alarm"

RULES: list[Rule] = [
    rule("CloudWatch.15", ALARM, given_items("AlarmActions")),
    # Events never expire unless told otherwise (CloudFormation, "AWS::Logs::LogGroup").
    rule("CloudWatch.16", "Logs::LogGroup", at_least("RetentionInDays", 365, default=True)),
    rule("CloudWatch.17", ALARM, true("ActionsEnabled", default=True)),
]

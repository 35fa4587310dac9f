"""Hosted zones."""

from local.check.rule import Rule, given, negated, rule

RULES: list[Rule] = [
    rule(
        "Route53.2",
        "Route53::HostedZone",
        given("QueryLoggingConfig.CloudWatchLogsLogGroupArn"),
        applies=negated(given("VPCs")),  # a zone with VPCs is a private one
    ),
]

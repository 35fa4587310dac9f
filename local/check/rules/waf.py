"""Web application firewalls: their rule groups."""

from local.check.rule import Rule, all_of, each, rule, true

_METRICS = "VisibilityConfig.CloudWatchMetricsEnabled"

RULES: list[Rule] = [
    rule("WAF.12", "WAFv2::RuleGroup", all_of(true(_METRICS), each("Rules", true(_METRICS)))),
]

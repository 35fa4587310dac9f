"""Web application firewalls: what they log and measure."""

from local.check.answer import Answer
from local.check.rule import Rule, all_of, each, given, judged, rule, true
from local.check.rules.related import refers, some_other
from local.check.template import Resource, Template
from local.check.value import at

_METRICS = "VisibilityConfig.CloudWatchMetricsEnabled"


def _is_logged(acl: Resource, template: Template) -> Answer:
    return some_other(
        acl,
        template,
        "AWS::WAFv2::LoggingConfiguration",
        lambda one: refers(at(one.properties, "ResourceArn"), acl) & given("LogDestinationConfigs")(one.properties),
    )


RULES: list[Rule] = [
    judged("WAF.11", "WAFv2::WebACL", _is_logged),
    rule("WAF.12", "WAFv2::RuleGroup", all_of(true(_METRICS), each("Rules", true(_METRICS)))),
]

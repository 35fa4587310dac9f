"""Firewalls of networks, their policies and rule groups."""

from local.check.answer import Answer
from local.check.rule import Rule, any_item, any_of, equal, given, judged, rule, true
from local.check.rules.related import refers, several, some_other
from local.check.template import Resource, Template
from local.check.value import at

FIREWALL, POLICY = "NetworkFirewall::Firewall", "NetworkFirewall::FirewallPolicy"
_PASSED_ON = equal("", "aws:drop", "aws:forward_to_sfe")


def _is_logged(firewall: Resource, template: Template) -> Answer:
    return some_other(
        firewall,
        template,
        "AWS::NetworkFirewall::LoggingConfiguration",
        lambda one: (
            refers(at(one.properties, "FirewallArn"), firewall)
            & given("LoggingConfiguration.LogDestinationConfigs")(one.properties)
        ),
    )


RULES: list[Rule] = [
    rule("NetworkFirewall.1", FIREWALL, any_of(several("SubnetMappings"), several("AvailabilityZoneMappings"))),
    judged("NetworkFirewall.2", FIREWALL, _is_logged),
    rule("NetworkFirewall.4", POLICY, any_item("FirewallPolicy.StatelessDefaultActions", _PASSED_ON)),
    rule("NetworkFirewall.5", POLICY, any_item("FirewallPolicy.StatelessFragmentDefaultActions", _PASSED_ON)),
    rule(
        "NetworkFirewall.6",
        "NetworkFirewall::RuleGroup",
        given("RuleGroup.RulesSource.StatelessRulesAndCustomActions.StatelessRules"),
        applies=equal("Type", "STATELESS"),
    ),
    rule("NetworkFirewall.9", FIREWALL, true("DeleteProtection")),
    rule("NetworkFirewall.10", FIREWALL, true("SubnetChangeProtection")),
]

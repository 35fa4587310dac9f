"""Event buses and global endpoints."""

from local.check.answer import Answer, some
from local.check.rule import Rule, all_of, equal, given, judged, negated, rule
from local.check.rules.policy import attached
from local.check.template import Resource, Template
from local.check.value import at


def _has_policy(bus: Resource, template: Template) -> Answer:
    return given("Policy")(bus.properties) | some(
        attached(bus, policy, at(policy.properties, "EventBusName"), "Name")
        for policy in template.of_type("AWS::Events::EventBusPolicy")
    )


RULES: list[Rule] = [
    judged(
        "EventBridge.3",
        "Events::EventBus",
        _has_policy,
        applies=all_of(negated(given("EventSourceName")), negated(equal("Name", "default"))),
    ),
    # Replication is on unless told otherwise (AWS::Events::Endpoint, ReplicationConfig).
    rule("EventBridge.4", "Events::Endpoint", equal("ReplicationConfig.State", "ENABLED", default=True)),
]

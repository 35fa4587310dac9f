"""Auto Scaling groups and launch configurations."""

from local.check.answer import YES, Answer, of, some, undecided
from local.check.rule import Rule, any_item, any_of, equal, false, given, matching, rule
from local.check.rules.related import several
from local.check.value import Unknown, Value, at, items

GROUP, CONFIGURATION = "AutoScaling::AutoScalingGroup", "AutoScaling::LaunchConfiguration"
_MIXED = "MixedInstancesPolicy.LaunchTemplate"


def _has_several_types(properties: Value) -> Answer:
    """What a group asks of instances by their attributes isn't evaluated (AWS Config Developer Guide,
    "autoscaling-multiple-instance-types")."""
    overrides = items(at(properties, f"{_MIXED}.Overrides"))
    if isinstance(overrides, Unknown):
        return undecided(overrides.source)
    if some(given("InstanceRequirements")(one) for one in overrides).truth:
        return YES
    types = [at(one, "InstanceType") for one in overrides]
    return of(any(one != types[0] for one in types))


RULES: list[Rule] = [
    rule(
        "AutoScaling.1",
        GROUP,
        matching("HealthCheckType", r"(.*,)?\s*ELB\s*(,.*)?"),
        applies=any_of(
            given("LoadBalancerNames"),
            given("TargetGroupARNs"),
            any_item("TrafficSources", equal("Type", "elb", "elbv2")),
        ),
    ),
    rule(
        "AutoScaling.2",
        GROUP,
        any_of(several("VPCZoneIdentifier"), several("AvailabilityZones"), several("AvailabilityZoneIds")),
    ),
    rule("AutoScaling.3", CONFIGURATION, equal("MetadataOptions.HttpTokens", "required")),
    rule("Autoscaling.5", CONFIGURATION, false("AssociatePublicIpAddress")),
    rule("AutoScaling.6", GROUP, _has_several_types),
]

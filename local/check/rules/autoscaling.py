"""Auto Scaling groups and launch configurations."""

from itertools import combinations

from local.check.answer import Answer, of, some, undecided
from local.check.parameter import number
from local.check.rule import Predicate, Rule, any_item, any_of, customizable, equal, false, given, matching, rule
from local.check.rules.policy import as_list, of_each_choice
from local.check.rules.related import several
from local.check.value import Unknown, Value, at

GROUP, CONFIGURATION = "AutoScaling::AutoScalingGroup", "AutoScaling::LaunchConfiguration"
_MIXED = "MixedInstancesPolicy.LaunchTemplate"


def _has_several_types(properties: Value) -> Answer:
    """What a group asks of instances by their attributes isn't evaluated (AWS Config Developer Guide,
    "autoscaling-multiple-instance-types")."""

    def ask_types(overrides: Value) -> Answer:
        found = as_list(overrides)
        by_attributes = some(given("InstanceRequirements")(one) for one in found)
        return by_attributes | some(_differ(one, other) for one, other in combinations(found, 2))

    return of_each_choice(at(properties, f"{_MIXED}.Overrides"), ask_types)


def _in_zones(least: float) -> Predicate:
    return any_of(*(several(path, least) for path in ("VPCZoneIdentifier", "AvailabilityZones", "AvailabilityZoneIds")))


def _differ(override: Value, other: Value) -> Answer:
    types = [at(one, "InstanceType") for one in (override, other)]
    unknown = [one.source for one in types if isinstance(one, Unknown)]
    return undecided(*unknown) if unknown else of(types[0] != types[1])


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
    customizable(
        lambda least: rule("AutoScaling.2", GROUP, _in_zones(least)),
        number("minAvailabilityZones", 2),
    ),
    rule("AutoScaling.3", CONFIGURATION, equal("MetadataOptions.HttpTokens", "required")),
    rule("Autoscaling.5", CONFIGURATION, false("AssociatePublicIpAddress")),
    rule("AutoScaling.6", GROUP, _has_several_types),
]

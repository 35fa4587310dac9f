"""Functions."""

from local.check.answer import Answer, of, some
from local.check.parameter import number
from local.check.rule import (
    Judgement,
    Rule,
    all_of,
    any_of,
    customizable,
    equal,
    given,
    judged,
    matching,
    negated,
    rule,
    unsettled,
)
from local.check.rules.policy import any_text, as_list, attached, restricted
from local.check.template import Resource, Template
from local.check.value import Reference, Unknown, at

FUNCTION = "Lambda::Function"
# AWS Security Hub User Guide, Lambda.2, August 2026; what is newer than any of them is supported, too.
_SUPPORTED = (
    r"dotnet(8|[1-9]\d)|java(8\.al2|(8|11|17)\.al2023|11|17|2\d)|nodejs(2[2-9]|[3-9]\d)\.x|python3\.[1-9]\d"
    r"|ruby(3\.([3-9]|\d\d)|[4-9]\.\d+)"
)


def _not_public(function: Resource, template: Template) -> Answer:
    return ~some(
        attached(function, permission, at(permission.properties, "FunctionName"), "FunctionName") & _opens(permission)
        for permission in template.of_type("AWS::Lambda::Permission")
    )


def _opens(permission: Resource) -> Answer:
    """Whether a permission is for everyone, or for buckets of any account: their ARNs have no account in them. An ARN
    with wildcards limits nobody (AWS Security Hub User Guide, the note on Lambda.1)."""
    everyone = any_text(at(permission.properties, "Principal"), lambda text: text == "*")
    storage = any_text(at(permission.properties, "Principal"), lambda text: text.startswith("s3.amazonaws.com"))
    limited = any_of(given("SourceAccount"), given("PrincipalOrgID"))
    by_arn = given("SourceArn")(permission.properties)
    bucket_alone = by_arn & unsettled("whether Security Hub takes a bucket's ARN for a limit")(permission.properties)
    fixed_arn = restricted({"Condition": {"ArnLike": {"aws:SourceArn": at(permission.properties, "SourceArn")}}})
    opened = (everyone & ~fixed_arn) | (storage & (~by_arn | bucket_alone))
    return opened & ~limited(permission.properties)


def _in_zones(least: float) -> Judgement:
    """Whether it runs in so many zones; a subnet of which nothing is known has its own."""

    def judge(function: Resource, template: Template) -> Answer:
        subnets = at(function.properties, "VpcConfig.SubnetIds")
        if isinstance(subnets, Unknown):
            return unsettled(subnets.source)(subnets)
        zones = [_zone(one, template) for one in as_list(subnets)]
        return of(zones.count(None) + len({zone for zone in zones if zone is not None}) >= least)

    return judge


def _zone(subnet: object, template: Template) -> str | None:
    """The zone of a subnet of the same template; None if nothing is known of it."""
    found = template.by_id.get(subnet.logical_id) if isinstance(subnet, Reference) else None
    zone = found.properties.get("AvailabilityZone") if found else None
    return zone if isinstance(zone, str) else None


RULES: list[Rule] = [
    judged("Lambda.1", FUNCTION, _not_public),
    rule(
        "Lambda.2",
        FUNCTION,
        any_of(
            matching("Runtime", _SUPPORTED),
            all_of(
                matching("Runtime", r"provided\.al.*"),
                unsettled("whether Security Hub counts runtimes that are an operating system only"),
            ),
        ),
        applies=all_of(negated(equal("PackageType", "Image")), given("Runtime")),
    ),
    rule("Lambda.3", FUNCTION, given("VpcConfig.SubnetIds")),
    customizable(
        lambda least: judged("Lambda.5", FUNCTION, _in_zones(least), applies=given("VpcConfig.SubnetIds")),
        number("availabilityZones", 2),
    ),
    rule("Lambda.7", FUNCTION, equal("TracingConfig.Mode", "Active")),
]

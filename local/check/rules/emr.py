"""Clusters of EMR and their security configurations."""

from local.check.answer import NO, YES, Answer, every, some, undecided
from local.check.rule import Predicate, Rule, any_of, judged, matching, rule, true
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, Value, at, items

CONFIGURATION = "EMR::SecurityConfiguration"


def _without_public_address(cluster: Resource, template: Template) -> Answer:
    """EMR takes one of the subnets that it is given, or else one of the default VPC."""
    instances = at(cluster.properties, "Instances")
    listed = at(instances, "Ec2SubnetIds")
    subnets = items(at(instances, "Ec2SubnetId") if listed is ABSENT else listed)
    if isinstance(subnets, Unknown):
        return undecided(subnets.source)
    if not subnets:
        return undecided("the default VPC")
    public = [_is_public(subnet, template) for subnet in subnets]
    if every(public).truth:
        return NO
    any_public = some(public)
    if any_public.truth is False:
        return YES
    return undecided(*(any_public.sources or {"which of its subnets EMR takes"}))


def _is_public(value: Value, template: Template) -> Answer:
    """Whether instances in a subnet get a public address."""
    subnet = template.by_id.get(value.logical_id) if isinstance(value, Reference) else None
    if subnet is None:
        return undecided(value.source if isinstance(value, Unknown) else f"the subnet {value}")
    return true("MapPublicIpOnLaunch")(subnet.properties)


def _switched_on(name: str) -> Predicate:
    """The configuration is JSON, as a part of the template or as a text."""
    return any_of(
        true(f"SecurityConfiguration.EncryptionConfiguration.{name}"),
        matching("SecurityConfiguration", rf'.*"{name}"\s*:\s*true\b.*'),
    )


RULES: list[Rule] = [
    judged("EMR.1", "EMR::Cluster", _without_public_address),
    rule("EMR.3", CONFIGURATION, _switched_on("EnableAtRestEncryption")),
    rule("EMR.4", CONFIGURATION, _switched_on("EnableInTransitEncryption")),
]

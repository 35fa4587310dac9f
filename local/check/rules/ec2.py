"""Instances, their volumes and networks."""

from collections.abc import Sequence

from local.check.answer import NO, Answer, some, undecided
from local.check.parameter import texts
from local.check.rule import (
    Judgement,
    Rule,
    all_of,
    any_item,
    any_of,
    customizable,
    each,
    equal,
    false,
    given,
    judged,
    matching,
    negated,
    rule,
    true,
)
from local.check.rules.policy import of_each_choice
from local.check.rules.related import is_named, present, refers, several, some_other
from local.check.template import Resource, Template
from local.check.value import ABSENT, Value, at

INSTANCE, VOLUME, SUBNET, VPC = "EC2::Instance", "EC2::Volume", "EC2::Subnet", "EC2::VPC"
LAUNCH_TEMPLATE, INTERFACE = "EC2::LaunchTemplate", "EC2::NetworkInterface"
_DATA = "LaunchTemplateData"


# ---- volumes


def _is_encrypted(volume: Value) -> Answer:
    """A volume of a snapshot is encrypted as the snapshot is, unless told otherwise; others aren't (Amazon EBS User
    Guide, "How Amazon EBS encryption works")."""
    is_of_snapshot = given("SnapshotId")(volume).truth is not False

    def ask_encrypted(encrypted: Value) -> Answer:
        if encrypted is ABSENT and is_of_snapshot:
            return undecided("the snapshot")
        return true("")(encrypted)

    return of_each_choice(at(volume, "Encrypted"), ask_encrypted)


def _has_encrypted_volumes(resource: Resource, template: Template) -> Answer:
    """A volume that is attached to nothing isn't subject to the control."""
    if resource.type == f"AWS::{VOLUME}":
        attached = _is_attached(resource, template) | undecided("whether it is attached")
        return _is_encrypted(resource.properties) | ~attached
    return each("BlockDeviceMappings", lambda one: ~present("Ebs")(one) | _is_encrypted(at(one, "Ebs")))(
        resource.properties
    )


def _is_attached(volume: Resource, template: Template) -> Answer:
    def attaches(one: Resource) -> Answer:
        return refers(at(one.properties, "VolumeId"), volume) | any_item(
            "Volumes", lambda listed: refers(at(listed, "VolumeId"), volume)
        )(one.properties)

    return some_other(volume, template, ("AWS::EC2::VolumeAttachment", f"AWS::{INSTANCE}"), attaches)


# ---- instances


def _requires_tokens(instance: Resource, template: Template) -> Answer:
    """Without a setting, the image and the account decide (Amazon EC2 User Guide, "Where to configure instance metadata
    options")."""
    answer = undecided("the metadata defaults of the image and the account")
    for one in template.of_type(f"AWS::{LAUNCH_TEMPLATE}"):
        if _is_made_of(instance, one).truth:
            answer = _are_required(at(one.properties, f"{_DATA}.MetadataOptions.HttpTokens"), answer)
    return _are_required(at(instance.properties, "MetadataOptions.HttpTokens"), answer)


def _is_made_of(instance: Resource, template: Resource) -> Answer:
    named = at(instance.properties, "LaunchTemplate")
    by_name = is_named(at(named, "LaunchTemplateName"), template, "LaunchTemplateName")
    return refers(at(named, "LaunchTemplateId"), template) | by_name


def _are_required(tokens: Value, otherwise: Answer) -> Answer:
    return of_each_choice(tokens, lambda known: otherwise if known is ABSENT else equal("", "required")(known))


def _has_no_public_address(instance: Resource, template: Template) -> Answer:
    """A default subnet, which an instance without any is in, gives public addresses (AWS Security Hub User Guide,
    "Security Hub controls for Amazon EC2", EC2.9); a subnet that the template doesn't have is taken for one that does
    not."""
    has_interfaces = given("NetworkInterfaces")
    in_default_subnet = negated(any_of(present("SubnetId"), has_interfaces, present("LaunchTemplate")))
    of_interface = any_item(
        "NetworkInterfaces",
        lambda one: (
            true("AssociatePublicIpAddress")(one)
            | (~present("AssociatePublicIpAddress")(one) & _gives_addresses(at(one, "SubnetId"), template))
        ),
    )
    of_subnet = _gives_addresses(at(instance.properties, "SubnetId"), template) & ~has_interfaces(instance.properties)
    elastic = some_other(
        instance,
        template,
        ("AWS::EC2::EIP", "AWS::EC2::EIPAssociation"),
        lambda one: refers(at(one.properties, "InstanceId"), instance),
    )
    return ~some([in_default_subnet(instance.properties), of_interface(instance.properties), of_subnet, elastic])


def _gives_addresses(subnet: Value, template: Template) -> Answer:
    return some(
        refers(subnet, one) & true("MapPublicIpOnLaunch")(one.properties) for one in template.of_type(f"AWS::{SUBNET}")
    )


def _has_one_interface(instance: Resource, template: Template) -> Answer:
    attached = some_other(
        instance,
        template,
        "AWS::EC2::NetworkInterfaceAttachment",
        lambda one: refers(at(one.properties, "InstanceId"), instance),
    )
    return ~(several("NetworkInterfaces")(instance.properties) | attached)


# ---- networks


def _is_logged(vpc: Resource, template: Template) -> Answer:
    """Rejected traffic, at least, is what the control asks for."""
    return some_other(
        vpc,
        template,
        "AWS::EC2::FlowLog",
        lambda one: (
            refers(at(one.properties, "ResourceId"), vpc) & equal("TrafficType", "ALL", "REJECT")(one.properties)
        ),
    )


def _has_endpoint(service: str, vpcs: Sequence[str] = ()) -> Judgement:
    """Whether a VPC has an interface endpoint for a service, as "ecr.api", be it the one of FIPS 140, or needs none:
    `vpcs` are the ids of those that do, if not all do."""
    is_for_service = all_of(
        equal("VpcEndpointType", "Interface"), matching("ServiceName", rf".*\.{service.replace('.', '[.]')}(-fips)?")
    )
    needs_none = undecided("the id of the VPC") if vpcs else NO
    return lambda vpc, template: (
        needs_none
        | some_other(
            vpc,
            template,
            "AWS::EC2::VPCEndpoint",
            lambda one: refers(at(one.properties, "VpcId"), vpc) & is_for_service(one.properties),
        )
    )


def _needs_endpoint(control: str, service: str) -> Rule:
    return customizable(lambda vpcs: judged(control, VPC, _has_endpoint(service, vpcs)), texts("vpcIds"))


def _is_used(acl: Resource, template: Template) -> Answer:
    return some_other(
        acl,
        template,
        "AWS::EC2::SubnetNetworkAclAssociation",
        lambda one: refers(at(one.properties, "NetworkAclId"), acl),
    )


_TUNNELS = "VpnTunnelOptionsSpecifications"
_takes_second_version_alone = each("IKEVersions", equal("Value", "ikev2"), default=False)

RULES: list[Rule] = [
    judged("EC2.3", (VOLUME, INSTANCE), _has_encrypted_volumes),
    judged("EC2.6", VPC, _is_logged),
    judged("EC2.8", INSTANCE, _requires_tokens),
    judged("EC2.9", INSTANCE, _has_no_public_address),
    judged("EC2.10", VPC, _has_endpoint("ec2")),
    judged("EC2.16", "EC2::NetworkAcl", _is_used),
    judged("EC2.17", INSTANCE, _has_one_interface),
    rule("EC2.23", "EC2::TransitGateway", negated(equal("AutoAcceptSharedAttachments", "enable"))),
    rule("EC2.25", LAUNCH_TEMPLATE, each(f"{_DATA}.NetworkInterfaces", false("AssociatePublicIpAddress"))),
    rule("EC2.51", "EC2::ClientVpnEndpoint", true("ConnectionLogOptions.Enabled")),
    _needs_endpoint("EC2.55", "ecr.api"),
    _needs_endpoint("EC2.56", "ecr.dkr"),
    _needs_endpoint("EC2.57", "ssm"),
    _needs_endpoint("EC2.58", "ssm-contacts"),
    _needs_endpoint("EC2.60", "ssm-incidents"),
    rule("EC2.170", LAUNCH_TEMPLATE, equal(f"{_DATA}.MetadataOptions.HttpTokens", "required")),
    rule(
        "EC2.171",
        "EC2::VPNConnection",
        all_of(several(_TUNNELS), each(_TUNNELS, true("LogOptions.CloudwatchLogOptions.LogEnabled"))),
    ),
    # What isn't written is not evaluated (AWS Security Hub User Guide, the notes on EC2.173 and EC2.181).
    rule(
        "EC2.173",
        "EC2::SpotFleet",
        each(
            "SpotFleetRequestConfigData.LaunchSpecifications",
            each("BlockDeviceMappings", true("Ebs.Encrypted", default=True)),
        ),
    ),
    rule(
        "EC2.180",
        (INTERFACE, INSTANCE),
        true("SourceDestCheck", default=True),
        applies=negated(equal("InterfaceType", "trunk", "efa-only")),
    ),
    rule("EC2.181", LAUNCH_TEMPLATE, each(f"{_DATA}.BlockDeviceMappings", true("Ebs.Encrypted", default=True))),
    # A tunnel takes both versions of IKE unless told otherwise.
    rule("EC2.183", "EC2::VPNConnection", all_of(several(_TUNNELS), each(_TUNNELS, _takes_second_version_alone))),
]

"""Security groups and network ACLs: what they let in from everywhere.

A rule that is a resource of its own counts for its group, if that stands in the template; else it is found itself.
"""

from collections.abc import Sequence

from local.check.answer import NO, Answer, of, some
from local.check.parameter import numbers
from local.check.rule import (
    Judgement,
    Predicate,
    Rule,
    all_of,
    any_item,
    any_of,
    at_least,
    at_most,
    customizable,
    equal,
    judged,
    matching,
    negated,
    true,
)
from local.check.rules.policy import of_each_choice
from local.check.rules.related import is_named, refers, some_other
from local.check.template import Resource, Template
from local.check.value import Reference, Value, at

GROUP, INGRESS = "EC2::SecurityGroup", "EC2::SecurityGroupIngress"
_ACL, _ENTRY = "EC2::NetworkAcl", "EC2::NetworkAclEntry"
_ALL, _TCP, _UDP = ("-1", "all"), ("tcp", "6"), ("udp", "17")
_SSH, _RDP = 22, 3389
# AWS Security Hub User Guide, "Security Hub controls for Amazon EC2", EC2.18 and EC2.19.
_AUTHORIZED = (80, 443)
_RISKY = (20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601)
_RISKY_TOO = (8080, 8088, 8888, 9200, 9300)


# ---- rules of groups


def _from_every(*paths: str) -> Predicate:
    return any_of(*(matching(path, r"[0-9a-f.:]+/0") for path in paths))


_FROM_ANYWHERE = _from_every("CidrIp", "CidrIpv6")


def _to(protocols: tuple[str, ...], *ports: int) -> Predicate:
    """Whether it lets in to one of the ports; a rule for all protocols has no ports."""
    return any_of(
        equal("IpProtocol", *_ALL),
        all_of(equal("IpProtocol", *protocols), any_of(*(_covers("FromPort", "ToPort", port) for port in ports))),
    )


def _covers(first: str, last: str, port: int) -> Predicate:
    return all_of(at_most(first, port, default=True), any_of(at_least(last, port, default=True), equal(last, "-1")))


def _only_to(ports: Sequence[float]) -> Predicate:
    """Whether a rule lets in to nothing but some of these ports."""
    ranges = [
        (first, last)
        for first in ports
        for last in ports
        if last - first + 1 == len({port for port in ports if first <= port <= last})
    ]

    def ask_ports(properties: Value) -> Answer:
        is_one = of(at(properties, "FromPort") == at(properties, "ToPort"))
        of_range = some(
            equal("FromPort", first)(properties) & equal("ToPort", last)(properties) for first, last in ranges
        )
        return of_range | (is_one & equal("FromPort", *ports)(properties))

    return ask_ports


def _to_others(tcp: Sequence[float], udp: Sequence[float]) -> Predicate:
    """Whether a rule lets in to any other port than these."""
    by_tcp = all_of(equal("IpProtocol", *_TCP), negated(_only_to(tcp)))
    if not udp:
        return any_of(equal("IpProtocol", *_ALL, *_UDP), by_tcp)
    return any_of(equal("IpProtocol", *_ALL), by_tcp, all_of(equal("IpProtocol", *_UDP), negated(_only_to(udp))))


def _keeps_out(allowed: Predicate) -> Judgement:
    """Whether neither a group nor a separate rule of it allows that."""

    def judge(resource: Resource, template: Template) -> Answer:
        if resource.type == f"AWS::{INGRESS}":
            of_group_here = some(_is_of(resource, group) for group in template.of_type(f"AWS::{GROUP}"))
            return ~allowed(resource.properties) | of_group_here
        separate = some_other(
            resource, template, f"AWS::{INGRESS}", lambda one: _is_of(one, resource) & allowed(one.properties)
        )
        return ~(any_item("SecurityGroupIngress", allowed)(resource.properties) | separate)

    return judge


def _is_of(ingress: Resource, group: Resource) -> Answer:
    given = ingress.properties
    return refers(at(given, "GroupId"), group) | is_named(at(given, "GroupName"), group, "GroupName")


# ---- network ACLs


def _admits_administrators(entry: Value) -> Answer:
    """Whether an entry allows everyone SSH or RDP; entries before it don't count."""
    return all_of(
        negated(true("Egress")),
        equal("RuleAction", "allow"),
        _from_every("CidrBlock", "Ipv6CidrBlock"),
        any_of(
            equal("Protocol", "-1"),
            all_of(
                equal("Protocol", "6"),
                any_of(*(_covers("PortRange.From", "PortRange.To", port) for port in (_SSH, _RDP))),
            ),
        ),
    )(entry)


def _keeps_administrators_out(resource: Resource, template: Template) -> Answer:
    if resource.type == f"AWS::{_ENTRY}":
        acl = at(resource.properties, "NetworkAclId")
        return ~_admits_administrators(resource.properties) | _is_of_here(acl, template)
    return ~some_other(
        resource,
        template,
        f"AWS::{_ENTRY}",
        lambda entry: refers(at(entry.properties, "NetworkAclId"), resource) & _admits_administrators(entry.properties),
    )


def _is_of_here(acl: Value, template: Template) -> Answer:
    """Whether the ACL stands in the template, or is the default one of a VPC there, which the control leaves out."""
    return of_each_choice(
        acl, lambda known: of(isinstance(known, Reference) and known.logical_id in template.by_id), NO
    )


# ---- default groups


def _has_closed_default_group(vpc: Resource, template: Template) -> Answer:
    """A new VPC's default group lets everything through between its members (Amazon VPC User Guide, "Default security
    groups for your VPCs"); CloudFormation can't take its rules away, a custom resource can."""
    closed = some(
        _names_default_group(dict(one.properties), vpc)
        for one in template.resources
        if one.type.startswith("Custom::") or one.type == "AWS::CloudFormation::CustomResource"
    )
    reopened = some_other(
        vpc,
        template,
        (f"AWS::{INGRESS}", "AWS::EC2::SecurityGroupEgress"),
        lambda one: _names_default_group(at(one.properties, "GroupId"), vpc),
    )
    return closed & ~reopened


def _names_default_group(value: Value, vpc: Resource) -> Answer:
    """Whether a reference to the default group of a VPC stands anywhere in a value."""

    def ask_parts(known: Value) -> Answer:
        if isinstance(known, Reference):
            return of(known == Reference(logical_id=vpc.logical_id, attribute="DefaultSecurityGroup"))
        parts = known.values() if isinstance(known, dict) else known if isinstance(known, list) else ()
        return some(_names_default_group(part, vpc) for part in parts)

    return of_each_choice(value, ask_parts, NO)


_OF_GROUPS = (GROUP, INGRESS)

RULES: list[Rule] = [
    judged("EC2.2", "EC2::VPC", _has_closed_default_group),
    judged("EC2.13", _OF_GROUPS, _keeps_out(all_of(_FROM_ANYWHERE, _to(_TCP, _SSH)))),
    judged("EC2.14", _OF_GROUPS, _keeps_out(all_of(_FROM_ANYWHERE, _to(_TCP, _RDP)))),
    customizable(
        lambda tcp, udp: judged("EC2.18", _OF_GROUPS, _keeps_out(all_of(_FROM_ANYWHERE, _to_others(tcp, udp)))),
        numbers("authorizedTcpPorts", *_AUTHORIZED),
        numbers("authorizedUdpPorts"),
    ),
    judged("EC2.19", _OF_GROUPS, _keeps_out(all_of(_FROM_ANYWHERE, _to(_TCP, *_RISKY, *_RISKY_TOO)))),
    judged("EC2.21", (_ACL, _ENTRY), _keeps_administrators_out),
    judged("EC2.53", _OF_GROUPS, _keeps_out(all_of(_from_every("CidrIp"), _to((*_TCP, *_UDP), _SSH, _RDP)))),
    judged("EC2.54", _OF_GROUPS, _keeps_out(all_of(_from_every("CidrIpv6"), _to((*_TCP, *_UDP), _SSH, _RDP)))),
]

"""Clusters of Amazon Redshift.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
Amazon Redshift", and a default that of the Amazon Redshift API Reference, "CreateCluster".
"""

from local.check.answer import NO, YES, Answer, every, of, some, undecided
from local.check.database import BACKUP_DAYS, exists
from local.check.parameter import number
from local.check.rule import (
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
    rule,
    true,
)
from local.check.rules.policy import of_each_choice
from local.check.rules.related import refers
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, Value, at, items

CLUSTER = "Redshift::Cluster"
DEFAULT_PORT = 5439

_ON_BY_DEFAULT = "redshift-2.0"  # the family of parameters that require TLS unless told otherwise


def _requires_tls(resource: Resource, template: Template) -> Answer:
    """Since January 2025 new clusters have the parameters of default.redshift-2.0, which require TLS, where none are
    named (Amazon Redshift Management Guide, "Amazon Redshift parameter groups")."""
    group = at(resource.properties, "ClusterParameterGroupName")
    return of_each_choice(group, lambda one: _group_requires_tls(one, template))


def _group_requires_tls(group: Value, template: Template) -> Answer:
    if group is ABSENT:
        return YES
    if isinstance(group, str) and group.startswith("default."):
        return of(group == f"default.{_ON_BY_DEFAULT}")
    found = template.by_id.get(group.logical_id) if isinstance(group, Reference) else None
    if found is None:
        return undecided("the parameter group")
    named = equal("ParameterName", "require_ssl")
    is_set = any_item("Parameters", named)
    is_true = any_item("Parameters", all_of(named, true("ParameterValue")))
    default = all_of(negated(is_set), equal("ParameterGroupFamily", _ON_BY_DEFAULT))
    return any_of(is_true, default)(found.properties)


def _port_is_closed(resource: Resource, template: Template) -> Answer:
    """Whether no security group of the cluster opens its port to the internet."""
    groups = items(at(resource.properties, "VpcSecurityGroupIds"))
    if isinstance(groups, Unknown):
        return undecided(groups.source)
    rule_opens = _opens(at(resource.properties, "Port"))
    return every(~_is_open(group, template, rule_opens) for group in groups)


def _is_open(group: Value, template: Template, rule_opens: Predicate) -> Answer:
    if isinstance(group, Unknown):
        return of_each_choice(group, lambda one: _is_open(one, template, rule_opens))
    if group is ABSENT:
        return NO
    found = template.by_id.get(group.logical_id) if isinstance(group, Reference) else None
    if found is None:
        return undecided("the security groups")
    opened = some(
        refers(at(one.properties, name), found) & exists(one) & rule_opens(one.properties)
        for one in template.of_type("AWS::EC2::SecurityGroupIngress")
        for name in ("GroupId", "GroupName")
    )
    return any_item("SecurityGroupIngress", rule_opens)(found.properties) | opened


def _opens(port: Value) -> Predicate:
    everyone = any_of(matching("CidrIp", ".*/0"), matching("CidrIpv6", ".*/0"))
    if port is not ABSENT and not isinstance(port, int):
        return all_of(everyone, lambda _: undecided(port.source if isinstance(port, Unknown) else "the port"))
    number = DEFAULT_PORT if port is ABSENT else port
    in_range = all_of(equal("IpProtocol", "tcp", "6"), at_most("FromPort", number), at_least("ToPort", number))
    return all_of(everyone, any_of(equal("IpProtocol", "-1"), in_range))


RULES: list[Rule] = [
    judged("Redshift.2", CLUSTER, _requires_tls),
    customizable(
        lambda days: rule("Redshift.3", CLUSTER, at_least("AutomatedSnapshotRetentionPeriod", days)),
        number("MinRetentionPeriod", BACKUP_DAYS),
    ),
    rule("Redshift.8", CLUSTER, negated(equal("MasterUsername", "awsuser"))),
    rule("Redshift.10", CLUSTER, true("Encrypted", default=True)),
    judged("Redshift.15", CLUSTER, _port_is_closed),
    rule("Redshift.18", CLUSTER, true("MultiAZ")),
]

"""Tables of Amazon DynamoDB and clusters of its accelerator.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
DynamoDB".
"""

from local.check.answer import NO, YES, Answer, ask, every, of, some, undecided
from local.check.database import exists
from local.check.parameter import number
from local.check.rule import (
    Judgement,
    Predicate,
    Rule,
    all_of,
    always,
    any_of,
    at_least,
    at_most,
    customizable,
    each,
    equal,
    judged,
    negated,
    rule,
    true,
    unsettled,
)
from local.check.rules import related
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, at

TABLE = "DynamoDB::Table"
GLOBAL_TABLE = "DynamoDB::GlobalTable"  # its replicas are tables
ACCELERATOR = "DAX::Cluster"

_DIMENSIONS = ("dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits")


def _of_table_or_replicas(path: str) -> Predicate:
    """Whether it is true of a table; of a global one, of each of its replicas."""
    return lambda properties: (
        each("Replicas", true(path), default=False)(properties) if "Replicas" in properties else true(path)(properties)
    )


def _is_scaled(*asked: float | None) -> Judgement:
    """Whether both its capacities are scaled; of each the least, and the utilization, if any is asked for.

    Source: Application Auto Scaling API Reference, "RegisterScalableTarget": the resource is table/ and its name."""
    least, utilization = (dict(zip(_DIMENSIONS, of_both, strict=True)) for of_both in (asked[::2], asked[1::2]))

    def judge(table: Resource, template: Template) -> Answer:
        targets = list(template.of_type("AWS::ApplicationAutoScaling::ScalableTarget"))

        def scales(target: Resource, dimension: str) -> Answer:
            of_dimension = equal("ScalableDimension", dimension)(target.properties)
            is_enough = always if (units := least[dimension]) is None else at_least("MinCapacity", units)
            return (
                _is_of(target, table)
                & of_dimension
                & exists(target)
                & is_enough(target.properties)
                & _aims_at(utilization[dimension], target, template)
            )

        return every(some(scales(target, dimension) for target in targets) for dimension in _DIMENSIONS)

    return judge


def _aims_at(utilization: float | None, target: Resource, template: Template) -> Answer:
    """Whether a policy scales a target to a utilization."""
    if utilization is None:
        return YES
    path = "TargetTrackingScalingPolicyConfiguration.TargetValue"
    is_met = any_of(
        all_of(at_least(path, utilization), at_most(path, utilization)),
        unsettled("whether Security Hub accepts another target utilization"),
    )
    return some(
        _is_policy_of(target, policy) & exists(policy) & is_met(policy.properties)
        for policy in template.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
    )


def _is_policy_of(target: Resource, policy: Resource) -> Answer:
    own, its = policy.properties, target.properties
    same = [at(own, name) == at(its, name) for name in ("ResourceId", "ScalableDimension")]
    by_name = of(all(same)) if at(own, "ResourceId") is not ABSENT else NO
    return related.refers(at(own, "ScalingTargetId"), target) | by_name


def _is_of(target: Resource, table: Resource) -> Answer:
    resource = at(target.properties, "ResourceId")
    if isinstance(resource, Unknown | Reference):
        return undecided(resource.source if isinstance(resource, Unknown) else resource.logical_id)
    if resource == f"table/${{{table.logical_id}}}":
        return YES
    return ask(at(table.properties, "TableName"), lambda name: resource == f"table/{name}")


RULES: list[Rule] = [
    customizable(
        lambda *asked: judged(
            "DynamoDB.1", TABLE, _is_scaled(*asked), applies=negated(equal("BillingMode", "PAY_PER_REQUEST"))
        ),
        number("minProvisionedReadCapacity"),
        number("targetReadUtilization"),
        number("minProvisionedWriteCapacity"),
        number("targetWriteUtilization"),
    ),
    rule(
        "DynamoDB.2",
        [TABLE, GLOBAL_TABLE],
        _of_table_or_replicas("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
    ),
    rule("DynamoDB.3", ACCELERATOR, true("SSESpecification.SSEEnabled")),
    rule("DynamoDB.6", [TABLE, GLOBAL_TABLE], _of_table_or_replicas("DeletionProtectionEnabled")),
    rule("DynamoDB.7", ACCELERATOR, equal("ClusterEndpointEncryptionType", "TLS")),
]

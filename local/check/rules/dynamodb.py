"""Tables of Amazon DynamoDB and clusters of its accelerator.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
DynamoDB".
"""

from local.check.answer import YES, Answer, ask, every, some, undecided
from local.check.database import exists
from local.check.rule import Predicate, Rule, each, equal, judged, negated, rule, true
from local.check.template import Resource, Template
from local.check.value import Reference, Unknown, at

TABLE = "DynamoDB::Table"
GLOBAL_TABLE = "DynamoDB::GlobalTable"  # its replicas are tables
ACCELERATOR = "DAX::Cluster"

_DIMENSIONS = ("dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits")


def _of_table_or_replicas(path: str) -> Predicate:
    """Whether it is true of a table; of a global one, of each of its replicas."""
    return lambda properties: (
        each("Replicas", true(path), default=False)(properties) if "Replicas" in properties else true(path)(properties)
    )


def _is_scaled(table: Resource, template: Template) -> Answer:
    """Source: Application Auto Scaling API Reference, "RegisterScalableTarget": the resource is table/ and its name."""
    targets = list(template.of_type("AWS::ApplicationAutoScaling::ScalableTarget"))

    def scales(target: Resource, dimension: str) -> Answer:
        of_dimension = equal("ScalableDimension", dimension)(target.properties)
        return _is_of(target, table) & of_dimension & exists(target)

    return every(some(scales(target, dimension) for target in targets) for dimension in _DIMENSIONS)


def _is_of(target: Resource, table: Resource) -> Answer:
    resource = at(target.properties, "ResourceId")
    if isinstance(resource, Unknown | Reference):
        return undecided(resource.source if isinstance(resource, Unknown) else resource.logical_id)
    if resource == f"table/${{{table.logical_id}}}":
        return YES
    return ask(at(table.properties, "TableName"), lambda name: resource == f"table/{name}")


RULES: list[Rule] = [
    judged("DynamoDB.1", TABLE, _is_scaled, applies=negated(equal("BillingMode", "PAY_PER_REQUEST"))),
    rule(
        "DynamoDB.2",
        [TABLE, GLOBAL_TABLE],
        _of_table_or_replicas("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
    ),
    rule("DynamoDB.3", ACCELERATOR, true("SSESpecification.SSEEnabled")),
    rule("DynamoDB.6", [TABLE, GLOBAL_TABLE], _of_table_or_replicas("DeletionProtectionEnabled")),
    rule("DynamoDB.7", ACCELERATOR, equal("ClusterEndpointEncryptionType", "TLS")),
]

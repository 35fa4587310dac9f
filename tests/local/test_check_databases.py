"""What rules of databases say where a template alone doesn't decide, or where other resources of it do."""

from pathlib import Path

import pytest

from local.check.load import load_template
from local.check.own import OWN_RULES


def violations(tmp_path: Path, control: str, resources: str) -> dict[str, bool | None]:
    """Whether each resource that a control is about violates it: True, False, or None if that is undecided."""
    file = tmp_path / "template.yaml"
    file.write_text(f"Parameters: {{ Given: {{ Type: String }} }}\nResources:\n{resources}", encoding="utf-8")
    template = load_template(file, file.name, {})
    rule = OWN_RULES[control]
    return {resource.logical_id: rule.violated(resource, template).truth for resource in template.of_type(*rule.types)}


@pytest.mark.parametrize(
    ("control", "properties"),
    [
        ("RDS.2", "{ Engine: postgres, DBSubnetGroupName: private, PubliclyAccessible: !Ref Given }"),
        ("RDS.3", "{ DBSnapshotIdentifier: before }"),
        ("RDS.8", "{ DBSnapshotIdentifier: before }"),
        ("RDS.9", "{ Engine: !Ref Given }"),
        ("RDS.10", "{ Engine: aurora-mysql, DBClusterIdentifier: !Ref Given }"),
        ("RDS.11", "{ Engine: postgres, DBSnapshotIdentifier: before }"),
        ("RDS.23", "{ Engine: postgres, Port: !Ref Given }"),
        ("RDS.25", "{ Engine: postgres, DBSnapshotIdentifier: before }"),
        ("RDS.38", "{ Engine: postgres, DBParameterGroupName: !ImportValue group }"),
        ("RDS.39", "{ Engine: mysql }"),
    ],
)
def test_an_instance_of_which_something_is_unknown_is_undecided(tmp_path: Path, control: str, properties: str) -> None:
    one = f"  One: {{ Type: AWS::RDS::DBInstance, Properties: {properties} }}"
    assert violations(tmp_path, control, one) == {"One": None}


@pytest.mark.parametrize(
    ("control", "type_", "properties"),
    [
        ("RDS.15", "RDS::DBCluster", "{ Engine: aurora-mysql }"),  # its instances are elsewhere
        ("RDS.27", "RDS::DBCluster", "{ Engine: aurora-mysql }"),
        ("RDS.27", "RDS::DBCluster", "{ Engine: mysql, SnapshotIdentifier: before }"),
        ("DocumentDB.1", "DocDB::DBCluster", "{ SnapshotIdentifier: before }"),
        ("DocumentDB.6", "DocDB::DBCluster", "{ DBClusterParameterGroupName: !Ref Given }"),
        ("Neptune.4", "Neptune::DBCluster", "{}"),
        ("ElastiCache.7", "ElastiCache::CacheCluster", "{ CacheSubnetGroupName: !If [Own, private, default] }"),
        ("Redshift.2", "Redshift::Cluster", "{ ClusterParameterGroupName: !Ref Given }"),
        ("Redshift.15", "Redshift::Cluster", "{ VpcSecurityGroupIds: [!ImportValue group] }"),
        ("RedshiftServerless.5", "RedshiftServerless::Namespace", "{ NamespaceName: sales }"),
        ("DMS.11", "DMS::Endpoint", "{ EndpointType: source, EngineName: mongodb }"),
        ("DMS.7", "DMS::ReplicationTask", "{ ReplicationTaskSettings: !Ref Given }"),
    ],
)
def test_what_another_resource_or_a_parameter_decides_is_undecided(
    tmp_path: Path, control: str, type_: str, properties: str
) -> None:
    one = f"  One: {{ Type: AWS::{type_}, Properties: {properties} }}\n"
    own = 'Conditions: { Own: !Equals [!Ref Given, "yes"] }\n'
    assert violations(tmp_path, control, one + own) == {"One": None}


def test_a_table_is_scaled_by_targets_that_refer_to_it(tmp_path: Path) -> None:
    resources = """
  Scaled: { Type: AWS::DynamoDB::Table, Properties: {} }
  Another: { Type: AWS::DynamoDB::Table, Properties: {} }
  Read:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: { ResourceId: !Sub "table/${Scaled}", ScalableDimension: dynamodb:table:ReadCapacityUnits }
  Write:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: { ResourceId: !Join [/, [table, !Ref Scaled]], ScalableDimension: dynamodb:table:WriteCapacityUnits }
"""
    assert violations(tmp_path, "DynamoDB.1", resources) == {"Scaled": False, "Another": True}


def test_a_second_instance_that_may_not_exist_leaves_several_zones_undecided(tmp_path: Path) -> None:
    resources = """
  Cluster: { Type: AWS::RDS::DBCluster, Properties: { Engine: aurora-mysql } }
  Writer: { Type: AWS::RDS::DBInstance, Properties: { Engine: aurora-mysql, DBClusterIdentifier: !Ref Cluster } }
  Reader:
    Type: AWS::RDS::DBInstance
    Condition: HasReader
    Properties: { Engine: aurora-mysql, DBClusterIdentifier: !Ref Cluster }
Conditions: { HasReader: !Equals [!Ref Given, "yes"] }
"""
    assert violations(tmp_path, "RDS.15", resources) == {"Cluster": None}


def test_a_group_that_a_condition_opens_leaves_the_port_undecided(tmp_path: Path) -> None:
    resources = """
  Cluster: { Type: AWS::Redshift::Cluster, Properties: { VpcSecurityGroupIds: [!Ref Group] } }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: a group } }
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Condition: IsOpen
    Properties: { GroupId: !GetAtt Group.GroupId, IpProtocol: tcp, FromPort: 5439, ToPort: 5439, CidrIp: 0.0.0.0/0 }
Conditions: { IsOpen: !Equals [!Ref Given, "yes"] }
"""
    assert violations(tmp_path, "Redshift.15", resources) == {"Cluster": None}


@pytest.mark.parametrize(
    ("control", "kind", "properties", "expected"),
    [
        ("RDS.38", "RDS::DBInstance", "Engine: postgres, EngineVersion: !Sub '${Given}.2'", None),
        ("RDS.38", "RDS::DBInstance", "Engine: postgres, EngineVersion: !Sub '1${Given}'", None),
        ("RDS.38", "RDS::DBInstance", "Engine: postgres, EngineVersion: !Sub '15.${Given}'", False),
        ("RDS.38", "RDS::DBInstance", "Engine: postgres, EngineVersion: !Sub '13.${Given}'", True),
        (
            "RDS.51",
            "RDS::GlobalCluster",
            "Engine: aurora-mysql, EngineVersion: !Sub '8.0.mysql_aurora.3.${Given}'",
            None,
        ),
        (
            "RDS.51",
            "RDS::GlobalCluster",
            "Engine: aurora-mysql, EngineVersion: !Sub '8.0.mysql_aurora.4.${Given}'",
            False,
        ),
        ("ElastiCache.6", "ElastiCache::ReplicationGroup", "Engine: redis, EngineVersion: !Sub '${Given}.0'", None),
        ("ElastiCache.6", "ElastiCache::ReplicationGroup", "Engine: redis, EngineVersion: !Sub '5.${Given}'", True),
    ],
)
def test_of_a_version_that_a_parameter_completes_the_rest_decides_if_it_can(
    tmp_path: Path, control: str, kind: str, properties: str, expected: bool | None
) -> None:
    one = f"  One: {{ Type: AWS::{kind}, Properties: {{ {properties} }} }}"
    assert violations(tmp_path, control, one) == {"One": expected}

"""Controls of networks, instances and distributions that other resources decide, or nobody yet."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from local.check.load import load_template
from local.check.own import OWN_RULES

HEAD = """
Parameters:
  Given: { Type: String }
  Stage: { Type: String, AllowedValues: [dev, prod] }
Conditions:
  InProd: !Equals [!Ref Stage, prod]
Resources:
"""
GROUP = "  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: a } }\n"
INGRESS = (
    "  Ingress: {{ Type: AWS::EC2::SecurityGroupIngress, {more}Properties: {{ {group}, IpProtocol: tcp, {rule} }} }}\n"
)
SSH = "FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0"
OF_GROUP = "GroupId: !GetAtt Group.GroupId"
VPC = "  Network: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }\n"
FLOW_LOG = (
    "  Log: {{ Type: AWS::EC2::FlowLog, {more}Properties: {{ ResourceId: !Ref Network, TrafficType: {kind} }} }}\n"
)
INSTANCE = "  Server: {{ Type: AWS::EC2::Instance, Properties: {{ ImageId: ami-1, {more} }} }}\n"
DISTRIBUTION = """
  Pages:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultCacheBehavior: {{ TargetOriginId: a, ViewerProtocolPolicy: https-only }}
        Origins: [{{ Id: a, DomainName: {domain}, CustomOriginConfig: {{ OriginProtocolPolicy: https-only }} }}]
"""
FUNCTION_URL = "  Url: { Type: AWS::Lambda::Url, Properties: { AuthType: NONE, TargetFunctionArn: function } }\n"
HOST_OF_URL = '!Select [2, !Split ["/", !GetAtt Url.FunctionUrl]]'


def _violated(folder: Path, control: str, resources: str) -> Mapping[str, bool | None]:
    """What a control says of each resource that it is about; None is undecided."""
    file = folder / "template.yaml"
    file.write_text(HEAD + resources)
    template = load_template(file, "template.yaml", {})
    rule = OWN_RULES[control]
    return {one.logical_id: rule.violated(one, template).truth for one in template.of_type(*rule.types)}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (GROUP + INGRESS.format(more="", group=OF_GROUP, rule=SSH), {"Group": True, "Ingress": False}),
        (GROUP + INGRESS.format(more="", group="GroupId: !Ref Given", rule=SSH), {"Group": False, "Ingress": True}),
        (
            GROUP + INGRESS.format(more="Condition: InProd, ", group=OF_GROUP, rule=SSH),
            {"Group": None, "Ingress": False},
        ),
        (
            GROUP + INGRESS.format(more="", group=OF_GROUP, rule="FromPort: 22, ToPort: 22, CidrIp: !Ref Given"),
            {"Group": None, "Ingress": False},
        ),
        (
            GROUP + INGRESS.format(more="", group=OF_GROUP, rule="FromPort: !Ref Given, ToPort: 22, CidrIp: 0.0.0.0/0"),
            {"Group": None, "Ingress": False},
        ),
    ],
    ids=["a rule of its own", "of a group elsewhere", "perhaps", "from somewhere", "of some port"],
)
def test_a_separate_rule_counts_for_its_group(
    tmp_path: Path, resources: str, expected: Mapping[str, bool | None]
) -> None:
    assert _violated(tmp_path, "EC2.13", resources) == expected


@pytest.mark.parametrize(
    ("more", "kind", "expected"),
    [("", "ALL", False), ("", "ACCEPT", True), ("", "!Ref Given", None), ("Condition: InProd, ", "ALL", None)],
)
def test_a_network_is_logged_where_its_flow_log_is_there_for_certain(
    tmp_path: Path, more: str, kind: str, expected: bool | None
) -> None:
    assert _violated(tmp_path, "EC2.6", VPC + FLOW_LOG.format(more=more, kind=kind)) == {"Network": expected}


def test_what_stands_under_the_condition_of_a_resource_is_there_with_it(tmp_path: Path) -> None:
    network = VPC.replace("Properties", "Condition: InProd, Properties")
    log = FLOW_LOG.format(more="Condition: InProd, ", kind="REJECT")
    assert _violated(tmp_path, "EC2.6", network + log) == {"Network": False}


@pytest.mark.parametrize(
    ("control", "more", "expected"),
    [
        ("EC2.8", "MetadataOptions: { HttpEndpoint: enabled }", None),
        ("EC2.8", "MetadataOptions: { HttpTokens: !If [InProd, required, optional] }", None),
        ("EC2.3", "BlockDeviceMappings: [{ DeviceName: b, Ebs: { SnapshotId: snap-1 } }]", None),
        ("EC2.3", "BlockDeviceMappings: [{ DeviceName: b, Ebs: { SnapshotId: snap-1, Encrypted: true } }]", False),
        ("EC2.9", "SubnetId: !Ref Given", False),
        ("EC2.9", "SubnetId: !If [InProd, !Ref AWS::NoValue, subnet-1]", None),
    ],
)
def test_what_images_snapshots_and_conditions_decide_is_undecided(
    tmp_path: Path, control: str, more: str, expected: bool | None
) -> None:
    assert _violated(tmp_path, control, INSTANCE.format(more=more)) == {"Server": expected}


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        ("", {"Disk": None}),
        (INSTANCE.format(more="Volumes: [{ Device: b, VolumeId: !Ref Disk }]"), {"Disk": True, "Server": False}),
        (INSTANCE.format(more="Volumes: [{ Device: b, VolumeId: vol-1 }]"), {"Disk": None, "Server": False}),
    ],
    ids=["attached elsewhere, perhaps", "attached", "another is attached"],
)
def test_only_a_volume_that_is_attached_has_to_be_encrypted(
    tmp_path: Path, holder: str, expected: Mapping[str, bool | None]
) -> None:
    volume = "  Disk: { Type: AWS::EC2::Volume, Properties: { AvailabilityZone: us-east-1a, Size: 8 } }\n"
    assert _violated(tmp_path, "EC2.3", volume + holder) == expected


@pytest.mark.parametrize(("domain", "expected"), [(HOST_OF_URL, True), ("!Ref Given", False)])
def test_an_origin_is_a_function_where_its_address_is_taken_from_the_function_s(
    tmp_path: Path, domain: str, expected: bool
) -> None:
    resources = FUNCTION_URL + DISTRIBUTION.format(domain=domain)
    assert _violated(tmp_path, "CloudFront.16", resources) == {"Pages": expected}
